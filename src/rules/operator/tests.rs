use super::*;

fn number(operator: Operator, seen: f64, wanted: f64) -> Option<bool> {
    operator.evaluate(Some(Seen::Number(seen)), Some(&Value::Number(wanted)))
}

fn text(operator: Operator, seen: &str, wanted: &str) -> Option<bool> {
    operator.evaluate(Some(Seen::Text(seen)), Some(&Value::Text(wanted.to_owned())))
}

#[test]
fn comparisons_of_numbers_follow_their_names() {
    for (operator, below, same, above) in [
        (Operator::Below, true, false, false),
        (Operator::AtMost, true, true, false),
        (Operator::Above, false, false, true),
        (Operator::AtLeast, false, true, true),
        (Operator::Equals, false, true, false),
    ] {
        let holds = [-0.51, -0.5, -0.49].map(|seen| number(operator, seen, -0.5));
        assert_eq!(holds, [Some(below), Some(same), Some(above)], "{operator:?}");
    }
}

#[test]
fn comparisons_of_texts_take_upper_and_lower_case_for_the_same() {
    for (operator, seen, wanted) in [
        (Operator::Is, "Billing", "BILLING"),
        (Operator::Is, "STRASSE", "strasse"),
        (Operator::Contains, "Sales EMEA", "s e"),
        (Operator::Contains, "", ""),
        (Operator::StartsWith, "Sales EMEA", "SALES"),
        (Operator::EndsWith, "Sales ÄÖ", "äö"),
        (Operator::Matches, "Sales EMEA", "s*emea"),
    ] {
        assert_eq!(text(operator, seen, wanted), Some(true), "{operator:?} {seen} {wanted}");
    }
    for (operator, seen, wanted) in [
        (Operator::Is, "Billing", "Bill"),
        (Operator::Contains, "Sales", "salt"),
        (Operator::StartsWith, "Presales", "sales"),
        (Operator::EndsWith, "Sales 2", "sales"),
        (Operator::Matches, "Presales", "sales*"),
    ] {
        assert_eq!(text(operator, seen, wanted), Some(false), "{operator:?} {seen} {wanted}");
    }
}

#[test]
fn one_of_several_texts_is_enough() {
    let queues = Value::Texts(vec!["sales".to_owned(), "billing".to_owned()]);
    assert_eq!(Operator::OneOf.evaluate(Some(Seen::Text("Billing")), Some(&queues)), Some(true));
    assert_eq!(Operator::OneOf.evaluate(Some(Seen::Text("Care")), Some(&queues)), Some(false));
}

#[test]
fn without_data_only_presence_is_known() {
    for operator in Operator::ALL {
        let known = match operator {
            Operator::Present => Some(false),
            Operator::Absent => Some(true),
            _ => None,
        };
        assert_eq!(operator.evaluate(None, Some(&Value::Number(0.0))), known, "{operator:?}");
    }
}

#[test]
fn a_number_is_never_compared_with_a_text() {
    assert_eq!(Operator::Equals.evaluate(Some(Seen::Number(1.0)), Some(&Value::Text("1".to_owned()))), None);
    assert_eq!(Operator::Is.evaluate(Some(Seen::Text("1")), Some(&Value::Number(1.0))), None);
    assert_eq!(text(Operator::Below, "a", "b"), None);
}

#[test]
fn a_threshold_that_is_no_number_makes_nothing_true() {
    for operator in [Operator::Below, Operator::AtMost, Operator::Above, Operator::AtLeast, Operator::Equals] {
        assert_eq!(number(operator, 0.0, f64::NAN), None);
    }
}

#[test]
fn every_operator_has_a_name_of_its_own_and_reads_it_back() {
    let names: std::collections::BTreeSet<_> = Operator::ALL.iter().map(|operator| operator.name()).collect();
    assert_eq!(names.len(), Operator::ALL.len());
    for operator in Operator::ALL {
        let read: Operator = serde_json::from_str(&format!("\"{}\"", operator.name())).unwrap();
        assert_eq!(read, *operator);
    }
}
