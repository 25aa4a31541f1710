//! Liveness and readiness.

use actix_web::HttpResponse;
use serde_json::json;

use super::lifecycle::Draining;
use crate::{
    clock::SharedClock,
    db::{Database, DbError},
};

/// Clocks further apart than this make deadlines of sessions wrong.
const MAX_SKEW_SECONDS: i64 = 30;
/// Worth a line in the log.
const NOTABLE_SKEW_SECONDS: i64 = 5;

/// Why a server should get no requests now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// What was looked at.
    pub check: &'static str,
    /// What is wrong with it, without anything that a stranger could use.
    pub reason: String,
}

impl Failing {
    /// A failing check.
    pub fn new(check: &'static str, reason: impl Into<String>) -> Self {
        Self {
            check,
            reason: reason.into(),
        }
    }
}

/// `GET /health/alive`: 200 while the process runs.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// The answer of `GET /health/ready`: 200 when nothing fails, else 503 with what does.
#[must_use]
pub fn readiness(failing: &[Failing]) -> HttpResponse {
    if failing.is_empty() {
        return HttpResponse::Ok().json(json!({ "status": "ready" }));
    }
    let failing: Vec<_> = failing
        .iter()
        .map(|one| json!({ "check": one.check, "reason": one.reason }))
        .collect();
    HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready", "failing": failing }))
}

/// What every server needs: it is not about to stop, the database answers and is migrated, and both agree on the time.
pub async fn common_checks(
    draining: &Draining,
    database: &Database,
    clock: &SharedClock,
) -> Vec<Failing> {
    let mut failing = Vec::new();
    if draining.has_begun() {
        failing.push(Failing::new("draining", "the server is about to stop"));
    }
    let asked = database.clone();
    match tokio::task::spawn_blocking(move || check_database(&asked)).await {
        Ok(None) => failing.extend(check_skew(database, clock).await),
        Ok(Some(failed)) => failing.push(failed),
        Err(error) => failing.push(unreachable(&error)),
    }
    failing
}

fn check_database(database: &Database) -> Option<Failing> {
    match database.is_migrated() {
        Ok(true) => {}
        Ok(false) => return Some(Failing::new("database", "migrations are pending")),
        Err(error) => return Some(unreachable(&error)),
    }
    match database.takes_writes() {
        Ok(()) => None,
        Err(DbError::Storage(trouble, text)) => {
            log::warn!("not ready: {trouble}: {text}");
            Some(Failing::new("database", trouble.to_string()))
        }
        Err(error) => Some(unreachable(&error)),
    }
}

fn unreachable(error: &dyn std::error::Error) -> Failing {
    log::warn!("not ready: {error}");
    Failing::new("database", "the database does not answer")
}

async fn check_skew(database: &Database, clock: &SharedClock) -> Option<Failing> {
    match skew_seconds(database, clock).await {
        Ok(seconds) if seconds.abs() > MAX_SKEW_SECONDS => {
            log::error!("the clock differs from the database's by {seconds} s");
            Some(Failing::new(
                "clock",
                "the clock differs too much from the database's",
            ))
        }
        Ok(seconds) => {
            if seconds.abs() > NOTABLE_SKEW_SECONDS {
                log::warn!("the clock differs from the database's by {seconds} s");
            }
            None
        }
        Err(error) => Some(unreachable(&error)),
    }
}

/// By how much our clock is ahead of the database's, in whole seconds; 0 where the database has no clock of its own.
///
/// # Errors
/// [`DbError`].
pub async fn skew_seconds(database: &Database, clock: &SharedClock) -> Result<i64, DbError> {
    let theirs = database.read(crate::db::clock::now).await?;
    let ours = clock.now().millis();
    Ok(theirs.map_or(0, |theirs| ours.saturating_sub(theirs.millis()) / 1_000))
}

/// `GET /health/ready` for a server without checks of its own.
pub async fn ready(database: actix_web::web::Data<Database>) -> HttpResponse {
    let clock: SharedClock = std::sync::Arc::new(crate::clock::SystemClock);
    readiness(&common_checks(&Draining::default(), &database, &clock).await)
}
