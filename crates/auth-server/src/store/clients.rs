//! API clients and the keyed hashes of their secrets.

use diesel::{
    ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _, Queryable,
    RunQueryDsl as _, sql_types::Text,
};
use domain::{
    identity::{
        ids::{ClientId, ProjectKey},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement};

use super::{client_secrets, schema::api_clients};
use crate::model::{
    client::{AccessTokenFormat, Client, ClientSecret, RefreshTokenMode},
    redirect_uri::RedirectUri,
};

#[derive(Queryable, Insertable)]
#[diesel(table_name = api_clients)]
struct ClientRow {
    id: String,
    project_key: String,
    name: String,
    scope: String,
    access_token_seconds: Option<i64>,
    refresh_token_seconds: Option<i64>,
    refresh_token_mode: String,
    access_token_format: String,
    grace_seconds: i64,
    created_at: i64,
    delete_at: Option<i64>,
    last_used_on: Option<String>,
    is_public: bool,
    /// Separated by spaces, which no URI contains.
    redirect_uris: String,
    /// Separated by spaces, which no origin contains.
    allowed_origins: Option<String>,
}

impl ClientRow {
    fn of(client: &Client) -> Self {
        Self {
            id: client.id.to_string(),
            project_key: client.project.to_string(),
            name: client.name.clone(),
            scope: client.scope.to_string(),
            access_token_seconds: client.access_token_seconds,
            refresh_token_seconds: client.refresh_token_seconds,
            refresh_token_mode: client.refresh_token_mode.as_str().to_owned(),
            access_token_format: client.access_token_format.as_str().to_owned(),
            grace_seconds: client.grace_seconds,
            created_at: client.created_at.millis(),
            delete_at: client.delete_at.map(Timestamp::millis),
            last_used_on: client.last_used_on.clone(),
            is_public: client.is_public,
            redirect_uris: joined(&client.redirect_uris),
            allowed_origins: client.allowed_origins.as_ref().map(|all| all.join(" ")),
        }
    }

    fn into_client(self, secrets: Vec<ClientSecret>) -> Result<Client, DbError> {
        let corrupt = |what: &str, value: &str| {
            DbError::Corrupt(format!("API client `{}`: {what} `{value}`", self.id))
        };
        Ok(Client {
            scope: ScopeSet::parse(&self.scope)
                .map_err(|error| corrupt("scope", &error.to_string()))?,
            refresh_token_mode: RefreshTokenMode::parse(&self.refresh_token_mode)
                .ok_or_else(|| corrupt("refresh token mode", &self.refresh_token_mode))?,
            access_token_format: AccessTokenFormat::parse(&self.access_token_format)
                .ok_or_else(|| corrupt("access token format", &self.access_token_format))?,
            id: ClientId::new(self.id),
            project: ProjectKey::new(self.project_key),
            name: self.name,
            access_token_seconds: self.access_token_seconds,
            refresh_token_seconds: self.refresh_token_seconds,
            grace_seconds: self.grace_seconds,
            created_at: Timestamp::from_millis(self.created_at),
            delete_at: self.delete_at.map(Timestamp::from_millis),
            last_used_on: self.last_used_on,
            is_public: self.is_public,
            redirect_uris: self
                .redirect_uris
                .split_ascii_whitespace()
                .map(RedirectUri::stored)
                .collect(),
            allowed_origins: self
                .allowed_origins
                .map(|all| all.split(' ').map(str::to_owned).collect()),
            secrets,
        })
    }
}

fn joined(uris: &[RedirectUri]) -> String {
    let texts: Vec<&str> = uris.iter().map(RedirectUri::as_str).collect();
    texts.join(" ")
}

/// The client `id` with its secrets.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, id: &ClientId) -> Result<Option<Client>, DbError> {
    let row: Option<ClientRow> = api_clients::table
        .find(id.as_str())
        .first(tx.connection())
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let secrets = client_secrets::of_client(tx, id)?;
    row.into_client(secrets).map(Some)
}

/// A page of the clients of a project, oldest first, without secrets.
///
/// # Errors
/// [`DbError`].
pub fn list(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    limit: i64,
    offset: i64,
) -> Result<Vec<Client>, DbError> {
    let rows: Vec<ClientRow> = api_clients::table
        .filter(api_clients::project_key.eq(project.as_str()))
        .order((api_clients::created_at, api_clients::id))
        .limit(limit)
        .offset(offset)
        .load(tx.connection())?;
    rows.into_iter()
        .map(|row| row.into_client(Vec::new()))
        .collect()
}

/// How many clients a project has.
///
/// # Errors
/// [`DbError`].
pub fn count(tx: &mut ReadTx<'_>, project: &ProjectKey) -> Result<i64, DbError> {
    let count = api_clients::table
        .filter(api_clients::project_key.eq(project.as_str()))
        .count()
        .get_result(tx.connection())?;
    Ok(count)
}

/// Stores a new client with its secrets.
///
/// # Errors
/// [`DbError`], [`DbError::NotUnique`] if the id is taken.
pub fn insert(tx: &mut WriteTx<'_>, client: &Client) -> Result<(), DbError> {
    diesel::insert_into(api_clients::table)
        .values(ClientRow::of(client))
        .execute(tx.connection())?;
    client_secrets::replace(tx, &client.id, &client.secrets)
}

/// Stores what can change of a client. What it may do, when it was made and last used, and its secrets stay.
///
/// # Errors
/// [`DbError`].
pub fn update(tx: &mut WriteTx<'_>, client: &Client) -> Result<(), DbError> {
    let row = ClientRow::of(client);
    diesel::update(api_clients::table.find(client.id.as_str()))
        .set((
            api_clients::name.eq(row.name),
            api_clients::redirect_uris.eq(row.redirect_uris),
            api_clients::allowed_origins.eq(row.allowed_origins),
            api_clients::access_token_format.eq(row.access_token_format),
            api_clients::access_token_seconds.eq(row.access_token_seconds),
            api_clients::refresh_token_seconds.eq(row.refresh_token_seconds),
            api_clients::grace_seconds.eq(row.grace_seconds),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Holds the client against its deletion until the transaction ends. Answers whether it is there.
///
/// # Errors
/// [`DbError`].
pub fn hold(tx: &mut WriteTx<'_>, id: &ClientId) -> Result<bool, DbError> {
    lock(tx, id, " FOR KEY SHARE")
}

/// Holds the client against every other change, too.
///
/// # Errors
/// [`DbError`].
pub fn hold_alone(tx: &mut WriteTx<'_>, id: &ClientId) -> Result<bool, DbError> {
    lock(tx, id, " FOR UPDATE")
}

fn lock(tx: &mut WriteTx<'_>, id: &ClientId, lock: &'static str) -> Result<bool, DbError> {
    let lock = match tx.dialect() {
        Dialect::Postgres => lock,
        Dialect::Sqlite => "",
    };
    let rows: Vec<(String,)> = Statement::new("SELECT id FROM api_clients WHERE id = ")
        .text(id.as_str())
        .sql(lock)
        .rows::<(Text,)>()
        .load(tx.connection())?;
    Ok(!rows.is_empty())
}

/// Deletes the client; its secrets go with it. Answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub fn delete(tx: &mut WriteTx<'_>, id: &ClientId) -> Result<bool, DbError> {
    let deleted = diesel::delete(api_clients::table.find(id.as_str())).execute(tx.connection())?;
    Ok(deleted > 0)
}

/// The clients whose `delete_at` has come.
///
/// # Errors
/// [`DbError`].
pub fn due_for_deletion(
    tx: &mut ReadTx<'_>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ClientId>, DbError> {
    let ids: Vec<String> = api_clients::table
        .filter(api_clients::delete_at.le(now.millis()))
        .order(api_clients::id)
        .limit(limit)
        .select(api_clients::id)
        .load(tx.connection())?;
    Ok(ids.into_iter().map(ClientId::new).collect())
}

/// Notes that the client got a token on `day` (`YYYY-MM-DD`). Writes nothing, and answers `false`, if that is known
/// already.
///
/// # Errors
/// [`DbError`].
pub fn note_use(tx: &mut WriteTx<'_>, id: &ClientId, day: &str) -> Result<bool, DbError> {
    let noted = Statement::new("UPDATE api_clients SET last_used_on = ")
        .text(day)
        .sql(" WHERE id = ")
        .text(id.as_str())
        .sql(" AND (last_used_on IS NULL OR last_used_on < ")
        .text(day)
        .sql(")")
        .run(tx.connection())?;
    Ok(noted > 0)
}
