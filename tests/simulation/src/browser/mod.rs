//! The browser around the core: it starts and kills the worker, performs its effects, and stores what it writes.

mod guard;
mod ports;
mod saving;
mod shell;
mod tracing;
mod transactions;
