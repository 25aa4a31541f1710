//! The HTTP server.

use std::net::SocketAddr;

use actix_cors::Cors;
use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::{HeaderName, RETRY_AFTER, WWW_AUTHENTICATE},
    middleware::from_fn,
    web::Data,
};
use shared::{
    http::{
        correlation::{CORRELATION_ID, correlate},
        delivery::{Delivery, deliver},
        descriptors::connections_within_reach,
        lifecycle::{close_connections, serve},
        listener::Listener,
        request_metrics::measure,
        serving::Serving,
    },
    limits::Exchange,
    token::dpop::NONCE_HEADER,
};

use super::{commercetools::errors::respond, operations, routes};
use crate::{app_state::AppState, error::CommerceError, jobs, listeners::Listeners};

/// A browser may remember a preflight answer this long.
const PREFLIGHT_SECONDS: usize = 7200;

/// Storefronts call `/me` from browsers: any origin, never with cookies.
pub fn cors() -> Cors {
    Cors::default()
        .allow_any_origin()
        .allowed_methods(["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
        .allow_any_header()
        .expose_headers([
            CORRELATION_ID,
            WWW_AUTHENTICATE,
            RETRY_AFTER,
            HeaderName::from_static(NONCE_HEADER),
        ])
        .max_age(PREFLIGHT_SECONDS)
}

fn delivery(state: &AppState) -> Delivery {
    Delivery {
        memory: state.memory.clone(),
        compresses: state.compresses,
        over_capacity: || respond(&CommerceError::OverCapacity),
    }
}

/// What clients reach: routes with everything around them, innermost first.
pub fn application(
    state: Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(Data::new(state.metrics.requests.clone()))
        .app_data(Data::new(delivery(&state)))
        .app_data(Data::new(state.draining.clone()))
        .app_data(state)
        .configure(routes::configure)
        .wrap(cors())
        .wrap(from_fn(deliver))
        .wrap(from_fn(measure))
        .wrap(from_fn(correlate))
        .wrap(from_fn(close_connections))
}

/// Serves until SIGTERM or Ctrl-C; requests that have begun are finished.
///
/// # Errors
/// If an address cannot be bound.
pub fn run(state: AppState, listeners: &Listeners) -> Result<(), String> {
    let state = Data::new(state);
    actix_web::rt::System::new().block_on(serve_all(state, listeners))
}

async fn serve_all(state: Data<AppState>, listeners: &Listeners) -> Result<(), String> {
    let shared = state.clone();
    let serving = Serving {
        workers: listeners.workers,
        max_connections: connections_within_reach(listeners.max_connections),
    };
    let bind = listeners.bind;
    let cannot_listen = |error| format!("cannot listen on {bind} (API_BIND): {error}");
    let listener = Listener::bind(bind).map_err(cannot_listen)?;
    let accepted = listener.for_server().map_err(cannot_listen)?;
    announce(accepted.local_addr().map_err(cannot_listen)?);
    let server = serving
        .serve(accepted, move || application(shared.clone()))
        .map_err(cannot_listen)?;
    let admin = admin_server(&state, listeners.admin_bind)?;
    let housekeeping = jobs::runner(&state).start();
    let exchange = state
        .limits
        .exchange(&state.database, &state.bench.randomness);
    let exchange = exchange.map(Exchange::start);
    let draining = &state.draining;
    let served = serve(server, &listener, admin, draining, listeners.drain).await;
    if let Some(exchange) = exchange {
        exchange.stop().await;
    }
    housekeeping.stop().await;
    served.map_err(|error| error.to_string())
}

fn admin_server(
    state: &Data<AppState>,
    bind: Option<SocketAddr>,
) -> Result<Option<Server>, String> {
    let Some(bind) = bind else { return Ok(None) };
    let state = state.clone();
    let application = move || {
        App::new()
            .app_data(state.clone())
            .configure(operations::configure_admin)
            .wrap(from_fn(correlate))
    };
    let server = HttpServer::new(application)
        .workers(1)
        .disable_signals()
        .bind(bind)
        .map_err(|error| format!("cannot listen on {bind} (API_ADMIN_BIND): {error}"))?;
    for address in server.addrs() {
        log::info!("admin: listening on http://{address}");
    }
    Ok(Some(server.run()))
}

/// The line that says where the server listens; tools that start it with port 0 read it.
#[expect(clippy::print_stderr, reason = "must appear whatever the log level is")]
fn announce(address: SocketAddr) {
    eprintln!("listening on http://{address}");
}
