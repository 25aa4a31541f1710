//! What this server may know of customers: the e-mail address, the password hash, and whether they sign in with one; nothing
//! else of the shop.

use diesel::{RunQueryDsl as _, sql_types::Text};
use domain::{
    customer::Customer,
    identity::ids::{CustomerId, ProjectKey, StoreKey},
    timestamp::Timestamp,
};
use shared::db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement};

/// A customer that can sign in with a password.
#[derive(Clone, Debug)]
pub struct CustomerCredentials {
    /// Who it is.
    pub customer: CustomerId,
    /// PHC string of the password.
    pub password_hash: String,
}

/// The customer with this e-mail address who signs in with a password: in `store`, or for `None` among the customers of the
/// whole project.
///
/// # Errors
/// [`DbError`].
pub fn find_by_email(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    store: Option<&StoreKey>,
    email: &str,
) -> Result<Option<CustomerCredentials>, DbError> {
    let mode = match tx.dialect() {
        Dialect::Postgres => "CAST(d.body AS jsonb) ->> 'authenticationMode'",
        Dialect::Sqlite => "json_extract(d.body, '$.authenticationMode')",
    };
    let rows: Vec<(String, String)> = Statement::new(
        "SELECT c.customer_id, c.password_hash FROM unique_values u JOIN customer_credentials c \
         ON c.project_key = u.project_key AND c.customer_id = u.document_id JOIN documents d \
         ON d.project_key = u.project_key AND d.kind = 'customer' AND d.id = u.document_id \
         AND COALESCE(",
    )
    .sql(mode)
    .sql(", 'Password') = 'Password' WHERE u.project_key = ")
    .text(project.as_str())
    .sql(" AND u.namespace = ")
    .text(Customer::email_namespace(store.map(StoreKey::as_str)))
    .sql(" AND u.value = ")
    .text(Customer::email_key(email))
    .rows::<(Text, Text)>()
    .load(tx.connection())?;
    Ok(rows
        .into_iter()
        .next()
        .map(|(customer, password_hash)| CustomerCredentials {
            customer: CustomerId::new(customer),
            password_hash,
        }))
}

/// What becomes of a hash in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashUse {
    /// It is looked at; others may look, too.
    Read,
    /// It is going to be replaced: two who both look first would wait for each other then.
    Replace,
}

/// Whether the password that was checked is still the customer's: it may have been changed while it was being hashed. Nobody
/// changes it before the transaction ends.
///
/// # Errors
/// [`DbError`].
pub fn is_current(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    checked: &CustomerCredentials,
    hash_use: HashUse,
) -> Result<bool, DbError> {
    let lock = match (tx.dialect(), hash_use) {
        (Dialect::Postgres, HashUse::Read) => " FOR SHARE",
        (Dialect::Postgres, HashUse::Replace) => " FOR UPDATE",
        (Dialect::Sqlite, _) => "",
    };
    let rows: Vec<(String,)> =
        Statement::new("SELECT password_hash FROM customer_credentials WHERE project_key = ")
            .text(project.as_str())
            .sql(" AND customer_id = ")
            .text(checked.customer.as_str())
            .sql(lock)
            .rows::<(Text,)>()
            .load(tx.connection())?;
    Ok(rows
        .first()
        .is_some_and(|(hash,)| *hash == checked.password_hash))
}

/// Stores a hash of the same password with today's parameters.
///
/// # Errors
/// [`DbError`].
pub fn replace_hash(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    checked: &CustomerCredentials,
    new_hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    Statement::new("UPDATE customer_credentials SET password_hash = ")
        .text(new_hash)
        .sql(", changed_at = ")
        .big_int(now.millis())
        .sql(" WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND customer_id = ")
        .text(checked.customer.as_str())
        .sql(" AND password_hash = ")
        .text(&checked.password_hash)
        .run(tx.connection())?;
    Ok(())
}
