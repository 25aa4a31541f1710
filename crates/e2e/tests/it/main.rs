//! Both servers together over real connections, on every database there is: what a shop and its guests see.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod authorization;
mod ending_a_session;
mod error_bodies;
mod guest_checkout;
mod merging_carts;
mod money_and_tax;
mod ownership;
mod passwords_and_tokens;
mod queries;
mod races;
mod races_of_sessions;
mod support;
mod versions;
