//! How far the database must look for what fulfils a predicate.

use domain::{
    identity::ids::ProjectKey,
    predicate::{Check, Column, Condition, FieldTest, Order},
};
use shared::db::{Dialect, Reach};

use super::lookup;

/// Narrow if an index leads to all documents that can fulfil the condition.
pub(super) fn of(condition: &Condition, project: &ProjectKey, dialect: Dialect) -> Reach {
    if by_columns(condition) || lookup::narrowing(condition, project, dialect).is_some() {
        Reach::Narrow
    } else {
        Reach::Wide
    }
}

fn by_columns(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().any(by_columns),
        // Each part by its own index.
        Condition::Any(parts) => parts.iter().all(by_columns),
        Condition::Field(test) => by_column(test),
        Condition::Not(_) | Condition::Some { .. } => false,
    }
}

fn by_column(test: &FieldTest) -> bool {
    let is_indexed = match test.column {
        Some(Column::Id | Column::Key | Column::CustomerId | Column::AnonymousId) => true,
        // The values that e-mail addresses have in the index are found by the look-up.
        Some(
            Column::EmailKey
            | Column::Version
            | Column::CreatedAt
            | Column::LastModifiedAt
            | Column::State
            | Column::StoreKey,
        )
        | None => false,
    };
    is_indexed
        && matches!(
            test.check,
            Check::Compare(_, Order::Equal, _) | Check::OneOf(..)
        )
}
