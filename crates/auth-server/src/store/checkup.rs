//! What `doctor` asks the database. Some of it reads whole tables.

use std::collections::BTreeSet;

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Text},
};
use domain::{
    identity::{
        ids::{ClientId, ProjectKey},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::{
    db::{DbError, ReadTx, statement::Statement},
    token::claims::AccessTokenClaims,
};

use super::clients as api_clients;
use crate::model::client::Client;

/// Most clients of a project that are looked at.
const MOST_CLIENTS: i64 = 10_000;
/// Most sessions of a client that are looked at.
const MOST_SESSIONS: i64 = 10_000;

/// What PostgreSQL says of itself.
pub struct PostgresSettings {
    /// As `server_version_num`: 150004 is 15.4.
    pub version_number: i64,
    /// Settings that should not be `off`.
    pub switches: Vec<(String, String)>,
}

/// The settings of PostgreSQL that decide about acknowledged commits.
///
/// # Errors
/// [`DbError`].
pub fn postgres_settings(tx: &mut ReadTx<'_>) -> Result<PostgresSettings, DbError> {
    let version: Vec<(i64,)> =
        Statement::new("SELECT CAST(current_setting('server_version_num') AS BIGINT)")
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
    let switches: Vec<(String, String)> = Statement::new(
        "SELECT name, setting FROM pg_settings WHERE name IN ('synchronous_commit', 'fsync', 'full_page_writes') \
         ORDER BY name",
    )
    .rows::<(Text, Text)>()
    .load(tx.connection())?;
    Ok(PostgresSettings {
        version_number: version.first().map_or(0, |(number,)| *number),
        switches,
    })
}

/// What SQLite says of the file.
pub struct SqliteSettings {
    /// `wal`, or something slower.
    pub journal_mode: String,
    /// 0 is off, 1 normal, 2 full.
    pub synchronous: i64,
}

/// The settings of SQLite that decide about acknowledged commits.
///
/// # Errors
/// [`DbError`].
pub fn sqlite_settings(tx: &mut ReadTx<'_>) -> Result<SqliteSettings, DbError> {
    let rows: Vec<(String, i64)> = Statement::new(
        "SELECT j.journal_mode, s.synchronous FROM pragma_journal_mode j, pragma_synchronous s",
    )
    .rows::<(Text, BigInt)>()
    .load(tx.connection())?;
    let (journal_mode, synchronous) = rows
        .into_iter()
        .next()
        .ok_or_else(|| DbError::Corrupt("SQLite does not tell its settings".to_owned()))?;
    Ok(SqliteSettings {
        journal_mode,
        synchronous,
    })
}

/// The clients of all projects, without their secrets.
///
/// # Errors
/// [`DbError`].
pub fn clients(tx: &mut ReadTx<'_>) -> Result<Vec<Client>, DbError> {
    let projects: Vec<(String,)> =
        Statement::new("SELECT DISTINCT project_key FROM api_clients ORDER BY project_key")
            .rows::<(Text,)>()
            .load(tx.connection())?;
    let mut all = Vec::new();
    for (project,) in projects {
        let project = ProjectKey::new(project);
        all.extend(api_clients::list(tx, &project, MOST_CLIENTS, 0)?);
    }
    Ok(all)
}

/// What the youngest sessions of a client's shoppers may do, as far as they differ.
///
/// # Errors
/// [`DbError`].
pub fn scopes_of_shoppers(tx: &mut ReadTx<'_>, id: &ClientId) -> Result<Vec<ScopeSet>, DbError> {
    let rows: Vec<(String,)> = Statement::new("SELECT scope FROM sessions WHERE client_id = ")
        .text(id.as_str())
        .sql(" AND state = 'active' ORDER BY created_at DESC LIMIT ")
        .big_int(MOST_SESSIONS)
        .rows::<(Text,)>()
        .load(tx.connection())?;
    let texts: BTreeSet<String> = rows.into_iter().map(|(scope,)| scope).collect();
    texts
        .iter()
        .map(|text| {
            ScopeSet::parse(text)
                .map_err(|error| DbError::Corrupt(format!("a session of `{id}`: scope `{error}`")))
        })
        .collect()
}

/// Ids of the clients with more than one secret that is good now.
///
/// # Errors
/// [`DbError`].
pub fn clients_with_several_secrets(
    tx: &mut ReadTx<'_>,
    now: Timestamp,
) -> Result<Vec<String>, DbError> {
    let rows: Vec<(String,)> = Statement::new(
        "SELECT client_id FROM client_secrets WHERE expires_at IS NULL OR expires_at > ",
    )
    .big_int(now.millis())
    .sql(" GROUP BY client_id HAVING count(*) > 1 ORDER BY client_id")
    .rows::<(Text,)>()
    .load(tx.connection())?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Who issued the opaque tokens that are good now; looks at some of the youngest.
///
/// # Errors
/// [`DbError`].
pub fn issuers_of_opaque_tokens(
    tx: &mut ReadTx<'_>,
    now: Timestamp,
) -> Result<Vec<String>, DbError> {
    let rows: Vec<(String,)> =
        Statement::new("SELECT claims FROM opaque_access_tokens WHERE expires_at > ")
            .big_int(now.millis())
            .sql(" ORDER BY expires_at DESC LIMIT 100")
            .rows::<(Text,)>()
            .load(tx.connection())?;
    let mut issuers: Vec<String> = rows
        .iter()
        .filter_map(|(claims,)| serde_json::from_str::<AccessTokenClaims>(claims).ok())
        .map(|claims| claims.iss)
        .collect();
    issuers.sort_unstable();
    issuers.dedup();
    Ok(issuers)
}

/// How many sessions can be refreshed, by project.
///
/// # Errors
/// [`DbError`].
pub fn active_sessions(tx: &mut ReadTx<'_>) -> Result<Vec<(String, i64)>, DbError> {
    let rows = Statement::new(
        "SELECT project_key, count(*) FROM sessions WHERE state = 'active' GROUP BY project_key ORDER BY project_key",
    )
    .rows::<(Text, BigInt)>()
    .load(tx.connection())?;
    Ok(rows)
}
