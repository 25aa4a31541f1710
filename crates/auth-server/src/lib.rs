//! The OAuth 2.0 authorization server: tokens for guests, customers and API clients.
//!
//! ```text
//! model ◄── store ◄── grants ◄── http        left is ignorant of right
//!                       ▲
//!                     oxide                  the only folder that names oxide_auth
//!                     shop                   the only folder that names commerce_api
//! ```

pub mod app_state;
pub mod cli;
pub mod client_cache;
pub mod device_scopes;
pub mod grants;
pub mod http;
pub mod jobs;
pub mod limits;
pub mod metrics;
pub mod model;
pub mod oxide;
pub mod settings;
pub mod shop;
pub mod signing;
pub mod store;
