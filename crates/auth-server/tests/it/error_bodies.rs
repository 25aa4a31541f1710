//! Every refusal of the token endpoints, to the letter: clients compare these texts.

use crate::support::{MOBILE, TestApp, form_request, on_every_database};

/// The body of an OAuth error.
fn oauth(status: u16, code: &str, message: &str) -> String {
    format!(
        r#"{{"statusCode":{status},"message":"{message}","errors":[{{"code":"{code}","message":"{message}"}}],"error":"{code}","error_description":"{message}"}}"#
    )
}

#[actix_web::test]
async fn refusals_of_the_token_endpoint() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let missing = |name: &str| {
            oauth(
                400,
                "invalid_request",
                &format!("Missing required parameter: {name}."),
            )
        };
        let malformed = oauth(
            400,
            "invalid_scope",
            "Malformed parameter: scope: Invalid scope.",
        );
        let exceeded = oauth(400, "invalid_scope", "Permissions exceeded.");
        let not_found = oauth(
            400,
            "invalid_grant",
            "The refresh token was not found. It may have expired.",
        );
        let grant = |value: &str| {
            oauth(
                400,
                "unsupported_grant_type",
                &format!("Invalid parameter: grant_type: Invalid grant type: {value}"),
            )
        };
        for (form, expected) in [
            ("", missing("grant_type")),
            ("grant_type=", missing("grant_type")),
            ("grant_type=password", grant("password")),
            ("grant_type=a%22b%5Cc%0A", grant("abc")),
            ("grant_type=refresh_token", missing("refresh_token")),
            (
                "grant_type=refresh_token&refresh_token=x",
                not_found.clone(),
            ),
            (
                "grant_type=refresh_token&refresh_token=false",
                not_found.clone(),
            ),
            (
                "grant_type=client_credentials&scope=manage_project",
                malformed.clone(),
            ),
            (
                "grant_type=client_credentials&scope=dance:shop",
                malformed.clone(),
            ),
            (
                "grant_type=client_credentials&scope=view_products:other",
                malformed.clone(),
            ),
            (
                "grant_type=client_credentials&scope=view_products:shop%22",
                malformed.clone(),
            ),
            (
                "grant_type=client_credentials&scope=anonymous_id:x",
                malformed.clone(),
            ),
            (
                "grant_type=client_credentials&scope=customer_id:x",
                malformed.clone(),
            ),
            (
                "grant_type=client_credentials&scope=manage_products:shop",
                exceeded.clone(),
            ),
        ] {
            let answer = app.post(&client, "/oauth/token", form).await;
            assert_eq!((answer.status, answer.text), (400, expected), "{form}");
        }
    })
    .await;
}

#[actix_web::test]
async fn refusals_of_the_anonymous_endpoint() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let path = "/oauth/shop/anonymous/token";
        let taken = "grant_type=client_credentials&anonymous_id=guest-1";
        assert_eq!(app.post(&client, path, taken).await.status, 200);
        let answer = app.post(&client, path, taken).await;
        assert_eq!(
            (answer.status, answer.text),
            (
                400,
                oauth(400, "invalid_request", "The anonymousId is already in use.")
            )
        );
        let bad = oauth(
            400,
            "invalid_request",
            "Malformed parameter: anonymous_id: Invalid anonymous id.",
        );
        for id in ["a%20b", "%22", "%C3%A9", &"x".repeat(257)] {
            let form = format!("grant_type=client_credentials&anonymous_id={id}");
            let answer = app.post(&client, path, &form).await;
            assert_eq!((answer.status, answer.text), (400, bad.clone()), "{id}");
        }
        let weak = app.client("view_products:shop").await;
        let answer = app.post(&weak, path, "grant_type=client_credentials").await;
        assert_eq!(
            (answer.status, answer.text),
            (
                403,
                oauth(
                    403,
                    "insufficient_scope",
                    "Insufficient scope. One of the following scopes is missing: create_anonymous_token."
                )
            )
        );
        let answer = app.post(&client, path, "grant_type=password").await;
        assert_eq!(answer.error(), "unsupported_grant_type");
    })
    .await;
}

const INVALID_CLIENT: &str =
    "Please provide valid client credentials using HTTP Basic Authentication.";

async fn assert_invalid_client(app: &TestApp, path: &str, authorization: Option<&str>) {
    let mut request = form_request(path, "grant_type=client_credentials");
    if let Some(value) = authorization {
        request = request.insert_header(("authorization", value));
    }
    let answer = app.send(request).await;
    assert_eq!(
        answer.text,
        oauth(401, "invalid_client", INVALID_CLIENT),
        "{authorization:?}"
    );
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.header("www-authenticate"),
        Some(r#"Basic realm="oauth""#)
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn every_defect_of_the_credentials_gets_the_same_refusal() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let mut wrong_secret = client.clone();
        wrong_secret.secret.push('x');
        let mut unknown = client.clone();
        unknown.id.push('x');
        let headers = [
            "Basic".to_owned(),
            "Basic !!!".to_owned(),
            "Basic Og==".to_owned(),
            "Bearer x".to_owned(),
            wrong_secret.basic(),
            unknown.basic(),
        ];
        for path in [
            "/oauth/token",
            "/oauth/shop/anonymous/token",
            "/oauth/shop/customers/token",
            "/oauth/shop/in-store/key=berlin/customers/token",
            "/oauth/introspect",
            "/oauth/token/revoke",
        ] {
            assert_invalid_client(&app, path, None).await;
            for header in &headers {
                assert_invalid_client(&app, path, Some(header)).await;
            }
        }
        let right = client.basic();
        assert_invalid_client(&app, "/oauth/other/anonymous/token", Some(&right)).await;
        let twice = form_request("/oauth/token", "grant_type=client_credentials")
            .append_header(("authorization", right.clone()))
            .append_header(("authorization", right));
        assert_eq!(app.send(twice).await.status, 401);
    })
    .await;
}

#[actix_web::test]
async fn a_parameter_given_twice_is_refused_wherever_it_stands() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let expected = oauth(400, "invalid_request", "Repeated parameter: scope.");
        for (path, form) in [
            (
                "/oauth/token",
                "grant_type=client_credentials&scope=view_products:shop&scope=view_products:shop",
            ),
            (
                "/oauth/token?scope=view_products:shop",
                "grant_type=client_credentials&scope=manage_my_orders:shop",
            ),
            (
                "/oauth/token?scope=a&scope=b&grant_type=client_credentials",
                "",
            ),
        ] {
            let answer = app.post(&client, path, form).await;
            assert_eq!((answer.status, answer.text), (400, expected.clone()));
        }
    })
    .await;
}

#[actix_web::test]
async fn malformed_and_oversized_bodies_are_refused_in_the_same_shape() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let json = form_request("/oauth/token", r#"{"grant_type":"client_credentials"}"#)
            .insert_header(("content-type", "application/json"))
            .insert_header(("authorization", client.basic()));
        let answer = app.send(json).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "invalid_request")
        );
        for size in [16 * 1024 + 1, 1024 * 1024] {
            let big = format!("x={}", "y".repeat(size));
            let answer = app.post(&client, "/oauth/token", &big).await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (413, "invalid_request")
            );
        }
        let both = "grant_type=client_credentials&client_secret=x";
        let answer = app.post(&client, "/oauth/token", both).await;
        assert_eq!(answer.error(), "invalid_request");
        let many: Vec<String> = (0..33).map(|n| format!("p{n}=1")).collect();
        let answer = app.post(&client, "/oauth/token", &many.join("&")).await;
        assert_eq!(answer.status, 413);
        let nul = "grant_type=client_credentials&scope=%00";
        assert_eq!(app.post(&client, "/oauth/token", nul).await.status, 400);
    })
    .await;
}

#[actix_web::test]
async fn every_credential_failure_of_a_customer_is_the_same() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        app.customer("c1", None, "anna@example.com", "right").await;
        app.customer("c2", Some("berlin"), "otto@example.com", "right")
            .await;
        let expected = oauth(
            400,
            "invalid_customer_account_credentials",
            "Customer account with the given credentials not found.",
        );
        let global = "/oauth/shop/customers/token";
        let berlin = "/oauth/shop/in-store/key=berlin/customers/token";
        let long = "x".repeat(1_025);
        for (path, user, password) in [
            (global, "anna@example.com", "wrong"),
            (global, "nobody@example.com", "right"),
            (global, "otto@example.com", "right"),
            (global, "anna@example.com", long.as_str()),
            (berlin, "anna@example.com", "right"),
            (berlin, "otto@example.com", "wrong"),
            (
                "/oauth/shop/in-store/key=paris/customers/token",
                "otto@example.com",
                "right",
            ),
            (
                "/oauth/shop/in-store/key=%22/customers/token",
                "otto@example.com",
                "right",
            ),
        ] {
            let form = format!("grant_type=password&username={user}&password={password}");
            let answer = app.post(&client, path, &form).await;
            assert_eq!(
                (answer.status, answer.text),
                (400, expected.clone()),
                "{path} {user}"
            );
        }
        for (form, name) in [
            ("grant_type=password&password=x", "username"),
            ("grant_type=password&username=x", "password"),
        ] {
            let answer = app.post(&client, global, form).await;
            let message = format!("Missing required parameter: {name}.");
            assert_eq!(answer.text, oauth(400, "invalid_request", &message));
        }
        let answer = app.post(&client, "/oauth/introspect", "").await;
        assert_eq!(
            answer.text,
            oauth(400, "invalid_request", "Missing required parameter: token.")
        );
    })
    .await;
}
