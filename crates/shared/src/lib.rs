//! Plumbing that both servers stand on. Knows no cart.

pub mod clock;
pub mod config;
pub mod db;
pub mod http;
pub mod jobs;
pub mod limits;
pub mod logging;
pub mod metrics;
pub mod password;
pub mod random;
pub mod secret;
pub mod token;
