//! What handlers take out of a request, for every dialect.

pub mod authorized;
pub mod json_body;
pub mod path;
pub mod query;
