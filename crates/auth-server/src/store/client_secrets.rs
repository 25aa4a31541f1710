//! The keyed hashes of client secrets.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::ids::{ClientId, ProjectKey},
    timestamp::Timestamp,
};
use shared::db::{DbError, ReadTx, WriteTx, statement::Statement};

use super::schema::client_secrets;
use crate::model::client::ClientSecret;

type SecretRow = (String, i64, Option<i64>);

fn secret((tag, created_at, expires_at): SecretRow) -> ClientSecret {
    ClientSecret {
        tag,
        created_at: Timestamp::from_millis(created_at),
        expires_at: expires_at.map(Timestamp::from_millis),
    }
}

/// The secrets of a client, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn of_client(tx: &mut ReadTx<'_>, client: &ClientId) -> Result<Vec<ClientSecret>, DbError> {
    let rows: Vec<SecretRow> = client_secrets::table
        .filter(client_secrets::client_id.eq(client.as_str()))
        .order(client_secrets::created_at)
        .select((
            client_secrets::tag,
            client_secrets::created_at,
            client_secrets::expires_at,
        ))
        .load(tx.connection())?;
    Ok(rows.into_iter().map(secret).collect())
}

/// The secrets of every client of a project, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn of_project(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
) -> Result<HashMap<ClientId, Vec<ClientSecret>>, DbError> {
    let rows: Vec<(String, String, i64, Option<i64>)> = Statement::new(
        "SELECT s.client_id, s.tag, s.created_at, s.expires_at FROM client_secrets s \
         JOIN api_clients c ON c.id = s.client_id WHERE c.project_key = ",
    )
    .text(project.as_str())
    .sql(" ORDER BY s.created_at")
    .rows::<(Text, Text, BigInt, Nullable<BigInt>)>()
    .load(tx.connection())?;
    let mut by_client: HashMap<ClientId, Vec<ClientSecret>> = HashMap::new();
    for (client, tag, created_at, expires_at) in rows {
        let of_one = by_client.entry(ClientId::new(client)).or_default();
        of_one.push(secret((tag, created_at, expires_at)));
    }
    Ok(by_client)
}

/// Gives a client these secrets in place of all that it has.
///
/// # Errors
/// [`DbError`].
pub fn replace(
    tx: &mut WriteTx<'_>,
    client: &ClientId,
    secrets: &[ClientSecret],
) -> Result<(), DbError> {
    diesel::delete(client_secrets::table.filter(client_secrets::client_id.eq(client.as_str())))
        .execute(tx.connection())?;
    for secret in secrets {
        diesel::insert_into(client_secrets::table)
            .values((
                client_secrets::client_id.eq(client.as_str()),
                client_secrets::tag.eq(&secret.tag),
                client_secrets::created_at.eq(secret.created_at.millis()),
                client_secrets::expires_at.eq(secret.expires_at.map(Timestamp::millis)),
            ))
            .execute(tx.connection())?;
    }
    Ok(())
}
