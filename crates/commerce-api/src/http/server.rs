//! The HTTP server.

use std::net::SocketAddr;

use actix_cors::Cors;
use actix_web::{
    App, HttpServer,
    http::header::{HeaderName, WWW_AUTHENTICATE},
    middleware::from_fn,
    web::Data,
};
use shared::{
    http::correlation::{CORRELATION_ID, correlate},
    token::dpop::NONCE_HEADER,
};

use super::routes;
use crate::app_state::AppState;

/// A browser may remember a preflight answer this long.
const PREFLIGHT_SECONDS: usize = 7200;

/// Storefronts call `/me` from browsers: any origin, never with cookies.
#[must_use]
pub fn cors() -> Cors {
    Cors::default()
        .allow_any_origin()
        .allowed_methods(["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
        .allow_any_header()
        .expose_headers([
            CORRELATION_ID,
            WWW_AUTHENTICATE,
            HeaderName::from_static(NONCE_HEADER),
        ])
        .max_age(PREFLIGHT_SECONDS)
}

/// Serves until SIGTERM or Ctrl-C; requests that have begun are finished.
///
/// # Errors
/// If the address cannot be bound.
pub fn run(state: AppState, bind: SocketAddr, workers: Option<usize>) -> std::io::Result<()> {
    let state = Data::new(state);
    let system = actix_web::rt::System::new();
    system.block_on(async move {
        let database = Data::new(state.database.clone());
        let mut server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .app_data(database.clone())
                .configure(routes::configure)
                .wrap(cors())
                .wrap(from_fn(correlate))
        });
        if let Some(workers) = workers {
            server = server.workers(workers);
        }
        let server = server.bind(bind)?;
        for address in server.addrs() {
            announce(address);
        }
        server.run().await
    })
}

/// The line that says where the server listens; tools that start it with port 0 read it.
#[expect(clippy::print_stderr, reason = "must appear whatever the log level is")]
fn announce(address: SocketAddr) {
    eprintln!("listening on http://{address}");
}
