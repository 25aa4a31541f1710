//! Access tokens: what they say, how they are signed and checked, and where the keys live.

pub mod audit;
pub mod claims;
pub mod dpop;
pub mod key_life;
mod key_material;
pub mod key_records;
pub mod keys;
pub mod liveness;
mod ring_provider;
pub mod sealing;
pub mod session_end;
pub mod signed;
pub mod signer;
pub mod verifier;

pub use ring_provider::install as install_crypto;
