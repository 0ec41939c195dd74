//! Cuewire.
