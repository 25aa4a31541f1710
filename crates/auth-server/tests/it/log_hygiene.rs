//! Nothing that opens anything, and nobody's e-mail address, is ever written into the log or the audit trail.

use auth_server::app_state::Behaviour;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use diesel::{RunQueryDsl as _, sql_types::Text};
use serde_json::Value;
use shared::db::{DbError, statement::Statement};
use testkit::{TestDatabase, databases};

use crate::support::{
    Credentials, TestApp,
    process::{Server, exchange},
};

const PASSWORD: &str = "Marked-Passw0rd";
const WRONG: &str = "Marked-Wrong-Passw0rd";
const EMAIL: &str = "marked.person@mail.example";
const NOBODY: &str = "marked.nobody@mail.example";
/// Stands for whatever else a client may send where a secret belongs.
const JUNK: &str = "Marked-Junk-f3a9c1";
/// All of ours; the rest of what others log at that level could drown the test.
const LOG: &str = "debug,auth_server=trace,shared=trace,domain=trace,audit=trace";

/// Somebody who calls the server and remembers every secret that was ever said.
struct Caller {
    server: Server,
    client: Credentials,
    secrets: Vec<String>,
}

impl Caller {
    fn call(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
        let answer = exchange(self.server.main, method, path, headers, body);
        let (_, body) = answer.expect("an answer");
        let body: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        for name in ["access_token", "refresh_token", "secret", "code"] {
            if let Some(secret) = body[name].as_str() {
                self.secrets.push(secret.to_owned());
            }
        }
        body
    }

    /// A form, as the client with its secret.
    fn form(&mut self, path: &str, form: &str) -> Value {
        let basic = self.client.basic();
        self.form_as(&basic, path, form)
    }

    fn form_as(&mut self, authorization: &str, path: &str, form: &str) -> Value {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", authorization),
        ];
        self.call("POST", path, &headers, form)
    }

    fn bearer(&mut self, token: &str, method: &str, path: &str, body: &str) -> Value {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("content-type", "application/json"),
            ("authorization", authorization.as_str()),
            ("dpop", JUNK),
        ];
        self.call(method, path, &headers, body)
    }

    fn guests(&mut self) {
        for path in [
            "/oauth/shop/anonymous/token",
            "/oauth/shop/in-store/key=berlin/anonymous/token",
        ] {
            let guest = self.form(path, "grant_type=client_credentials");
            let first = text(&guest, "refresh_token");
            let refresh = format!("grant_type=refresh_token&refresh_token={first}");
            let next = text(&self.form("/oauth/token", &refresh), "refresh_token");
            let later = format!("grant_type=refresh_token&refresh_token={next}");
            let last = text(&self.form("/oauth/token", &later), "refresh_token");
            for token in [&text(&guest, "access_token"), &last, JUNK] {
                self.form("/oauth/introspect", &format!("token={token}"));
            }
            // A spent token: the family is revoked.
            self.form("/oauth/token", &refresh);
            for token in [&text(&guest, "access_token"), &last, JUNK] {
                self.form("/oauth/token/revoke", &format!("token={token}"));
            }
        }
    }

    fn customers(&mut self) {
        for path in [
            "/oauth/shop/customers/token",
            "/oauth/shop/in-store/key=berlin/customers/token",
        ] {
            for (email, password) in [(EMAIL, PASSWORD), (EMAIL, WRONG), (NOBODY, PASSWORD)] {
                let form = format!("grant_type=password&username={email}&password={password}");
                self.form(path, &form);
                let in_query = format!("{path}?username={email}&password={password}");
                self.form(&in_query, "grant_type=password");
            }
        }
    }

    fn clients(&mut self) {
        let token = self.form("/oauth/token", "grant_type=client_credentials");
        let token = text(&token, "access_token");
        let draft = r#"{"name":"n","scope":"view_products:shop"}"#;
        let made = self.bearer(&token, "POST", "/shop/api-clients", draft);
        let path = format!("/shop/api-clients/{}", text(&made, "id"));
        for method in ["GET", "DELETE"] {
            self.bearer(&token, method, &path, "");
        }
        self.bearer(&token, "GET", "/shop/api-clients", "");
        self.bearer(JUNK, "GET", "/shop/api-clients", "");
        self.bearer(&token, "POST", "/shop/api-clients", JUNK);
    }

    /// Every published endpoint, with junk wherever a secret could be.
    fn junk(&mut self) {
        let metadata = self.call("GET", "/.well-known/oauth-authorization-server", &[], "");
        let issuer = text(&metadata, "issuer");
        let members = metadata.as_object().expect("metadata").clone();
        let mut paths: Vec<String> = members
            .values()
            .filter_map(|value| value.as_str()?.strip_prefix(issuer.as_str()))
            .filter(|path| !path.is_empty())
            .map(|path| path.replace("{projectKey}", "shop"))
            .collect();
        assert!(paths.len() > 3, "{paths:?}");
        paths.push("/nowhere".to_owned());
        let names = [
            "client_secret",
            "code",
            "code_verifier",
            "password",
            "refresh_token",
            "token",
            "anonymous_token",
            "handoff_code",
        ];
        let everything: Vec<String> = names.iter().map(|name| format!("{name}={JUNK}")).collect();
        let everything = everything.join("&");
        let wrong = STANDARD.encode(format!("{}:{JUNK}", self.client.id));
        self.secrets.push(wrong.clone());
        for path in paths {
            let basic = self.client.basic();
            for authorization in [basic, format!("Basic {wrong}"), format!("Basic {JUNK}")] {
                for grant in [
                    "refresh_token",
                    "password",
                    "authorization_code",
                    "client_credentials",
                    JUNK,
                ] {
                    let form = format!("grant_type={grant}&{everything}");
                    self.form_as(&authorization, &path, &form);
                    self.form_as(&authorization, &format!("{path}?{form}"), "");
                }
            }
            let headers = [("authorization", JUNK), ("cookie", JUNK), ("dpop", JUNK)];
            self.call("GET", &format!("{path}?{everything}"), &headers, "");
            self.call("BREW", &format!("{path}?{everything}"), &headers, "");
        }
    }
}

fn text(body: &Value, name: &str) -> String {
    let text = body[name].as_str();
    text.unwrap_or_else(|| panic!("no `{name}` in {body}"))
        .to_owned()
}

/// Every audit event, as text.
fn trail(database: &TestDatabase) -> String {
    let rows = database.database.read_blocking::<_, DbError>(|tx| {
        let rows: Vec<(String, String)> =
            Statement::new("SELECT event, detail FROM audit_events ORDER BY created_at, id")
                .rows::<(Text, Text)>()
                .load(tx.connection())?;
        Ok(rows)
    });
    let rows = rows.expect("the trail").into_iter();
    rows.map(|(event, detail)| format!("{event} {detail}\n"))
        .collect()
}

async fn caller(database: &TestDatabase, format: &str) -> Caller {
    let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
    let scope = "create_anonymous_token:shop manage_my_orders:shop manage_api_clients:shop \
                 introspect_oauth_tokens:shop view_products:shop";
    let draft = format!(r#"{{"name":"n","scope":"{scope}","accessTokenFormat":"{format}"}}"#);
    let (client, _) = app.client_with(&draft).await;
    app.customer("c1", None, EMAIL, PASSWORD).await;
    app.customer("c2", Some("berlin"), EMAIL, PASSWORD).await;
    let keys = ["07".repeat(32), "09".repeat(32)];
    let server = Server::start_with(
        &database.url,
        &["--drain-seconds", "0", "--rate-limits", "off"],
        &[
            ("KEY_ENCRYPTION_KEY", &keys[0]),
            ("SECRET_PEPPER", &keys[1]),
            ("RUST_LOG", LOG),
        ],
    );
    let marked = [PASSWORD, WRONG, EMAIL, NOBODY, JUNK].map(str::to_owned);
    let basic = client.basic().replace("Basic ", "");
    let secrets = [marked.as_slice(), &keys, &[client.secret.clone(), basic]].concat();
    Caller {
        server,
        client,
        secrets,
    }
}

#[actix_web::test]
async fn no_secret_and_no_address_is_written_down_whatever_is_asked() {
    for database in databases() {
        for format in ["jwt", "opaque"] {
            let mut caller = caller(&database, format).await;
            caller.guests();
            caller.customers();
            caller.clients();
            caller.junk();
            let Caller {
                server, secrets, ..
            } = caller;
            server.signal("TERM");
            let (status, log) = server.ended();
            assert!(status.success(), "{log}");
            let trail = trail(&database);
            assert!(
                log.contains("reuse_detected") && log.contains("DEBUG"),
                "{log}"
            );
            assert!(trail.contains("login_failed"), "{trail}");
            assert!(secrets.len() > 20, "{secrets:?}");
            for (place, text) in [("log", &log), ("trail", &trail)] {
                let text = text.to_lowercase();
                for secret in &secrets {
                    let line = text
                        .lines()
                        .find(|line| line.contains(&secret.to_lowercase()));
                    assert!(line.is_none(), "`{secret}` is in the {place}: {line:?}");
                }
            }
            // The customers of the next round are these.
            clear(&database);
        }
    }
}

fn clear(database: &TestDatabase) {
    let cleared = database.database.write_blocking::<_, DbError>(|tx| {
        for table in ["customer_credentials", "unique_values"] {
            Statement::new(format!("DELETE FROM {table}")).run(tx.connection())?;
        }
        Ok(())
    });
    cleared.expect("an empty shop");
}
