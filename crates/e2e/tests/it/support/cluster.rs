//! Two instances of each server over one database, with a clock that stands still.

use std::sync::Arc;

use actix_web::{rt::System, web::Data};
use auth_server::{app_state::AppState as AuthState, jobs::Housekeeping};
use commerce_api::{
    app_state::AppState as CommerceState, service::workbench::ShoppingListMigration,
};
use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::timestamp::Timestamp;
use shared::{
    clock::{Clock as _, FrozenClock, SharedClock, SystemClock},
    db::{DbError, statement::Statement},
    jobs::{Outcome, Runner},
};
use testkit::TestDatabase;

use super::{
    client::{Api, Credentials, Http, Reply},
    servers::{Running, auth_server_of, commerce_api},
    shop::{ApiClients, PROJECT, Whereabouts, stocked_databases},
};

/// What both auth servers call themselves.
const ISSUER: &str = "https://auth.shop.example";

/// A shop as it runs in production, all of it in this process.
pub struct Cluster {
    pub http: Http,
    pub clients: ApiClients,
    pub clock: Arc<FrozenClock>,
    // Fields are dropped in this order: the servers stop before their database goes.
    auth: [(Running, Arc<AuthState>); 2],
    api: [(Running, Data<CommerceState>); 2],
    _whereabouts: Whereabouts,
    pub database: TestDatabase,
}

/// Runs a test on SQLite, and on PostgreSQL where there is one; each with a stocked shop of its own.
pub fn on_each_database_with_two_instances(test: impl Fn(&Cluster)) {
    for (database, clients) in stocked_databases() {
        test(&Cluster::open(database, clients));
    }
}

impl Cluster {
    fn open(database: TestDatabase, clients: ApiClients) -> Self {
        // Whole seconds, as tokens have: the story's times are exact then.
        let start = SystemClock.now().seconds().saturating_mul(1_000);
        let clock = FrozenClock::at(Timestamp::from_millis(start));
        let shared_clock = || -> SharedClock { clock.clone() };
        let lists = ShoppingListMigration::Manual;
        let auth = || {
            auth_server_of(
                Some(ISSUER),
                database.second_instance(),
                shared_clock(),
                lists,
            )
        };
        let api = || commerce_api(database.second_instance(), shared_clock(), ISSUER, lists);
        Self {
            http: Http::new(),
            clients,
            auth: [auth(), auth()],
            api: [api(), api()],
            _whereabouts: Whereabouts(database.database.dialect()),
            clock,
            database,
        }
    }

    /// Sends a form to one of the auth servers.
    pub fn ask_auth(
        &self,
        at: usize,
        client: &Credentials,
        path: &str,
        form: &[(&str, &str)],
    ) -> Reply {
        let url = format!("{}{path}", self.auth[at].0.url);
        self.http.form(&url, client, form)
    }

    /// One of the APIs as the bearer of any text.
    pub fn api(&self, at: usize, token: &str) -> Api {
        self.at(&self.api[at].0, token)
    }

    /// The API of one of the auth servers, such as `/api-clients`.
    pub fn auth_api(&self, at: usize, token: &str) -> Api {
        self.at(&self.auth[at].0, token)
    }

    /// What anybody may read at one of the auth servers.
    pub fn auth_get(&self, at: usize, path: &str) -> Reply {
        let url = format!("{}{path}", self.auth[at].0.url);
        self.http.send("GET", &url, &[], None)
    }

    /// One more instance of the API, which has seen nothing yet; callers reach it through [`Api::at`].
    pub fn another_api(&self) -> Running {
        let database = self.database.second_instance();
        let lists = ShoppingListMigration::Manual;
        commerce_api(database, self.clock.clone(), ISSUER, lists).0
    }

    fn at(&self, server: &Running, token: &str) -> Api {
        Api {
            http: self.http.clone(),
            base: format!("{}/{PROJECT}", server.url),
            token: token.to_owned(),
        }
    }

    /// What an auth server works with.
    pub fn auth_state(&self, at: usize) -> &Arc<AuthState> {
        &self.auth[at].1
    }

    /// An API client's own token.
    #[track_caller]
    pub fn token_of(&self, client: &Credentials) -> String {
        let form = [("grant_type", "client_credentials")];
        let answer = self.ask_auth(0, client, "/oauth/token", &form).expect(200);
        super::text(&answer, "/access_token")
    }

    /// Does all the housekeeping that one instance of each server does beside the requests.
    pub fn housekeep(&self, at: usize) {
        let due = Statement::new("UPDATE job_leases SET due_at = 0");
        let database = &self.database.database;
        let made_due =
            database.write_blocking::<_, DbError>(|tx| Ok(due.clone().run(tx.connection())?));
        made_due.expect("jobs are due");
        let run = |runner: Runner| {
            for (job, outcome) in System::new().block_on(runner.run_due()) {
                assert!(
                    matches!(outcome, Outcome::Finished { .. }),
                    "{job}: {outcome:?}"
                );
            }
        };
        run(auth_server::jobs::runner(
            self.auth_state(at),
            Housekeeping::default(),
        ));
        run(commerce_api::jobs::runner(&self.api[at].1));
    }

    /// How many rows there are: `FROM` and what follows it.
    pub fn count(&self, from: &str) -> i64 {
        let statement = Statement::new(format!("SELECT count(*) FROM {from}"));
        let counted = self.database.database.read_blocking::<_, DbError>(|tx| {
            let rows: Vec<(i64,)> = statement
                .clone()
                .rows::<(BigInt,)>()
                .load(tx.connection())?;
            Ok(rows)
        });
        counted.expect("a count")[0].0
    }
}
