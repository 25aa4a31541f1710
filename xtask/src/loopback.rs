//! Just enough HTTP to ask a server on this machine whether it is ready, who it knows and what it has.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);

/// The status of the answer, or why there is none.
pub fn get(port: u16, path: &str) -> Result<u16, String> {
    let answer = exchange(
        port,
        &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"),
    )?;
    Ok(answer.0)
}

/// Asks for a token with the client's own credentials; 200 means that the server knows the client.
pub fn client_credentials(port: u16, id: &str, secret: &str) -> Result<u16, String> {
    let form = Body::Form("grant_type=client_credentials");
    let answer = post(port, "/oauth/token", &basic(id, secret), form)?;
    Ok(answer.0)
}

/// What a POST carries.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    Form(&'a str),
    Json(&'a str),
}

/// Posts with an `Authorization` header; the status and the body of the answer.
pub fn post(
    port: u16,
    path: &str,
    authorization: &str,
    body: Body<'_>,
) -> Result<(u16, String), String> {
    let (media_type, body) = match body {
        Body::Form(text) => ("application/x-www-form-urlencoded", text),
        Body::Json(text) => ("application/json", text),
    };
    exchange(
        port,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
             Authorization: {authorization}\r\nContent-Type: {media_type}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
}

/// The `Authorization` header of a client.
pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", base64(format!("{id}:{secret}").as_bytes()))
}

/// A listener on loopback; port 0 takes a free one.
pub fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

fn exchange(port: u16, request: &str) -> Result<(u16, String), String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let answer = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let answer = answer().map_err(|error| error.to_string())?;
    let status = answer
        .split_ascii_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| "the answer is not HTTP".to_owned())?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    Ok((status, body.unwrap_or_default().to_owned()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = [0, 1, 2].map(|at| chunk.get(at).copied().unwrap_or(0));
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let digit = usize::try_from((bits >> (18 - 6 * place)) & 63).unwrap_or(0);
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(DIGITS[digit])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    // The test vectors of RFC 4648 section 10.
    #[test]
    fn base64_pads_to_whole_groups() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foo"), "Zm9v");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }
}
