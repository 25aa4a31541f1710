//! Liveness and readiness.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::db::{Database, DbError};

/// `GET /health/alive`: 200 while the process runs.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// `GET /health/ready`: 200 when the database answers and is migrated, else 503 with the failing checks.
pub async fn ready(database: web::Data<Database>) -> HttpResponse {
    let database = database.get_ref().clone();
    let checked = tokio::task::spawn_blocking(move || database.is_migrated()).await;
    let failing = match checked {
        Ok(Ok(true)) => return HttpResponse::Ok().json(json!({ "status": "ready" })),
        Ok(Ok(false)) => "migrations are pending".to_owned(),
        Ok(Err(error)) => describe(&error),
        Err(error) => error.to_string(),
    };
    HttpResponse::ServiceUnavailable().json(
        json!({ "status": "not ready", "failing": [{ "check": "database", "reason": failing }] }),
    )
}

fn describe(error: &DbError) -> String {
    log::warn!("not ready: {error}");
    "the database does not answer".to_owned()
}
