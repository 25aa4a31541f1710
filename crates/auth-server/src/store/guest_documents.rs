//! What a guest left in the shop, as far as an operator's question needs it: when, which state, never what is in it.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::ids::{AnonymousId, ProjectKey},
    timestamp::Timestamp,
};
use serde_json::Value;
use shared::db::{DbError, ReadTx, statement::Statement};

/// A cart, an order, a payment or a shopping list with the guest's id on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestDocument {
    /// Its kind, such as `cart`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// How often it was written.
    pub version: i64,
    /// `Active`, `Ordered`, `Open` and so on, where its kind has states.
    pub state: Option<String>,
    /// The customer it belongs to now.
    pub customer: Option<String>,
    /// The order number, where it has one.
    pub order_number: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub last_modified_at: Timestamp,
}

type Row = (
    String,
    String,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    i64,
);
type RowType = (
    Text,
    Text,
    BigInt,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    BigInt,
    BigInt,
);

/// Everything with the guest's id on it, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn documents(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
) -> Result<Vec<GuestDocument>, DbError> {
    let rows: Vec<Row> = Statement::new(
        "SELECT d.kind, d.id, d.version, d.state, d.customer_id, u.value, d.created_at, d.last_modified_at \
         FROM documents d LEFT JOIN unique_values u ON u.project_key = d.project_key AND u.document_id = d.id \
         AND u.namespace = 'order-number' WHERE d.kind IN ('cart', 'order', 'payment', 'shopping-list') \
         AND d.project_key = ",
    )
    .text(project.as_str())
    .sql(" AND d.anonymous_id = ")
    .text(guest.as_str())
    .sql(" ORDER BY d.created_at, d.id")
    .rows::<RowType>()
    .load(tx.connection())?;
    let document = |row: Row| {
        let (kind, id, version, state, customer, order_number, created_at, last_modified_at) = row;
        GuestDocument {
            kind,
            id,
            version,
            state,
            customer,
            order_number,
            created_at: Timestamp::from_millis(created_at),
            last_modified_at: Timestamp::from_millis(last_modified_at),
        }
    };
    Ok(rows.into_iter().map(document).collect())
}

/// A message about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHead {
    /// Its type, such as `OrderStateChanged`.
    pub message_type: String,
    /// The state the resource came into, where that is what it says.
    pub state: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Up to `limit` messages about a resource, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn messages(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    resource: &str,
    limit: i64,
) -> Result<Vec<MessageHead>, DbError> {
    let rows: Vec<(String, i64)> =
        Statement::new("SELECT body, created_at FROM messages WHERE project_key = ")
            .text(project.as_str())
            .sql(" AND resource_id = ")
            .text(resource)
            // What is forgotten leaves its number behind, without a body.
            .sql(" AND body <> '' ORDER BY sequence_number LIMIT ")
            .big_int(limit)
            .rows::<(Text, BigInt)>()
            .load(tx.connection())?;
    Ok(rows
        .into_iter()
        .filter_map(|(body, at)| head(&body, at))
        .collect())
}

fn head(body: &str, at: i64) -> Option<MessageHead> {
    let body: Value = serde_json::from_str(body).ok()?;
    let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(MessageHead {
        message_type: word("type")?,
        state: ["orderState", "paymentState", "shipmentState"]
            .into_iter()
            .find_map(word),
        at: Timestamp::from_millis(at),
    })
}
