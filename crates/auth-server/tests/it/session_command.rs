//! `auth-server session …`, the binary over the database of a running server.

use std::process::{Command, Output};

use auth_server::app_state::Behaviour;
use serde_json::{Value, json};
use shared::db::statement::Statement;

use crate::support::{Credentials, MOBILE, TestApp};

/// The binary, on the database of a server of today.
struct Desk {
    app: TestApp,
    url: String,
    client: Credentials,
}

impl Desk {
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_auth-server"))
            .arg("session")
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", &self.url)
            .output()
            .expect("the binary runs")
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    #[track_caller]
    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What it says when it fails.
    #[track_caller]
    fn failure(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// A guest with this id; answers the refresh token.
    async fn guest(&self, id: &str) -> String {
        let form = format!("grant_type=client_credentials&anonymous_id={id}");
        let path = "/oauth/shop/anonymous/token";
        let answer = self.app.post(&self.client, path, &form).await;
        answer.refresh_token()
    }

    /// A row of the commerce API.
    async fn document(&self, kind: &str, id: &str, state: &str, created_at: i64) {
        let statement = Statement::new(
            "INSERT INTO documents (project_key, kind, id, version, anonymous_id, state, created_at, last_modified_at, \
             modification_sequence, body) SELECT 'shop', ",
        )
        .text(kind)
        .sql(", ")
        .text(id)
        .sql(", 3, 'anna', ")
        .text(state)
        .sql(", ")
        .big_int(created_at)
        .sql(", ")
        .big_int(created_at + 5)
        .sql(", 1, '{}'");
        self.app.execute(statement).await;
    }
}

async fn on_every_database(test: impl AsyncFn(Desk)) {
    for database in testkit::databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let client = app.client(MOBILE).await;
        let url = database.url.clone();
        test(Desk { app, url, client }).await;
    }
}

fn words(trace: &Value) -> Vec<&str> {
    let lines = trace["lines"].as_array().expect("lines").iter();
    lines
        .map(|line| line["event"].as_str().expect("a word"))
        .collect()
}

#[actix_web::test]
async fn sessions_are_listed_by_guest_customer_client_and_state() {
    on_every_database(async |desk| {
        desk.guest("anna").await;
        desk.guest("bert").await;
        desk.app.customer("c1", None, "c@example.com", "pw").await;
        let form = "grant_type=password&username=c@example.com&password=pw";
        let path = "/oauth/shop/customers/token";
        assert_eq!(desk.app.post(&desk.client, path, form).await.status, 200);
        let count = |more: &[&str]| {
            let list = desk.json(&[&["list", "--project", "shop"], more].concat());
            list.as_array().expect("a list").len()
        };
        assert_eq!(count(&[]), 3);
        assert_eq!(count(&["--limit", "2"]), 2);
        assert_eq!(count(&["--anonymous-id", "anna"]), 1);
        assert_eq!(count(&["--customer-id", "c1"]), 1);
        assert_eq!(count(&["--client", &desk.client.id]), 3);
        assert_eq!(count(&["--client", "another"]), 0);
        assert_eq!(count(&["--state", "active"]), 3);
        assert_eq!(count(&["--state", "revoked"]), 0);
        let plain = desk.text(&["list", "--project", "shop", "--customer-id", "c1"]);
        assert!(plain.contains("active\tcustomer c1\tclient "), "{plain}");
        let unknown = desk.failure(&["list", "--project", "shop", "--state", "asleep"]);
        assert!(unknown.contains("active, ended, revoked, expired, evicted"));
    })
    .await;
}

#[actix_web::test]
async fn a_trace_tells_the_life_of_a_guest_in_order() {
    on_every_database(async |desk| {
        let token = desk.guest("anna").await;
        let now = desk.app.clock.clone();
        now.advance_seconds(60);
        let made_at = shared::clock::Clock::now(now.as_ref()).millis();
        desk.document("cart", "cart-1", "Active", made_at).await;
        desk.document("order", "order-1", "Open", made_at + 10)
            .await;
        now.advance_seconds(60);
        let next = desk.app.refresh(&desk.client, &token).await.refresh_token();
        now.advance_seconds(60);
        let form = format!("token={next}");
        desk.app
            .post(&desk.client, "/oauth/token/revoke", &form)
            .await;
        let trace = desk.json(&["trace", "anna", "--project", "shop"]);
        assert_eq!(trace["session"]["state"], "revoked");
        let mut found = words(&trace);
        found.retain(|word| *word != "session_refreshed");
        assert_eq!(
            found,
            [
                "session_started",
                "created",
                "changed",
                "created",
                "changed",
                "session_last_used",
                "anonymous_session_revoked",
            ]
        );
        let plain = desk.text(&["trace", "anna", "--project", "shop"]);
        for part in [
            &format!("session started by client {} (test)", desk.client.id),
            "cart cart-1 created",
            "cart cart-1 last changed, version 3, Active",
            "refreshed once",
            "session revoked: revocation-request",
        ] {
            assert!(plain.contains(part), "{part} is not in\n{plain}");
        }
        assert!(!plain.contains(&next));
    })
    .await;
}

#[actix_web::test]
async fn a_guest_whose_session_is_deleted_is_still_known_and_one_that_never_was_is_not() {
    on_every_database(async |desk| {
        let token = desk.guest("anna").await;
        let form = format!("token={token}");
        desk.app
            .post(&desk.client, "/oauth/token/revoke", &form)
            .await;
        desk.app.clock.advance_seconds(31 * 86_400);
        desk.app.housekeep().await;
        let trace = desk.json(&["trace", "anna", "--project", "shop"]);
        assert_eq!(trace["session"], Value::Null);
        let note = trace["note"].as_str().expect("a note");
        assert!(note.contains("its row is deleted"), "{note}");
        assert_eq!(
            words(&trace),
            ["session_started", "anonymous_session_revoked"]
        );
        let never = desk.failure(&["trace", "nobody", "--project", "shop"]);
        assert_eq!(never, "guest `nobody` was never seen in project `shop`\n");
        let elsewhere = desk.failure(&["trace", "anna", "--project", "other"]);
        assert!(elsewhere.contains("never seen"), "{elsewhere}");
        let end = ["end", "--anonymous-id", "anna", "--project", "shop"];
        assert!(desk.failure(&end).contains("session trace anna"));
    })
    .await;
}

#[actix_web::test]
async fn an_operator_ends_and_revokes_sessions_and_doing_it_twice_changes_nothing() {
    on_every_database(async |desk| {
        for (command, state, event) in [
            ("end", "ended", "session_ended"),
            ("revoke", "revoked", "anonymous_session_revoked"),
        ] {
            let guest = format!("guest-{command}");
            let form = format!("grant_type=client_credentials&anonymous_id={guest}");
            let path = "/oauth/shop/anonymous/token";
            let answer = desk.app.post(&desk.client, path, &form).await;
            let tokens = [answer.access_token(), answer.refresh_token()];
            let by_guest = [command, "--anonymous-id", &guest, "--project", "shop"];
            let done = desk.json(&by_guest);
            assert_eq!(done["changed"], true);
            assert_eq!(done["session"]["state"], state);
            assert_eq!(done["session"]["reason"], "operator");
            for token in &tokens {
                assert!(!desk.app.is_active(&desk.client, token).await);
            }
            assert_eq!(desk.app.refresh(&desk.client, &tokens[1]).await.status, 400);
            let id = done["session"]["id"].as_str().expect("an id");
            assert_eq!(desk.json(&[command, id])["changed"], false);
            let again = desk.text(&["revoke", id]);
            let over = format!("was over already: {state} (operator) since ");
            assert!(again.contains(&over), "{again}");
            let trace = desk.json(&["trace", &guest, "--project", "shop"]);
            assert_eq!(words(&trace), ["session_started", event]);
        }
        let unknown = desk.failure(&["end", "unknown"]);
        assert_eq!(
            unknown,
            "there is no session `unknown`; if there was, it is over\n"
        );
        assert!(desk.failure(&["end"]).contains("<ID>"));
        assert!(!desk.run(&["end", "--anonymous-id", "a"]).status.success());
    })
    .await;
}

#[actix_web::test]
async fn what_has_only_expired_can_still_be_revoked() {
    on_every_database(async |desk| {
        desk.guest("anna").await;
        desk.app
            .execute(Statement::new(
                "UPDATE sessions SET state = 'expired', closed_at = 1",
            ))
            .await;
        let revoke = ["revoke", "--anonymous-id", "anna", "--project", "shop"];
        assert_eq!(desk.json(&revoke)["changed"], true);
        assert_eq!(
            desk.json(&["list", "--project", "shop"])[0]["state"],
            json!("revoked")
        );
    })
    .await;
}
