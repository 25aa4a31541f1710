//! Token sessions, as far as the resource API ends them.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _,
    sql_types::{Nullable, Text},
};
use domain::{
    identity::ids::{AnonymousId, CustomerId, ProjectKey},
    timestamp::Timestamp,
};
use shared::{
    db::{DbConnection, DbError, WriteTx, schema::sessions, statement::Statement},
    token::{
        audit::About,
        session_end::{Over, SessionEnd},
    },
};

/// A guest's session, locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedGuest {
    /// Whether it has not ended.
    pub is_live: bool,
    /// The store it is bound to.
    pub store: Option<String>,
}

/// Locks the guest's session before anything else is locked, so that nothing can be written in it any more.
///
/// # Errors
/// [`DbError`].
pub fn lock_guest(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
) -> Result<Option<LockedGuest>, DbError> {
    let row = sessions::table
        .filter(sessions::project_key.eq(project.as_str()))
        .filter(sessions::anonymous_id.eq(guest.as_str()))
        .select((sessions::state, sessions::store_key));
    let found: Option<(String, Option<String>)> = match tx.connection() {
        DbConnection::Postgres(postgres) => row.for_update().first(postgres).optional()?,
        DbConnection::Sqlite(sqlite) => row.first(sqlite).optional()?,
    };
    Ok(found.map(|(state, store)| LockedGuest {
        is_live: state != "ended" && state != "revoked",
        store,
    }))
}

/// Ends the guest's session: its access and refresh tokens are dead when this transaction commits.
///
/// # Errors
/// [`DbError`].
pub fn end_guest(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
    customer: &CustomerId,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let which = Statement::new("project_key = ")
        .text(project.as_str())
        .sql(" AND anonymous_id = ")
        .text(guest.as_str());
    let end = SessionEnd {
        customer: Some(customer.as_str()),
        about: of_project(project),
        ..SessionEnd::new(Over::Ended, reason)
    };
    end.run(tx, which, now)?;
    Ok(())
}

/// Locks every session of a customer, before anything else is locked: for what ends them all.
///
/// Requests of these sessions hold theirs first and the customer afterwards; whoever came the other way round would wait
/// for them in a circle.
///
/// # Errors
/// [`DbError`].
pub fn lock_customer(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
) -> Result<(), DbError> {
    let rows = sessions::table
        .filter(sessions::project_key.eq(project.as_str()))
        .filter(sessions::customer_id.eq(customer.as_str()))
        .order(sessions::id)
        .select(sessions::id);
    if let DbConnection::Postgres(postgres) = tx.connection() {
        let _: Vec<String> = rows.for_update().load(postgres)?;
    }
    Ok(())
}

/// Ends every session of a customer: after a password change, a reset, or deletion.
///
/// # Errors
/// [`DbError`].
pub fn revoke_customer(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    revoke(tx, project, of_customer(project, customer), reason, now)
}

/// Ends the sessions that a customer has in one store: the customer does not belong to it any more.
///
/// # Errors
/// [`DbError`].
pub fn revoke_customer_in_store(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    customer: &CustomerId,
    store_key: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let which = of_customer(project, customer)
        .sql(" AND store_key = ")
        .text(store_key);
    revoke(tx, project, which, "store_left", now)
}

fn revoke(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    which: Statement,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let end = SessionEnd {
        about: of_project(project),
        ..SessionEnd::new(Over::Revoked, reason)
    };
    end.run(tx, which, now)?;
    Ok(())
}

fn of_customer(project: &ProjectKey, customer: &CustomerId) -> Statement {
    Statement::new("project_key = ")
        .text(project.as_str())
        .sql(" AND customer_id = ")
        .text(customer.as_str())
}

fn of_project(project: &ProjectKey) -> About<'_> {
    About {
        project: Some(project),
        ..About::default()
    }
}

/// Takes hold of an anonymous id until the transaction ends: of those who write it and those who sign its guest in, one waits
/// for the other. Noted is that the id is taken: no token session may start with it any more.
///
/// Answers the customer whom the guest has become. It comes after sessions and before documents.
///
/// # Errors
/// [`DbError`].
pub fn hold_anonymous_id(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
    has_session: bool,
) -> Result<Option<CustomerId>, DbError> {
    let origin = if has_session { "session" } else { "resource" };
    let rows: Vec<(Option<String>,)> = Statement::new(
        "INSERT INTO anonymous_ids (project_key, anonymous_id, origin) VALUES (",
    )
    .text(project.as_str())
    .sql(", ")
    .text(guest.as_str())
    .sql(", ")
    .text(origin)
    .sql(
        ") ON CONFLICT (project_key, anonymous_id) DO UPDATE SET origin = anonymous_ids.origin \
                 RETURNING customer_id",
    )
    .rows::<(Nullable<Text>,)>()
    .load(tx.connection())?;
    Ok(rows
        .into_iter()
        .find_map(|(customer,)| customer)
        .map(CustomerId::new))
}

/// Notes that the guest has become a customer; the first one stays.
///
/// # Errors
/// [`DbError`].
pub fn use_up_anonymous_id(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
    customer: &CustomerId,
) -> Result<(), DbError> {
    Statement::new("UPDATE anonymous_ids SET customer_id = ")
        .text(customer.as_str())
        .sql(" WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND anonymous_id = ")
        .text(guest.as_str())
        .sql(" AND customer_id IS NULL")
        .run(tx.connection())?;
    Ok(())
}
