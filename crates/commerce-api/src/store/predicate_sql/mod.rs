//! Resolved predicates and sort keys → SQL over `documents` aliased `d`.
//!
//! The reference for what the SQL means is `Resolved::evaluate`; property tests hold both databases against it. Values
//! and names of clients are bound, never part of the text. No cast can fail whatever a document holds: every value is
//! looked at only inside a `CASE` that has asked its type. Conditions on JSON are true or false; conditions on columns
//! may also be NULL, and `NOT` takes that for false.

mod circle;
mod columns;
mod conditions;
mod lookup;
mod order;
mod reach;
#[cfg(test)]
mod tests;
mod values;
mod writer;

use domain::{
    identity::ids::ProjectKey,
    predicate::{Condition, Resolved},
};
use shared::db::{Dialect, Reach, statement::Statement};

pub use order::order_by;
use writer::Writer;

/// At most this many column tests make a statement worth keeping prepared whatever else clients ask.
const FEW: usize = 2;

/// The condition for a `WHERE`; put it in parentheses.
///
/// What the database has as columns is asked of them, outside of anything that would keep an index from being used.
#[must_use]
pub fn compile(predicate: &Resolved, dialect: Dialect) -> Statement {
    let mut conjuncts = Vec::new();
    flatten(&predicate.condition, &mut conjuncts);
    if let Some(plain) = plain(&conjuncts, dialect) {
        return plain;
    }
    let (columns, json): (Vec<_>, Vec<_>) = conjuncts
        .into_iter()
        .partition(|condition| columns::suffice(condition));
    let mut writer = Writer::new(dialect);
    if !columns.is_empty() {
        conditions::all(&mut writer, &columns, &values::Base::Document);
    }
    if !json.is_empty() {
        if !columns.is_empty() {
            writer.sql(" AND ");
        }
        json_part(&mut writer, &json);
    }
    writer.finish()
}

/// As [`compile`], with a look-up in `unique_values` of this project in front where the predicate allows one.
#[must_use]
pub fn compile_in(predicate: &Resolved, dialect: Dialect, project: &ProjectKey) -> Statement {
    let condition = compile(predicate, dialect);
    match lookup::narrowing(&predicate.condition, project, dialect) {
        Some(found) => found.sql(" AND (").append(condition).sql(")"),
        None => condition,
    }
}

/// How far the database must look for what [`compile_in`] asks.
#[must_use]
pub fn reach(predicate: &Resolved, dialect: Dialect, project: &ProjectKey) -> Reach {
    reach::of(&predicate.condition, project, dialect)
}

/// Conditions that look into the document.
fn json_part(writer: &mut Writer, json: &[&Condition]) {
    match writer.dialect {
        // SQLite keeps the last documents it has parsed.
        Dialect::Sqlite => conditions::all(writer, json, &values::Base::Document),
        // PostgreSQL would parse the text for every value; OFFSET 0 keeps it from pulling the cast out of here.
        Dialect::Postgres => {
            writer.sql(
                "EXISTS (SELECT 1 FROM (SELECT CAST(d.body AS jsonb) AS j OFFSET 0) AS doc WHERE ",
            );
            conditions::all(writer, json, &values::Base::Document);
            writer.sql(")");
        }
    }
}

/// The parts of a conjunction.
fn flatten<'c>(condition: &'c Condition, parts: &mut Vec<&'c Condition>) {
    match condition {
        Condition::All(inner) => inner.iter().for_each(|part| flatten(part, parts)),
        other => parts.push(other),
    }
}

/// One or two column tests as constant text, the shape of hot look-ups.
fn plain(conjuncts: &[&Condition], dialect: Dialect) -> Option<Statement> {
    if conjuncts.is_empty() {
        return Some(Statement::new("TRUE"));
    }
    if conjuncts.len() > FEW {
        return None;
    }
    let mut statement = Statement::default();
    for (at, condition) in conjuncts.iter().enumerate() {
        let Condition::Field(test) = condition else {
            return None;
        };
        if at > 0 {
            statement = statement.sql(" AND ");
        }
        statement = statement.append(columns::test(test, dialect)?);
    }
    Some(statement)
}
