//! Kind of client × endpoint × scope, as tables: who gets which token, and who is refused how.

use crate::support::{Credentials, PROJECT, TestApp, on_every_database};

/// Names of scopes as the tables shorten them.
const SHORT: [(&str, &str); 10] = [
    ("anon", "create_anonymous_token:shop"),
    ("inspect", "introspect_oauth_tokens:shop"),
    ("clients", "manage_api_clients:shop"),
    ("project", "manage_project:shop"),
    ("orders@berlin", "manage_my_orders:shop:berlin"),
    ("orders", "manage_my_orders:shop"),
    ("all-orders", "manage_orders:shop"),
    ("see-orders", "view_orders:shop"),
    ("published", "view_published_products:shop"),
    ("products", "view_products:shop"),
];

/// The clients of the tables.
const CLIENTS: [(&str, &str); 5] = [
    ("mobile", "anon products orders"),
    ("server", "anon inspect all-orders"),
    ("admin", "project clients anon inspect"),
    ("project", "project"),
    ("kiosk", "anon products orders@berlin"),
];

/// `-` leaves the scope out. `exceeded` is a refusal. A store narrows what is granted by default, not what is asked for by
/// name. The columns: the client itself, a guest, a guest of a store, a customer, a customer of a store.
const GRANTS: &str = "
    client  | asked          | /oauth/token                 | anonymous         | berlin anonymous        | customers         | berlin customers
    mobile  | -              | anon products orders         | products orders   | products orders@berlin  | products orders   | products orders
    mobile  | orders         | orders                       | orders            | orders                  | orders            | orders
    mobile  | orders@berlin  | orders@berlin                | orders@berlin     | orders@berlin           | orders@berlin     | orders@berlin
    mobile  | products       | products                     | products          | products                | products          | products
    mobile  | published      | published                    | published         | published               | published         | published
    mobile  | anon           | anon                         | anon              | anon                    | anon              | anon
    mobile  | orders products| orders products              | orders products   | orders products         | orders products   | orders products
    mobile  | orders orders  | orders                       | orders            | orders                  | orders            | orders
    mobile  | see-orders     | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
    mobile  | orders project | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
    mobile  | inspect        | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
    mobile  | clients        | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
    server  | -              | anon inspect all-orders      | all-orders        | all-orders              | all-orders        | all-orders
    server  | see-orders     | see-orders                   | see-orders        | see-orders              | see-orders        | see-orders
    server  | orders         | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
    server  | project        | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
    admin   | -              | project clients anon inspect | project           | project                 | project           | project
    admin   | orders         | orders                       | orders            | orders                  | orders            | orders
    admin   | inspect        | inspect                      | inspect           | inspect                 | inspect           | inspect
    admin   | clients        | clients                      | clients           | clients                 | clients           | clients
    project | -              | project                      | project           | project                 | project           | project
    project | see-orders     | see-orders                   | see-orders        | see-orders              | see-orders        | see-orders
    project | clients        | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
    kiosk   | -              | anon products orders@berlin  | products orders@berlin | products orders@berlin | products orders@berlin | products orders@berlin
    kiosk   | orders@berlin  | orders@berlin                | orders@berlin     | orders@berlin           | orders@berlin     | orders@berlin
    kiosk   | orders         | exceeded                     | exceeded          | exceeded                | exceeded          | exceeded
";

const PATHS: [&str; 5] = [
    "/oauth/token",
    "/oauth/shop/anonymous/token",
    "/oauth/shop/in-store/key=berlin/anonymous/token",
    "/oauth/shop/customers/token",
    "/oauth/shop/in-store/key=berlin/customers/token",
];

/// Scopes nobody can ask for, whatever the client has.
const IMPOSSIBLE: [&str; 8] = [
    "view_products",
    "dance:shop",
    "view_products:other",
    "view_products:shop:berlin",
    "anonymous_id:g",
    "customer_id:anna",
    "external_user_id:x",
    "VIEW_PRODUCTS:shop",
];

fn long(short: &str) -> &str {
    SHORT
        .iter()
        .find(|(name, _)| *name == short)
        .map_or_else(|| panic!("no scope {short}"), |(_, scope)| scope)
}

fn scopes(cell: &str) -> String {
    let all: Vec<&str> = cell.split_whitespace().map(long).collect();
    all.join(" ")
}

/// What a cell of the table is at the server: the granted scope without identity, or a word for the refusal.
async fn outcome(app: &TestApp, client: &Credentials, path: &str, asked: Option<&str>) -> String {
    let mut form = match path.contains("customers") {
        true if path.contains("berlin") => password_form("otto"),
        true => password_form("anna"),
        false => "grant_type=client_credentials".to_owned(),
    };
    if let Some(scope) = asked {
        form = format!("{form}&scope={scope}");
    }
    let answer = app.post(client, path, &form).await;
    if answer.status == 200 {
        let granted = answer.member("scope");
        let is_identity =
            |scope: &&str| scope.starts_with("anonymous_id:") || scope.starts_with("customer_id:");
        let identities: Vec<&str> = granted.split(' ').filter(is_identity).collect();
        let last = granted.rsplit(' ').next();
        match path == "/oauth/token" {
            true => assert!(identities.is_empty(), "{granted}"),
            false => assert_eq!(identities, [last.expect("a scope")], "{granted}"),
        }
        let rest: Vec<&str> = granted.split(' ').filter(|s| !is_identity(s)).collect();
        return rest.join(" ");
    }
    let message = answer.json()["message"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    match (answer.status, message.as_str()) {
        (400, "Permissions exceeded.") => "exceeded".to_owned(),
        (400, "Malformed parameter: scope: Invalid scope.") => "malformed".to_owned(),
        (status, message) => format!("{status} {message}"),
    }
}

fn password_form(customer: &str) -> String {
    format!("grant_type=password&username={customer}@example.com&password=right")
}

async fn with_customers(app: &TestApp) {
    app.customer("anna", None, "anna@example.com", "right")
        .await;
    app.customer("otto", Some("berlin"), "otto@example.com", "right")
        .await;
}

async fn client(app: &TestApp, kind: &str) -> Credentials {
    let held = CLIENTS
        .iter()
        .find(|(name, _)| *name == kind)
        .map_or_else(|| panic!("no client {kind}"), |(_, held)| scopes(held));
    app.client(&held).await
}

#[actix_web::test]
async fn each_kind_of_client_gets_at_each_endpoint_exactly_the_scopes_of_the_table() {
    on_every_database(async |app| {
        with_customers(&app).await;
        let mut wrong = Vec::new();
        let mut cells = 0;
        for row in GRANTS
            .lines()
            .map(str::trim)
            .filter(|row| !row.is_empty())
            .skip(1)
        {
            let columns: Vec<&str> = row.split('|').map(str::trim).collect();
            let [kind, asked, expected @ ..] = columns.as_slice() else {
                panic!("not a row: {row}");
            };
            assert_eq!(expected.len(), PATHS.len(), "{row}");
            let client = client(&app, kind).await;
            let asked_scopes = (*asked != "-").then(|| scopes(asked));
            for (path, cell) in PATHS.iter().zip(expected) {
                let expected = match *cell {
                    "exceeded" | "malformed" => (*cell).to_owned(),
                    cell => scopes(cell),
                };
                let found = outcome(&app, &client, path, asked_scopes.as_deref()).await;
                cells += 1;
                if found != expected {
                    wrong.push(format!(
                        "{kind} asks {path} for {asked}: {found}, not {expected}"
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(cells, 26 * PATHS.len());
    })
    .await;
}

#[actix_web::test]
async fn nobody_gets_a_scope_that_does_not_exist_or_names_an_identity() {
    on_every_database(async |app| {
        with_customers(&app).await;
        for (kind, _) in CLIENTS {
            let client = client(&app, kind).await;
            for path in PATHS {
                for asked in IMPOSSIBLE {
                    let found = outcome(&app, &client, path, Some(asked)).await;
                    assert_eq!(found, "malformed", "{kind} asks {path} for {asked}");
                    let beside = format!("{asked} products");
                    let found = outcome(&app, &client, path, Some(&beside)).await;
                    assert_eq!(found, "malformed", "{kind} asks {path} for {beside}");
                }
            }
        }
    })
    .await;
}

/// Everything a client may call with its credentials, and a form that succeeds.
const CALLS: [(&str, &str); 7] = [
    ("/oauth/token", "grant_type=client_credentials"),
    (
        "/oauth/shop/anonymous/token",
        "grant_type=client_credentials",
    ),
    (
        "/oauth/shop/in-store/key=berlin/anonymous/token",
        "grant_type=client_credentials",
    ),
    (
        "/oauth/shop/customers/token",
        "grant_type=password&username=anna@example.com&password=right",
    ),
    (
        "/oauth/shop/in-store/key=berlin/customers/token",
        "grant_type=password&username=otto@example.com&password=right",
    ),
    ("/oauth/introspect", "token=x"),
    ("/oauth/token/revoke", "token=x"),
];

#[actix_web::test]
async fn every_endpoint_serves_a_live_client_of_its_project_and_no_other() {
    on_every_database(async |app| {
        with_customers(&app).await;
        let good = app.client(&scopes("anon products")).await;
        let weak = app.client(&scopes("products")).await;
        let stranger = app
            .client_of(
                "other",
                r#"{"name":"n","scope":"create_anonymous_token:other view_products:other"}"#,
            )
            .await
            .0;
        let deleted = app.client(&scopes("anon products")).await;
        app.execute(
            shared::db::statement::Statement::new("DELETE FROM api_clients WHERE id = ")
                .text(deleted.id.clone()),
        )
        .await;
        let mut misspelt = good.clone();
        misspelt.secret = good.secret.to_lowercase() + "x";
        for (path, form) in CALLS {
            let is_of_project = path.contains(PROJECT);
            let starts_guests = path.contains("anonymous");
            let expected = [
                ("good", &good, (200, "")),
                (
                    "weak",
                    &weak,
                    if starts_guests {
                        (403, "insufficient_scope")
                    } else {
                        (200, "")
                    },
                ),
                (
                    "stranger",
                    &stranger,
                    if is_of_project {
                        (401, "invalid_client")
                    } else {
                        (200, "")
                    },
                ),
                ("deleted", &deleted, (401, "invalid_client")),
                ("misspelt", &misspelt, (401, "invalid_client")),
            ];
            for (kind, client, (status, error)) in expected {
                let answer = app.post(client, path, form).await;
                assert_eq!(answer.status, status, "{kind} at {path}: {}", answer.text);
                if status != 200 {
                    assert_eq!(answer.error(), error, "{kind} at {path}");
                }
            }
        }
    })
    .await;
}
