//! Token sessions, as far as the resource API ends them.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use domain::{
    identity::ids::{AnonymousId, CustomerId, ProjectKey},
    timestamp::Timestamp,
};
use shared::{
    db::{
        DbConnection, DbError, WriteTx,
        schema::{anonymous_ids, sessions},
        statement::Statement,
    },
    token::{
        audit::About,
        session_end::{Over, SessionEnd},
    },
};

/// Locks the guest's session before anything else is locked, so that nothing can be written in it any more.
///
/// Answers whether there is one and it has not ended.
///
/// # Errors
/// [`DbError`].
pub fn lock_guest(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
) -> Result<Option<bool>, DbError> {
    let row = sessions::table
        .filter(sessions::project_key.eq(project.as_str()))
        .filter(sessions::anonymous_id.eq(guest.as_str()))
        .select(sessions::state);
    let state: Option<String> = match tx.connection() {
        DbConnection::Postgres(postgres) => row.for_update().first(postgres).optional()?,
        DbConnection::Sqlite(sqlite) => row.first(sqlite).optional()?,
    };
    Ok(state.map(|state| state != "ended" && state != "revoked"))
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

/// Notes that a backend wrote `guest` on a resource: no token session may start with it any more.
///
/// # Errors
/// [`DbError`].
pub fn reserve_anonymous_id(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
) -> Result<(), DbError> {
    let row = (
        anonymous_ids::project_key.eq(project.as_str()),
        anonymous_ids::anonymous_id.eq(guest.as_str()),
        anonymous_ids::origin.eq("resource"),
    );
    let insert = diesel::insert_into(anonymous_ids::table).values(row);
    match tx.connection() {
        DbConnection::Postgres(postgres) => insert.on_conflict_do_nothing().execute(postgres)?,
        DbConnection::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
    };
    Ok(())
}
