//! A large tenant: all of it is read, and the published limits hold.

use super::*;

#[test]
fn five_thousand_contacts_and_cases_are_read_within_the_published_limits() {
    const ROWS: usize = 5_000;
    let mut worker = Worker::watching();
    let start = worker.host.wall;
    let began = iso8601(start);
    let contacts: Vec<String> = (0..ROWS)
        .map(|id| {
            format!(
                r#"{{"contactId":{},"skillId":7,"stateName":"Active","agentId":{},"contactStartDate":"{began}"}}"#,
                1_000 + id,
                1 + id % 500
            )
        })
        .collect();
    let cases: Vec<String> =
        (0..ROWS).map(|id| format!(r#"{{"id":"c{id}","contactId":{},"inboundCount":1}}"#, 1_000 + id)).collect();
    let mut asked: BTreeMap<bool, Vec<Millis>> = BTreeMap::new();
    let mut read = BTreeSet::new();
    while worker.host.wall.since(start) < Millis::from_mins(12) {
        worker.wait_for_a_poll();
        let url = worker.host.polls[0].1.url.clone();
        asked.entry(url.contains("/dfo/")).or_default().push(worker.host.wall);
        let number = |name: &str| {
            url.split(['?', '&']).find_map(|part| part.strip_prefix(name)?.parse::<usize>().ok()).unwrap_or(0)
        };
        let page = |rows: &[String], skip: usize| rows[skip.min(ROWS)..(skip + 100).min(ROWS)].join(",");
        let body = match () {
            () if url.ends_with("server-time") => format!(r#"{{"ServerTime":"{}"}}"#, iso8601(worker.host.wall)),
            () if url.contains("updatedSince") => String::new(),
            () if url.contains("activity") => r#"{"lastPollTime":"T","skillActivity":[]}"#.to_owned(),
            () if url.contains("active") => {
                format!(
                    r#"{{"totalRecords":{ROWS},"lastPollTime":"T","activeContacts":[{}]}}"#,
                    page(&contacts, number("skip="))
                )
            }
            () if url.ends_with("messages") => {
                read.insert(url.clone());
                NEGATIVE.replace("negative", "neutral")
            }
            () => {
                let skip = number("scrollToken=");
                format!(r#"{{"hits":{ROWS},"scrollToken":"{}","data":[{}]}}"#, skip + 100, page(&cases, skip))
            }
        };
        worker.answer(200, &body);
    }
    for (is_digital, most) in [(false, 30), (true, 100)] {
        let at = &asked[&is_digital];
        let within =
            |from: &Millis| at.iter().filter(|at| *at >= from && **at < from.plus(Millis::from_mins(1))).count();
        let busiest = at.iter().map(within).max();
        assert!(busiest.is_some_and(|busiest| busiest <= most), "{busiest:?} of {most}");
    }
    assert!(read.len() > 500, "{} cases were read in twelve minutes", read.len());
}
