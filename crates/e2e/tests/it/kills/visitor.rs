//! A visitor who shops while servers die, and who knows at every moment what must be there.
//!
//! After a lost answer the visitor asks what became of the request: either all of it happened, or nothing.

use serde_json::{Value, json};

use super::stage::Stage;
use crate::support::{Http, Lost, PASSWORD, PROJECT, Reply, address, number, text};

/// What the visitor has been told, or has found out.
pub struct Visitor<'a> {
    stage: &'a Stage,
    http: Http,
    pub anonymous_id: String,
    access_token: String,
    refresh_token: String,
    /// Units in the active cart, and what to call it by.
    cart: Option<Cart>,
    /// Ids of ordered carts.
    ordered: Vec<String>,
    /// Once signed in.
    pub email: Option<String>,
}

#[derive(Clone)]
struct Cart {
    id: String,
    version: i64,
    units: i64,
}

impl Cart {
    fn of(body: &Value) -> Self {
        Self {
            id: text(body, "/id"),
            version: number(body, "/version"),
            units: number(body, "/totalLineItemQuantity"),
        }
    }
}

/// Asks until there is an answer: for questions, and for what may be asked twice.
fn insist(mut ask: impl FnMut() -> Result<Reply, Lost>) -> Reply {
    loop {
        if let Ok(reply) = ask() {
            return reply;
        }
    }
}

impl<'a> Visitor<'a> {
    /// A new guest, or nobody if the answer was lost: that guest is nobody's loss.
    pub fn arrive(stage: &'a Stage) -> Option<Self> {
        let http = Http::new();
        let path = format!("/oauth/{PROJECT}/anonymous/token");
        let form = [("grant_type", "client_credentials")];
        let told = stage
            .ask(&http, &stage.clients.mobile, &path, &form)
            .ok()?
            .expect(200);
        let scope = text(&told, "/scope");
        let anonymous_id = scope
            .split(' ')
            .find_map(|scope| scope.strip_prefix("anonymous_id:"));
        Some(Self {
            stage,
            http,
            anonymous_id: anonymous_id.expect("an anonymous id").to_owned(),
            access_token: text(&told, "/access_token"),
            refresh_token: text(&told, "/refresh_token"),
            cart: None,
            ordered: Vec::new(),
            email: None,
        })
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Reply, Lost> {
        let body = body.map(ToString::to_string);
        self.stage
            .call(&self.http, &self.access_token, method, path, body)
    }

    fn get(&self, path: &str) -> Reply {
        insist(|| self.call("GET", path, None))
    }

    fn token(&self, form: &[(&str, &str)], path: &str) -> Result<Reply, Lost> {
        self.stage
            .ask(&self.http, &self.stage.clients.mobile, path, form)
    }

    /// With the token at hand, also where it was spent by an answer that got lost.
    pub fn refresh(&mut self) {
        let presented = self.refresh_token.clone();
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", presented.as_str()),
        ];
        let told = insist(|| self.token(&form, "/oauth/token")).expect(200);
        self.access_token = text(&told, "/access_token");
        self.refresh_token = text(&told, "/refresh_token");
    }

    /// One unit more.
    pub fn add(&mut self) {
        let line = json!({ "sku": "SKU-1", "quantity": 1 });
        let told = match &self.cart {
            None => {
                let draft = json!({
                    "currency": "EUR", "country": "DE", "shippingAddress": address(),
                    "lineItems": [line],
                });
                self.call("POST", "/me/carts", Some(&draft))
            }
            Some(cart) => {
                let mut add = line;
                add["action"] = "addLineItem".into();
                let update = json!({ "version": cart.version, "actions": [add] });
                self.call("POST", &format!("/me/carts/{}", cart.id), Some(&update))
            }
        };
        let before = self.cart.as_ref().map_or(0, |cart| cart.units);
        match told {
            Ok(reply) => {
                assert!([200, 201].contains(&reply.status), "{reply:?}");
                let cart = Cart::of(&reply.body);
                assert_eq!(cart.units, before + 1);
                self.cart = Some(cart);
            }
            Err(_lost) => {
                self.cart = self.active_cart();
                let now = self.cart.as_ref().map_or(0, |cart| cart.units);
                assert!(
                    now == before || now == before + 1,
                    "{before} units, then {now}"
                );
            }
        }
    }

    fn active_cart(&self) -> Option<Cart> {
        let listed = self.get("/me/carts?limit=100").expect(200);
        let all = listed["results"].as_array().expect("results");
        let active: Vec<&Value> = all
            .iter()
            .filter(|cart| cart["cartState"] == "Active")
            .collect();
        assert!(active.len() <= 1, "{listed:#}");
        for ordered in &self.ordered {
            let is_there = all
                .iter()
                .any(|cart| cart["id"] == **ordered && cart["cartState"] == "Ordered");
            assert!(is_there, "the ordered cart {ordered} is gone: {listed:#}");
        }
        active.first().map(|cart| Cart::of(cart))
    }

    /// Orders the cart.
    pub fn order(&mut self) {
        let Some(cart) = self.cart.clone() else {
            return;
        };
        let wanted = json!({ "id": cart.id, "version": cart.version });
        let told = self.call("POST", "/me/orders", Some(&wanted));
        let is_ordered = match told {
            Ok(reply) => {
                reply.expect(201);
                true
            }
            Err(_lost) => {
                let orders = self.get("/me/orders?limit=100").expect(200);
                let orders = orders["results"].as_array().expect("results").clone();
                let is_ordered = orders.iter().any(|order| order["cart"]["id"] == *cart.id);
                let now = self.get(&format!("/me/carts/{}", cart.id)).expect(200);
                assert_eq!(now["cartState"] == "Ordered", is_ordered, "{now:#}");
                is_ordered
            }
        };
        if is_ordered {
            self.ordered.push(cart.id);
            self.cart = None;
        }
    }

    /// Becomes a new customer, however often it takes.
    pub fn sign_up(&mut self, email: &str) {
        let draft = json!({ "email": email, "password": PASSWORD });
        loop {
            match self.call("POST", "/me/signup", Some(&draft)) {
                Ok(reply) => {
                    reply.expect(201);
                    break;
                }
                Err(_lost) if self.customer_token(email).is_some() => break,
                // Nothing happened: the guest goes on.
                Err(_lost) => self.check_guest(),
            }
        }
        self.became(email);
    }

    /// Becomes a customer who has been here before and left a cart with so many units.
    pub fn sign_in(&mut self, email: &str, left: Option<i64>) {
        let draft = json!({ "email": email, "password": PASSWORD });
        loop {
            match self.call("POST", "/me/login", Some(&draft)) {
                Ok(reply) => {
                    reply.expect(200);
                    break;
                }
                Err(_lost) if self.get("/me/carts").status == 401 => break,
                Err(_lost) => self.check_guest(),
            }
        }
        let merged = self.cart.as_ref().map(|cart| cart.units).max(left);
        if let (Some(units), Some(cart)) = (merged, &mut self.cart) {
            cart.units = units;
        }
        let had_none = self.cart.is_none();
        self.became(email);
        if had_none {
            self.cart = self.active_cart();
        }
        assert_eq!(self.units(), merged);
    }

    /// Units in the active cart.
    pub fn units(&self) -> Option<i64> {
        self.cart.as_ref().map(|cart| cart.units)
    }

    /// The guest's tokens are dead; the customer has what the guest had.
    fn became(&mut self, email: &str) {
        self.get("/me/carts").expect(401);
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.refresh_token.as_str()),
        ];
        insist(|| self.token(&form, "/oauth/token")).expect(400);
        let told = self.customer_token(email).expect("the customer signs in");
        self.access_token = text(&told, "/access_token");
        self.refresh_token = text(&told, "/refresh_token");
        self.email = Some(email.to_owned());
        if self.cart.is_some() {
            self.check_cart();
        }
    }

    fn customer_token(&self, email: &str) -> Option<Value> {
        let form = [
            ("grant_type", "password"),
            ("username", email),
            ("password", PASSWORD),
        ];
        let path = format!("/oauth/{PROJECT}/customers/token");
        let told = insist(|| self.token(&form, &path));
        match told.status {
            200 => Some(told.body),
            _ => {
                assert_eq!(
                    told.expect(400)["error"],
                    "invalid_customer_account_credentials"
                );
                None
            }
        }
    }

    fn check_guest(&mut self) {
        self.refresh();
        self.check_cart();
    }

    fn check_cart(&mut self) {
        let units = self.units();
        self.cart = self.active_cart();
        assert_eq!(self.units(), units, "units of {}", self.anonymous_id);
    }

    /// Long afterwards: the session lives, and everything is there.
    pub fn come_back(&mut self) {
        self.refresh();
        self.check_cart();
    }
}
