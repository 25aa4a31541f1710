//! Words and rules of guest checkout.
//!
//! Pure: no clock, no randomness, no I/O, no floating point. What a rule must know about the rest of
//! the project it asks through [`world::World`]; time and new ids come in through [`context::Context`].

pub mod address;
pub mod cart;
mod cart_predicate;
pub mod catalog;
pub mod context;
pub mod custom_fields;
pub mod custom_object;
pub mod customer;
pub mod document;
pub mod error;
pub mod identity;
pub mod kind;
pub mod localized;
pub mod message;
pub mod money;
pub mod order;
pub mod payment;
pub mod predicate;
pub mod pricing;
pub mod product;
pub mod project;
pub mod reference;
pub mod resource;
pub mod shopping_list;
pub mod strict;
pub mod tax;
#[cfg(test)]
pub(crate) mod test_world;
pub mod timestamp;
pub mod world;
