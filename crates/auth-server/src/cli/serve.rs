//! `serve` and `check-config`.

use std::sync::Arc;

use actix_web::{App, HttpServer, middleware::from_fn, web};
use shared::{
    clock::SystemClock, db::Database, http::correlation::correlate, password::PasswordCost,
    random::SystemRandomness,
};

use crate::{
    app_state::{AppState, Parts},
    http, jobs,
    settings::{ServeArgs, ServeSettings},
};

/// Requests under way get this long after SIGTERM.
const SHUTDOWN_SECONDS: u64 = 25;

pub(super) fn serve(arguments: &ServeArgs) -> Result<(), String> {
    let settings = arguments.settings()?;
    actix_web::rt::System::new().block_on(run(settings))
}

async fn run(settings: ServeSettings) -> Result<(), String> {
    let (bind, housekeeping) = (settings.bind, settings.housekeeping);
    let state = Arc::new(state(settings)?);
    // The first key is made now rather than by the first request; a database that is not migrated yet may still come.
    if let Err(error) = state.signing.key().await {
        log::warn!("there is no signing key yet: {error}");
    }
    let shared = web::Data::from(Arc::clone(&state));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .app_data(web::Data::new(shared.database.clone()))
            .configure(http::configure)
            .wrap(http::cors(&shared.behaviour))
            .wrap(from_fn(correlate))
    })
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .bind(bind)
    .map_err(|error| format!("cannot listen on {bind} (AUTH_BIND): {error}"))?;
    for address in server.addrs() {
        log::info!(
            "listening on http://{address}, issuer {}",
            state.mint.issuer
        );
    }
    let jobs = jobs::runner(&state, housekeeping).start();
    let served = server.run().await.map_err(|error| error.to_string());
    jobs.stop().await;
    served
}

fn state(settings: ServeSettings) -> Result<AppState, String> {
    let database = Database::open(&settings.database).map_err(|error| error.to_string())?;
    AppState::new(Parts {
        database,
        clock: Arc::new(SystemClock),
        randomness: Arc::new(SystemRandomness::new()),
        issuer: settings.issuer,
        key_encryption_key: settings.key_encryption_key,
        secret_pepper: settings.secret_pepper,
        signing_algorithm: settings.signing_algorithm,
        password_cost: PasswordCost::STANDARD,
        behaviour: settings.behaviour,
    })
    .map_err(|error| error.to_string())
}

pub(super) fn check(arguments: &ServeArgs) -> Result<(), String> {
    let settings = arguments.settings()?;
    let (bind, issuer) = (settings.bind, settings.issuer.clone());
    let dialect = settings.database.url.dialect();
    let state = state(settings)?;
    let is_migrated = state
        .database
        .is_migrated()
        .map_err(|error| error.to_string())?;
    if !is_migrated {
        return Err(
            "DATABASE_URL: the schema is not up to date: run `auth-server migrate`".to_owned(),
        );
    }
    actix_web::rt::System::new()
        .block_on(state.signing.key())
        .map_err(|error| error.to_string())?;
    println!(
        "database: {dialect:?}, schema up to date\nlisten: {bind}\nissuer: {issuer}\nThe configuration is good."
    );
    Ok(())
}
