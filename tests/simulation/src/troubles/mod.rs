//! What goes wrong and when it ends: people, weather, troubles that stay, older records, and the end of all faults.

mod ending;
mod older;
mod person;
mod sticky;
mod weather;
