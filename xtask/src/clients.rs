//! The demo project's three API clients: created once, remembered in `credentials.env`.

use crate::env_file;
use crate::failure::{Failure, Outcome};
use crate::loopback;
use crate::servers::Setup;
use std::collections::BTreeMap;
use std::path::Path;

pub const PROJECT: &str = "demo";

/// Scopes of the admin client, space separated as `CTP_SCOPES` has them.
pub const ADMIN_SCOPES: &str = "manage_project:demo manage_api_clients:demo \
    create_anonymous_token:demo introspect_oauth_tokens:demo";

#[derive(Debug, Clone)]
pub struct Credentials {
    pub id: String,
    pub secret: String,
}

/// What `--exec` and `credentials.env` hand to the outside.
#[derive(Debug)]
pub struct DemoClients {
    pub admin: Credentials,
    pub mobile: Credentials,
    pub opaque: Credentials,
}

impl DemoClients {
    /// The remembered clients, as far as the server still knows them, and new ones for the rest, which are told of.
    ///
    /// The server is asked, because the database may be newer than the file, or another one.
    pub fn find_or_create(setup: &Setup, auth_port: u16, file: &Path) -> Outcome<Self> {
        let is_first_time = !file.exists();
        let remembered = env_file::read(file)?;
        let client = |prefix: &str, name: &str, options: &[&str]| {
            let why = match remembered_client(&remembered, prefix) {
                Some(credentials) if is_known(&credentials, auth_port)? => return Ok(credentials),
                Some(credentials) => {
                    format!(
                        "client {} is unknown, or its secret is wrong",
                        credentials.id
                    )
                }
                None => format!("{prefix}CLIENT_ID or {prefix}CLIENT_SECRET is missing"),
            };
            let credentials = create(setup, name, options)?;
            if !is_known(&credentials, auth_port)? {
                return Err(Failure::new(format!(
                    "auth-server does not know the client `{name}` that was just made"
                )));
            }
            if !is_first_time {
                eprintln!(
                    "{}: {why}; made another client `{name}` in its place.",
                    file.display()
                );
            }
            Ok(credentials)
        };
        Ok(Self {
            admin: client("CTP_", "demo-admin", &["--scope", ADMIN_SCOPES])?,
            mobile: client("MOBILE_", "demo-mobile", &["--template", "mobile"])?,
            opaque: client(
                "OPAQUE_",
                "demo-opaque",
                &["--scope", ADMIN_SCOPES, "--access-token-format", "opaque"],
            )?,
        })
    }
}

fn remembered_client(remembered: &BTreeMap<String, String>, prefix: &str) -> Option<Credentials> {
    let value = |name: &str| remembered.get(&format!("{prefix}{name}")).cloned();
    Some(Credentials {
        id: value("CLIENT_ID")?,
        secret: value("CLIENT_SECRET")?,
    })
}

/// Whether the server gives the client a token, or at least another answer than that it is nobody.
fn is_known(client: &Credentials, auth_port: u16) -> Outcome<bool> {
    match loopback::client_credentials(auth_port, &client.id, &client.secret) {
        Ok(401) => Ok(false),
        Ok(status) if status < 500 => Ok(true),
        Ok(status) => Err(Failure::new(format!(
            "auth-server answers a token request with status {status}"
        ))),
        Err(error) => Err(Failure::new(format!(
            "auth-server does not answer a token request: {error}"
        ))),
    }
}

fn create(setup: &Setup, name: &str, options: &[&str]) -> Outcome<Credentials> {
    let mut arguments = vec![
        "client",
        "create",
        "--project",
        PROJECT,
        "--name",
        name,
        "--json",
    ];
    arguments.extend(options);
    let answer = setup.auth_command(&arguments)?;
    match (json_text(&answer, "id"), json_text(&answer, "secret")) {
        (Some(id), Some(secret)) => Ok(Credentials { id, secret }),
        _ => Err(Failure::new(format!(
            "`auth-server client create` did not print an `id` and a `secret`, but:\n{answer}"
        ))),
    }
}

/// The first text member of that name. Ids and secrets need no unescaping: they are base64url.
pub fn json_text(json: &str, member: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{member}\""))?;
    let value = rest
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    value.split_once('"').map(|(text, _)| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::json_text;

    #[test]
    fn id_and_secret_are_read_from_the_clients_json() {
        let json = "{\n  \"id\": \"c1\",\n  \"scope\": \"a b\", \"secret\":\"s-_1\"}";
        assert_eq!(json_text(json, "id").as_deref(), Some("c1"));
        assert_eq!(json_text(json, "secret").as_deref(), Some("s-_1"));
        assert_eq!(json_text(json, "name"), None);
    }
}
