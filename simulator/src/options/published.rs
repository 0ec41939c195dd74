//! Options of the command line that only the published service has.

use clap::{Args, ValueEnum};

/// Which service is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// The interaction stream and Agent Assist cards.
    Contract,
    /// What NICE publishes: discovery, sign-in, polls and agent messages.
    Published,
}

/// The published service.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Published service")]
pub struct PublishedOptions {
    /// Which service to speak
    #[arg(long, value_enum, default_value_t = Service::Contract)]
    pub service: Service,
    /// A behaviour that the descriptions leave open, as listed below; may be given several times
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    pub switches: Vec<String>,
    /// Set every such behaviour at random by this seed; --switch goes first
    #[arg(long, value_name = "N")]
    pub switches_seed: Option<u64>,
    /// A redirect address that is registered, exactly; without any, each address of an extension is
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub redirect_uris: Vec<String>,
    /// How long a refresh token lives
    #[arg(long, value_name = "SECONDS", default_value_t = 7_200)]
    pub refresh_seconds: u64,
    /// How long an authorization code lives
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub code_seconds: u64,
    /// Open contacts at any time, about; they live in real time. The default is 24, 0 makes none of its own accord.
    /// Given without --service published, the same day goes over the stream
    #[arg(long, value_name = "N")]
    pub contacts: Option<usize>,
    /// Agents of the tenant
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub agents: usize,
    /// How much longer than in even traffic a talk of such a day takes
    #[arg(long, value_name = "N", default_value_t = 4.0)]
    pub talk_stretch: f64,
    /// A contact that qualifies is certainly due its message once it stayed so long with an agent that a poll named
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    pub notice_seconds: f64,
    /// After a fault struck a request, a client may need so long to recover
    #[arg(long, value_name = "SECONDS", default_value_t = 120.0)]
    pub recovery_seconds: f64,
    /// Requests per hour for digital contacts with messages, for the tenant; 0 sets no limit
    #[arg(long, value_name = "N", default_value_t = 120_000)]
    pub digital_per_hour: u64,
    /// Requests per minute for everything of the API host, for the tenant; 0 sets no limit: NICE publishes none
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub acd_per_minute: u64,
}

impl PublishedOptions {
    /// Open contacts of a day in real time; none where traffic is even.
    #[must_use]
    pub fn day(&self) -> Option<usize> {
        self.contacts.or((self.service == Service::Published).then_some(24)).filter(|contacts| *contacts > 0)
    }
}
