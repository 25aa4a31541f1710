//! What the tests stand on. Start with [`on_each_database`].
#![allow(
    dead_code,
    unused_imports,
    reason = "offered to every test of this binary"
)]

mod accounts;
mod client;
mod cluster;
mod fixtures;
mod process;
mod progress;
mod projects;
mod servers;
mod shop;
mod together;
mod trail;
mod visitors;

pub use client::{Api, Credentials, Http, Lost, Reply, assert_shows, number, text};
pub use cluster::{Cluster, on_each_database_with_two_instances};
pub use fixtures::{address, engraving, price_change, quantities, unpublish, with_stock};
pub use process::Process;
pub use progress::Progress;
pub use servers::Running;
pub use shop::{
    ApiClients, PASSWORD, PROJECT, Shop, on_each_database, on_each_database_with_moving_lists,
    stocked_databases,
};
pub use together::together;
pub use visitors::{Backend, CustomerClient, Guest};
