//! The steps of customers, and everything about carts.

use serde_json::{Value, json};

use super::{
    model::Owner,
    play::{Play, Surprise, expect, password, same, unique},
    step::{Which, Who},
};
use crate::support::{Api, PROJECT, Reply, address, number, text};

const ONE_MORE: &str = "SKU-1";

impl Play<'_> {
    fn bearer(&self, session: usize, token: usize) -> Api {
        self.shop
            .api(self.at, &self.sessions[session].access[token])
    }

    fn accepts(&self, session: usize, token: usize) -> bool {
        self.model.sessions[session].accepts(token, self.model.now)
    }

    /// The password to type: the customer's, or a wrong one.
    fn typed(&self, customer: usize, is_right: bool) -> String {
        if is_right {
            password(self.model.customers[customer].password)
        } else {
            "wrong".to_owned()
        }
    }

    pub fn sign_up(&mut self, which: Which, is_new: bool) -> Result<Option<usize>, Surprise> {
        let Some((session, token)) = self.access_token(which) else {
            return Ok(None);
        };
        let email = if is_new {
            format!("{}@example.com", unique())
        } else {
            self.customers[0].1.clone()
        };
        self.tell(format!(
            "session {session} signs up as {email} with access token {token}"
        ));
        let reply = self.bearer(session, token).sign_up(&email, &password(0));
        if !self.accepts(session, token) {
            expect(&reply, 401, "invalid_token")?;
        } else if !is_new {
            expect(&reply, 400, "DuplicateField")?;
        } else {
            expect(&reply, 201, "")?;
            self.customer(text(&reply.body, "/customer/id"), email);
            let customer = self.customers.len() - 1;
            self.signed_in(session, customer, &reply)?;
        }
        Ok(Some(session))
    }

    pub fn sign_in(
        &mut self,
        which: Which,
        customer: u8,
        is_right: bool,
    ) -> Result<Option<usize>, Surprise> {
        let customer = Self::any(&self.customers, customer);
        let Some((session, token)) = self.access_token(which) else {
            return Ok(None);
        };
        let typed = self.typed(customer, is_right);
        self.tell(format!(
            "session {session} signs in as customer {customer} with access token {token} and {typed}"
        ));
        let reply = self
            .bearer(session, token)
            .sign_in(&self.customers[customer].1, &typed);
        if !self.accepts(session, token) {
            expect(&reply, 401, "invalid_token")?;
        } else if !is_right {
            expect(&reply, 400, "InvalidCredentials")?;
        } else {
            expect(&reply, 200, "")?;
            self.signed_in(session, customer, &reply)?;
        }
        Ok(Some(session))
    }

    /// A guest became a customer, or a customer signed in once more, which moves nothing.
    fn signed_in(
        &mut self,
        session: usize,
        customer: usize,
        reply: &Reply,
    ) -> Result<(), Surprise> {
        if let Owner::Guest(guest) = self.owner_of(session) {
            self.model.adopt(guest, customer);
        }
        same(
            "the customer",
            text(&reply.body, "/customer/id"),
            self.customers[customer].0.clone(),
        )?;
        let active = self.model.active_cart(Owner::Customer(customer));
        let expected = active.map(|cart| self.carts[cart].as_str());
        same(
            "the active cart",
            reply.body["cart"]["id"].as_str(),
            expected,
        )?;
        self.check_nothing_left_behind()
    }

    pub fn backend_sign_in(
        &mut self,
        session: Who,
        customer: u8,
        is_right: bool,
    ) -> Result<Option<usize>, Surprise> {
        let customer = Self::any(&self.customers, customer);
        let Some((session, guest)) = self.guest(session) else {
            return Ok(None);
        };
        let typed = self.typed(customer, is_right);
        self.tell(format!(
            "the backend signs session {session} in as customer {customer} with {typed}"
        ));
        let backend = self.shop.token_of(&self.shop.clients.backend);
        let draft = json!({
            "email": self.customers[customer].1, "password": typed, "anonymousId": guest,
        });
        let reply = self.shop.api(self.at, &backend).post("/login", draft);
        if is_right {
            expect(&reply, 200, "")?;
            self.signed_in(session, customer, &reply)?;
        } else {
            expect(&reply, 400, "InvalidCredentials")?;
        }
        Ok(Some(session))
    }

    pub fn start_customer(
        &mut self,
        client: u8,
        customer: u8,
        is_right: bool,
    ) -> Result<Option<usize>, Surprise> {
        let client = Self::any(&self.clients, client);
        let customer = Self::any(&self.customers, customer);
        let typed = self.typed(customer, is_right);
        self.tell(format!(
            "customer {customer} comes through client {client} with {typed}"
        ));
        let email = self.customers[customer].1.clone();
        let form = [
            ("grant_type", "password"),
            ("username", &email),
            ("password", &typed),
        ];
        let reply = self.ask(client, &format!("/oauth/{PROJECT}/customers/token"), &form);
        if self.model.clients[client].is_deleted {
            return expect(&reply, 401, "invalid_client").map(|()| None);
        }
        if !is_right {
            return expect(&reply, 400, "invalid_customer_account_credentials").map(|()| None);
        }
        self.started(&reply, client, Some(customer)).map(Some)
    }

    pub fn change_password(
        &mut self,
        which: Which,
        is_right: bool,
    ) -> Result<Option<usize>, Surprise> {
        let Some((session, token)) = self.access_token(which) else {
            return Ok(None);
        };
        let Owner::Customer(customer) = self.owner_of(session) else {
            return Ok(None);
        };
        let typed = self.typed(customer, is_right);
        self.tell(format!(
            "session {session} changes the password of customer {customer} with access token {token} and {typed}"
        ));
        let known = &self.model.customers[customer];
        let change = json!({
            "version": known.version, "currentPassword": typed,
            "newPassword": password(known.password + 1),
        });
        let reply = self.bearer(session, token).post("/me/password", change);
        if !self.accepts(session, token) {
            expect(&reply, 401, "invalid_token")?;
        } else if !is_right {
            expect(&reply, 400, "InvalidCurrentPassword")?;
        } else {
            expect(&reply, 200, "")?;
            self.model.change_password(customer);
            self.check_everything_dead()?;
        }
        Ok(Some(session))
    }

    pub fn add_to_cart(&mut self, which: Which) -> Result<Option<usize>, Surprise> {
        let Some((session, token)) = self.access_token(which) else {
            return Ok(None);
        };
        self.tell(format!(
            "session {session} adds to its cart with access token {token}"
        ));
        let (api, owner) = (self.bearer(session, token), self.owner_of(session));
        let active = self
            .model
            .active_cart(owner)
            .map(|cart| self.carts[cart].clone());
        let reply = match &active {
            None => api.post("/me/carts", new_cart()),
            Some(id) => {
                let add = json!([{ "action": "addLineItem", "sku": ONE_MORE, "quantity": 1 }]);
                let seen = api.get(&format!("/me/carts/{id}"));
                let version = seen.body["version"].as_i64().unwrap_or(1);
                api.update("/me/carts", &json!({ "id": id, "version": version }), add)
            }
        };
        if !self.accepts(session, token) {
            return expect(&reply, 401, "invalid_token").map(|()| Some(session));
        }
        expect(&reply, if active.is_some() { 200 } else { 201 }, "")?;
        let cart = self.model.add(owner);
        if active.is_none() {
            self.carts.push(text(&reply.body, "/id"));
        }
        let quantity = number(&reply.body, "/totalLineItemQuantity");
        same("the quantity", quantity, self.model.carts[cart].quantity)?;
        Ok(Some(session))
    }

    pub fn order(&mut self, which: Which) -> Result<Option<usize>, Surprise> {
        let Some((session, token)) = self.access_token(which) else {
            return Ok(None);
        };
        let owner = self.owner_of(session);
        let Some(cart) = self.model.active_cart(owner) else {
            return Ok(None);
        };
        self.tell(format!(
            "session {session} orders cart {cart} with access token {token}"
        ));
        let api = self.bearer(session, token);
        let seen = api.get(&format!("/me/carts/{}", self.carts[cart]));
        let version = seen.body["version"].as_i64().unwrap_or(1);
        let reply = api.order_my_cart(&json!({ "id": self.carts[cart], "version": version }));
        if self.accepts(session, token) {
            expect(&reply, 201, "")?;
            self.model.carts[cart].is_active = false;
            self.model.carts[cart].is_ordered = true;
        } else {
            expect(&reply, 401, "invalid_token")?;
        }
        Ok(Some(session))
    }
}

/// A cart that can be ordered, with one unit.
pub fn new_cart() -> Value {
    json!({
        "currency": "EUR", "country": "DE", "shippingAddress": address(),
        "lineItems": [{ "sku": ONE_MORE, "quantity": 1 }],
    })
}
