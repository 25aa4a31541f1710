//! `serve` and `check-config`.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{HttpServer, dev::Server, web};
use shared::{
    clock::SystemClock,
    db::{Database, DbError},
    http::{
        descriptors::connections_within_reach, lifecycle::serve as serve_until_told,
        listener::Listener, serving::Serving,
    },
    limits::Exchange,
    password::PasswordCost,
    random::SystemRandomness,
};

use super::{introduce, refuse_unmigrated};
use crate::{
    app_state::{AppState, Parts},
    grants::pepper::{self, Acquaintance},
    http, jobs,
    settings::{ServeArgs, ServeSettings},
};

pub(super) fn serve(arguments: &ServeArgs) -> Result<(), String> {
    let settings = arguments.settings()?;
    actix_web::rt::System::new().block_on(run(settings))
}

async fn run(settings: ServeSettings) -> Result<(), String> {
    let (bind, listening) = (settings.bind, settings.listening);
    let housekeeping = settings.housekeeping;
    let state = Arc::new(state(settings)?);
    refuse_unmigrated(&state.database)?;
    introduce(&state.database, &state.pepper)?;
    // The first key is made now rather than by the first request.
    if let Err(error) = state.signing.key().await {
        log::warn!("there is no signing key yet: {error}");
    }
    let shared = web::Data::from(Arc::clone(&state));
    let cannot_listen = |error| format!("cannot listen on {bind} (AUTH_BIND): {error}");
    let listener = Listener::bind(bind).map_err(cannot_listen)?;
    let accepted = listener.for_server().map_err(cannot_listen)?;
    let address = accepted.local_addr().map_err(cannot_listen)?;
    let serving = Serving {
        workers: None,
        max_connections: connections_within_reach(listening.max_connections),
    };
    let server = serving
        .serve(accepted, move || http::application(shared.clone()))
        .map_err(cannot_listen)?;
    let jobs = jobs::runner(&state, housekeeping).start();
    let exchange = state
        .limits
        .exchange(&state.database, &state.mint.randomness)
        .map(Exchange::start);
    log::info!(
        "listening on http://{address}, issuer {}",
        state.mint.issuer
    );
    let admin = admin_server(&state, listening.admin_bind)?;
    let draining = &state.draining;
    let served = serve_until_told(server, &listener, admin, draining, listening.drain).await;
    if let Some(exchange) = exchange {
        exchange.stop().await;
    }
    jobs.stop().await;
    served.map_err(|error| error.to_string())
}

fn admin_server(state: &Arc<AppState>, bind: Option<SocketAddr>) -> Result<Option<Server>, String> {
    let Some(bind) = bind else { return Ok(None) };
    let shared = web::Data::from(Arc::clone(state));
    let server = HttpServer::new(move || http::admin_application(shared.clone()))
        .workers(1)
        .disable_signals()
        .bind(bind)
        .map_err(|error| format!("cannot listen on {bind} (AUTH_ADMIN_BIND): {error}"))?;
    for address in server.addrs() {
        log::info!("admin: listening on http://{address}");
    }
    Ok(Some(server.run()))
}

fn state(settings: ServeSettings) -> Result<AppState, String> {
    let database =
        Database::open(&settings.database).map_err(|error| format!("DATABASE_URL: {error}"))?;
    AppState::new(Parts {
        database,
        clock: Arc::new(SystemClock),
        randomness: Arc::new(SystemRandomness::new()),
        issuer: settings.issuer,
        sealing_key: settings.sealing_key,
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
    refuse_unmigrated(&state.database)?;
    let known = state
        .database
        .read_blocking::<_, DbError>(|tx| pepper::acquaintance(tx, &state.pepper))
        .map_err(|error| error.to_string())?;
    if known == Acquaintance::Other {
        return Err(pepper::ANOTHER_PEPPER.to_owned());
    }
    actix_web::rt::System::new()
        .block_on(state.signing.key())
        .map_err(|error| error.to_string())?;
    println!(
        "database: {dialect:?}, schema up to date\nlisten: {bind}\nissuer: {issuer}\nThe configuration is good."
    );
    Ok(())
}
