//! Records of version 1: a browser that has just been updated.
//!
//! The keys of version 1 name no connection, and a record of what fired stands beside each card.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::plan::RULES;
use crate::records::buckets::explode;
use crate::tally::Fault;
use crate::world::World;

impl World {
    /// The records are as version 1 would have written them. What version 2 says in a way that version 1 could not stays.
    pub(crate) fn become_old(&mut self) {
        self.happened(Fault::OldRecords);
        let mut journal = std::mem::take(&mut self.storage.journal);
        explode(&mut journal, &self.storage.damaged);
        for at in 0..self.interactions.len() {
            if self.interactions[at].twin.is_none() && !self.interactions[at].was_old {
                self.interactions[at].was_old = self.make_old(at, &mut journal);
            }
        }
        let mut spent: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let has_old = journal.contains_key("spent");
        let is_spent = |key: &String| !has_old && key.starts_with("spent/") && !self.storage.damaged.contains(key);
        for key in journal.keys().filter(|key| is_spent(key)).cloned().collect::<Vec<_>>() {
            let budgets = journal.remove(&key).map(|text| json_of(&text)).unwrap_or_default();
            for (queue, times) in budgets["queues"].as_object().into_iter().flatten() {
                spent.entry(queue.clone()).or_default().extend(times.as_array().into_iter().flatten().cloned());
            }
        }
        if !spent.is_empty() {
            journal.insert("spent".to_owned(), sealed(&json!(spent)));
        }
        for (key, text) in &mut journal {
            if !key.starts_with("aside/") && !self.storage.damaged.contains(key) && text.starts_with("2:") {
                *text = sealed_text(json_text(text));
            }
        }
        self.storage.journal = journal;
        self.storage.count();
        self.ledger.heard.iter_mut().for_each(|heard| heard.rules = 0);
    }

    /// The records of one interaction. Says whether there were any.
    fn make_old(&mut self, at: usize, journal: &mut BTreeMap<String, String>) -> bool {
        let interaction = &self.interactions[at];
        let keys = interaction.keys.iter().chain([&interaction.memory_key]);
        if keys.clone().any(|key| self.storage.damaged.contains(key))
            || !keys.clone().any(|key| journal.contains_key(key))
        {
            return false;
        }
        let memory = journal.remove(&interaction.memory_key).map(|text| json_of(&text)).unwrap_or_default();
        let list = |name: &str| memory[name].as_array().cloned().unwrap_or_default();
        let (mut rules, mut lost, mut seen) = (list("rules"), list("lost"), memory["seen"].as_u64().unwrap_or(0));
        for (rule, name) in RULES.iter().enumerate() {
            let Some(text) = journal.remove(&interaction.keys[rule]) else { continue };
            let card = json_of(&text);
            rules.retain(|rule| rule != name);
            rules.push(json!(name));
            lost.retain(|rule| rule != name);
            if card["trigger"]["end"]["why"]["why"] == "expired" && card["reached"] == false {
                lost.push(json!(name));
            }
            seen = seen.max(card["acceptedAt"].as_u64().unwrap_or(0));
            journal.insert(interaction.old_keys[rule].clone(), text);
        }
        let record = json!({ "rules": rules, "seen": seen, "lost": lost });
        journal.insert(interaction.old_memory_keys[0].clone(), sealed(&record));
        true
    }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(json_text(text)).unwrap_or_default()
}

fn json_text(text: &str) -> &str {
    text.splitn(3, ':').nth(2).unwrap_or_default()
}

fn sealed(record: &Value) -> String {
    sealed_text(&record.to_string())
}

fn sealed_text(json: &str) -> String {
    format!("1:{:08x}:{json}", crc32fast::hash(format!("1:{json}").as_bytes()))
}
