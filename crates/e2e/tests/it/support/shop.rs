//! A shop: both servers, a stocked database of its own, and the people who come to it.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicI64, Ordering},
};

use actix_web::web::Data;
use auth_server::{
    app_state::{AppState as AuthState, Behaviour, Network},
    limits::LimitSettings,
};
use commerce_api::{app_state::AppState as ApiState, service::workbench::ShoppingListMigration};
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use shared::{
    clock::{Clock, SharedClock, SystemClock},
    db::{Database, Dialect},
    http::client_address::TrustedProxies,
};
use testkit::{Template, TestDatabase};

use super::{
    client::{Api, Credentials, Http, Reply, text},
    fixtures,
    servers::{
        Running, auth_server, auth_server_with, commerce_api, commerce_api_with_limits,
        commerce_api_with_token_values_in_messages,
    },
    visitors::{Backend, CustomerClient, Guest},
};

pub const PROJECT: &str = "demo";
/// Everybody's.
pub const PASSWORD: &str = "secret";
const MILLIS_PER_HOUR: i64 = 3_600_000;

/// The API clients that every shop has.
#[derive(Clone, Debug)]
pub struct ApiClients {
    /// May do everything.
    pub admin: Credentials,
    /// Orders, customers, shopping lists: what a shop's own server needs.
    pub backend: Credentials,
    /// What a shopper's phone needs.
    pub mobile: Credentials,
}

/// What the shops of one database kind are copied from.
type Stocked = (Template, ApiClients);

/// The machine's time, plus hours that a test lets pass.
#[derive(Default)]
pub(super) struct MovableClock {
    ahead_millis: AtomicI64,
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now().millis();
        Timestamp::from_millis(now + self.ahead_millis.load(Ordering::Relaxed))
    }
}

/// Both servers over one database. Everything stops and vanishes when it is dropped.
pub struct Shop {
    pub http: Http,
    pub clients: ApiClients,
    // Fields are dropped in this order: the servers stop before their database goes.
    api: Running,
    auth: Running,
    pub(super) clock: Arc<MovableClock>,
    _whereabouts: Whereabouts,
    pub(super) database: TestDatabase,
}

/// Runs a test on SQLite, and on PostgreSQL where there is one; each with a stocked shop of its own.
pub fn on_each_database(test: impl Fn(&Shop)) {
    for shop in shops(ShoppingListMigration::Manual) {
        test(&shop);
    }
}

/// The same with shopping lists that move at sign-in.
pub fn on_each_database_with_moving_lists(test: impl Fn(&Shop)) {
    for shop in shops(ShoppingListMigration::Automatic) {
        test(&shop);
    }
}

fn shops(lists: ShoppingListMigration) -> impl Iterator<Item = Shop> {
    stocked_databases().map(move |(database, clients)| Shop::open(database, clients, lists))
}

/// A copy of the stocked database of each kind.
pub fn stocked_databases() -> impl Iterator<Item = (TestDatabase, ApiClients)> {
    static SQLITE: OnceLock<Stocked> = OnceLock::new();
    static POSTGRES: OnceLock<Option<Stocked>> = OnceLock::new();
    type Kind = fn() -> Option<&'static Stocked>;
    let kinds: [Kind; 2] = [
        || Some(SQLITE.get_or_init(|| fixtures::stocked(TestDatabase::sqlite()))),
        || {
            POSTGRES
                .get_or_init(|| TestDatabase::postgres().map(fixtures::stocked))
                .as_ref()
        },
    ];
    kinds.into_iter().filter_map(|kind| {
        let (template, clients) = kind()?;
        Some((template.copy(), clients.clone()))
    })
}

impl Shop {
    pub fn open(
        database: TestDatabase,
        clients: ApiClients,
        shopping_lists: ShoppingListMigration,
    ) -> Self {
        let movable = Arc::<MovableClock>::default();
        let clock: SharedClock = movable.clone();
        let (auth, _) = auth_server(
            database.database.clone(),
            Arc::clone(&clock),
            shopping_lists,
        );
        // With connections of its own, as in another process.
        let (api, _) = commerce_api(database.second_instance(), clock, &auth.url, shopping_lists);
        Self {
            http: Http::new(),
            clients,
            api,
            auth,
            clock: movable,
            _whereabouts: Whereabouts(database.database.dialect()),
            database,
        }
    }

    /// Stops both servers and hands the database back.
    pub fn close(self) -> TestDatabase {
        let Self {
            api,
            auth,
            database,
            ..
        } = self;
        drop((api, auth));
        database
    }

    /// Lets time pass for both servers.
    pub fn wait_hours(&self, hours: i64) {
        let millis = hours * MILLIS_PER_HOUR;
        self.clock.ahead_millis.fetch_add(millis, Ordering::Relaxed);
    }

    /// Connections of another instance.
    pub fn connections(&self) -> Database {
        self.database.second_instance()
    }

    /// Another instance of the commerce API over the same database; callers reach it through [`Api::at`].
    pub fn another_api(&self) -> Running {
        self.another_api_over(self.database.second_instance())
    }

    /// The same with connections that the test knows.
    pub fn another_api_over(&self, database: Database) -> Running {
        let clock: SharedClock = self.clock.clone();
        let lists = ShoppingListMigration::Manual;
        commerce_api(database, clock, &self.auth.url, lists).0
    }

    /// Another instance of the API that limits how often passwords may be tried.
    pub fn another_api_with_limits(&self) -> (Running, Data<ApiState>) {
        let database = self.database.second_instance();
        commerce_api_with_limits(database, self.clock.clone(), &self.auth.url)
    }

    /// Another instance of the API that writes values of one-time tokens into messages.
    pub fn another_api_with_token_values_in_messages(&self) -> Running {
        let database = self.database.second_instance();
        commerce_api_with_token_values_in_messages(database, self.clock.clone(), &self.auth.url)
    }

    /// Another instance of the auth server with limits.
    pub fn another_auth_with_limits(&self) -> (Running, Arc<AuthState>) {
        let behaviour = Behaviour {
            limits: LimitSettings {
                are_on: true,
                exempt: TrustedProxies::default(),
                guests_per_client: None,
            },
            network: Network {
                trusted_proxies: "127.0.0.1".parse().expect("an address"),
                require_tls: false,
            },
            ..Behaviour::default()
        };
        auth_server_with(
            None,
            self.database.second_instance(),
            self.clock.clone(),
            behaviour,
        )
    }

    /// The API as the bearer of any text.
    pub fn api_with(&self, token: &str) -> Api {
        Api {
            http: self.http.clone(),
            base: format!("{}/{PROJECT}", self.api.url),
            token: token.to_owned(),
        }
    }

    /// The API of the auth server, such as `/api-clients`, as the bearer of any text.
    pub fn auth_api_with(&self, token: &str) -> Api {
        Api {
            http: self.http.clone(),
            base: format!("{}/{PROJECT}", self.auth.url),
            token: token.to_owned(),
        }
    }

    /// A URL of the auth server.
    pub fn auth_url(&self, path: &str) -> String {
        format!("{}{path}", self.auth.url)
    }

    /// Sends a form to the auth server: `/oauth/token`.
    pub fn ask_auth(&self, client: &Credentials, path: &str, form: &[(&str, &str)]) -> Reply {
        let url = format!("{}{path}", self.auth.url);
        self.http.form(&url, client, form)
    }

    /// Asks for the token of a new guest, whose id the shopper's phone may choose.
    pub fn ask_for_guest(&self, anonymous_id: Option<&str>) -> Reply {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(anonymous_id.map(|id| ("anonymous_id", id)));
        let path = format!("/oauth/{PROJECT}/anonymous/token");
        self.ask_auth(&self.clients.mobile, &path, &form)
    }

    /// Asks for the token of a customer.
    pub fn ask_for_customer(&self, email: &str, password: &str) -> Reply {
        let form = [
            ("grant_type", "password"),
            ("username", email),
            ("password", password),
        ];
        let path = format!("/oauth/{PROJECT}/customers/token");
        self.ask_auth(&self.clients.mobile, &path, &form)
    }

    /// Asks for a new access token of a session of the phone.
    pub fn refresh(&self, refresh_token: &str) -> Reply {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.ask_auth(&self.clients.mobile, "/oauth/token", &form)
    }

    /// A guest with this anonymous id.
    #[track_caller]
    pub fn guest(&self, anonymous_id: &str) -> Guest {
        self.guest_of(&self.clients.mobile, anonymous_id)
    }

    /// A customer who signs in by password.
    #[track_caller]
    pub fn customer(&self, email: &str) -> CustomerClient {
        let answer = self.ask_for_customer(email, PASSWORD).expect(200);
        let scope = text(&answer, "/scope");
        let id = scope
            .split(' ')
            .find_map(|scope| scope.strip_prefix("customer_id:"));
        CustomerClient {
            api: self.api_with(&text(&answer, "/access_token")),
            refresh_token: text(&answer, "/refresh_token"),
            id: id.expect("a customer").to_owned(),
        }
    }

    /// Alice, signed in.
    #[track_caller]
    pub fn alice(&self) -> CustomerClient {
        self.customer("alice@example.com")
    }

    /// Bob, signed in.
    #[track_caller]
    pub fn bob(&self) -> CustomerClient {
        self.customer("bob@example.com")
    }

    /// The shop's own server: orders, customers, shopping lists.
    #[track_caller]
    pub fn backend(&self) -> Backend {
        self.token_of(&self.clients.backend)
    }

    /// Who may do everything.
    #[track_caller]
    pub fn admin(&self) -> Backend {
        self.token_of(&self.clients.admin)
    }

    /// An API client's own token.
    #[track_caller]
    pub fn token_of(&self, client: &Credentials) -> Backend {
        let form = [("grant_type", "client_credentials")];
        let answer = self.ask_auth(client, "/oauth/token", &form).expect(200);
        Backend {
            api: self.api_with(&text(&answer, "/access_token")),
        }
    }

    /// A new API client with these scopes, separated by spaces.
    #[track_caller]
    pub fn new_api_client(&self, scope: &str) -> Credentials {
        self.new_api_client_from(json!({ "name": "test", "scope": scope }))
    }

    /// A new API client from a draft.
    #[track_caller]
    pub fn new_api_client_from(&self, draft: Value) -> Credentials {
        let admin = self.auth_api_with(&self.admin().token);
        Credentials::of(&admin.post("/api-clients", draft).expect(201))
    }

    /// A guest who comes through this API client.
    #[track_caller]
    pub fn guest_of(&self, client: &Credentials, anonymous_id: &str) -> Guest {
        let form = [
            ("grant_type", "client_credentials"),
            ("anonymous_id", anonymous_id),
        ];
        let path = format!("/oauth/{PROJECT}/anonymous/token");
        self.guest_from(
            &self.ask_auth(client, &path, &form).expect(200),
            anonymous_id,
        )
    }

    fn guest_from(&self, answer: &Value, anonymous_id: &str) -> Guest {
        Guest {
            api: self.api_with(&text(answer, "/access_token")),
            refresh_token: text(answer, "/refresh_token"),
            anonymous_id: anonymous_id.to_owned(),
        }
    }
}

/// Says on which database a test failed.
pub(super) struct Whereabouts(pub(super) Dialect);

impl Drop for Whereabouts {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this happened on {:?}", self.0);
        }
    }
}
