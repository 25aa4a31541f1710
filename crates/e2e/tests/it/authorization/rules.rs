//! The table of endpoints, as the tests walk through it.

use crate::support::{Api, Reply, Shop, text};

/// An id that nothing has.
pub const NO_ID: &str = "7f3d2f0a-1c2b-4d5e-8f90-0123456789ab";

/// Who must stand behind a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nobody in particular.
    Anybody,
    /// A guest or a customer.
    Shopper,
    /// A customer.
    Customer,
}

/// One line of the table.
pub struct Endpoint {
    pub method: &'static str,
    pub path: String,
    pub subject: Subject,
    /// What a request is answered that may pass but names nothing that exists.
    pub open: u16,
    pub any_of: Vec<&'static str>,
}

fn lines(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| !columns.is_empty())
}

fn path(column: &str) -> String {
    let path = if column == "/" { "" } else { column };
    path.replace("{id}", NO_ID)
}

/// Every endpoint of a project.
pub fn endpoints() -> Vec<Endpoint> {
    let table = lines(include_str!("endpoints.txt"));
    let endpoints: Vec<Endpoint> = table
        .map(|columns| Endpoint {
            method: columns[0],
            path: path(columns[1]),
            subject: match columns[2] {
                "anybody" => Subject::Anybody,
                "shopper" => Subject::Shopper,
                "customer" => Subject::Customer,
                other => panic!("whose token is `{other}`?"),
            },
            open: columns[3].parse().expect("a status"),
            any_of: columns[4].split('|').collect(),
        })
        .collect();
    assert!(endpoints.len() > 200, "only {}", endpoints.len());
    endpoints
}

/// Endpoints that are also found below a store, without the store's part of the path.
pub fn in_store() -> Vec<Endpoint> {
    lines(include_str!("in_store.txt"))
        .map(|columns| Endpoint {
            method: columns[0],
            path: path(columns[1]),
            subject: Subject::Anybody,
            open: columns[2].parse().expect("a status"),
            any_of: vec![columns[3]],
        })
        .collect()
}

impl Endpoint {
    /// The same below a store.
    pub fn below(&self, store: &str) -> Self {
        Self {
            path: format!("/in-store/key={store}{}", self.path),
            any_of: self.any_of.clone(),
            ..*self
        }
    }

    pub fn ask(&self, api: &Api) -> Reply {
        let body = (self.method == "POST").then(|| "{}".to_owned());
        api.call(self.method, &self.path, &[], body)
    }

    /// Without an `Authorization` header.
    pub fn ask_without_token(&self, api: &Api) -> Reply {
        let body = (self.method == "POST").then(|| "{}".to_owned());
        let url = format!("{}{}", api.base, self.path.replace('"', "%22"));
        api.http.send(self.method, &url, &[], body)
    }

    /// Fails unless the endpoint let the caller pass.
    #[track_caller]
    pub fn expect_open(&self, api: &Api, who: &str) {
        let reply = self.ask(api);
        assert_eq!(
            reply.status,
            self.open,
            "{}: {}",
            self.named(who),
            reply.body
        );
    }

    /// Fails unless the endpoint refused the caller with 401 `invalid_token`.
    #[track_caller]
    pub fn expect_unknown_token(&self, api: &Api, who: &str) {
        self.check_refusal(&self.ask(api), 401, "invalid_token", who);
    }

    /// Fails unless the endpoint refused the caller with 403; answers what it said, which HEAD does not.
    #[track_caller]
    pub fn expect_shut(&self, api: &Api, who: &str) -> Option<String> {
        let reply = self.ask(api);
        self.check_refusal(&reply, 403, "insufficient_scope", who);
        (self.method != "HEAD").then(|| text(&reply.body, "/message"))
    }

    fn named(&self, who: &str) -> String {
        format!("{who}: {} {}", self.method, self.path)
    }

    /// 401 and 403 speak to clients of OAuth and to those of this API.
    #[track_caller]
    pub fn check_refusal(&self, reply: &Reply, status: u16, code: &str, who: &str) {
        let context = self.named(who);
        let body = &reply.body;
        assert_eq!(reply.status, status, "{context}: {body}");
        let challenge = reply.headers.get("www-authenticate");
        let challenge = challenge.unwrap_or_else(|| panic!("{context}: no challenge"));
        // RFC 6750 §3.1: who came without a token gets no error code.
        let names_error = challenge.contains(&format!("error=\"{code}\""));
        assert_eq!(
            names_error,
            code != "access_denied",
            "{context}: {challenge}"
        );
        if self.method == "HEAD" {
            assert_eq!(body, "", "{context}");
            return;
        }
        assert_eq!(body["statusCode"], status, "{context}: {body}");
        assert_eq!(body["error"], code, "{context}: {body}");
        assert_eq!(body["errors"][0]["code"], code, "{context}: {body}");
        assert_eq!(body["errors"][0]["message"], body["message"], "{context}");
    }
}

/// The token of a new API client with only these scopes, separated by spaces.
pub fn with_scopes(shop: &Shop, scopes: &str) -> Api {
    shop.token_of(&shop.new_api_client(scopes)).api
}
