//! Authorization codes, found by their hash.

use diesel::{
    Insertable, OptionalExtension as _, QueryDsl as _, Queryable, RunQueryDsl as _, sql_types::Text,
};
use domain::{
    identity::{
        ids::{ClientId, CustomerId, SessionId, StoreKey},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::db::{DbError, ReadTx, WriteTx, statement::Statement};

use super::schema::authorization_codes;
use crate::model::authorization_code::{AuthorizationCode, Destination};

#[derive(Queryable, Insertable)]
#[diesel(table_name = authorization_codes)]
struct CodeRow {
    hash: String,
    client_id: String,
    redirect_uri: String,
    is_redirect_uri_named: bool,
    challenge: String,
    customer_id: String,
    scope: String,
    store_key: Option<String>,
    authorized_by: String,
    key_thumbprint: Option<String>,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    session_id: Option<String>,
}

impl CodeRow {
    fn of(code: &AuthorizationCode) -> Self {
        Self {
            hash: code.hash.clone(),
            client_id: code.client_id.to_string(),
            redirect_uri: code.destination.uri.clone(),
            is_redirect_uri_named: code.destination.is_named,
            challenge: code.challenge.clone(),
            customer_id: code.customer.to_string(),
            scope: code.scope.to_string(),
            store_key: code.store.as_ref().map(ToString::to_string),
            authorized_by: code.authorized_by.to_string(),
            key_thumbprint: code.key_thumbprint.clone(),
            created_at: code.created_at.millis(),
            expires_at: code.expires_at.millis(),
            used_at: None,
            session_id: None,
        }
    }

    fn into_code(self) -> Result<AuthorizationCode, DbError> {
        let scope = ScopeSet::parse(&self.scope).map_err(|error| {
            DbError::Corrupt(format!("authorization code `{}`: {error}", self.hash))
        })?;
        Ok(AuthorizationCode {
            hash: self.hash,
            client_id: ClientId::new(self.client_id),
            destination: Destination {
                uri: self.redirect_uri,
                is_named: self.is_redirect_uri_named,
            },
            challenge: self.challenge,
            customer: CustomerId::new(self.customer_id),
            scope,
            store: self.store_key.map(StoreKey::new),
            authorized_by: SessionId::new(self.authorized_by),
            key_thumbprint: self.key_thumbprint,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            is_used: self.used_at.is_some(),
            session_id: self.session_id.map(SessionId::new),
        })
    }
}

/// The code with this hash.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<AuthorizationCode>, DbError> {
    let row: Option<CodeRow> = authorization_codes::table
        .find(hash)
        .first(tx.connection())
        .optional()?;
    row.map(CodeRow::into_code).transpose()
}

/// Stores a new code.
///
/// # Errors
/// [`DbError`].
pub fn insert(tx: &mut WriteTx<'_>, code: &AuthorizationCode) -> Result<(), DbError> {
    diesel::insert_into(authorization_codes::table)
        .values(CodeRow::of(code))
        .execute(tx.connection())?;
    Ok(())
}

/// Uses a code up. Answers `false` if it was used before: of any number of requests, on any number of instances, one gets
/// `true`.
///
/// # Errors
/// [`DbError`].
pub fn spend(tx: &mut WriteTx<'_>, hash: &str, now: Timestamp) -> Result<bool, DbError> {
    let spent = Statement::new("UPDATE authorization_codes SET used_at = ")
        .big_int(now.millis())
        .sql(" WHERE hash = ")
        .text(hash)
        .sql(" AND used_at IS NULL")
        .run(tx.connection())?;
    Ok(spent > 0)
}

/// Notes the session that came of a code, so that it can be found should the code come again.
///
/// # Errors
/// [`DbError`].
pub fn note_session(tx: &mut WriteTx<'_>, hash: &str, session: &SessionId) -> Result<(), DbError> {
    Statement::new("UPDATE authorization_codes SET session_id = ")
        .text(session.as_str())
        .sql(" WHERE hash = ")
        .text(hash)
        .run(tx.connection())?;
    Ok(())
}

/// Whether somebody signed in for this session, at a client that keeps a secret; it was not let in by another session.
///
/// # Errors
/// [`DbError`].
pub fn may_be_allowed_by(tx: &mut ReadTx<'_>, id: &SessionId) -> Result<bool, DbError> {
    let rows: Vec<(String,)> = Statement::new("SELECT s.id FROM sessions s WHERE s.id = ")
        .text(id.as_str())
        .sql(
            " AND s.authorized_by IS NULL \
             AND NOT EXISTS (SELECT 1 FROM api_clients c WHERE c.id = s.client_id AND c.is_public)",
        )
        .rows::<(Text,)>()
        .load(tx.connection())?;
    Ok(!rows.is_empty())
}
