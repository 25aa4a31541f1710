//! The server's face: extract, authenticate, call one grant, render.

mod access;
mod answer;
mod api_clients;
mod application;
mod authentication;
mod authorize;
pub mod client_auth;
mod client_query;
mod code;
mod discovery;
mod errors;
pub mod form;
#[cfg(test)]
mod golden_errors;
mod guest_token;
mod handoff;
mod idempotency;
mod introspect;
pub(crate) mod labels;
mod operations;
mod origins;
mod plain_http;
mod refresh;
mod retry;
mod revoke;
mod routes;
mod token;
mod token_request;
mod upgrade;

pub use application::{admin_application, application};
pub use routes::{configure, cors};
