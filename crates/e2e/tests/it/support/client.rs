//! A blocking HTTP client that speaks JSON, and what it gets back.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use ureq::{Agent, http::Request};
use url::{Url, form_urlencoded::Serializer};

use super::servers::Running;

const TIMEOUT: Duration = Duration::from_secs(30);

/// No answer came: whether the request was served, nobody knows.
#[derive(Debug)]
pub struct Lost(String);

impl std::fmt::Display for Lost {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// Connections that are kept between requests. Cheap to clone.
#[derive(Clone)]
pub struct Http(Agent);

impl Http {
    pub fn new() -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .build();
        Self(agent.into())
    }

    /// Sends a form as an API client does to a token endpoint.
    pub fn form(&self, url: &str, client: &Credentials, form: &[(&str, &str)]) -> Reply {
        self.try_form(url, client, form)
            .unwrap_or_else(|lost| panic!("{lost}"))
    }

    /// The same where the answer may be lost.
    pub fn try_form(
        &self,
        url: &str,
        client: &Credentials,
        form: &[(&str, &str)],
    ) -> Result<Reply, Lost> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let headers = [
            ("authorization", client.basic()),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ];
        self.try_send("POST", url, &headers, Some(body))
    }

    /// Sends anything.
    pub fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, String)],
        body: Option<String>,
    ) -> Reply {
        self.try_send(method, url, headers, body)
            .unwrap_or_else(|lost| panic!("{lost}"))
    }

    /// The same where the answer may be lost.
    pub fn try_send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, String)],
        body: Option<String>,
    ) -> Result<Reply, Lost> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let sent = match &body {
            Some(body) => self.0.run(request.body(body.as_str()).expect("a request")),
            None => self.0.run(request.body(()).expect("a request")),
        };
        let lost = |error: ureq::Error| Lost(format!("{method} {url}: {error}"));
        let mut response = sent.map_err(lost)?;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), value)
            })
            .collect();
        let text = response.body_mut().read_to_string().map_err(lost)?;
        Ok(Reply {
            status: response.status().as_u16(),
            headers,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
            asked: format!("{method} {url} {}", body.unwrap_or_default()),
        })
    }
}

/// Id and secret of an API client.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub id: String,
    pub secret: String,
}

impl Credentials {
    /// From the answer to the creation of an API client.
    pub fn of(created: &Value) -> Self {
        Self {
            id: text(created, "/id"),
            secret: text(created, "/secret"),
        }
    }

    /// The value of the `Authorization` header.
    pub fn basic(&self) -> String {
        format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", self.id, self.secret))
        )
    }
}

/// Calls one project of the commerce API with one access token; paths begin after the project's key.
#[derive(Clone)]
pub struct Api {
    pub http: Http,
    /// Up to and including the project's key.
    pub base: String,
    pub token: String,
}

impl Api {
    /// The same bearer at another instance.
    pub fn at(&self, instance: &Running) -> Self {
        let (_, project) = self.base.rsplit_once('/').expect("a project");
        Self {
            base: format!("{}/{project}", instance.url),
            ..self.clone()
        }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &[], None)
    }

    /// With query parameters, which need not be escaped.
    pub fn query(&self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        self.call("GET", path, parameters, None)
    }

    /// The resources that fulfil a predicate.
    #[track_caller]
    pub fn find(&self, path: &str, predicate: &str) -> Vec<Value> {
        let page = self.query(path, &[("where", predicate)]).expect(200);
        page["results"].as_array().expect("results").clone()
    }

    pub fn head(&self, path: &str) -> Reply {
        self.call("HEAD", path, &[], None)
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.call("POST", path, &[], Some(body.to_string()))
    }

    /// A body that may be no JSON.
    pub fn post_text(&self, path: &str, body: &str) -> Reply {
        self.call("POST", path, &[], Some(body.to_owned()))
    }

    pub fn delete(&self, path: &str, version: i64) -> Reply {
        self.call("DELETE", path, &[("version", &version.to_string())], None)
    }

    /// Updates a resource of a collection at the version it was seen in.
    pub fn update(&self, collection: &str, seen: &Value, actions: Value) -> Reply {
        let path = format!("{collection}/{}", text(seen, "/id"));
        self.post(
            &path,
            serde_json::json!({ "version": seen["version"], "actions": actions }),
        )
    }

    pub fn call(
        &self,
        method: &str,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<String>,
    ) -> Reply {
        self.try_call(method, path, parameters, body)
            .unwrap_or_else(|lost| panic!("{lost}"))
    }

    /// The same where the answer may be lost.
    pub fn try_call(
        &self,
        method: &str,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Reply, Lost> {
        let mut headers = vec![("authorization", format!("Bearer {}", self.token))];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let mut url = Url::parse(&format!("{}{path}", self.base)).expect("a URL");
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        self.http.try_send(method, url.as_str(), &headers, body)
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// JSON, or the text as it is where it is none.
    pub body: Value,
    asked: String,
}

impl Reply {
    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}\n{:#}", self.asked, self.body);
        self.body
    }

    /// The first error of a refusal, whose envelope is checked.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        let error = body["errors"][0].clone();
        assert_eq!(error["code"], code, "{body:#}");
        assert_eq!(body["statusCode"], status, "{body:#}");
        assert_eq!(body["message"], error["message"], "{body:#}");
        error
    }
}

/// A text in a JSON value.
#[track_caller]
pub fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("no text at {pointer}: {value:#}"))
        .to_owned()
}

/// A whole number in a JSON value.
#[track_caller]
pub fn number(value: &Value, pointer: &str) -> i64 {
    let found = value.pointer(pointer).and_then(Value::as_i64);
    found.unwrap_or_else(|| panic!("no number at {pointer}: {value:#}"))
}

/// Fails unless every member of `expected` is in `actual`; `null` says that a member is absent, lists agree in length.
#[track_caller]
pub fn assert_shows(actual: &Value, expected: Value) {
    let mut differences = Vec::new();
    compare(actual, &expected, String::new(), &mut differences);
    assert!(
        differences.is_empty(),
        "{}\nin {actual:#}",
        differences.join("\n")
    );
}

fn compare(actual: &Value, expected: &Value, path: String, differences: &mut Vec<String>) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            for (name, wanted) in expected {
                let found = actual.get(name).unwrap_or(&Value::Null);
                compare(found, wanted, format!("{path}/{name}"), differences);
            }
        }
        (Value::Array(actual), Value::Array(expected)) if actual.len() == expected.len() => {
            for (at, (found, wanted)) in actual.iter().zip(expected).enumerate() {
                compare(found, wanted, format!("{path}/{at}"), differences);
            }
        }
        _ if actual == expected => {}
        _ => differences.push(format!("{path}: expected {expected}, found {actual}")),
    }
}
