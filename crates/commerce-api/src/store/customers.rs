//! What belongs to customers but never goes out: password hashes and one-time tokens.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use domain::{
    identity::ids::{CustomerId, ProjectKey},
    timestamp::Timestamp,
};
use shared::db::{DbError, ReadTx, WriteTx, schema::customer_credentials, statement::Statement};

diesel::table! {
    customer_tokens (hash) {
        hash -> Text,
        project_key -> Text,
        id -> Text,
        customer_id -> Text,
        purpose -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

/// The stored password hash of a customer.
///
/// # Errors
/// [`DbError`].
pub fn password_hash(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
) -> Result<Option<String>, DbError> {
    Ok(customer_credentials::table
        .find((project.as_str(), customer.as_str()))
        .select(customer_credentials::password_hash)
        .first(tx.connection())
        .optional()?)
}

/// Sets the password hash of a customer.
///
/// # Errors
/// [`DbError`].
pub fn set_password_hash(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    Statement::new(
        "INSERT INTO customer_credentials (project_key, customer_id, password_hash, changed_at) VALUES (",
    )
    .text(project.as_str())
    .sql(", ")
    .text(customer.as_str())
    .sql(", ")
    .text(hash)
    .sql(", ")
    .big_int(now.millis())
    .sql(
        ") ON CONFLICT (project_key, customer_id) DO UPDATE SET password_hash = excluded.password_hash, \
         changed_at = excluded.changed_at",
    )
    .run(tx.connection())?;
    Ok(())
}

/// Replaces the hash that a password was compared with by one of the same password. If it is another one meanwhile, nothing
/// happens: another sign-in was faster, or the password was changed.
///
/// # Errors
/// [`DbError`].
pub fn replace_hash(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
    compared: &str,
    new: &str,
) -> Result<(), DbError> {
    let of_customer = customer_credentials::table.find((project.as_str(), customer.as_str()));
    diesel::update(of_customer.filter(customer_credentials::password_hash.eq(compared)))
        .set(customer_credentials::password_hash.eq(new))
        .execute(tx.connection())?;
    Ok(())
}

/// Forgets everything secret about a customer.
///
/// # Errors
/// [`DbError`].
pub fn forget(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
) -> Result<(), DbError> {
    diesel::delete(customer_credentials::table.find((project.as_str(), customer.as_str())))
        .execute(tx.connection())?;
    drop_tokens(tx, project, customer)
}

/// What a one-time token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Proves an e-mail address.
    Email,
    /// Allows a new password.
    Password,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password => "password",
        }
    }
}

/// A one-time token as stored: its value only as a hash.
#[derive(Clone, Debug)]
pub struct OneTimeToken {
    /// Hash of the value.
    pub hash: String,
    /// Its id.
    pub id: String,
    /// Whom it is for.
    pub customer: CustomerId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Stores a one-time token.
///
/// # Errors
/// [`DbError`].
pub fn insert_token(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    purpose: Purpose,
    token: &OneTimeToken,
) -> Result<(), DbError> {
    diesel::insert_into(customer_tokens::table)
        .values((
            customer_tokens::hash.eq(&token.hash),
            customer_tokens::project_key.eq(project.as_str()),
            customer_tokens::id.eq(&token.id),
            customer_tokens::customer_id.eq(token.customer.as_str()),
            customer_tokens::purpose.eq(purpose.name()),
            customer_tokens::created_at.eq(token.created_at.millis()),
            customer_tokens::expires_at.eq(token.expires_at.millis()),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// A one-time token by the hash of its value.
///
/// # Errors
/// [`DbError`].
pub fn find_token(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    purpose: Purpose,
    hash: &str,
) -> Result<Option<OneTimeToken>, DbError> {
    let row: Option<(String, String, String, i64, i64)> = customer_tokens::table
        .filter(customer_tokens::hash.eq(hash))
        .filter(customer_tokens::project_key.eq(project.as_str()))
        .filter(customer_tokens::purpose.eq(purpose.name()))
        .select((
            customer_tokens::hash,
            customer_tokens::id,
            customer_tokens::customer_id,
            customer_tokens::created_at,
            customer_tokens::expires_at,
        ))
        .first(tx.connection())
        .optional()?;
    Ok(row.map(
        |(hash, id, customer, created_at, expires_at)| OneTimeToken {
            hash,
            id,
            customer: CustomerId::new(customer),
            created_at: Timestamp::from_millis(created_at),
            expires_at: Timestamp::from_millis(expires_at),
        },
    ))
}

/// Removes a customer's one-time tokens. Whoever does it holds the customer, as whoever makes or takes one.
///
/// # Errors
/// [`DbError`].
pub fn drop_tokens(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
) -> Result<(), DbError> {
    of_customer(project, customer).run(tx.connection())?;
    Ok(())
}

/// Removes those of one purpose.
///
/// # Errors
/// [`DbError`].
pub fn drop_tokens_for(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
    purpose: Purpose,
) -> Result<(), DbError> {
    of_customer(project, customer)
        .sql(" AND purpose = ")
        .text(purpose.name())
        .run(tx.connection())?;
    Ok(())
}

fn of_customer(project: &ProjectKey, customer: &CustomerId) -> Statement {
    Statement::new("DELETE FROM customer_tokens WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND customer_id = ")
        .text(customer.as_str())
}

/// Takes a one-time token: `true` for exactly one of several takers.
///
/// # Errors
/// [`DbError`].
pub fn take_token(tx: &mut WriteTx<'_>, hash: &str) -> Result<bool, DbError> {
    let taken = diesel::delete(customer_tokens::table.find(hash)).execute(tx.connection())?;
    Ok(taken == 1)
}
