//! From event sent to card accepted.

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::clock::SECOND;

/// Milliseconds from event sent to card accepted.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Latency {
    /// Cards measured.
    pub count: u64,
    /// Half came within.
    pub p50: f64,
    /// 95 % came within.
    pub p95: f64,
    /// 99 % came within.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// From one microsecond to one hour.
pub fn new_histogram() -> Histogram<u64> {
    // One microsecond to one hour, three digits: constants inside the range the crate accepts.
    Histogram::new_with_bounds(1, 3_600 * SECOND, 3).unwrap_or_else(|_| unreachable!("constant bounds are valid"))
}

/// The quantiles of a histogram of microseconds.
pub fn latency_of(histogram: &Histogram<u64>) -> Latency {
    let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
    Latency {
        count: histogram.len(),
        p50: at(0.50),
        p95: at(0.95),
        p99: at(0.99),
        max: histogram.max() as f64 / 1_000.0,
    }
}
