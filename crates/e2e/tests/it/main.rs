//! Both servers together over real connections, on every database there is: what a shop and its guests see.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod audit_trail;
mod authorization;
mod bound_tokens;
mod broken_rules;
mod categories;
mod customers_in_motion;
mod email_addresses;
mod ending_a_session;
mod error_bodies;
mod expansion;
mod guest_checkout;
mod guest_devices;
mod hanging_up;
mod imported_orders;
mod independent_client;
mod kills;
mod letting_an_app_in;
mod limits;
mod merging_carts;
mod message_log;
mod money_and_tax;
mod one_time_tokens;
mod outdated_hashes;
mod ownership;
mod passwords_and_tokens;
mod products;
mod queries;
mod query_bounds;
mod races;
mod races_of_sessions;
mod rights_through_references;
mod rotating_keys;
mod scans;
mod session_model;
mod session_storms;
mod shipping_methods;
mod sizes;
mod stale_carts;
mod store_carts;
mod stores_of_tokens;
mod strict_bodies;
mod support;
mod unpublished_products;
mod upgrade;
mod used_anonymous_ids;
mod versions;
