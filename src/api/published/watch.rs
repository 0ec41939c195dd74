//! The polls of the published service, and the memory from one answer to the next.
//!
//! | poll | needed by |
//! | --- | --- |
//! | server-time | every other, because instants of the server need its clock |
//! | skills/activity | waits |
//! | contacts/active | waits, steps, and every card, which must find its reader; a long list once more, page by page |
//! | contacts | waits and sentiment of digital cases |
//! | messages | sentiment |
//! | agents | cards, where a case names a user whose agent is not known; soon only for a new user |

mod agents;
mod clock;
mod contacts;
mod cursor;
mod digital;
mod readers;
mod sentiment;
mod skills;
mod tell;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::agents::Agents;
use self::clock::ServerClock;
use self::contacts::{Contacts, List};
use self::digital::Cases;
use self::skills::Skills;
use super::acd;
use crate::api::Access;
use crate::api::poll::{Behind, Budget, Each, Legacy, Needs, Poll, Poller, Want};
use crate::model::card::reader::Reader;
use crate::model::event::Rejection;
use crate::model::http::{HttpRequest, Outcome};
use crate::model::time::{Millis, Moment};

/// All that is not *unreserved* (RFC 3986 §2.3).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// No limit is published; NICE's own desktop makes more.
static ACD: Budget = Budget { name: "acd", requests: 30, per: Millis::from_mins(1) };

/// One twentieth of what a tenant may ask, 6 000 of 120 000 in an hour: twenty supervisors of the largest tenants may
/// watch at once. In a short span, because a worker that spends an hour's requests at once would then hear nothing.
static DIGITAL: Budget = Budget { name: "digital", requests: 100, per: Millis::from_mins(1) };

const SERVER_TIME: usize = 0;
const SKILLS: usize = 1;
const CONTACTS: usize = 2;
const CASES: usize = 3;
const MESSAGES: usize = 4;
const AGENTS: usize = 5;
const SWEEP: usize = 6;

static POLLS: [Poll; 7] = [
    poll("time", 300, &ACD),
    poll("queues", 10, &ACD),
    poll("contacts", 15, &ACD),
    poll("digital", 20, &DIGITAL),
    poll("digital", 1, &DIGITAL),
    poll("contacts", 30, &ACD),
    poll("contacts", 4, &ACD),
];

/// A poll with a jitter of one tenth, under the name by which a connection test names the same part.
const fn poll(name: &'static str, seconds: u64, budget: &'static Budget) -> Poll {
    Poll { name, every: Millis::from_secs(seconds), spread: Millis(seconds * 100), budget }
}

/// The list of cases is taken to be closed to this sign-in once it is refused so often in a row.
const REFUSALS: u8 = 3;

/// Minutes that a message of an agent may be unread before a diagnosis is shown.
const BEHIND: u64 = 3;

/// The fields that are asked for: no number or address of a customer is among them.
const CONTACT_FIELDS: &str = "contactId,contactStartDate,agentId,teamId,skillId,skillName,stateName,mediaTypeId,\
                              mediaTypeName,contactStateCategory,isOutbound";

/// Everything learnt so far.
#[derive(Debug, Default)]
pub struct Watch {
    clock: ServerClock,
    /// The service did not tell its time, and its answers do.
    needs_no_time: bool,
    skills: Skills,
    contacts: Contacts,
    cases: Cases,
    agents: Agents,
    /// The service does not know fields by these names, so its rows come with all fields.
    all_fields: bool,
    /// The same of agents.
    all_agent_fields: bool,
    /// Sign-in named no host of digital cases.
    has_no_digital: bool,
    /// Nothing needs cases.
    needs_no_cases: bool,
    /// How often in a row the list of cases was refused.
    refusals: u8,
    /// Which digital conversations have the names of their contacts.
    names: Option<Legacy>,
    /// The conversations that waited long to be read when the cases were last listed.
    behind: Option<Behind>,
}

impl Poller for Watch {
    fn polls(&self) -> &'static [Poll] {
        &POLLS
    }

    fn wants(&self, poll: usize, needs: &Needs) -> Want {
        let is_needed = match poll {
            SERVER_TIME => *needs != Needs::default() && !self.needs_no_time,
            // Ages need the server's clock.
            _ if !self.clock.is_known() => false,
            SKILLS => needs.waits,
            CONTACTS => needs.waits || needs.steps || needs.cards,
            SWEEP => (needs.waits || needs.steps || needs.cards) && self.contacts.sweeps(),
            CASES => reads_cases(needs) && !self.has_no_digital,
            MESSAGES => needs.sentiment && self.cases.unread().is_some(),
            AGENTS => needs.cards && self.users_without_agent().next().is_some(),
            _ => false,
        };
        let goes_on = match poll {
            SKILLS => self.skills.cursor.goes_on(),
            CONTACTS => self.contacts.cursor.goes_on(),
            CASES => self.cases.goes_on(),
            MESSAGES => true,
            AGENTS => self.agents.cursor.goes_on(),
            _ => false,
        };
        match (is_needed, goes_on) {
            (false, _) => Want::Never,
            (true, true) => Want::AtOnce,
            (true, false) if poll == CASES => Want::NotBefore(self.cases.not_before),
            (true, false) if poll == AGENTS => Want::NotBefore(self.agents.not_before(self.users_without_agent())),
            (true, false) => Want::InTurn,
        }
    }

    fn need(&mut self, needs: &Needs) {
        self.needs_no_cases = !reads_cases(needs);
    }

    fn legacy(&self) -> Option<Legacy> {
        self.names
    }

    fn inherit(&mut self, legacy: Legacy) {
        self.names = Some(legacy);
    }

    fn request(&mut self, poll: usize, access: &Access<'_>, at: Moment) -> Option<HttpRequest> {
        match poll {
            SKILLS => acd::get(access, &format!("/skills/activity?{}", self.skills.query(at.now))),
            CONTACTS | SWEEP => {
                let fields = if self.all_fields { String::new() } else { format!("fields={CONTACT_FIELDS}&") };
                let contacts = &mut self.contacts;
                let query = if poll == SWEEP { contacts.sweep_query(at.now) } else { contacts.query(at.now) };
                acd::get(access, &format!("/contacts/active?{fields}{query}"))
            }
            CASES => {
                let request = acd::get_digital(access, &format!("/contacts?{}", self.cases.query(at.now)));
                self.has_no_digital = request.is_none();
                request
            }
            MESSAGES => {
                let path = format!("/contacts/{}/messages", encoded(self.cases.ask_messages()?));
                acd::get_digital(access, &path)
            }
            AGENTS => {
                if !self.agents.cursor.goes_on() {
                    let sought = self.users_without_agent().map(str::to_owned).collect();
                    self.agents.seek(sought, at.now);
                }
                let fields = if self.all_agent_fields { "" } else { "fields=agentId,userID&" };
                acd::get(access, &format!("/agents?{fields}{}", self.agents.query(at.now)))
            }
            _ => acd::get(access, "/server-time"),
        }
    }

    fn read(&mut self, poll: usize, outcome: &Outcome, at: Moment, each: &mut Each<'_>) -> Result<(), Rejection> {
        self.clock.set_by_date(outcome.date(), at.wall);
        match poll {
            SKILLS => {
                let is_over = self.skills.read(outcome, self.clock, at)?;
                if let Some(server) = self.skills.server_time.take() {
                    self.clock.correct(server, at.wall);
                }
                if is_over {
                    self.tell_waits(at, each);
                }
            }
            CONTACTS | SWEEP => {
                let list = if poll == SWEEP { List::Sweep } else { List::Changes };
                let (changes, is_over) = self.contacts.read(list, outcome, at.now)?;
                self.all_fields |= self.contacts.lacks_fields();
                self.tell_contacts(&changes, at, each);
                if is_over && list == List::Changes {
                    self.tell_waits(at, each);
                }
            }
            CASES => {
                let (changes, is_over) = self.cases.read(outcome, at.now)?;
                self.refusals = 0;
                match &mut self.names {
                    // Conversations are reported as cases now, and keep these names if cases are refused later.
                    None => self.names = Some(Legacy::NamesOfContacts { before: Some(Millis::ZERO) }),
                    Some(Legacy::NamesOfContacts { before }) => {
                        before.get_or_insert(self.clock.at(at.wall));
                    }
                }
                self.tell_cases(&changes, at, each);
                self.cases.read_again(at.now);
                if is_over {
                    self.behind = self.behind_by(at.now);
                }
            }
            MESSAGES => {
                if let Some(id) = self.cases.read_messages(outcome, at.now)? {
                    self.tell_sentiment(&id, each);
                }
            }
            AGENTS => self.agents.read(outcome)?,
            _ => match clock::read(outcome.body())? {
                Some(server) => self.clock.set(server, at.wall),
                None => self.clock.assume(),
            },
        }
        Ok(())
    }

    fn reader(&self, interaction: &str, or_team: bool, now: Millis) -> Option<Reader> {
        self.find_reader(interaction, or_team, now)
    }

    fn failed(&mut self, poll: usize, outcome: &Outcome, at: Moment) -> bool {
        let status = outcome.status();
        let is_refused = (400..500).contains(&status) && !matches!(status, 401 | 408 | 429);
        let way = self.way();
        match poll {
            SERVER_TIME => {
                // An answer that fails has a `Date` like any other, and then nothing is missing.
                self.clock.set_by_date(outcome.date().filter(|_| status >= 400), at.wall);
                self.needs_no_time |= status >= 400 && self.clock.is_told();
                self.clock.assume();
            }
            SKILLS if status == 400 => drop(self.skills.cursor.restart()),
            CONTACTS if status == 400 => self.all_fields |= !self.contacts.cursor.restart(),
            // One case that cannot be read must not hold up the others. A missing permission may come, and a fault go.
            MESSAGES if matches!(status, 403 | 500) => self.cases.postpone_messages(),
            MESSAGES if is_refused => self.cases.skip_messages(),
            CASES if is_refused => {
                self.cases.restart();
                self.refusals = self.refusals.saturating_add(1);
                if self.refusals >= REFUSALS {
                    self.names.get_or_insert(Legacy::NamesOfContacts { before: None });
                }
            }
            AGENTS if status == 400 => self.all_agent_fields |= !self.agents.restart(),
            SWEEP if status == 400 => drop(self.contacts.sweep.restart()),
            _ => {}
        }
        way != self.way()
    }

    fn round(&self, poll: usize) -> Millis {
        if poll == CASES { self.cases.round() } else { Millis::ZERO }
    }

    fn behind(&self) -> Option<Behind> {
        self.behind
    }

    fn server_time(&self, wall: Millis) -> Millis {
        self.clock.at(wall)
    }
}

/// Whether anything needs cases.
fn reads_cases(needs: &Needs) -> bool {
    needs.waits || needs.sentiment
}

impl Watch {
    /// How lists are asked for, which a refusal changes.
    fn way(&self) -> [bool; 6] {
        [
            self.all_fields,
            self.all_agent_fields,
            self.skills.cursor.is_small,
            self.contacts.cursor.is_small,
            self.contacts.sweep.is_small,
            self.agents.cursor.is_small,
        ]
    }

    fn behind_by(&self, now: Millis) -> Option<Behind> {
        let (waiting, since) = self.cases.behind()?;
        let minutes = now.since(since).0 / 60_000;
        (minutes >= BEHIND).then_some(Behind { what: POLLS[MESSAGES].name, waiting, minutes })
    }
}

/// One value of a query or one segment of a path.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}
