//! The plan of a seed: which faults, how often, and the settings.

pub mod limit;

use crate::dice::Dice;
use crate::plan::limit::Limit;
use crate::tally::Fault;

/// The organisations there are.
pub const HOSTS: [&str; 2] = ["https://acme.cxone.com", "https://bravo.cxone.com"];

/// Their names in the settings.
pub const ORGANIZATIONS: [&str; 2] = ["acme", "bravo"];

/// Queues that interactions wait in.
pub const QUEUES: [&str; 3] = ["Billing", "Sales EMEA", "{reason}"];

/// The ids of the two rules, in the order in which they are asked.
pub const RULES: [&str; 2] = ["negative-sentiment", "long-wait"];

/// Part of every secret and token: nothing that is shown or written for people may hold it.
pub const MARK: &str = "k3epQu1et";

/// Settings as the simulation knows them: whole numbers only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Which of [`HOSTS`].
    pub host: usize,
    /// The client secret.
    pub secret: String,
    /// Thousandths.
    pub sentiment: i64,
    /// Seconds.
    pub wait: u64,
    /// Thousandths.
    pub confidence: i64,
    /// Which of [`QUEUES`] alone is listened to.
    pub include: Option<usize>,
    /// Which of [`QUEUES`] is not.
    pub exclude: Option<usize>,
    /// Once per rule, not per interaction.
    pub per_rule: bool,
    /// Milliseconds.
    pub remember: u64,
    /// Milliseconds; a multiple of a quarter of a minute.
    pub ttl: u64,
    /// The most tries.
    pub tries: Option<u32>,
    /// The interaction's end ends the tries.
    pub end_at_disposition: bool,
    /// Nothing is posted.
    pub dry_run: bool,
    /// The secret lives until the browser closes.
    pub session_only: bool,
    /// Trouble is shown on the desktop.
    pub notify: bool,
    /// From which minute of the day to which nothing is sent, in UTC.
    pub quiet: Option<(u64, u64)>,
    /// The most cards for one interaction.
    pub per_interaction: Option<u32>,
    /// The most cards for one queue in an hour.
    pub per_queue: Option<u32>,
}

/// The name of a queue; those beyond [`QUEUES`] are only there where very many come due.
pub fn queue_name(at: usize) -> String {
    QUEUES.get(at).map_or_else(|| format!("Queue {at}"), |name| (*name).to_owned())
}

/// Which queue has a name.
pub fn queue_of(name: &str) -> Option<usize> {
    let numbered = || name.strip_prefix("Queue ").and_then(|number| number.parse().ok());
    QUEUES.iter().position(|queue| *queue == name).or_else(numbered)
}

impl Setup {
    /// As the pages save it; the secret is in it where `with_secret`.
    pub fn text(&self, with_secret: bool) -> String {
        let milli = |number: i64| format!("{}", number as f64 / 1_000.0);
        let limit = |most: Option<u32>| most.map_or("null".to_owned(), |most| most.to_string());
        let time = |minute: u64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let queue = |queue: Option<usize>| queue.map(|at| format!("\"{}\"", QUEUES[at])).unwrap_or_default();
        let secret = if with_secret { format!("\"clientSecret\":\"{}\",", self.secret) } else { String::new() };
        format!(
            "{{{secret}\"organization\":\"{}\",\"clientId\":\"client\",\"keepSecret\":\"{}\",\
             \"sentimentThreshold\":{},\"queueWaitThresholdSeconds\":{},\"minimumConfidence\":{},\
             \"includeQueues\":[{}],\"excludeQueues\":[{}],\"oncePer\":\"{}\",\"rememberHours\":{},\
             \"cardTtlMinutes\":{},\"maxTries\":{},\"endAtDisposition\":{},\"dryRun\":{},\
             \"notify\":{},\"quietHoursFrom\":\"{}\",\"quietHoursTo\":\"{}\",\"cardsPerInteraction\":{},\
             \"cardsPerQueueHour\":{}}}",
            ORGANIZATIONS[self.host],
            if self.session_only { "session" } else { "device" },
            milli(self.sentiment),
            self.wait,
            milli(self.confidence),
            queue(self.include),
            queue(self.exclude),
            if self.per_rule { "rule" } else { "interaction" },
            self.remember as f64 / 3_600_000.0,
            self.ttl as f64 / 60_000.0,
            limit(self.tries),
            self.end_at_disposition,
            self.dry_run,
            self.notify,
            self.quiet.map(|(from, _)| time(from)).unwrap_or_default(),
            self.quiet.map(|(_, until)| time(until)).unwrap_or_default(),
            limit(self.per_interaction),
            limit(self.per_queue),
        )
    }

    fn draw(dice: &mut Dice) -> Setup {
        Setup {
            host: 0,
            secret: format!("{MARK}-secret-0"),
            sentiment: dice.pick(&[-500, -500, -500, -250, 0, -1_000, 1_000]),
            wait: dice.pick(&[120, 120, 120, 0, 60, 86_400]),
            confidence: dice.pick(&[0, 0, 0, 500]),
            include: dice.pick(&[None, None, None, Some(0)]),
            exclude: dice.pick(&[None, None, Some(1)]),
            per_rule: dice.chance(300),
            remember: dice.pick(&[86_400_000, 86_400_000, 180_000]),
            ttl: dice.pick(&[15_000, 30_000, 60_000, 60_000, 600_000]),
            tries: dice.pick(&[None, None, None, Some(2)]),
            end_at_disposition: dice.chance(200),
            dry_run: dice.chance(20),
            session_only: dice.chance(200),
            notify: dice.chance(500),
            quiet: dice.pick(&[None, None, None, None, None, Some((570, 571)), Some((571, 600)), Some((1_320, 575))]),
            per_interaction: dice.pick(&[None, None, None, Some(1)]),
            per_queue: dice.pick(&[None, None, None, None, Some(2)]),
        }
    }
}

/// The whole plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The rate of each fault, in a thousand chances.
    pub rates: [u16; Fault::COUNT],
    /// When the faults stop, in milliseconds.
    pub heal_at: u64,
    /// The mean time between two events of the stream.
    pub speak_every: u64,
    /// The time between two looks at the weather.
    pub weather_every: u64,
    /// The settings at first.
    pub setup: Setup,
    /// Whether they are stored already when the worker first starts.
    pub set_up: bool,
    /// Ids of interactions.
    pub interactions: usize,
    /// The number of interactions that are due at once.
    pub crowd: usize,
    /// Nobody presses anything once the settings are saved.
    pub unattended: bool,
    /// The share of interactions that are stuck for good, in thousandths.
    pub stuck: u32,
    /// The limit of the servers.
    pub limit: Limit,
}

impl Plan {
    /// The plan of a seed.
    pub fn draw(dice: &mut Dice) -> Plan {
        use Fault::*;
        let mut rates = [0; Fault::COUNT];
        let strength: [u32; 9] = std::array::from_fn(|_| dice.pick(&[0, 0, 1, 1, 3, 8]));
        // The faults that follow are the published service's, whose world draws its own.
        for fault in &Fault::ALL[..=Clear as usize] {
            let (family, base) = habit(*fault);
            if dice.chance(550) {
                rates[*fault as usize] = (base * strength[family]).min(700) as u16;
            }
        }
        let crowded = dice.chance(5);
        let long = !crowded && dice.chance(25);
        let unattended = crowded || dice.chance(500);
        if unattended {
            for fault in [TryAgain, Drop, Pause, Resume, Save, SaveOtherHost, SaveBare, TestBare, Clear] {
                rates[fault as usize] = 0;
            }
        }
        if crowded {
            // A storm of other faults would hide the backlog.
            rates.iter_mut().for_each(|rate| *rate /= 8);
        }
        let heal_at = if long { dice.between(300_000, 3_600_000) } else { dice.between(6_000, 40_000) };
        let speak_every = if long { dice.between(3_000, 60_000) } else { dice.between(300, 4_000) };
        let weather_every = if long { dice.between(10_000, 120_000) } else { dice.between(1_500, 6_000) };
        let mut setup = Setup::draw(dice);
        if crowded {
            setup.quiet = None;
        }
        if long || crowded {
            setup.ttl = dice.pick(&[60_000, 600_000, 3_600_000]);
        }
        let most = dice.pick(&[600, 600, 1_000, 1_000, 5_000]);
        let crowd = if crowded { dice.between(500, most) as usize } else { 0 };
        let interactions = if long { dice.between(2, 60) } else { dice.between(2, 8) } as usize;
        Plan {
            rates,
            heal_at,
            speak_every,
            weather_every,
            setup,
            set_up: dice.chance(900),
            interactions: interactions + crowd,
            crowd,
            unattended,
            stuck: dice.pick(&[0, 0, 0, 0, 100, 250]),
            limit: Limit::draw(dice, crowded),
        }
    }

    /// A day on which nothing goes wrong by itself.
    pub fn calm(setup: Setup, heal_at: u64) -> Plan {
        Plan {
            rates: [0; Fault::COUNT],
            heal_at,
            speak_every: u64::MAX / 4,
            weather_every: u64::MAX / 4,
            setup,
            set_up: true,
            interactions: 5,
            crowd: 0,
            unattended: false,
            stuck: 0,
            limit: Limit::None,
        }
    }

    /// The usual settings.
    pub fn usual_setup() -> Setup {
        Setup {
            host: 0,
            secret: format!("{MARK}-secret-0"),
            sentiment: -500,
            wait: 120,
            confidence: 0,
            include: None,
            exclude: None,
            per_rule: false,
            remember: 86_400_000,
            ttl: 60_000,
            tries: None,
            end_at_disposition: false,
            dry_run: false,
            session_only: false,
            notify: false,
            quiet: None,
            per_interaction: None,
            per_queue: None,
        }
    }
}

/// A fault's family, and how often it comes at the least strength, per mille of the occasions.
const fn habit(fault: Fault) -> (usize, u32) {
    use Fault::*;
    match fault {
        KilledBetweenEffects => (0, 8),
        KilledBeforeInput => (0, 5),
        IdleKill => (0, 0),
        BrowserRestart => (0, 40),
        SlowStart => (0, 40),
        WatchKilled => (0, 20),
        AlarmLate | AlarmDoubled | AlarmMissing => (0, 60),
        TimerLate => (1, 20),
        Sleep => (1, 10),
        ClockForward | ClockBack => (1, 20),
        CommitRefused => (2, 20),
        CommitVanished => (2, 4),
        CommitUnanswered | CommitLate => (2, 6),
        CommitSlow => (2, 60),
        CommitLost | CommitOutlived | CommitsTorn => (2, 0),
        QuotaFull => (2, 25),
        Emptied => (2, 6),
        RecordDamaged => (2, 20),
        OldRecords => (2, 12),
        HoldDamaged => (2, 40),
        Unreadable => (2, 40),
        Newer => (2, 4),
        SettingsRefused => (2, 60),
        TokenNotKept => (2, 40),
        RequestLost | AnswerLost => (3, 20),
        RequestHangs => (3, 5),
        AnswerTwice => (3, 20),
        AnswerSlow => (3, 5),
        Delayed => (3, 60),
        Outage => (3, 15),
        NotPermitted => (3, 5),
        OnlineFlaps => (3, 15),
        HalfOpen => (3, 4),
        UpgradeRefused => (4, 50),
        UpgradeHangs => (4, 10),
        StreamDropped => (4, 25),
        OldSocketSpeaks => (4, 120),
        Garbage => (4, 60),
        FrameTwice => (4, 40),
        TokenRefused => (5, 30),
        TokenFails => (5, 40),
        TokenLimited => (5, 15),
        TokenGarbage => (5, 20),
        TokenOddLife => (5, 60),
        TokenScopeMissing => (5, 20),
        TokenRevoked => (5, 15),
        LimitedSeconds => (6, 20),
        LimitedDate | LimitedOldDate | LimitedAsctime | LimitedDateNoDate => (6, 7),
        LimitedUnsaid | LimitedInvalid | LimitedZero => (6, 8),
        LimitedHuge => (6, 2),
        CardFails => (6, 50),
        CardFailsWithWait | CardTimesOut => (6, 12),
        CardUnauthorized => (6, 12),
        CardForbidden => (6, 12),
        CardRefused => (6, 10),
        CardRedirected => (6, 6),
        CardConflict => (6, 0),
        IgnoresCardId => (6, 200),
        StuckFails | StuckHangs | StuckForbidden => (8, 20),
        StuckQueue => (8, 8),
        ServerFails | ServerHangs | ServerUnauthorized | ServerZero | ServerPortal | ServerRedirects => (8, 8),
        StreamRefused | Gibberish => (8, 8),
        StorageHangs => (2, 8),
        RateLimited | RefusedAtRandom | SharedId | Crowd | Unattended => (8, 0),
        TryAgain => (7, 20),
        Drop => (7, 10),
        Pause => (7, 10),
        Resume => (7, 15),
        Save => (7, 15),
        SaveOtherHost => (7, 8),
        SaveBare | TestBare => (7, 6),
        Clear => (7, 3),
        RenewalLost | TakenWith503 | PollUnauthorized | PollForbidden | PollLimited | PollFails | PollEmpty
        | PollGarbage => (0, 0),
    }
}
