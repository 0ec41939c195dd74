//! Stored state that is damaged, old or newer, a store without room, and trouble that outlives workers.
//!
//! | module | what it holds to |
//! | --- | --- |
//! | [`versions::golden`] | what any past version has stored loads, and nothing is written in a new shape under an old version |
//! | [`versions::exported`] | settings that any past version exported are imported whole |
//! | [`damaged`] | a damaged record is set aside and shown; the others load |
//! | [`versions::newer`] | what a newer version has written is left untouched |
//! | [`lost`] | an empty journal is a loss where there was one, and a fresh install where there was none |
//! | [`settled`] | an interaction fires once, wherever between its card and its settlement the worker is killed |
//! | [`versions::moved`] | what version 1 stored moves to keys that name the connection, and nothing is lost or sent twice |
//! | [`recalled`] | the stream need not wait for what fired; nothing fires, is sent or is written before that is known |
//! | [`versions::recorded`] | a recording of any past version is tried, and holds no texts of messages |
//! | [`full`] | history and settled records make room; an accepted card is never dropped for it |
//! | [`slow`] | storage that hangs is shown, retried, believed late; a person's order is answered once it is durable |
//! | [`rules`] | saved rules, and what they hold, outlive the worker; rules that cannot be read are shown |
//! | [`absurd`] | instants and counts that nobody can have meant harm nothing |
//! | [`trouble`] | lasting trouble sends one notification, however often the browser kills the worker |
#![allow(clippy::unwrap_used, reason = "a test that lacks an effect has failed")]

mod absurd;
mod browser;
mod damaged;
mod full;
mod lost;
mod recalled;
mod rules;
mod settled;
mod slow;
mod trouble;
mod versions;
mod words;
