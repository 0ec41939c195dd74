//! What only the published service takes on the command line.

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
    /// Open contacts, about so many at any time; 0 makes none of its own accord
    #[arg(long, value_name = "N", default_value_t = 24)]
    pub contacts: usize,
}
