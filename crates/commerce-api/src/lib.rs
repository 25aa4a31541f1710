//! The commerce resource API: carts, orders, customers and their catalog, in three HTTP dialects over one core.

pub mod access;
pub mod app_state;
pub mod cli;
pub mod error;
pub mod http;
pub mod jobs;
pub mod limits;
pub mod listeners;
pub mod metrics;
pub mod request;
pub mod service;
pub mod store;
