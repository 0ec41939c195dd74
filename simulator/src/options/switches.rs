//! Behaviour that the public descriptions leave open: one row for each behaviour, with a default and its opposites.

use serde_json::{Value, json};

use crate::random::Random;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// The default, and then what a tenant may do instead.
    pub values: &'static [&'static str],
    /// Section of the wire specification that leaves it open.
    pub section: &'static str,
    /// The question that the switch decides.
    pub says: &'static str,
    /// Whether a seed may set it. One that bars every client from the way in, or from its proof, is set by name only.
    pub by_seed: bool,
}

macro_rules! switches {
    ($($variant:ident $name:literal [$($value:literal),+] $section:literal $by_seed:literal $says:literal;)+) => {
        /// A behaviour that can be switched.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the row of each says what it decides")]
        pub enum Switch { $($variant),+ }

        /// Every row, in the order of [`Switch`].
        pub const TABLE: &[Row] = &[$(Row {
            name: $name,
            values: &[$($value),+],
            section: $section,
            says: $says,
            by_seed: $by_seed,
        }),+];
    };
}

switches! {
    UnknownTenant "unknown-tenant" ["404", "400"] "A" true "what cxone-configuration says of a tenant that it does not know";
    ConfigurationFields "configuration-fields" ["all", "required"] "A" true "whether the optional fields of cxone-configuration are there";
    DigitalOnApi "digital-on-api" ["no", "yes"] "A" true "whether the API host serves /dfo/3.0 as well";
    HubOnApi "hub-on-api" ["yes", "no"] "B1" true "whether the API host serves the user hub's sign-in as well";
    HubErrorBody "hub-error-body" ["json", "empty"] "B1" true "the body of an error of the user hub";
    ExpiresIn "expires-in" ["number", "string"] "B1" true "how expires_in is written";
    BadSecret "bad-secret" ["401", "400"] "B2" true "the status of invalid_client";
    ClientCredentials "client-credentials" ["400", "401"] "B3" true "the status of unsupported_grant_type";
    ErrorSpelling "error-spelling" ["errorDescription", "error_description"] "B3" true "the name of the description in an error of the issuer";
    OldRefreshToken "old-refresh-token" ["dies", "lives"] "B3" true "what becomes of a refresh token once it was used";
    RefreshReuse "refresh-reuse" ["refused", "ends-all"] "B3" true "what a used refresh token does to the tokens that followed from it";
    RememberedBrowser "remembered-browser" ["yes", "no"] "B3" true "whether a browser that signed in is let in without being asked";
    AgentIdInToken "agent-id-in-token" ["yes", "no"] "B4" true "whether the id_token has icAgentId";
    ExtensionRedirect "extension-redirect" ["accepted", "refused"] "B5" false "whether an address of an extension may be a redirect_uri";
    NothingNewSkills "nothing-new-skills" ["304", "204", "empty"] "D" true "what skills/activity answers when nothing changed";
    NothingNewContacts "nothing-new-contacts" ["204", "304", "empty"] "D" true "what contacts/active answers when nothing changed";
    Envelope "envelope" ["top", "resultSet"] "D" true "whether skills/activity and contacts/active are wrapped in resultSet";
    AcceptHeader "accept-header" ["needed", "ignored"] "D" true "whether a request without Accept: application/json gets plain text";
    MaxPage "max-page" ["100", "1000", "50"] "D" true "the largest page";
    PageOver "page-over" ["capped", "400"] "D" true "what a larger top than that gets";
    PagingLinks "paging-links" ["given", "absent"] "D" true "whether _links names the next page";
    UnknownVersion "unknown-version" ["404", "400"] "D" true "what a version outside 2 to 34 gets";
    UpdatedSince "updated-since" ["kept", "ignored"] "D" true "whether updatedSince leaves rows out";
    MessageIsChange "message-is-change" ["no", "yes"] "D2" true "whether a message of a digital contact counts as a change of its row in contacts/active";
    DeltasShowEnd "deltas-show-end" ["no", "yes"] "D" true "whether a contact that ended comes once more as EndContact";
    AgeingQueue "ageing-queue" ["silent", "returns"] "D1" true "whether the row of a queue that only ages comes back under updatedSince";
    EmptyQueueTime "empty-queue-time" ["null", "N/A"] "D1" true "earliestQueueTime of an empty queue";
    NoAgent "no-agent" ["0", "absent", "null"] "D2" true "agentId of a contact without an agent";
    ContactStart "contact-start" ["text", "number"] "D2" true "how contactStartDate is written; a number is seconds since 1970";
    ContactNames "contact-names" ["v30", "v23"] "D2" true "names of contactStart, state, mediaType, fromAddr and toAddr";
    StateIds "state-ids" ["seen", "other"] "D2" true "the numbers of contact states";
    DigitalInActive "digital-in-active" ["yes", "no"] "D2" true "whether contacts/active lists digital contacts too";
    MissingPermission "missing-permission" ["403", "filtered"] "D" true "whether a missing view right is a 403 or an empty list";
    DigitalContactId "digital-contact-id" ["text", "number", "null-on-some"] "D5" true "contactId of a digital contact";
    DigitalOrder "digital-order" ["newest-first", "oldest-first"] "D5" true "the order of messages";
    DigitalLabels "digital-labels" ["all", "some-missing"] "D5" true "whether each inbound message has its sentiment";
    EditedLabels "edited-labels" ["never", "sometimes"] "D5" true "whether a label changes after a few seconds";
    InboundCount "inbound-count" ["given", "absent"] "D5" true "whether a digital contact says inboundCount";
    Assignee "assignee" ["inbox", "owner"] "D5" true "which of the two users of a digital contact is set";
    ScrollEnd "scroll-end" ["no-token", "empty-page"] "D5" true "how the last page of digital contacts is known";
    ScrollPage "scroll-page" ["25", "100"] "D5" true "digital contacts in a page";
    DigitalErrorBody "digital-error-body" ["json", "empty"] "F" true "the body of an error of the digital service";
    MessageLimits "message-limits" ["per-item", "whole"] "E1" true "whether one wrong message fails alone or the whole request";
    UnknownAgent "unknown-agent" ["error", "stored"] "E1" true "what a message to an agent that does not exist gets";
    MessageSpelling "message-spelling" ["camel", "pascal"] "E1" true "names of fields in the read-back";
    ExpiredMessages "expired-messages" ["gone", "listed"] "E1" true "whether the read-back lists messages that are over";
    ReadBack "read-back" ["allowed", "forbidden"] "E1" false "whether a supervisor may read another agent's messages";
    SignalAnswer "signal-answer" ["202", "204", "200"] "E3" true "the status of a signal";
    WithoutScript "without-script" ["404", "taken"] "E3" true "what a signal to a contact without a script gets";
    ScriptlessContacts "scriptless-contacts" ["none", "every-other"] "E3" true "contacts whose script does not wait for a signal";
    SignalsAtOnce "signals-at-once" ["each", "one"] "E3" true "whether two signals at once count as two";
    AcdErrorBody "acd-error-body" ["json", "message", "text", "empty"] "F" true "the body of an error of the API host";
    CorrelationId "correlation-id" ["returned", "ignored"] "F" true "whether a CorrelationId comes back";
    RetryAfterSaid "retry-after" ["absent", "given"] "F" true "whether 429 and 503 say Retry-After";
}

/// How this tenant has each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    chosen: [u8; TABLE.len()],
}

impl Default for Switches {
    /// Every default.
    fn default() -> Self {
        Self { chosen: [0; TABLE.len()] }
    }
}

impl Switches {
    /// Each at random by a seed, but for those that only a name sets.
    #[must_use]
    pub fn at_random(seed: u64) -> Self {
        let mut random = Random::seeded(seed);
        let mut switches = Self::default();
        for (chosen, row) in switches.chosen.iter_mut().zip(TABLE) {
            let drawn = random.whole(0, row.values.len() as u64 - 1) as u8;
            *chosen = if row.by_seed { drawn } else { 0 };
        }
        switches
    }

    /// The value of one.
    #[must_use]
    pub fn value(&self, switch: Switch) -> &'static str {
        let row = &TABLE[switch as usize];
        row.values[usize::from(self.chosen[switch as usize])]
    }

    /// Whether one has a value of its row.
    #[must_use]
    pub fn is(&self, switch: Switch, value: &str) -> bool {
        debug_assert!(TABLE[switch as usize].values.contains(&value), "{switch:?} has no value {value}");
        self.value(switch) == value
    }

    /// Sets one by name.
    ///
    /// # Errors
    /// Which names or values there are.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let place = TABLE.iter().position(|row| row.name == name);
        let place = place.ok_or_else(|| format!("no switch is called {name:?}; there are {}", names()))?;
        let values = TABLE[place].values;
        let chosen = values.iter().position(|known| *known == value);
        let chosen = chosen.ok_or_else(|| format!("{name} is one of {}, not {value:?}", values.join(", ")))?;
        self.chosen[place] = chosen as u8;
        Ok(())
    }

    /// Sets one by `name=value`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn set_text(&mut self, setting: &str) -> Result<(), String> {
        let (name, value) = setting.split_once('=').ok_or_else(|| format!("{setting:?} is not NAME=VALUE"))?;
        self.set(name.trim(), value.trim())
    }

    /// All of them, for people and tests.
    #[must_use]
    pub fn shown(&self) -> Value {
        let rows = TABLE.iter().zip(self.chosen).map(|(row, chosen)| {
            json!({
                "name": row.name,
                "value": row.values[usize::from(chosen)],
                "default": row.values[0],
                "opposites": row.values[1..],
                "section": row.section,
                "says": row.says,
                "bySeed": row.by_seed,
            })
        });
        rows.collect()
    }
}

fn names() -> String {
    TABLE.iter().map(|row| row.name).collect::<Vec<_>>().join(", ")
}

/// The table as lines of text, for `--help`.
#[must_use]
pub fn help() -> String {
    let line = |row: &Row| {
        let star = if row.by_seed { ' ' } else { '*' };
        format!("  {:<22}{:<34}{:<3}{star}{}\n", row.name, row.values.join(" | "), row.section, row.says)
    };
    TABLE.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_a_name_of_its_own_and_an_opposite() {
        for (place, row) in TABLE.iter().enumerate() {
            assert!(row.values.len() >= 2 && !row.says.is_empty() && !row.section.is_empty(), "{}", row.name);
            assert!(TABLE[..place].iter().all(|before| before.name != row.name), "{}", row.name);
        }
    }

    #[test]
    fn a_seed_sets_them_the_same_each_time_and_spares_those_that_bar_the_way() {
        assert_eq!(Switches::at_random(7), Switches::at_random(7));
        assert_ne!(Switches::at_random(7), Switches::at_random(8));
        for seed in 0..200 {
            assert!(Switches::at_random(seed).is(Switch::ExtensionRedirect, "accepted"));
        }
        let seen = |value| (0..50).any(|seed| Switches::at_random(seed).is(Switch::NothingNewSkills, value));
        assert!(seen("304") && seen("204") && seen("empty"));
    }

    #[test]
    fn names_and_values_that_do_not_exist_are_refused_with_those_that_do() {
        let mut switches = Switches::default();
        assert!(switches.set_text("envelope=resultSet").is_ok());
        assert!(switches.is(Switch::Envelope, "resultSet"));
        assert!(switches.set_text("envelope=box").expect_err("refused").contains("resultSet"));
        assert!(switches.set_text("jam=1").expect_err("refused").contains("envelope"));
        assert!(switches.set_text("envelope").is_err());
    }

    #[test]
    fn the_readme_lists_every_switch() {
        let readme = include_str!("../../README.md");
        for row in TABLE {
            let line = format!("| `{}` | {} |", row.name, row.values.join(", "));
            assert!(readme.contains(&line), "simulator/README.md lacks: {line} {} | {} |", row.section, row.says);
        }
    }
}
