//! Whether the caller of the request at hand still waits for the answer.
//!
//! The HTTP server finds out when it writes. Work that waits long before it begins asks here first: clients that lose patience
//! and try again would otherwise be worked for twice.

use std::{any::Any, future::Future, os::fd::OwnedFd, sync::Arc};

use actix_web::{dev::Extensions, rt::net::TcpStream};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

/// A second handle of a client's connection.
#[derive(Debug)]
pub struct Connection(OwnedFd);

tokio::task_local! {
    static AT_HAND: Option<Arc<Connection>>;
}

/// For `HttpServer::on_connect`: lets requests of the connection know when the client hangs up.
pub fn watch(stream: &dyn Any, connection: &mut Extensions) {
    use std::os::fd::AsFd as _;
    let Some(stream) = stream.downcast_ref::<TcpStream>() else {
        return;
    };
    match stream.as_fd().try_clone_to_owned() {
        Ok(handle) => {
            connection.insert(Arc::new(Connection(handle)));
        }
        Err(error) => log::debug!("a client cannot be seen hanging up: {error}"),
    }
}

/// Answers a request of a connection.
pub async fn answering<F: Future>(connection: Option<Arc<Connection>>, answer: F) -> F::Output {
    AT_HAND.scope(connection, answer).await
}

/// Whether the caller of the request at hand has hung up. Who cannot be seen is there.
#[must_use]
pub fn has_hung_up() -> bool {
    let connection = AT_HAND.try_with(Clone::clone).ok().flatten();
    connection.is_some_and(|connection| connection.is_closed())
}

impl Connection {
    fn is_closed(&self) -> bool {
        // The client's end of it: a client that means to read the answer leaves it open.
        #[cfg(target_os = "linux")]
        let ends = PollFlags::HUP | PollFlags::ERR | PollFlags::RDHUP;
        #[cfg(not(target_os = "linux"))]
        let ends = PollFlags::HUP | PollFlags::ERR;
        let mut socket = [PollFd::new(&self.0, ends)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut socket, Some(&at_once)).is_ok_and(|ready| ready > 0)
            && socket.iter().any(|seen| seen.revents().intersects(ends))
    }
}

/// Lets the process have as many open files as its system lets it ask for: each connection takes two.
pub fn allow_many_connections() {
    let files = getrlimit(Resource::Nofile);
    if files.current == files.maximum {
        return;
    }
    let most = Rlimit {
        current: files.maximum,
        maximum: files.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, most) {
        log::warn!("the limit of open files stays as it is: {error}");
    }
}
