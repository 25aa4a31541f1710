//! HTTP manners that both servers share.

pub mod access_token;
pub mod admin;
pub mod bearer;
pub mod body;
pub mod client_address;
pub mod connections;
mod content_coding;
pub mod correlation;
pub mod delivery;
pub mod descriptors;
mod gzip;
pub mod health;
pub mod lifecycle;
pub mod listener;
pub mod memory;
pub mod presence;
pub mod refusals;
pub mod request_metrics;
pub mod serving;
