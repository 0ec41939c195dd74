//! Cuewire watches a CXone interaction stream and posts Agent Assist cards.
//!
//! **A card is durable before it is sent, and closed only after its answer is durable.**
//!
//! Each floor uses only the floors below it; `tests/floors/` reads every `use`.
//!
//! | floor | room | what it does |
//! | --- | --- | --- |
//! | 7 | `web` | the browser, on `wasm32` only; decides nothing |
//! | 6 | [`shell`] | the runner: pending inputs, effects in order, one deadline; the ports of a host |
//! | 5 | [`pipeline`] | the only entry: inputs in, effects out, time as an argument |
//! | 4 | [`views`] | what people see, as data |
//! | 3 | [`link`], [`delivery`] | the connection to the service; from a firing to a settled card |
//! | 2 | [`rules`], [`api`], [`journal`], [`recording`], [`settings`] | when a card is due; services; what is durable; what was heard; what a person sets |
//! | 1 | [`model`] | the words that every floor shares |

pub mod api;
pub mod backtest;
pub mod delivery;
pub mod journal;
pub mod link;
pub mod model;
pub mod pipeline;
pub mod recording;
pub mod rules;
pub mod settings;
pub mod shell;
pub mod views;

#[cfg(target_arch = "wasm32")]
pub mod web;
