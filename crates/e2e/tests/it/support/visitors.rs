//! Who calls: each type is named after the credential it holds, and calls the commerce API through [`Api`].

use std::ops::Deref;

use serde_json::{Value, json};

use super::client::{Api, Reply};

/// Holds the tokens of an anonymous session.
#[derive(Clone)]
pub struct Guest {
    pub api: Api,
    pub refresh_token: String,
    pub anonymous_id: String,
}

/// Holds the tokens of a customer's session.
#[derive(Clone)]
pub struct CustomerClient {
    pub api: Api,
    pub refresh_token: String,
    pub id: String,
}

/// Holds an API client's own token: no subject.
#[derive(Clone)]
pub struct Backend {
    pub api: Api,
}

impl Deref for Guest {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Deref for CustomerClient {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Deref for Backend {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

/// What guests and customers do through `/me`.
impl Api {
    /// A new cart of the token's subject.
    #[track_caller]
    pub fn my_cart(&self, draft: Value) -> Value {
        self.post("/me/carts", draft).expect(201)
    }

    /// A new cart in EUR for Germany with one line.
    #[track_caller]
    pub fn my_cart_with(&self, sku: &str, quantity: i64) -> Value {
        self.my_cart(json!({
            "currency": "EUR", "country": "DE",
            "lineItems": [{ "sku": sku, "quantity": quantity }],
        }))
    }

    /// An own cart as it is now.
    #[track_caller]
    pub fn my_cart_again(&self, cart: &Value) -> Value {
        self.get(&format!("/me/carts/{}", super::text(cart, "/id")))
            .expect(200)
    }

    /// Changes an own cart.
    pub fn change_my_cart(&self, seen: &Value, actions: Value) -> Reply {
        self.update("/me/carts", seen, actions)
    }

    /// Orders an own cart at the version it was seen in.
    pub fn order_my_cart(&self, seen: &Value) -> Reply {
        let body = json!({ "id": seen["id"], "version": seen["version"] });
        self.post("/me/orders", body)
    }

    /// Signs in through `/me`.
    pub fn sign_in(&self, email: &str, password: &str) -> Reply {
        self.post("/me/login", json!({ "email": email, "password": password }))
    }

    /// Signs up through `/me`.
    pub fn sign_up(&self, email: &str, password: &str) -> Reply {
        self.post(
            "/me/signup",
            json!({ "email": email, "password": password }),
        )
    }
}
