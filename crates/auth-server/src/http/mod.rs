//! The server's face: extract, authenticate, call one grant, render.

mod answer;
mod api_clients;
mod authentication;
mod client_auth;
mod discovery;
mod errors;
mod form;
mod introspect;
mod refresh;
mod revoke;
mod routes;
mod token;

pub use routes::{configure, cors};
