//! Everything that is counted: faults as they really happen, checks as they are really made.

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(usize)]
        pub enum $name { $(#[doc = $text] $variant,)* }

        impl $name {
            /// Every one there is.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// How many there are.
            pub const COUNT: usize = $name::ALL.len();

            /// As it is printed.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }
    };
}

named! {
    /// Something that goes wrong in the world, or that a person does at a bad moment.
    Fault {
        KilledBetweenEffects = "worker: killed between two effects",
        KilledBeforeInput = "worker: killed as something happened",
        IdleKill = "worker: ended for being idle",
        BrowserRestart = "worker: the whole browser ended",
        SlowStart = "worker: slow start",
        WatchKilled = "worker: watch page killed with it",
        AlarmLate = "worker: alarm late",
        AlarmDoubled = "worker: alarm doubled",
        AlarmMissing = "worker: alarm missing",
        TimerLate = "worker: timer late",
        Sleep = "clock: laptop asleep",
        ClockForward = "clock: set forward",
        ClockBack = "clock: set back",
        CommitRefused = "storage: commit refused",
        CommitVanished = "storage: commit neither applied nor answered",
        CommitUnanswered = "storage: commit applied, never answered",
        CommitLate = "storage: commit answered after its timeout",
        CommitSlow = "storage: commit slow",
        CommitLost = "storage: commit lost with its worker",
        CommitOutlived = "storage: commit durable, its worker dead",
        CommitsTorn = "storage: torn between batches",
        QuotaFull = "storage: a commit refused for want of room",
        Emptied = "storage: came back empty",
        RecordDamaged = "storage: came back with a damaged record",
        OldRecords = "storage: as version 1 wrote it",
        HoldDamaged = "storage: the record of a wait damaged",
        Unreadable = "storage: unreadable at start",
        Newer = "storage: written by a newer version",
        SettingsRefused = "storage: settings refused",
        TokenNotKept = "storage: the token not kept",
        RequestLost = "network: request lost",
        RequestHangs = "network: no answer at all",
        AnswerLost = "network: answer lost after acceptance",
        AnswerTwice = "network: answer delivered twice",
        AnswerSlow = "network: answer after the timeout",
        Delayed = "network: delayed",
        Outage = "network: down",
        NotPermitted = "network: host permission taken away",
        OnlineFlaps = "network: online and offline again",
        HalfOpen = "network: half-open socket",
        UpgradeRefused = "stream: upgrade refused",
        UpgradeHangs = "stream: upgrade without an end",
        StreamDropped = "stream: dropped",
        OldSocketSpeaks = "stream: an old socket speaks",
        Garbage = "stream: garbage",
        FrameTwice = "stream: frame twice",
        TokenRefused = "token: 400 or 401",
        TokenFails = "token: 5xx",
        TokenLimited = "token: 429",
        TokenGarbage = "token: an answer that is none",
        TokenOddLife = "token: odd expires_in",
        TokenScopeMissing = "token: a scope missing",
        TokenRevoked = "token: revoked",
        LimitedSeconds = "card: 429, seconds",
        LimitedDate = "card: 429, IMF date",
        LimitedOldDate = "card: 429, RFC 850 date",
        LimitedAsctime = "card: 429, asctime date",
        LimitedDateNoDate = "card: 429, date without Date",
        LimitedUnsaid = "card: 429 without Retry-After",
        LimitedInvalid = "card: 429 with nonsense",
        LimitedHuge = "card: 429 with a huge wait",
        LimitedZero = "card: 429 with 0",
        CardFails = "card: 5xx",
        CardFailsWithWait = "card: 503 with Retry-After",
        CardTimesOut = "card: 408",
        CardUnauthorized = "card: 401",
        CardForbidden = "card: 403",
        CardRefused = "card: other 4xx",
        CardRedirected = "card: 3xx",
        CardConflict = "card: 409 for a card it has",
        IgnoresCardId = "card: a server that ignores cardId takes one twice",
        StuckFails = "stuck: an interaction's cards answered 500",
        StuckHangs = "stuck: an interaction's cards never answered",
        StuckForbidden = "stuck: an interaction of somebody else's, 403",
        StuckQueue = "stuck: every card of a queue answered 500",
        ServerFails = "spell: every card answered 5xx",
        ServerHangs = "spell: no card answered",
        ServerUnauthorized = "spell: every card answered 401",
        ServerZero = "spell: 429 with a wait of nothing, for every card",
        ServerPortal = "spell: a page or a redirect in place of every answer",
        ServerRedirects = "spell: a redirect in place of the server's answer",
        StreamRefused = "spell: every upgrade refused",
        Gibberish = "spell: nothing but frames that nobody understands",
        StorageHangs = "spell: the storage answers nothing",
        RateLimited = "limit: 429 for the rate",
        RefusedAtRandom = "limit: 429 whatever the rate",
        SharedId = "stream: an interaction with the id of another organisation's",
        Crowd = "backlog: hundreds or thousands due at once",
        Unattended = "person: nobody presses anything",
        TryAgain = "person: try again",
        Drop = "person: drops cards",
        Pause = "person: pauses",
        Resume = "person: resumes",
        Save = "person: saves settings",
        SaveOtherHost = "person: saves another organisation",
        SaveBare = "person: saves another organisation without its secret",
        TestBare = "person: tests another organisation without its secret",
        Clear = "person: clears all data",
        RenewalLost = "published: a token's answer lost, its refresh token used up",
        TakenWith503 = "published: 503 for what was taken",
        PollUnauthorized = "published: 401",
        PollForbidden = "published: 403",
        PollLimited = "published: 429",
        PollFails = "published: 400, 404 or 5xx",
        PollEmpty = "published: an empty answer in place of a list",
        PollGarbage = "published: a page, or half of an answer",
    }
}

named! {
    /// Something that must be true.
    Check {
        CardKept = "no accepted card is lost",
        DamageShown = "a damaged record is set aside and shown",
        LossShown = "a journal that is gone is shown as loss",
        OneCardId = "one cardId for one trigger, ever",
        DurableFirst = "no card is sent before it is durable",
        WaitKept = "no card is sent before Retry-After allows",
        Qualified = "no card for an interaction that did not qualify",
        RightHost = "nothing goes to another host than its own",
        NoRepeat = "no card goes again after its answer",
        RepeatsExcused = "repeats at most the lost answers",
        BackoffKept = "no failed card goes again before its backoff",
        StaleCue = "no card goes after its time to live",
        InFlight = "at most four cards in flight",
        Bounds = "queues and records within their bounds",
        CardRate = "tries of one card a minute",
        RefusalRate = "posts refused in 20 s with none taken between",
        FailureRate = "failed card requests a minute",
        TokenRate = "token requests a minute",
        StreamRate = "stream opens a minute",
        StreamBackoff = "no stream reopened before its backoff",
        RetryBound = "no wait for the stream over its cap",
        NoBusyLoop = "no busy loop",
        Total = "no panic",
        SingleFlight = "one token request at a time",
        OneSocket = "one socket at a time",
        IdleWrites = "no write for an event that asks for nothing",
        NoneMissed = "every qualifying event heard is accepted",
        NewerUntouched = "a newer journal is left untouched",
        GivenUpForReason = "given up only for a reason that happened",
        WaitBound = "no wait shown over an hour",
        TriesBound = "no more tries than the settings allow",
        CommitRate = "refused commits a minute",
        KeptAlive = "no idle death while streaming",
        SecretKept = "no secret shown or written",
        Answered = "every command is answered once",
        PausedIsQuiet = "nothing is sent while paused",
        NoiseKept = "nothing accepted that is paused, quiet or over budget",
        InTime = "each card is tried in time while the server takes cards",
        Told = "trouble that lasts is shown",
        CommitSize = "changes of a commit, and commits unanswered at once",
        Settles = "everything settles once faults stop",
        Resumes = "streaming resumes once faults stop",
        Recovers = "a card goes through once faults stop",
        RulesFire = "every card that a rule set is due is accepted",
        RulesKept = "no card that a rule set is not due, and each at its instant",
        IncompleteSaid = "evidence that lacks what was heard before a start says so",
        ToldOnce = "no agent is told twice of one card",
        RightReader = "an agent is told who has the customer",
        SignalledOnce = "no script is signalled twice of one card",
        SignalEarned = "a script is signalled only of a card that the service took, for its contact",
        Budget = "polls within their budget",
        SignInTold = "a sign-in that is over is told",
        PermissionTold = "a missing permission is told until it is there",
    }
}

/// Counts of one run or of many.
#[derive(Debug, Clone)]
pub struct Tally {
    /// How often each fault happened.
    pub faults: [u64; Fault::COUNT],
    /// How often each check was made where it could have failed.
    pub checks: [u64; Check::COUNT],
    /// Schedules run.
    pub schedules: u64,
    /// Inputs handled.
    pub inputs: u64,
    /// Effects performed.
    pub effects: u64,
    /// Kills, of any kind, that a worker came back from.
    pub kills_survived: u64,
    /// Interactions that came to qualify.
    pub qualified: u64,
    /// Cards durable.
    pub accepted: u64,
    /// Cards that the server took.
    pub delivered: u64,
    /// Cards given up, with their reason.
    pub given_up: u64,
    /// Answers to an accepted card that nobody who could close it ever got.
    pub lost_answers: u64,
    /// Cards that a server which ignores `cardId` took again.
    pub repeats: u64,
    /// Waits that a worker was told of and took to its grave.
    pub waits_lost: u64,
    /// The most seen in any minute: tries of one card, failed cards, tokens, stream opens.
    pub most: [u64; 4],
    /// The longest that it took to settle after the faults stopped, in milliseconds.
    pub longest_settling: u64,
    /// Virtual time, in milliseconds.
    pub virtual_time: u64,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            faults: [0; Fault::COUNT],
            checks: [0; Check::COUNT],
            schedules: 0,
            inputs: 0,
            effects: 0,
            kills_survived: 0,
            qualified: 0,
            accepted: 0,
            delivered: 0,
            given_up: 0,
            lost_answers: 0,
            repeats: 0,
            waits_lost: 0,
            most: [0; 4],
            longest_settling: 0,
            virtual_time: 0,
        }
    }
}

impl Tally {
    /// Adds another run's counts.
    pub fn add(&mut self, other: &Tally) {
        for (sum, count) in self.faults.iter_mut().zip(&other.faults) {
            *sum += count;
        }
        for (sum, count) in self.checks.iter_mut().zip(&other.checks) {
            *sum += count;
        }
        for (most, other) in self.most.iter_mut().zip(&other.most) {
            *most = (*most).max(*other);
        }
        self.schedules += other.schedules;
        self.inputs += other.inputs;
        self.effects += other.effects;
        self.kills_survived += other.kills_survived;
        self.qualified += other.qualified;
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.given_up += other.given_up;
        self.lost_answers += other.lost_answers;
        self.repeats += other.repeats;
        self.waits_lost += other.waits_lost;
        self.longest_settling = self.longest_settling.max(other.longest_settling);
        self.virtual_time += other.virtual_time;
    }
}
