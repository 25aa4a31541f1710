//! The socket under a connection to PostgreSQL, to cut it from outside.
//!
//! libpq waits for an answer as long as it takes, and diesel does not show its connection. A thread that waits in there
//! is freed by shutting its socket down, for which one must know the socket: it is the one that came while connecting
//! and leads to the database's port.

use std::collections::HashMap;

/// A socket of this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Socket {
    descriptor: i32,
    /// What the descriptor stands for, by the kernel's name: descriptors are used again, these names are not.
    name: String,
}

/// Looks for the socket that somebody is opening now.
pub(super) struct Search {
    before: HashMap<i32, String>,
    ports: Vec<u16>,
}

impl Search {
    /// Begins before the socket is opened. Only one search at a time may go on for the same ports.
    pub(super) fn begin(url: &str) -> Self {
        Self {
            before: system::sockets(),
            ports: ports(url),
        }
    }

    /// The socket, if exactly one has come.
    pub(super) fn found(&self) -> Option<Socket> {
        let mut new = system::sockets()
            .into_iter()
            .filter(|(descriptor, name)| self.before.get(descriptor) != Some(name))
            .filter(|(descriptor, _)| system::leads_to_database(*descriptor, &self.ports));
        let (descriptor, name) = new.next()?;
        match new.next() {
            None => Some(Socket { descriptor, name }),
            Some(_) => None,
        }
    }
}

impl Socket {
    /// Ends the connection for whoever reads from it or writes to it.
    pub(super) fn shut_down(&self) {
        // It may have been closed in the meantime, and the descriptor be somebody else's.
        if system::name(self.descriptor).as_ref() == Some(&self.name) {
            system::shut_down(self.descriptor);
        }
    }
}

/// The ports that a URL names, of any of its hosts.
fn ports(url: &str) -> Vec<u16> {
    const USUAL: u16 = 5432;
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let hosts = place.split('/').next().unwrap_or(place);
    let hosts = hosts.rsplit('@').next().unwrap_or(hosts);
    let named = hosts
        .split(',')
        .filter_map(|host| host.rsplit_once(':').map(|(_, port)| port));
    let asked = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("port="))
        .flat_map(|ports| ports.split(','));
    let mut ports: Vec<u16> = named
        .chain(asked)
        .filter_map(|port| port.parse().ok())
        .collect();
    ports.push(USUAL);
    ports
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashMap;

    use nix::sys::socket::{Shutdown, SockaddrStorage, getpeername, shutdown};

    const DESCRIPTORS: &str = "/proc/self/fd";

    pub(super) fn sockets() -> HashMap<i32, String> {
        let Ok(all) = std::fs::read_dir(DESCRIPTORS) else {
            return HashMap::new();
        };
        all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|descriptor| Some((descriptor, name(descriptor)?)))
            .collect()
    }

    pub(super) fn name(descriptor: i32) -> Option<String> {
        let target = std::fs::read_link(format!("{DESCRIPTORS}/{descriptor}")).ok()?;
        let name = target.to_str()?;
        name.starts_with("socket:").then(|| name.to_owned())
    }

    pub(super) fn leads_to_database(descriptor: i32, ports: &[u16]) -> bool {
        let Ok(peer) = getpeername::<SockaddrStorage>(descriptor) else {
            return false;
        };
        let port = peer
            .as_sockaddr_in()
            .map(|address| address.port())
            .or_else(|| peer.as_sockaddr_in6().map(|address| address.port()));
        let path = peer.as_unix_addr().and_then(|address| address.path());
        port.is_some_and(|port| ports.contains(&port))
            || path
                .and_then(|path| path.file_name()?.to_str())
                .is_some_and(|name| name.starts_with(".s.PGSQL."))
    }

    pub(super) fn shut_down(descriptor: i32) {
        if let Err(error) = shutdown(descriptor, Shutdown::Both) {
            log::debug!("a connection could not be cut: {error}");
        }
    }
}

/// Elsewhere only the time-outs of the kernel end a connection that has fallen silent.
#[cfg(not(target_os = "linux"))]
mod system {
    use std::collections::HashMap;

    pub(super) fn sockets() -> HashMap<i32, String> {
        HashMap::new()
    }

    pub(super) fn name(_descriptor: i32) -> Option<String> {
        None
    }

    pub(super) fn leads_to_database(_descriptor: i32, _ports: &[u16]) -> bool {
        false
    }

    pub(super) fn shut_down(_descriptor: i32) {}
}

#[cfg(test)]
mod tests {
    use super::ports;

    #[test]
    fn the_ports_of_all_hosts_are_known() {
        assert_eq!(ports("postgres://shop:p@db/shop"), [5432]);
        assert_eq!(
            ports("postgres://shop:99@db:6432/shop?sslmode=require"),
            [6432, 5432]
        );
        assert_eq!(ports("postgresql://a:1,[::1]:2/shop"), [1, 2, 5432]);
        assert_eq!(
            ports("postgres:///shop?host=/run/postgresql&port=7"),
            [7, 5432]
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn shutting_a_socket_down_frees_whoever_waits_for_an_answer() {
        use std::{
            io::Read as _,
            net::{TcpListener, TcpStream},
        };

        use super::Search;

        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let search = Search::begin(&format!("postgres://nobody@{address}/nothing"));
        assert_eq!(search.found(), None);
        let mut connection = TcpStream::connect(address).unwrap();
        let socket = search.found().unwrap();
        let waiting = std::thread::spawn(move || connection.read(&mut [0]).unwrap());
        socket.shut_down();
        assert_eq!(waiting.join().unwrap(), 0);
        // The descriptor may belong to somebody else now.
        socket.shut_down();
    }
}
