//! Which API clients are listed, and who may make which.

use actix_web::{http::Method, test::TestRequest};
use auth_server::app_state::Behaviour;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, on_every_database, on_every_database_with};

async fn call(app: &TestApp, token: &str, method: Method, path: &str, body: &str) -> Answer {
    app.send(
        TestRequest::default()
            .method(method)
            // A URI has neither quotes nor angle brackets.
            .uri(&path.replace('"', "%22").replace('>', "%3E"))
            .insert_header(("authorization", format!("Bearer {token}")))
            .set_payload(body.to_owned()),
    )
    .await
}

async fn token(app: &TestApp, scope: &str) -> String {
    let client = app.client(scope).await;
    app.client_token(&client, "").await.access_token()
}

fn names(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let results = body["results"].as_array().expect("results").iter();
    let name = |one: &Value| one["name"].as_str().expect("a name").to_owned();
    results.map(name).collect()
}

#[actix_web::test]
async fn clients_are_found_by_their_fields_sorted_and_paged() {
    on_every_database(async |app| {
        let token = token(&app, "view_api_clients:shop").await;
        for (name, more) in [
            ("app", ""),
            ("web", r#","accessTokenValiditySeconds":3600"#),
            ("cron", ""),
        ] {
            app.clock.advance_seconds(60);
            let draft = format!(r#"{{"name":"{name}","scope":"view_products:shop"{more}}}"#);
            app.client_with(&draft).await;
        }
        let (other, _) = app
            .client_of("other", r#"{"name":"app","scope":"view_products:other"}"#)
            .await;
        let list = async |query: &str| {
            let path = format!("/shop/api-clients?{query}");
            call(&app, &token, Method::GET, &path, "").await
        };
        for (query, expected) in [
            (r#"where=name="app""#, vec!["app"]),
            (
                r#"where=name+in+("web","app")&sort=name+desc"#,
                vec!["web", "app"],
            ),
            (r#"where=name="web"&where=name="app""#, vec![]),
            (
                r#"where=createdAt>"2026-01-31T09:16:00Z""#,
                vec!["web", "cron"],
            ),
            ("where=accessTokenValiditySeconds=3600", vec!["web"]),
            ("where=lastUsedAt+is+defined", vec!["test"]),
            (r#"where=name=:n&var.n=cron"#, vec!["cron"]),
            ("sort=name", vec!["app", "cron", "test", "web"]),
            ("", vec!["test", "app", "web", "cron"]),
        ] {
            // The use of a client is noted beside the request.
            let mut found = list(query).await;
            while query.contains("lastUsedAt") && names(&found).is_empty() {
                found = list(query).await;
            }
            assert_eq!(names(&found), expected, "{query}");
            assert_eq!(found.json()["total"], expected.len());
        }
        let page = list(r#"where=name!="test"&limit=1&offset=1&sort=createdAt"#).await;
        assert_eq!(names(&page), ["web"]);
        let body = page.json();
        assert_eq!(
            (&body["count"], &body["total"], &body["offset"]),
            (&json!(1), &json!(3), &json!(1))
        );
        let uncounted = list("where=name=\"app\"&withTotal=false").await.json();
        assert_eq!(uncounted.get("total"), None);
        for (query, status) in [
            (r#"where=name="app""#.to_owned(), 200),
            (r#"where=name="nobody""#.to_owned(), 404),
            (format!("where=id=\"{}\"", other.id), 404),
            (String::new(), 200),
            ("where=secret=\"x\"".to_owned(), 400),
        ] {
            let path = format!("/shop/api-clients?{query}");
            let head = call(&app, &token, Method::HEAD, &path, "").await;
            assert_eq!(head.status, status, "{query}");
        }
        for query in [
            "where=secret=\"x\"",
            "where=name",
            "sort=secret",
            "where=createdAt>\"noon\"",
        ] {
            let refused = list(query).await;
            assert_eq!(refused.status, 400, "{query}");
            assert_eq!(refused.json()["errors"][0]["code"], "InvalidInput");
        }
    })
    .await;
}

const DRAFT: &str =
    r#"{"name":"n","scope":"view_products:shop manage_orders:shop view_api_clients:shop"}"#;
const ESCALATIONS: &str = "audit_events WHERE event = 'scope_escalated'";

#[actix_web::test]
async fn a_client_with_more_scopes_than_its_maker_is_written_down() {
    on_every_database(async |app| {
        let strong = token(
            &app,
            "manage_api_clients:shop manage_orders:shop view_products:shop",
        )
        .await;
        let made = call(&app, &strong, Method::POST, "/shop/api-clients", DRAFT).await;
        assert_eq!((made.status, app.count(ESCALATIONS).await), (201, 0));
        let weak = token(&app, "manage_api_clients:shop view_products:shop").await;
        let made = call(&app, &weak, Method::POST, "/shop/api-clients", DRAFT).await;
        assert_eq!(made.status, 201);
        let told = "audit_events WHERE event = 'scope_escalated' AND detail LIKE '%\"scope\":\"manage_orders:shop\"%'";
        assert_eq!(app.count(told).await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_client_with_more_scopes_than_its_maker_can_be_forbidden() {
    let behaviour = Behaviour {
        forbid_scope_escalation: true,
        ..Behaviour::default()
    };
    on_every_database_with(behaviour, async |app| {
        let weak = token(&app, "manage_api_clients:shop").await;
        let refused = call(&app, &weak, Method::POST, "/shop/api-clients", DRAFT).await;
        assert_eq!((refused.status, refused.error().as_str()), (403, "insufficient_scope"));
        assert_eq!(
            refused.json()["message"],
            "Insufficient scope. One of the following scopes is missing: view_products, manage_orders."
        );
        let strong = token(&app, "manage_api_clients:shop manage_project:shop").await;
        let made = call(&app, &strong, Method::POST, "/shop/api-clients", DRAFT).await;
        assert_eq!(made.status, 201);
        assert_eq!(app.count("api_clients").await, 3);
        assert_eq!(app.count(ESCALATIONS).await, 0);
    })
    .await;
}
