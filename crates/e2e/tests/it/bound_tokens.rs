//! Tokens that are bound to a key (RFC 9449): a guest with a key of their own at the resource API.

use serde_json::{Value, json};
use shared::clock::{Clock as _, SystemClock};
use testkit::dpop::ProofKey;

use crate::support::{Api, PASSWORD, Reply, Shop, address, on_each_database, text};

const CAROL: &str = "carol@example.com";

/// A shopper's phone with a key.
struct Phone {
    api: Api,
    key: ProofKey,
    refresh_token: String,
}

fn now() -> i64 {
    SystemClock.now().seconds()
}

/// Sends a form with a proof of `key` to the auth server.
fn ask_auth(shop: &Shop, key: &ProofKey, path: &str, form: &str) -> Reply {
    let at = shop.auth_api_with("");
    let (auth, project) = at.base.rsplit_once('/').expect("a project");
    let url = format!("{auth}{}", path.replace("{project}", project));
    let form_type = "application/x-www-form-urlencoded".to_owned();
    let headers = [
        ("authorization", shop.clients.mobile.basic()),
        ("dpop", key.proof("POST", &url, now())),
        ("content-type", form_type),
    ];
    at.http.send("POST", &url, &headers, Some(form.to_owned()))
}

/// A guest whose tokens are bound to `key`.
fn phone(shop: &Shop, key: ProofKey) -> Phone {
    let form = "grant_type=client_credentials";
    let answer = ask_auth(shop, &key, "/oauth/{project}/anonymous/token", form).expect(200);
    assert_eq!(answer["token_type"], "DPoP");
    Phone {
        api: shop.api_with(&text(&answer, "/access_token")),
        refresh_token: text(&answer, "/refresh_token"),
        key,
    }
}

impl Phone {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api.base)
    }

    fn proof(&self, method: &str, path: &str) -> String {
        let (token, url) = (&self.api.token, self.url(path));
        self.key.proof_for(method, &url, now(), token)
    }

    /// A request as it should be.
    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let proof = self.proof(method, path.split('?').next().expect("a path"));
        self.send("DPoP", method, path, &[proof], body)
    }

    fn send(
        &self,
        scheme: &str,
        method: &str,
        path: &str,
        proofs: &[String],
        body: Option<Value>,
    ) -> Reply {
        let mut headers = vec![("authorization", format!("{scheme} {}", self.api.token))];
        headers.extend(proofs.iter().map(|proof| ("dpop", proof.clone())));
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let body = body.map(|body| body.to_string());
        self.api.http.send(method, &self.url(path), &headers, body)
    }

    /// A cart with something in it.
    #[track_caller]
    fn cart(&self) -> Value {
        let draft = json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1", "quantity": 2 }],
        });
        self.call("POST", "/me/carts", Some(draft)).expect(201)
    }
}

#[track_caller]
fn challenged(reply: &Reply, code: &str) {
    let challenge =
        format!(r#"DPoP realm="commerce-api", error="{code}", algs="ES256 EdDSA Ed25519""#);
    let found = reply.headers.get("www-authenticate");
    assert_eq!(found, Some(&challenge), "{reply:?}");
    assert_eq!(reply.body["error"], code);
    reply.clone().refused(401, code);
}

#[test]
fn a_guest_with_a_key_shops_like_everybody_else() {
    on_each_database(|shop| {
        for key in [ProofKey::es256(), ProofKey::ed25519()] {
            let phone = phone(shop, key);
            let cart = phone.cart();
            let path = format!("/me/carts/{}", text(&cart, "/id"));
            let seen = phone.call("GET", &path, None).expect(200);
            assert_eq!(seen["id"], cart["id"]);
            let page = phone.call("GET", "/me/carts?limit=5", None).expect(200);
            assert_eq!(page["count"], 1);
            let order = json!({ "id": cart["id"], "version": cart["version"] });
            phone.call("POST", "/me/orders", Some(order)).expect(201);
        }
    });
}

#[test]
fn a_bound_token_is_worth_nothing_as_a_bearer_token() {
    on_each_database(|shop| {
        let phone = phone(shop, ProofKey::es256());
        let draft = json!({ "currency": "EUR" });
        for proofs in [vec![], vec![phone.proof("POST", "/me/carts")]] {
            let body = Some(draft.clone());
            let reply = phone.send("Bearer", "POST", "/me/carts", &proofs, body);
            challenged(&reply, "invalid_token");
        }
        let page = phone.call("GET", "/me/carts", None).expect(200);
        assert_eq!(page["count"], 0);
    });
}

#[test]
fn a_proof_is_good_for_one_request_of_one_kind() {
    on_each_database(|shop| {
        let phone = phone(shop, ProofKey::es256());
        let get = |proofs: &[String]| phone.send("DPoP", "GET", "/me/carts", proofs, None);
        let proof = [phone.proof("GET", "/me/carts")];
        get(&proof).expect(200);
        challenged(&get(&proof), "invalid_dpop_proof");
        challenged(&get(&[]), "invalid_dpop_proof");
        let two = [
            phone.proof("GET", "/me/carts"),
            phone.proof("GET", "/me/carts"),
        ];
        challenged(&get(&two), "invalid_dpop_proof");
        let (key, url, token) = (&phone.key, phone.url("/me/carts"), &phone.api.token);
        let elsewhere = "https://evil.example/demo/me/carts";
        for wrong in [
            phone.proof("POST", "/me/carts"),
            phone.proof("GET", "/me/orders"),
            key.proof("GET", &url, now()),
            key.proof_for("GET", &url, now() - 120, token),
            key.proof_for("GET", &url, now(), "another token"),
            key.proof_for("GET", elsewhere, now(), token),
            "nonsense".to_owned(),
        ] {
            challenged(&get(&[wrong]), "invalid_dpop_proof");
        }
    });
}

#[test]
fn the_proof_is_signed_by_the_key_of_the_token() {
    on_each_database(|shop| {
        let phone = phone(shop, ProofKey::es256());
        let (url, token) = (phone.url("/me/carts"), &phone.api.token);
        let stolen = ProofKey::es256().proof_for("GET", &url, now(), token);
        let reply = phone.send("DPoP", "GET", "/me/carts", &[stolen], None);
        challenged(&reply, "invalid_token");
    });
}

#[test]
fn the_scheme_binds_no_token_that_is_free() {
    on_each_database(|shop| {
        let guest = shop.guest("free");
        let free = Phone {
            api: guest.api.clone(),
            refresh_token: guest.refresh_token.clone(),
            key: ProofKey::es256(),
        };
        challenged(&free.call("GET", "/me/carts", None), "invalid_token");
        free.api.get("/me/carts").expect(200);
    });
}

#[test]
fn signing_up_with_a_bound_token_ends_it_and_takes_the_cart_along() {
    on_each_database(|shop| {
        let phone = phone(shop, ProofKey::es256());
        let cart = phone.cart();
        let draft = json!({ "email": CAROL, "password": PASSWORD });
        let stolen = phone.send("Bearer", "POST", "/me/signup", &[], Some(draft.clone()));
        challenged(&stolen, "invalid_token");
        phone.call("POST", "/me/signup", Some(draft)).expect(201);
        let path = format!("/me/carts/{}", text(&cart, "/id"));
        phone.call("GET", &path, None).refused(401, "invalid_token");
        let refresh = format!(
            "grant_type=refresh_token&refresh_token={}",
            phone.refresh_token
        );
        ask_auth(shop, &phone.key, "/oauth/token", &refresh).refused(400, "invalid_grant");
        let form = format!("grant_type=password&username={CAROL}&password={PASSWORD}");
        let place = "/oauth/{project}/customers/token";
        let answer = ask_auth(shop, &phone.key, place, &form).expect(200);
        let customer = Phone {
            api: shop.api_with(&text(&answer, "/access_token")),
            refresh_token: text(&answer, "/refresh_token"),
            key: phone.key,
        };
        let seen = customer.call("GET", &path, None).expect(200);
        assert_eq!(seen["id"], cart["id"]);
    });
}

#[test]
fn a_guest_with_a_key_is_taken_along_by_who_has_the_key_and_by_nobody_else() {
    on_each_database(|shop| {
        let phone = phone(shop, ProofKey::es256());
        let cart = phone.cart();
        let path = "/oauth/{project}/customers/token";
        for token in [&phone.api.token, &phone.refresh_token] {
            let form = [
                ("grant_type", "password"),
                ("username", "alice@example.com"),
                ("password", PASSWORD),
                ("anonymous_token", token),
            ];
            let thief = shop.ask_auth(&shop.clients.mobile, "/oauth/demo/customers/token", &form);
            thief.refused(400, "invalid_grant");
            let form = format!(
                "grant_type=password&username=alice@example.com&password={PASSWORD}&anonymous_token={token}"
            );
            ask_auth(shop, &ProofKey::es256(), path, &form).refused(400, "invalid_grant");
        }
        assert_eq!(phone.call("GET", "/me/active-cart", None).expect(200), cart);
        let form = format!(
            "grant_type=password&username=alice@example.com&password={PASSWORD}&anonymous_token={}",
            phone.api.token
        );
        let answer = ask_auth(shop, &phone.key, path, &form).expect(200);
        assert_eq!(answer["token_type"], "DPoP");
        let alice = Phone {
            api: shop.api_with(&text(&answer, "/access_token")),
            refresh_token: text(&answer, "/refresh_token"),
            key: phone.key,
        };
        let now = alice.call("GET", "/me/active-cart", None).expect(200);
        assert_eq!(now["id"], cart["id"]);
    });
}
