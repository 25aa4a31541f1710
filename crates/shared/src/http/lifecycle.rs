//! From the first connection to the last answer: serving, draining, stopping.

use std::{
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Server, ServerHandle, ServiceRequest, ServiceResponse},
    http::ConnectionType,
    middleware::Next,
    web::Data,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::{JoinError, JoinHandle},
};

use super::listener::Listener;

/// Requests under way get this long after the server stopped accepting.
pub const FINISH_SECONDS: u64 = 25;
/// An idle connection stays open for so long: longer than gateways keep theirs, so that it is they who close them. A server
/// that closes first may do so while a request is on its way, which a gateway must not send again if it is a POST.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Who connected at the last moment gets so long to send the request.
const LAST_REQUESTS: Duration = Duration::from_millis(200);

/// Whether the server is about to stop. Cheap to clone; all clones say the same.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on the server is not ready for more.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is about to stop.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Middleware: while the server drains, each answer is the last one of its connection, so that clients come back elsewhere.
///
/// # Errors
/// What the inner service answers.
pub async fn close_connections<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let draining = request.app_data::<Data<Draining>>().cloned();
    let mut response = next.call(request).await?;
    // Asked afterwards: it may have begun while the request was under way.
    if draining.is_some_and(|draining| draining.has_begun()) {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// The signals that ask a process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// SIGTERM: a supervisor, which needs time to send the clients elsewhere.
    Terminate,
    /// SIGINT: somebody at the keyboard, who does not want to wait.
    Interrupt,
}

impl Told {
    /// What a shell says of a process that a signal ended.
    const fn exit_status(self) -> i32 {
        match self {
            Self::Terminate => 143,
            Self::Interrupt => 130,
        }
    }
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::Terminate,
            _ = self.interrupt.recv() => Told::Interrupt,
        }
    }

    /// Waits for `work`; a second signal ends the process at once, whatever is under way.
    async fn patiently<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            told = self.next() => {
                log::warn!("told to stop a second time: not waiting for requests under way");
                std::process::exit(told.exit_status())
            }
        }
    }
}

/// Serves until SIGTERM or Ctrl-C. Both servers must leave signals to us (`disable_signals`).
///
/// SIGTERM: readiness says 503 at once, and every answer closes its connection ([`close_connections`]). After `drain` (gateways
/// have looked by then, and their idle connections are gone) the `listener` of the `main` server closes, and what is under
/// way gets [`FINISH_SECONDS`]. Ctrl-C does the same without the pause. A second signal ends the process at once. The `admin`
/// server answers to the end.
///
/// # Errors
/// What ended a server by itself.
pub async fn serve(
    main: Server,
    listener: &Listener,
    admin: Option<Server>,
    draining: &Draining,
    drain: Duration,
) -> io::Result<()> {
    let mut signals = Signals::listen()?;
    let handle = main.handle();
    let admin = admin.map(Admin::start);
    let mut served = tokio::task::spawn_local(main);
    let told = tokio::select! {
        ended = &mut served => return flatten(ended),
        told = signals.next() => told,
    };
    draining.begin();
    if told == Told::Terminate && !drain.is_zero() {
        log::info!("told to stop: serving on for {} s", drain.as_secs());
        signals.patiently(tokio::time::sleep(drain)).await;
    }
    signals.patiently(listener.close(&handle)).await;
    if told == Told::Terminate {
        signals.patiently(tokio::time::sleep(LAST_REQUESTS)).await;
    }
    log::info!("finishing the requests under way, {FINISH_SECONDS} s at most");
    signals.patiently(handle.stop(true)).await;
    let ended = flatten(signals.patiently(served).await);
    if let Some(admin) = admin {
        admin.stop().await;
    }
    log::info!("stopped");
    ended
}

struct Admin {
    handle: ServerHandle,
    served: JoinHandle<io::Result<()>>,
}

impl Admin {
    fn start(server: Server) -> Self {
        Self {
            handle: server.handle(),
            served: tokio::task::spawn_local(server),
        }
    }

    async fn stop(self) {
        self.handle.stop(false).await;
        if let Err(error) = flatten(self.served.await) {
            log::warn!("the admin listener ended with an error: {error}");
        }
    }
}

fn flatten(ended: Result<io::Result<()>, JoinError>) -> io::Result<()> {
    ended.unwrap_or_else(|error| Err(io::Error::other(error)))
}
