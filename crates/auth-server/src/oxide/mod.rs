//! The OAuth 2.0 protocol as oxide-auth has it: its state machines, driven by our own loop.
//!
//! The machines say which step comes next and refuse what RFC 6749 refuses; storage, clients, scopes and texts stay ours.
//! Nothing outside this folder names `oxide_auth`. Repeated parameters were refused before a request gets here, because
//! the machines would take a repeated `scope` for none.

mod access_token;
mod authorization;
mod client_credentials;
mod password;
mod pkce;
mod refresh;
mod registrar;
mod request;

pub use access_token::{CodeRequest, exchange};
pub use authorization::{AuthorizationRequest, authorize};
pub use client_credentials::client_credentials;
pub use password::password;
pub use refresh::refresh;
pub use registrar::{ClientRegistrar, ScopePolicy};
pub use request::ProtocolRequest;
