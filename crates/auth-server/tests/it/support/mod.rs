//! One server in this process, with a clock that stands still, over a database of its own.

pub mod process;

use std::{borrow::Cow, future::Future, pin::Pin, rc::Rc, sync::Arc};

use actix_web::{
    HttpResponse, body::to_bytes, dev::Service as _, http::Method, test::TestRequest, web,
};
use auth_server::{
    app_state::{AppState, Behaviour, Parts},
    grants::clients as administration,
    http,
    jobs::{self, Housekeeping},
    model::{client::Client, client_draft::ClientDraft},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    customer::Customer,
    identity::ids::{ClientId, ProjectKey},
    timestamp::Timestamp,
};
use serde_json::Value;
use shared::{
    clock::{Clock as _, FrozenClock, SystemClock},
    db::{Database, DbError, statement::Statement},
    jobs::Outcome,
    password::PasswordCost,
    random::SystemRandomness,
    secret::Secret,
    token::{keys::SigningAlgorithm, sealing::SealingKey},
};
use testkit::{TestDatabase, dpop::ProofKey};

pub const PROJECT: &str = "shop";
pub const ISSUER: &str = "https://auth.shop.example";
/// Scopes of a mobile app.
pub const MOBILE: &str = "create_anonymous_token:shop view_products:shop manage_my_orders:shop";
/// What a guest of that app gets.
pub const GUEST: &str = "view_products:shop manage_my_orders:shop";
/// Scopes of an app that leaves to devices only what is safe there.
pub const CAREFUL: &str =
    "create_anonymous_token:shop view_published_products:shop manage_my_orders:shop";
/// What a guest of that app gets.
pub const CAREFUL_GUEST: &str = "view_published_products:shop manage_my_orders:shop";
/// 2026-01-31T09:15:00Z.
pub const START: Timestamp = Timestamp::from_millis(1_769_850_900_000);

type Call = Rc<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = HttpResponse>>>>;

/// One instance of the server.
#[derive(Clone)]
pub struct TestApp {
    pub clock: Arc<FrozenClock>,
    pub state: Arc<AppState>,
    call: Call,
}

/// A client's id and secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub id: String,
    pub secret: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

/// Runs a test on SQLite, and on PostgreSQL where there is one.
pub async fn on_every_database(test: impl AsyncFn(TestApp)) {
    on_every_database_with(Behaviour::default(), test).await;
}

/// The same with another behaviour.
pub async fn on_every_database_with(behaviour: Behaviour, test: impl AsyncFn(TestApp)) {
    for database in testkit::databases() {
        let clock = FrozenClock::at(START);
        test(TestApp::new(database.database.clone(), clock, behaviour.clone()).await).await;
    }
}

/// Runs a test with two instances over one database.
pub async fn with_two_instances(test: impl AsyncFn(TestApp, TestApp)) {
    with_two_instances_with(Behaviour::default(), test).await;
}

/// The same with another behaviour.
pub async fn with_two_instances_with(behaviour: Behaviour, test: impl AsyncFn(TestApp, TestApp)) {
    for database in testkit::databases() {
        let clock = FrozenClock::at(START);
        let second: &TestDatabase = &database;
        let one = TestApp::new(
            database.database.clone(),
            Arc::clone(&clock),
            behaviour.clone(),
        );
        let two = TestApp::new(second.second_instance(), clock, behaviour.clone());
        test(one.await, two.await).await;
    }
}

impl TestApp {
    async fn new(database: Database, clock: Arc<FrozenClock>, behaviour: Behaviour) -> Self {
        let state = AppState::new(Parts {
            database,
            clock: clock.clone(),
            randomness: Arc::new(SystemRandomness::new()),
            issuer: ISSUER.to_owned(),
            sealing_key: SealingKey::new(&[7; 32]).expect("a sealing key"),
            secret_pepper: Secret::new([9; 32]),
            signing_algorithm: SigningAlgorithm::Es256,
            password_cost: PasswordCost::CHEAP,
            behaviour,
        })
        .expect("a state");
        let state = Arc::new(state);
        // As `serve` does before the first request.
        state.signing.key().await.expect("a signing key");
        Self::over(state, clock).await
    }

    /// A server whose clock shows, and stays at, the time at which it was made.
    pub async fn of_today(database: Database, behaviour: Behaviour) -> Self {
        Self::new(database, FrozenClock::at(SystemClock.now()), behaviour).await
    }

    /// What clients reach of a server.
    pub async fn over(state: Arc<AppState>, clock: Arc<FrozenClock>) -> Self {
        let application = http::application(web::Data::from(Arc::clone(&state)));
        let service = actix_web::test::init_service(application).await;
        let service = Rc::new(service);
        let call: Call = Rc::new(move |request| {
            let service = Rc::clone(&service);
            Box::pin(async move {
                match service.call(request.to_request()).await {
                    Ok(response) => response.into_parts().1.map_into_boxed_body(),
                    Err(error) => error.error_response(),
                }
            })
        });
        Self { clock, state, call }
    }

    /// Sends any request.
    pub async fn send(&self, request: TestRequest) -> Answer {
        let response = (self.call)(request).await;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    value.to_str().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        let body = to_bytes(response.into_body()).await.unwrap_or_default();
        Answer {
            status,
            headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Sends a form as a client.
    pub async fn post(&self, client: &Credentials, path: &str, form: &str) -> Answer {
        self.send(form_request(path, form).insert_header(("authorization", client.basic())))
            .await
    }

    /// The same with DPoP proofs.
    pub async fn post_with(
        &self,
        client: &Credentials,
        path: &str,
        form: &str,
        proofs: &[String],
    ) -> Answer {
        let mut request = form_request(path, form).insert_header(("authorization", client.basic()));
        for proof in proofs {
            request = request.append_header(("dpop", proof.as_str()));
        }
        self.send(request).await
    }

    /// A proof of `key` for a POST to `path`, made now.
    pub fn proof(&self, key: &ProofKey, path: &str) -> String {
        key.proof(
            "POST",
            &format!("{ISSUER}{path}"),
            self.clock.now().seconds(),
        )
    }

    /// A new client with these scopes.
    pub async fn client(&self, scope: &str) -> Credentials {
        self.client_with(&format!(r#"{{"name":"test","scope":"{scope}"}}"#))
            .await
            .0
    }

    /// A new client from a draft.
    pub async fn client_with(&self, draft: &str) -> (Credentials, Client) {
        self.client_of(PROJECT, draft).await
    }

    /// A new client of any project.
    pub async fn client_of(&self, project: &str, draft: &str) -> (Credentials, Client) {
        let project = ProjectKey::new(project);
        let draft = ClientDraft::from_json(&project, draft.as_bytes()).expect("a draft");
        let (mint, pepper) = (self.state.mint.clone(), Arc::clone(&self.state.pepper));
        let (client, secret) = self
            .state
            .database
            .write::<_, DbError, _>(move |tx| {
                administration::create(tx, &mint, &pepper, &project, draft)
            })
            .await
            .expect("a client");
        let credentials = Credentials {
            id: client.id.to_string(),
            secret: secret.unwrap_or_default(),
        };
        (credentials, client)
    }

    /// Deletes a client, as an administrator does.
    pub async fn delete_client(&self, client: &Credentials) {
        let (mint, id) = (self.state.mint.clone(), ClientId::new(client.id.clone()));
        let deleted = self
            .state
            .database
            .write::<_, DbError, _>(move |tx| {
                administration::delete(tx, &mint, &ProjectKey::new(PROJECT), &id)
            })
            .await;
        assert!(deleted.expect("a deletion").is_some());
    }

    /// A customer who can sign in: of the store, or for `None` of the whole project.
    pub async fn customer(&self, id: &str, store: Option<&str>, email: &str, password: &str) {
        let hash = self
            .state
            .passwords
            .hash_blocking(password)
            .expect("a hash");
        let (id, place, email) = (
            id.to_owned(),
            Customer::email_namespace(store),
            email.to_owned(),
        );
        self.execute(
            Statement::new("INSERT INTO customer_credentials (project_key, customer_id, password_hash, changed_at) SELECT ")
                .text(PROJECT).sql(", ").text(&id).sql(", ").text(hash).sql(", ").big_int(0),
        )
        .await;
        self.execute(
            Statement::new(
                "INSERT INTO documents (project_key, kind, id, version, created_at, last_modified_at, \
                 modification_sequence, body) SELECT ",
            )
            .text(PROJECT).sql(", 'customer', ").text(&id)
            .sql(", 1, 0, 0, 0, '{\"authenticationMode\":\"Password\"}' WHERE TRUE ON CONFLICT DO NOTHING"),
        )
        .await;
        self.execute(
            Statement::new("INSERT INTO unique_values (project_key, namespace, value, kind, document_id) SELECT ")
                .text(PROJECT).sql(", ").text(place).sql(", ").text(email)
                .sql(", 'customer', ").text(&id),
        )
        .await;
    }

    /// Changes rows as the commerce API or an operator would.
    pub async fn execute(&self, statement: Statement) {
        self.state
            .database
            .write::<_, DbError, _>(move |tx| Ok(statement.run(tx.connection())?))
            .await
            .expect("the statement");
    }

    /// Does all the housekeeping that `serve` does beside the requests.
    pub async fn housekeep(&self) {
        self.housekeep_with(Housekeeping::default()).await;
    }

    /// The same with other times.
    pub async fn housekeep_with(&self, housekeeping: Housekeeping) {
        self.execute(Statement::new("UPDATE job_leases SET due_at = 0"))
            .await;
        for (job, outcome) in jobs::runner(&self.state, housekeeping).run_due().await {
            assert!(
                matches!(outcome, Outcome::Finished { .. }),
                "{job}: {outcome:?}"
            );
        }
    }

    /// How many rows there are: `FROM` and what follows it.
    pub async fn count(&self, from: impl Into<Cow<'static, str>>) -> i64 {
        use diesel::{RunQueryDsl as _, sql_types::BigInt};
        let from = from.into();
        self.state
            .database
            .read::<_, DbError, _>(move |tx| {
                let counted: Vec<(i64,)> = Statement::new("SELECT count(*) FROM ")
                    .sql(from)
                    .rows::<(BigInt,)>()
                    .load(tx.connection())?;
                Ok(counted.first().map_or(-1, |row| row.0))
            })
            .await
            .expect("a count")
    }

    /// A client's own token, whole answer.
    pub async fn client_token(&self, client: &Credentials, scope: &str) -> Answer {
        let form = format!("grant_type=client_credentials&scope={scope}");
        self.post(client, "/oauth/token", &form).await
    }

    /// A new guest, whole answer.
    pub async fn guest(&self, client: &Credentials) -> Answer {
        self.post(
            client,
            "/oauth/shop/anonymous/token",
            "grant_type=client_credentials",
        )
        .await
    }

    /// A refresh, whole answer.
    pub async fn refresh(&self, client: &Credentials, token: &str) -> Answer {
        let form = format!("grant_type=refresh_token&refresh_token={token}");
        self.post(client, "/oauth/token", &form).await
    }

    /// Whether a token is active, as its own client sees it.
    pub async fn is_active(&self, client: &Credentials, token: &str) -> bool {
        let answer = self
            .post(client, "/oauth/introspect", &format!("token={token}"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["active"] == true
    }
}

impl Credentials {
    /// The value of the `Authorization` header.
    pub fn basic(&self) -> String {
        let pair = format!("{}:{}", self.id, self.secret);
        format!("Basic {}", STANDARD.encode(pair))
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// A text member of a successful answer.
    #[track_caller]
    pub fn member(&self, name: &str) -> String {
        assert!(self.status < 300, "{self:?}");
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no `{name}`: {self:?}"))
            .to_owned()
    }

    pub fn refresh_token(&self) -> String {
        self.member("refresh_token")
    }

    pub fn access_token(&self) -> String {
        self.member("access_token")
    }

    /// The `error` of a refusal.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A POST with a form body.
pub fn form_request(path: &str, form: &str) -> TestRequest {
    TestRequest::default()
        .method(Method::POST)
        .uri(path)
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .set_payload(form.to_owned())
}
