//! Who calls, and what they may do.

pub mod ids;
pub mod principal;
pub mod scope;
