//! Reading and writing the tables of this server, one module per table. Takes transactions, never the pool.

pub mod access_tokens;
pub mod authorization_codes;
pub mod checkup;
pub mod client_secrets;
pub mod clients;
pub mod customers;
pub mod families;
pub mod guest_documents;
pub mod handoff_codes;
pub mod housekeeping;
pub mod idempotency;
pub mod lost_guests;
pub mod projects;
pub mod refresh_tokens;
pub mod schema;
pub mod session_locks;
pub mod session_records;
pub mod sessions;
pub mod statistics;
