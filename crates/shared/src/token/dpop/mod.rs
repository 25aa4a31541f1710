//! DPoP (RFC 9449): a token that is bound to a key is worth nothing without it.
//!
//! For every request the client signs a small JWT, the proof, with a key of its own. It names method and URL of the
//! request, and at a resource also the access token. Tokens carry the thumbprint of the key (`cnf.jkt`).
//!
//! ```text
//! proof    what a proof says, and its signature            pure
//! guard    whether it fits the request at hand             clock, nonces
//! replay   that it is used once                            the database, in the transaction of the work
//! ```

mod error;
mod guard;
mod jwk;
mod nonce;
mod proof;
pub mod replay;
pub mod target;
#[cfg(test)]
mod tests;

pub use error::ProofError;
pub use guard::{DpopGuard, DpopSettings, Request};
pub use proof::Proof;

/// Algorithms of proofs, as metadata and challenges name them. Newer clients say `Ed25519` where older ones say `EdDSA`
/// (RFC 9864 §2.2).
pub const ALGORITHMS: [&str; 3] = ["ES256", "EdDSA", "Ed25519"];

/// The request header with the proof.
pub const PROOF_HEADER: &str = "dpop";

/// The answer header with the nonce for the next proof.
pub const NONCE_HEADER: &str = "dpop-nonce";
