//! A back-test finds what really fired, card by card: a live run with kills is recorded, and tried by the same rules.

use std::collections::BTreeSet;

use cuewire::backtest::{Tape, Trial};
use cuewire::model::fingerprint::Fingerprint;
use cuewire::rules::text;
use cuewire_simulation::language::{Live, live};

type Card = (u64, String, String, u32);

/// As a recording names it.
fn digest(id: &str) -> String {
    format!("{:016x}", Fingerprint::of(id).half())
}

/// A recording has no offsets of zones: a page tells them.
fn is_recorded(set: &str) -> bool {
    !set.contains("schedule")
}

/// Figures that a worker may lose with its end, and marks so: windows and queues.
fn is_durable(live: &Live) -> bool {
    let lost = ["\"window\"", "queueWaiting", "queueLongest", "queueMean", "queueArrivals", "queueTriggers"];
    live.kills == 0 || !lost.iter().any(|it| live.set.contains(it))
}

/// The cards of interactions of which everything that was heard is recorded, as they came live and as they come now.
fn both(live: &Live) -> (BTreeSet<Card>, BTreeSet<Card>, bool) {
    let mut tape = Tape::default();
    live.chunks.iter().for_each(|chunk| tape.add_chunk(chunk).expect("a chunk that reads back"));
    let Some((from, until)) = tape.span() else { return Default::default() };
    let (from, until) = (from.0, until.0);
    let gaps: Vec<(u64, u64)> = tape.gaps().iter().map(|(from, until)| (from.0, until.0)).collect();
    let has_gaps = !gaps.is_empty();
    let is_lost = |at: u64| at < from || at > until || gaps.iter().any(|(from, until)| (*from..*until).contains(&at));
    let lost: BTreeSet<&str> = live.heard.iter().filter(|(at, _)| is_lost(*at)).map(|(_, id)| &**id).collect();
    let whole = ["a", "b", "c"].into_iter().filter(|id| !lost.contains(id));
    let whole: BTreeSet<String> = whole.map(digest).collect();
    let came = live.cards.iter().map(|(at, id, rule, episode)| (*at, digest(id), rule.clone(), *episode));
    let set = text::parse(&live.set).expect("rules");
    let outcome = Trial::on(tape).run(set.compile());
    let fired = outcome.fired.into_iter().filter(|one| !one.shadow && one.muted_by.is_none());
    let fired = fired.map(|one| (one.at.0, one.interaction, one.rule, one.episode));
    let counts = |card: &Card| whole.contains(&card.1) && card.0 <= until;
    (came.filter(counts).collect(), fired.filter(counts).collect(), has_gaps)
}

#[test]
fn a_recording_of_a_live_run_is_tried_and_fires_the_same_cards_at_the_same_instants() {
    let (mut runs, mut cards, mut killed, mut with_gaps, mut pointing, mut asking) = (0, 0, 0, 0, 0, 0);
    for seed in 0..1_500 {
        let Some(live) = live(seed, is_recorded).filter(is_durable) else { continue };
        let (came, fired, has_gaps) = both(&live);
        assert_eq!(came, fired, "seed {seed}\n{}", live.set);
        runs += 1;
        cards += came.len();
        killed += usize::from(live.kills > 0 && !came.is_empty());
        with_gaps += usize::from(has_gaps);
        pointing += if live.set.contains("\"/") { came.len() } else { 0 };
        asking += if live.set.contains("/routing/skill") { came.len() } else { 0 };
    }
    let found = format!(
        "{runs} runs, {cards} cards ({pointing} of rule sets with pointers, {asking} with texts), {killed} with kills, \
         {with_gaps} with gaps"
    );
    assert!(runs > 100 && cards > 150 && pointing > 100 && asking > 50 && killed > 5 && with_gaps > 10, "{found}");
    println!("{found}");
}
