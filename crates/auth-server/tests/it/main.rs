//! The server through HTTP, on every database there is.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod anonymous_sessions;
mod api_clients;
mod audit;
mod authorization_code;
mod authorization_code_keys;
mod client_credentials;
mod client_life;
mod client_list;
mod client_origins;
mod client_secrets;
mod command_line;
mod customers;
mod device_scopes;
mod doctor;
mod dpop;
mod error_bodies;
mod handoff;
mod housekeeping;
mod idempotency;
mod introspection;
mod letting_apps_in;
mod limits;
mod log_hygiene;
mod lost_guests;
mod manners;
mod operations;
mod operator_commands;
mod plain_http;
mod public_clients;
mod refresh;
mod refusals_in_the_log;
mod revocation;
mod rotation_model;
mod session_command;
mod session_lifetime;
mod shutdown;
mod signing_keys;
mod support;
mod token_command;
mod who_gets_what;
