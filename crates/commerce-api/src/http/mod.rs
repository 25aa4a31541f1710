//! HTTP: extract, authorize, call one service, render.

pub mod commercetools;
pub mod extract;
pub mod operations;
pub mod routes;
pub mod server;
