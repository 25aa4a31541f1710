//! Guests with tokens and carts of two lines, made through the servers as a storefront does.

use crate::clients::{Credentials, json_text};
use crate::failure::{Failure, Outcome, While};
use crate::loopback::{self, Body};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const DRAFT: &str = r#"{"currency":"EUR","country":"DE","lineItems":[{"sku":"MUG-BLUE","quantity":2},{"sku":"TSHIRT-RED","quantity":1}]}"#;

#[derive(Debug, Clone)]
pub struct Guest {
    pub token: String,
    pub cart: String,
    /// The id of the cart's first line.
    pub line: String,
    pub anonymous_id: String,
}

pub fn make(
    auth_port: u16,
    api_port: u16,
    client: &Credentials,
    count: u32,
) -> Outcome<Vec<Guest>> {
    (0..count)
        .map(|_| one(auth_port, api_port, client))
        .collect()
}

fn one(auth_port: u16, api_port: u16, client: &Credentials) -> Outcome<Guest> {
    let answer = anonymous_token(auth_port, client)?;
    let token = member(&answer, "access_token")?;
    let cart = posted(
        201,
        api_port,
        "/demo/me/carts",
        &format!("Bearer {token}"),
        Body::Json(DRAFT),
    )?;
    let (_, lines) = cart
        .split_once("\"lineItems\"")
        .ok_or_else(|| Failure::new(format!("a cart without lines: {cart}")))?;
    Ok(Guest {
        token,
        cart: member(&cart, "id")?,
        line: member(lines, "id")?,
        anonymous_id: member(&cart, "anonymousId")?,
    })
}

/// The answer to a request for a new guest.
fn anonymous_token(auth_port: u16, client: &Credentials) -> Outcome<String> {
    posted(
        200,
        auth_port,
        "/oauth/demo/anonymous/token",
        &loopback::basic(&client.id, &client.secret),
        Body::Form("grant_type=client_credentials"),
    )
}

/// Refresh tokens of new guests.
pub fn refresh_tokens(auth_port: u16, client: &Credentials, count: u32) -> Outcome<Vec<String>> {
    (0..count)
        .map(|_| member(&anonymous_token(auth_port, client)?, "refresh_token"))
        .collect()
}

/// A token of the client itself.
pub fn client_token(auth_port: u16, client: &Credentials) -> Outcome<String> {
    let answer = posted(
        200,
        auth_port,
        "/oauth/token",
        &loopback::basic(&client.id, &client.secret),
        Body::Form("grant_type=client_credentials"),
    )?;
    member(&answer, "access_token")
}

fn posted(
    expected: u16,
    port: u16,
    path: &str,
    authorization: &str,
    body: Body<'_>,
) -> Outcome<String> {
    match loopback::post(port, path, authorization, body) {
        Ok((status, answer)) if status == expected => Ok(answer),
        Ok((status, answer)) => Err(Failure::new(format!(
            "POST {path} answers {status}: {answer}"
        ))),
        Err(error) => Err(Failure::new(format!("POST {path}: {error}"))),
    }
}

fn member(json: &str, name: &str) -> Outcome<String> {
    json_text(json, name).ok_or_else(|| Failure::new(format!("no `{name}` in {json}")))
}

/// Writes guests with the versions of their carts as a Lua table.
pub fn write_guests(folder: &Path, guests: &[(&Guest, &str)]) -> Outcome<()> {
    let mut text = "return {\n".to_owned();
    for (guest, version) in guests {
        // Ids and tokens are base64url, hexadecimal and dots: nothing to escape.
        let line = writeln!(
            text,
            r#"{{token="{}",cart="{}",version={version},line="{}",anonymous_id="{}"}},"#,
            guest.token, guest.cart, guest.line, guest.anonymous_id
        );
        line.doing(|| "cannot write the guests".to_owned())?;
    }
    text.push_str("}\n");
    write(folder, "guests.lua", &text)
}

pub fn write_refresh_tokens(folder: &Path, tokens: &[String]) -> Outcome<()> {
    let list: Vec<String> = tokens.iter().map(|token| format!("\"{token}\"")).collect();
    write(
        folder,
        "refresh_tokens.lua",
        &format!("return {{{}}}\n", list.join(",\n")),
    )
}

pub fn write_clients(
    folder: &Path,
    mobile: &Credentials,
    admin: &Credentials,
    admin_token: &str,
) -> Outcome<()> {
    let header = |client: &Credentials| loopback::basic(&client.id, &client.secret);
    write(
        folder,
        "clients.lua",
        &format!(
            "return {{mobile=\"{}\",admin=\"{}\",admin_token=\"{admin_token}\"}}\n",
            header(mobile),
            header(admin)
        ),
    )
}

fn write(folder: &Path, name: &str, text: &str) -> Outcome<()> {
    let file = folder.join(name);
    fs::write(&file, text).doing(|| format!("cannot write {}", file.display()))
}
