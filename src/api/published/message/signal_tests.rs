use super::*;
use crate::model::address::Base;
use crate::model::card::CardKind;
use crate::model::http::Secret;
use crate::model::time::Millis;

fn card(interaction: &str) -> Card {
    Card {
        card_id: "trigger-501-long-wait-1".to_owned(),
        kind: CardKind::Warning,
        title: "Alert & more".to_owned(),
        content: "Waits > 2 min".to_owned(),
        interaction: interaction.to_owned(),
        rule: "long-wait".to_owned(),
        episode: 1,
        reason: "R".to_owned(),
        queue: None,
        timestamp: Millis(0),
    }
}

fn signalled(card: &Card) -> Option<HttpRequest> {
    let base = Base::published();
    let hosts = super::super::tests::hosts();
    let token = Secret("t".to_owned());
    request(&Access { base: &base, hosts: Some(&hosts), token: &token }, card)
}

#[test]
fn a_signal_names_card_and_rule_in_the_values_that_the_settings_page_lists() {
    let request = signalled(&card("501")).expect("the card names a contact");
    let key = key(&card("501"));
    assert_eq!((request.method, &*request.body), (Method::Post, ""));
    assert_eq!(
        request.url,
        format!(
            "https://api.example/inContactAPI/services/v31.0/interactions/501/signal?p1=cuewire&p2={key}&p3=warning\
             &p4=Alert%20%26%20more&p5=Waits%20%3E%202%20min&p6=long-wait"
        )
    );
}

#[test]
fn long_texts_are_cut_between_characters() {
    let long = Card { title: "é".repeat(900), content: "é".repeat(900), ..card("501") };
    let url = signalled(&long).expect("the card names a contact").url;
    let letters = |name: &str| url.split(name).nth(1).unwrap_or_default().split('&').next().map(|text| text.len() / 6);
    assert_eq!((letters("p4="), letters("p5=")), (Some(300), Some(300)));
}

#[test]
fn a_digital_case_without_a_contact_has_no_script_to_signal() {
    assert!(signalled(&card("digital-c-1")).is_none());
    assert!(signalled(&card("501/../502")).is_none());
}
