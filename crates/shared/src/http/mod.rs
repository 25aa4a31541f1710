//! HTTP manners that both servers share.

pub mod access_token;
pub mod admin;
pub mod bearer;
pub mod client_address;
pub mod correlation;
pub mod health;
pub mod lifecycle;
pub mod listener;
pub mod memory;
pub mod presence;
pub mod refusals;
pub mod request_metrics;
