//! How a server stops accepting.
#![allow(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use actix_web::{App, HttpServer, dev::ServerHandle, rt::task::JoinHandle, web};
use shared::http::listener::Listener;

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// A server with one worker behind `listener`, running, and where it is.
async fn start(listener: &Listener) -> (ServerHandle, JoinHandle<io::Result<()>>, SocketAddr) {
    let application = || App::new().route("/", web::get().to(async || "hello"));
    let server = HttpServer::new(application)
        .workers(1)
        .disable_signals()
        .listen(listener.for_server().expect("a handle"))
        .expect("a server");
    let address = *server.addrs().first().expect("an address");
    let server = server.run();
    let handle = server.handle();
    let served = actix_web::rt::spawn(server);
    // It answers commands once it runs.
    handle.resume().await;
    (handle, served, address)
}

fn listener() -> Listener {
    Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a listener")
}

/// The next answer on a connection.
fn answer(client: &mut TcpStream) -> String {
    let mut text = String::new();
    while !text.ends_with("hello") {
        let mut piece = [0; 1_024];
        let size = client.read(&mut piece).expect("an answer");
        assert_ne!(size, 0, "cut off after {text}");
        text.push_str(&String::from_utf8_lossy(
            piece.get(..size).expect("its bytes"),
        ));
    }
    text
}

#[actix_web::test]
async fn who_waits_at_the_door_is_let_in_before_it_closes() {
    let listener = listener();
    let (server, served, address) = start(&listener).await;
    // From now on who comes stands at the door.
    server.pause().await;
    let mut client = TcpStream::connect(address).expect("a connection");
    client.write_all(GET).expect("a request");
    listener.close(&server).await;
    assert!(answer(&mut client).starts_with("HTTP/1.1 200 "));
    let refused = TcpStream::connect(address).map_err(|error| error.kind());
    assert_eq!(refused.err(), Some(ErrorKind::ConnectionRefused));
    server.stop(true).await;
    served.await.expect("its end").expect("a good end");
}

#[actix_web::test]
async fn a_connection_that_is_open_outlives_the_listener() {
    let listener = listener();
    let (server, served, address) = start(&listener).await;
    let mut client = TcpStream::connect(address).expect("a connection");
    client.write_all(GET).expect("a request");
    assert!(answer(&mut client).starts_with("HTTP/1.1 200 "));
    listener.close(&server).await;
    client.write_all(GET).expect("another request");
    assert!(answer(&mut client).starts_with("HTTP/1.1 200 "));
    server.stop(true).await;
    served.await.expect("its end").expect("a good end");
}
