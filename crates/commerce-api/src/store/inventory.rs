//! Stock of many skus in one query.

use diesel::{RunQueryDsl as _, sql_types::Text};
use domain::{catalog::inventory, kind::Kind};
use serde_json::Value;
use shared::db::{DbError, Dialect, ReadTx, statement::Statement};

use super::visibility::{Visibility, kind_literal};

/// The inventory entries of `skus` at every supply channel, as stored; of other skus, too, if they begin like one of them
/// and a slash.
///
/// Unique names of entries are `{sku}/{supply channel}`: all of a sku lie together, from the slash to the character after
/// it. The skus travel as one JSON array, so a page of any size is the same statement.
///
/// # Errors
/// [`DbError`].
pub fn entries(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    skus: &[&str],
) -> Result<Vec<String>, DbError> {
    if skus.is_empty() {
        return Ok(Vec::new());
    }
    let (wanted, from, to) = match tx.dialect() {
        Dialect::Postgres => (
            "json_array_elements_text(CAST(",
            " AS json)) AS wanted(sku)",
            " AND u.value >= (wanted.sku || '/') COLLATE \"C\" AND u.value < (wanted.sku || '0') COLLATE \"C\"",
        ),
        Dialect::Sqlite => (
            "(SELECT value AS sku FROM json_each(",
            ")) AS wanted",
            " AND u.value >= (wanted.sku || '/') AND u.value < (wanted.sku || '0')",
        ),
    };
    let names = Value::from(skus.to_vec()).to_string();
    let statement = Statement::new("SELECT d.body FROM ")
        .sql(wanted)
        .text(names)
        .sql(from)
        .sql(" JOIN unique_values u ON u.project_key = ")
        .text(seen.project.as_str())
        .sql(" AND u.namespace = ")
        .text(inventory::NAMESPACE)
        .sql(" AND u.kind = ")
        .sql(kind_literal(Kind::InventoryEntry))
        .sql(to)
        .sql(" JOIN documents d ON d.id = u.document_id AND ")
        .append(seen.condition(Kind::InventoryEntry))
        .sql(" ORDER BY d.id");
    let rows: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
    Ok(rows.into_iter().map(|(body,)| body).collect())
}
