//! Sort keys → `ORDER BY`.

use domain::predicate::{Column, Sort, SortValue};
use shared::db::{Dialect, statement::Statement};

use super::{
    columns,
    values::{Base, JsonType, Place},
    writer::Writer,
};

/// The list for an `ORDER BY`: what is missing first, last if descending; the id makes paging stable.
///
/// Without keys, by creation.
#[must_use]
pub fn order_by(sorts: &[Sort], dialect: Dialect) -> Statement {
    match sorts {
        [] => return Statement::new("d.created_at, d.id"),
        // The texts that are worth keeping prepared.
        [only] if only.column.is_some() => {
            if let Some(column) = only.column {
                return Statement::new(columns::name(column))
                    .sql(direction(only.descending, is_nullable(column), dialect))
                    .sql(", d.id");
            }
        }
        _ => {}
    }
    let mut writer = Writer::new(dialect);
    for sort in sorts {
        key(&mut writer, sort);
    }
    writer.sql("d.id");
    writer.finish()
}

const fn is_nullable(column: Column) -> bool {
    match column {
        Column::Id | Column::Version | Column::CreatedAt | Column::LastModifiedAt => false,
        Column::Key
        | Column::CustomerId
        | Column::AnonymousId
        | Column::State
        | Column::StoreKey
        | Column::EmailKey => true,
    }
}

/// SQLite takes NULL for the smallest value, PostgreSQL for the largest.
const fn direction(descending: bool, nullable: bool, dialect: Dialect) -> &'static str {
    match (descending, nullable, dialect) {
        (false, true, Dialect::Postgres) => " ASC NULLS FIRST",
        (true, true, Dialect::Postgres) => " DESC NULLS LAST",
        (false, _, _) => " ASC",
        (true, _, _) => " DESC",
    }
}

fn key(writer: &mut Writer, sort: &Sort) {
    if let Some(column) = sort.column {
        writer.sql(columns::name(column));
        writer.sql(direction(
            sort.descending,
            is_nullable(column),
            writer.dialect,
        ));
        writer.sql(", ");
        return;
    }
    // Numbers come after texts: a text has no number, and what is missing comes first.
    if matches!(sort.by, SortValue::Number | SortValue::Any) {
        of_value(writer, sort, &number);
        writer.sql(direction(sort.descending, true, writer.dialect));
        writer.sql(", ");
    }
    if matches!(sort.by, SortValue::Text | SortValue::Any) {
        of_value(writer, sort, &text);
        writer.sql(direction(sort.descending, true, writer.dialect));
        writer.sql(", ");
    }
}

/// Writes what is made of the value. PostgreSQL would parse the document wherever the value is named; OFFSET 0 keeps it from
/// pulling the cast out of the sub-select.
fn of_value(writer: &mut Writer, sort: &Sort, made: &dyn Fn(&mut Writer, Place<'_>)) {
    let place = Place::new(Base::Row, &sort.path);
    match writer.dialect {
        Dialect::Sqlite => made(writer, place),
        Dialect::Postgres => {
            let alias = writer.alias();
            writer.sql("(SELECT ");
            made(writer, Place::new(Base::Element(alias), &[]));
            writer.sql(" FROM (SELECT ");
            place.json(writer);
            writer.sql(&format!(" AS j OFFSET 0) AS e{alias})"));
        }
    }
}

fn number(writer: &mut Writer, place: Place<'_>) {
    writer.sql("CASE WHEN ");
    JsonType::Number.is(writer, &|writer| place.type_name(writer));
    writer.sql(" THEN ");
    writer.either("", "CAST(");
    place.scalar(writer);
    writer.either("", " AS numeric)");
    writer.sql(" END");
}

fn text(writer: &mut Writer, place: Place<'_>) {
    writer.sql("(CASE WHEN ");
    JsonType::Text.is(writer, &|writer| place.type_name(writer));
    writer.sql(" THEN ");
    place.scalar(writer);
    writer.sql(" WHEN ");
    JsonType::Boolean.is(writer, &|writer| place.type_name(writer));
    writer.sql(" THEN ");
    // SQLite names the value in the type.
    match writer.dialect {
        Dialect::Sqlite => place.type_name(writer),
        Dialect::Postgres => place.scalar(writer),
    }
    writer.either(" END)", " END COLLATE \"C\")");
}
