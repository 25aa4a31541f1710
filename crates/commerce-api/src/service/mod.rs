//! Use cases: one transaction each. Knows rules and rows, no HTTP.

pub mod adoption;
pub mod carts;
pub mod catalog_cache;
pub mod client_liveness;
pub mod custom_objects;
pub mod customers;
pub mod expansion;
pub mod listing;
pub mod one_time_tokens;
pub mod orders;
pub mod passwords;
pub mod product_projections;
pub mod projects;
pub mod references;
pub mod resources;
pub mod seed;
pub mod sign_in;
pub mod sign_up;
pub mod stock;
pub mod work;
pub mod world;
