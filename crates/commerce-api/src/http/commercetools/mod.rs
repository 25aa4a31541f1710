//! The commercetools HTTP API.

pub mod call;
pub mod carts;
pub mod custom_objects;
pub mod customers;
pub mod endpoint;
pub mod errors;
pub mod login;
pub mod me;
pub mod orders;
pub mod price_selection;
pub mod product_projections;
pub mod products;
pub mod projects;
pub mod render;
pub mod resource_routes;
pub mod routes;
pub mod shipping_methods;
pub mod view;
