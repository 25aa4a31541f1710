//! The commercetools HTTP API.

pub mod carts;
pub mod custom_objects;
pub mod customers;
pub mod errors;
pub mod login;
pub mod me;
pub mod orders;
pub mod product_projections;
pub mod projects;
pub mod render;
pub mod resource_routes;
pub mod routes;
