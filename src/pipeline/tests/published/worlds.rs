//! Worlds by a seed: what is left open set at random, agents that change, lost answers, kills at any step.

use super::cards::{Fate, Habits, Tenant};
use crate::model::random::Random;

const FATES: [Fate; 4] = [Fate::Taken, Fate::AnswerLost, Fate::StoredWith503, Fate::Lost];

/// Who has the customer may have been asked so long before a message goes out.
const LATE: u64 = 70;

fn world(random: &mut Random) -> Tenant {
    // A trigger that no worker lived to store is none: the customer waits long enough for one that does.
    let mut at = 150;
    let changes = random.between(1, 4);
    let agents: Vec<(u64, u64)> = (0..changes)
        .map(|number| {
            at += random.between(5, 60);
            (at, 30 + number)
        })
        .collect();
    let many = random.between(0, 3);
    let mut fates: Vec<Fate> = (0..many).map(|_| FATES[random.between(0, 3) as usize]).collect();
    fates.push(Fate::Taken);
    let mut tenant = Tenant::new(&agents, &fates);
    let trouble = random.between(0, 6);
    tenant.habits = Habits {
        wraps: random.between(0, 1) == 1,
        capitals: random.between(0, 1) == 1,
        nothing_new: [0, 200, 204, 304][random.between(0, 3) as usize],
        faults: (0..trouble).map(|_| [0, 429, 500, 503][random.between(0, 3) as usize]).collect(),
    };
    tenant
}

#[test]
fn every_world_tells_an_agent_who_has_the_customer_exactly_once() {
    let times: u64 = std::env::var("CUEWIRE_SEEDS").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let (mut kills, mut looked) = (0, 0);
    for seed in 0..60 * times {
        let random = &mut Random::new(seed);
        let mut tenant = world(random);
        let lives = random.between(0, 4);
        for _ in 0..lives {
            (0..random.between(1, 60)).for_each(|_| tenant.step());
            tenant.kill(random.between(0, 1) == 1);
            kills += 1;
        }
        let (mut told, mut told_at) = (tenant.inbox.len(), tenant.seconds());
        while tenant.seconds() < 540 {
            tenant.step();
            if tenant.inbox.len() > told {
                (told, told_at) = (tenant.inbox.len(), tenant.seconds());
            }
        }
        assert_eq!(tenant.inbox.len(), 1, "seed {seed}: {:?} {:?} {:?}", tenant.agents, tenant.habits, tenant.inbox);
        let reader = tenant.inbox[0].1;
        let ended = tenant.agents.iter().skip_while(|(_, agent)| *agent != reader).nth(1).map(|(from, _)| *from);
        assert!(ended.is_none_or(|ended| told_at <= ended + LATE), "seed {seed}: {reader} had left long before");
        looked += tenant.looked;
    }
    assert!(kills > 60 && looked > 10, "{kills} kills, {looked} looks");
}
