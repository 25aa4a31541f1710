//! Statements. Knows rows and SQL, no rules.

pub mod catalog_versions;
pub mod customers;
pub mod documents;
pub mod housekeeping;
pub mod inventory;
pub mod listing;
pub mod messages;
pub mod patience;
pub mod predicate_sql;
pub mod sessions;
pub mod visibility;
