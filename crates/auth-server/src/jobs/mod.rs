//! Housekeeping beside the requests.

use std::{sync::Arc, time::Duration};

use shared::db::DbError;

use crate::{
    app_state::AppState,
    grants::clients as administration,
    store::{clients, expiry},
};

const PERIOD: Duration = Duration::from_secs(60);
/// Rows per transaction: none holds its locks for long.
const BATCH: i64 = 1_000;

/// Runs housekeeping every minute until the process ends. Safe beside other instances: every step may be done twice.
pub async fn run(state: Arc<AppState>) {
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        ticks.tick().await;
        if let Err(error) = delete_due_clients(&state).await {
            log::warn!("API clients past their time were not deleted: {error}");
        }
        if let Err(error) = purge_expired_tokens(&state).await {
            log::warn!("expired tokens were not purged: {error}");
        }
    }
}

/// Deletes the clients whose `delete_at` has come, and revokes their sessions.
///
/// # Errors
/// [`DbError`].
pub async fn delete_due_clients(state: &AppState) -> Result<(), DbError> {
    let now = state.mint.now();
    let due = state
        .database
        .read(move |tx| clients::due_for_deletion(tx, now, BATCH))
        .await?;
    for id in due {
        let mint = state.mint.clone();
        let wanted = id.clone();
        state
            .database
            .write(move |tx| {
                let Some(client) = clients::find(tx, &wanted)? else {
                    return Ok::<_, DbError>(());
                };
                administration::delete(tx, &mint, &client.project, &wanted)?;
                Ok(())
            })
            .await?;
        state.clients.forget(&id);
        log::info!("API client {id} was deleted: its time is over");
    }
    Ok(())
}

/// Deletes opaque tokens and revocations that no longer matter, in batches.
///
/// # Errors
/// [`DbError`].
pub async fn purge_expired_tokens(state: &AppState) -> Result<(), DbError> {
    loop {
        let now = state.mint.now();
        let purged = state
            .database
            .write(move |tx| expiry::purge_tokens(tx, now, BATCH))
            .await?;
        if purged == 0 {
            return Ok(());
        }
    }
}
