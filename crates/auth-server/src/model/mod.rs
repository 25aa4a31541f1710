//! What the server talks about, without storage and without HTTP.

pub mod api_error;
pub mod authorization_code;
pub mod client;
pub mod client_draft;
pub mod client_secret;
pub mod error;
pub mod handoff;
pub mod idempotency;
pub mod lost_guest;
pub mod origin;
pub mod redirect_uri;
pub mod refresh_token;
pub mod secret_rotation;
pub mod session;
