//! A door that closes when nobody stands in it.
//!
//! A connection that the kernel has completed and the server not yet accepted is reset when the listener closes, with the
//! request that is in it; a gateway may not send a POST again then. So the listener is closed at a moment when nobody waits.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::dev::ServerHandle;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{Shutdown, listen, shutdown},
};

/// So many connections may wait to be accepted.
const BACKLOG: i32 = 2_048;
/// For so long nobody must come.
const QUIET: Duration = Duration::from_millis(2);
/// For so long those who came are let in before it is tried again.
const LET_IN: Duration = Duration::from_millis(5);
/// Under a load without a quiet moment it closes after so many attempts all the same: about two seconds.
const ATTEMPTS: u32 = 300;

/// A listener that a server accepts from, and a second handle to close it by.
#[derive(Debug)]
pub struct Listener(TcpListener);

impl Listener {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// Why nobody can listen there.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listen(&listener, BACKLOG)?;
        Ok(Self(listener))
    }

    /// What the server accepts from.
    ///
    /// # Errors
    /// If there are no more file descriptors.
    pub fn for_server(&self) -> io::Result<TcpListener> {
        self.0.try_clone()
    }

    /// Ends accepting: who connects from now on is refused at once. The server's connections stay.
    pub async fn close(&self, server: &ServerHandle) {
        for attempt in 1..=ATTEMPTS {
            server.pause().await;
            tokio::time::sleep(QUIET).await;
            if !self.somebody_waits() || attempt == ATTEMPTS {
                break;
            }
            server.resume().await;
            tokio::time::sleep(LET_IN).await;
        }
        // Not everywhere may a listener be shut; there it closes with the server.
        if let Err(error) = shutdown(&self.0, Shutdown::Read) {
            log::debug!("the listener stays open until the server ends: {error}");
        }
    }

    fn somebody_waits(&self) -> bool {
        let mut door = [PollFd::new(&self.0, PollFlags::IN)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // Who cannot be seen is not waited for.
        poll(&mut door, Some(&at_once)).is_ok_and(|ready| ready > 0)
    }
}
