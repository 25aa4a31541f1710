//! A customer lets an app in with an authorization code: what the app's token is worth at the API.

use serde_json::{Value, json};
use url::{Url, form_urlencoded::Serializer};

use crate::support::{Api, PASSWORD, PROJECT, Reply, Shop, on_each_database, text};

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "com.example.app:/cb";

/// An app without a secret, at a shop.
struct App<'a> {
    shop: &'a Shop,
    client_id: String,
}

impl<'a> App<'a> {
    fn of(shop: &'a Shop) -> Self {
        let scope = format!("manage_my_profile:{PROJECT} manage_my_orders:{PROJECT}");
        let draft = json!({
            "name": "app", "public": true, "scope": scope, "redirectUris": [CALLBACK],
        });
        let admin = shop.auth_api_with(&shop.admin().token);
        let created = admin.post("/api-clients", draft).expect(201);
        assert_eq!(created.get("secret"), None);
        Self {
            shop,
            client_id: text(&created, "/id"),
        }
    }

    fn url(&self, path: &str) -> String {
        let base = self.shop.auth_api_with("").base;
        let server = base.strip_suffix(PROJECT).expect("a project");
        format!("{}{path}", server.trim_end_matches('/'))
    }

    /// The storefront asks for a code as the customer.
    fn code(&self, customer: &Api) -> String {
        let mut url = Url::parse(&self.url("/oauth/authorize")).expect("a URL");
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let headers = [
            ("authorization", format!("Bearer {}", customer.token)),
            ("accept", "application/json".to_owned()),
        ];
        let answer = self.shop.http.send("GET", url.as_str(), &headers, None);
        let target = Url::parse(&text(&answer.expect(200), "/redirectTo")).expect("a URL");
        let mut pairs = target.query_pairs();
        let found = pairs.find(|(name, _)| name == "code");
        found.expect("a code").1.into_owned()
    }

    /// The app sends a form of its own.
    fn ask(&self, form: &[(&str, &str)]) -> Reply {
        let mut form = form.to_vec();
        form.push(("client_id", self.client_id.as_str()));
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let headers = [(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )];
        let url = self.url("/oauth/token");
        self.shop.http.send("POST", &url, &headers, Some(body))
    }

    fn exchange(&self, code: &str) -> Reply {
        self.ask(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
    }

    fn api(&self, tokens: &Value) -> Api {
        self.shop.api_with(&text(tokens, "/access_token"))
    }
}

#[test]
fn an_app_that_was_let_in_sees_the_customer_and_the_cart_of_the_customer() {
    on_each_database(|shop| {
        let (app, alice) = (App::of(shop), shop.alice());
        let cart = alice.my_cart(json!({ "currency": "EUR" }));
        let tokens = app.exchange(&app.code(&alice)).expect(200);
        let api = app.api(&tokens);
        assert_eq!(text(&api.get("/me").expect(200), "/id"), alice.id);
        assert_eq!(api.my_cart_again(&cart)["version"], cart["version"]);
        // Not more than it was given.
        api.get("/carts").refused(403, "insufficient_scope");
        let refresh_token = text(&tokens, "/refresh_token");
        let refreshed = app.ask(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
        ]);
        app.api(&refreshed.expect(200)).get("/me").expect(200);
    });
}

#[test]
fn a_code_that_comes_again_shuts_the_app_out_and_not_the_customer() {
    on_each_database(|shop| {
        let (app, alice) = (App::of(shop), shop.alice());
        let code = app.code(&alice);
        let api = app.api(&app.exchange(&code).expect(200));
        api.get("/me").expect(200);
        app.exchange(&code).refused(400, "invalid_grant");
        api.get("/me").refused(401, "invalid_token");
        alice.get("/me").expect(200);
    });
}

#[test]
fn a_changed_password_shuts_the_app_out_and_kills_the_code_on_its_way() {
    on_each_database(|shop| {
        let (app, alice) = (App::of(shop), shop.alice());
        let inside = app.api(&app.exchange(&app.code(&alice)).expect(200));
        let code = app.code(&alice);
        let me = inside.get("/me").expect(200);
        let change = json!({
            "version": me["version"], "currentPassword": PASSWORD, "newPassword": "n3w",
        });
        alice.post("/me/password", change).expect(200);
        app.exchange(&code).refused(400, "invalid_grant");
        inside.get("/me").refused(401, "invalid_token");
    });
}
