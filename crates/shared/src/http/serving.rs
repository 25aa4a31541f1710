//! The server that clients reach: how many connections it takes, and how long each may do nothing.
//!
//! The framework's server with streams of our own ([`Watched`]), because it has no deadline for slow readers, nor for heads after
//! the first of a connection.

use std::{fmt, future::ready, io, net::TcpListener, sync::Arc, time::Duration};

use actix_http::{HttpService, Protocol, Request, Response, error::DispatchError};
use actix_server::{Server, ServerBuilder};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config,
};
use actix_web::{
    body::{BoxBody, MessageBody},
    dev::AppConfig,
};
use tokio::net::TcpStream;

use super::{
    connections::{Connections, HEAD_DEADLINE, Watched},
    lifecycle::{FINISH_SECONDS, KEEP_ALIVE},
    presence::watch,
};

/// What a client may still send after an answer that did not wait for all of its request.
const LINGER: Duration = Duration::from_secs(1);

/// How clients are served.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    /// Threads; one per processor if `None`.
    pub workers: Option<usize>,
    /// Most connections at once; more wait to be accepted.
    pub max_connections: usize,
}

impl Serving {
    /// A server that accepts from a listener. Signals are left to the caller.
    ///
    /// # Errors
    /// If the listener is none.
    pub fn serve<F, I, S, B>(self, listener: TcpListener, application: F) -> io::Result<Server>
    where
        F: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<actix_web::Error> + 'static,
        S::InitError: fmt::Debug,
        S::Response: Into<Response<B>> + 'static,
        S::Service: 'static,
        S::Future: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let workers = self
            .workers
            .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1);
        let builder = Server::build()
            .workers(workers)
            .max_concurrent_connections(self.max_connections.div_ceil(workers))
            .shutdown_timeout(FINISH_SECONDS)
            .disable_signals();
        let connections = Connections::new(self.max_connections);
        Ok(listen(builder, listener, connections, application)?.run())
    }
}

fn listen<F, I, S, B>(
    builder: ServerBuilder,
    listener: TcpListener,
    connections: Arc<Connections>,
    application: F,
) -> io::Result<ServerBuilder>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    S::Future: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let stopping = builder.graceful_shutdown_signal();
    builder.listen("clients", listener, move || {
        let stopping = stopping.clone();
        let connections = Arc::clone(&connections);
        let application = application().into_factory().map_err(|error| {
            let error: actix_web::Error = error.into();
            Response::<BoxBody>::from(error.error_response())
        });
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_DEADLINE)
            .client_disconnect_timeout(LINGER)
            .local_addr(address)
            .on_connect_ext(|stream: &Watched, extensions| {
                extensions.insert(stream.activity());
                watch(stream.socket(), extensions);
            })
            .finish(map_config(application, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let stream = Watched::new(stream, &connections);
            let peer = stream.peer_address();
            ready(Ok::<_, DispatchError>((stream, Protocol::Http1, peer)))
        })
        .and_then(http)
    })
}
