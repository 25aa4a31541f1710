//! Everything at once to one session, at two instances of each server: whatever comes first, afterwards all is in order.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::rounds;

use crate::support::{
    Api, Cluster, Credentials, PASSWORD, PROJECT, Reply, address, number,
    on_each_database_with_two_instances, text, together,
};

/// In an ordinary run, on each database.
const STORMS: u64 = 40;
const MOBILE: &str = "create_anonymous_token:demo manage_my_orders:demo manage_my_profile:demo";

/// What one of the callers does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Refresh,
    /// And uses the answer, so that whoever comes late with the first token is a thief.
    RefreshTwice,
    Add,
    Order,
    SignUp,
    SignIn,
    BackendSignIn,
    Revoke,
}

const DEEDS: [Deed; 8] = [
    Deed::Refresh,
    Deed::RefreshTwice,
    Deed::Add,
    Deed::Order,
    Deed::SignUp,
    Deed::SignIn,
    Deed::BackendSignIn,
    Deed::Revoke,
];

#[test]
fn whatever_happens_to_a_session_at_once_it_is_in_order_afterwards() {
    on_each_database_with_two_instances(|shop| {
        let admin = shop.token_of(&shop.clients.admin);
        let clients = [
            ("rotating", "jwt"),
            ("rotating", "opaque"),
            ("reusable", "jwt"),
        ]
        .map(|(mode, format)| {
            let draft = json!({
                "name": "storm", "scope": MOBILE, "refreshTokenMode": mode,
                "accessTokenFormat": format,
            });
            let made = shop.auth_api(0, &admin).post("/api-clients", draft);
            (Credentials::of(&made.expect(201)), mode)
        });
        for round in rounds(STORMS) {
            let mut dice = round.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let (client, mode) = &clients[roll(&mut dice, clients.len())];
            let deeds: Vec<Deed> = (0..3 + roll(&mut dice, 4))
                .map(|_| DEEDS[roll(&mut dice, DEEDS.len())])
                .collect();
            let place = format!("storm {round}, a {mode} client: {deeds:?}");
            let storm = Storm::begin(shop, &admin, client, *mode == "rotating", round);
            let done = together(deeds.len(), |caller| storm.act(deeds[caller], caller));
            storm.check(&deeds, &done, &place);
        }
    });
}

/// xorshift: the same round is the same storm, as far as threads allow.
fn roll(dice: &mut u64, sides: usize) -> usize {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    usize::try_from(*dice >> 33).expect("31 bits") % sides
}

/// One session, its cart with one unit, and a customer.
struct Storm<'a> {
    shop: &'a Cluster,
    backend: &'a str,
    client: &'a Credentials,
    is_rotating: bool,
    guest: String,
    refresh_token: String,
    access_token: String,
    cart: Value,
    email: String,
}

/// What came of a deed.
#[derive(Debug)]
enum Done {
    Answered(Vec<Reply>),
    Added(i64),
}

impl<'a> Storm<'a> {
    fn begin(
        shop: &'a Cluster,
        backend: &'a str,
        client: &'a Credentials,
        is_rotating: bool,
        round: u64,
    ) -> Self {
        let guest = format!("storm-{round}");
        let form = [
            ("grant_type", "client_credentials"),
            ("anonymous_id", &guest),
        ];
        let path = format!("/oauth/{PROJECT}/anonymous/token");
        let started = shop.ask_auth(0, client, &path, &form).expect(200);
        let access_token = text(&started, "/access_token");
        let cart = shop.api(0, &access_token).my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1", "quantity": 1 }],
        }));
        let email = format!("in-{round}@example.com");
        let draft = json!({ "email": email, "password": PASSWORD });
        shop.api(0, backend).post("/customers", draft).expect(201);
        Self {
            shop,
            backend,
            client,
            is_rotating,
            guest,
            refresh_token: text(&started, "/refresh_token"),
            access_token,
            cart,
            email,
        }
    }

    fn act(&self, deed: Deed, caller: usize) -> Done {
        let api = self.shop.api(caller % 2, &self.access_token);
        let reply = match deed {
            Deed::Refresh => self.refresh(caller, &self.refresh_token),
            Deed::RefreshTwice => {
                let first = self.refresh(caller, &self.refresh_token);
                let mut both = vec![first.clone()];
                if let Some(next) = first.body["refresh_token"].as_str() {
                    both.push(self.refresh(caller + 1, next));
                }
                return Done::Answered(both);
            }
            Deed::Add => return Done::Added(self.add(&api)),
            Deed::Order => api.order_my_cart(&self.cart),
            Deed::SignUp => {
                let email = self.email.replace("in-", &format!("up-{caller}-"));
                api.sign_up(&email, PASSWORD)
            }
            Deed::SignIn => api.sign_in(&self.email, PASSWORD),
            Deed::BackendSignIn => {
                let draft = json!({
                    "email": self.email, "password": PASSWORD, "anonymousId": self.guest,
                });
                self.shop
                    .api(caller % 2, self.backend)
                    .post("/login", draft)
            }
            Deed::Revoke => {
                let form = [("token", self.refresh_token.as_str())];
                self.shop
                    .ask_auth(caller % 2, self.client, "/oauth/token/revoke", &form)
            }
        };
        Done::Answered(vec![reply])
    }

    fn refresh(&self, at: usize, token: &str) -> Reply {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.shop
            .ask_auth(at % 2, self.client, "/oauth/token", &form)
    }

    /// Adds three units, or as many as it may; answers how many were acknowledged.
    fn add(&self, api: &Api) -> i64 {
        let mut seen = self.cart.clone();
        let mut acknowledged = 0;
        while acknowledged < 3 {
            let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 1 }]);
            let reply = api.change_my_cart(&seen, add);
            match reply.status {
                200 => {
                    acknowledged += 1;
                    seen = reply.body;
                }
                409 => seen["version"] = reply.body["errors"][0]["currentVersion"].clone(),
                // Ordered meanwhile, or the session is over.
                _ => {
                    assert!([400, 401].contains(&reply.status), "{reply:?}");
                    break;
                }
            }
        }
        acknowledged
    }

    fn check(&self, deeds: &[Deed], done: &[Done], place: &str) {
        let mut added = 0;
        let mut replies = Vec::new();
        for (deed, done) in deeds.iter().zip(done) {
            match done {
                Done::Added(units) => added += units,
                Done::Answered(all) => replies.extend(all.iter().map(|reply| (*deed, reply))),
            }
        }
        for (deed, reply) in &replies {
            assert!(
                [200, 201, 400, 401, 409].contains(&reply.status),
                "{place}\n{deed:?}: {reply:?}"
            );
        }
        let state = self.check_row(deeds, place);
        self.check_tokens(&state, &replies, place);
        self.check_cart(&replies, added, place);
    }

    /// Answers the session's state.
    fn check_row(&self, deeds: &[Deed], place: &str) -> String {
        let of_guest = format!("sessions WHERE anonymous_id = '{}'", self.guest);
        let live = self.shop.count(&format!(
            "refresh_tokens WHERE state = 'live' AND session_id IN (SELECT id FROM {of_guest})"
        ));
        assert!(live <= 1, "{place}\n{live} live refresh tokens");
        let reused = self
            .shop
            .count(&format!("{of_guest} AND state_reason = 'reuse'"));
        let presenting = deeds
            .iter()
            .filter(|deed| matches!(deed, Deed::Refresh | Deed::RefreshTwice));
        let may_be_reuse =
            self.is_rotating && deeds.contains(&Deed::RefreshTwice) && presenting.count() > 1;
        assert!(
            reused == 0 || may_be_reuse,
            "{place}\na reuse alarm without reuse"
        );
        let states = ["active", "ended", "revoked"];
        let found: Vec<&str> = states
            .into_iter()
            .filter(|state| {
                self.shop
                    .count(&format!("{of_guest} AND state = '{state}'"))
                    == 1
            })
            .collect();
        assert_eq!(found.len(), 1, "{place}\n{found:?}");
        found[0].to_owned()
    }

    /// All tokens are dead or all are good, wherever they are shown.
    fn check_tokens(&self, state: &str, replies: &[(Deed, &Reply)], place: &str) {
        let of = |member: &str, first: &String| -> BTreeSet<String> {
            let told = replies
                .iter()
                .filter_map(|(_, reply)| reply.body[member].as_str());
            told.map(str::to_owned).chain([first.clone()]).collect()
        };
        let is_alive = state == "active";
        for token in of("access_token", &self.access_token) {
            for at in 0..2 {
                let status = self.shop.api(at, &token).get("/me/carts").status;
                assert_eq!(
                    status,
                    if is_alive { 200 } else { 401 },
                    "{place}\nAPI {at}"
                );
                let admin = &self.shop.clients.admin;
                let asked =
                    self.shop
                        .ask_auth(at, admin, "/oauth/introspect", &[("token", &token)]);
                assert_eq!(
                    asked.expect(200)["active"],
                    is_alive,
                    "{place}\nauth server {at}"
                );
            }
        }
        let tokens = of("refresh_token", &self.refresh_token);
        let refreshed = tokens.iter().map(|token| {
            let form = [("token", token.as_str())];
            let asked = self
                .shop
                .ask_auth(0, self.client, "/oauth/introspect", &form)
                .expect(200);
            asked["active"] == true && self.refresh(1, token).status == 200
        });
        let refreshed = refreshed.filter(|refreshed| *refreshed).count();
        assert_eq!(
            refreshed > 0,
            is_alive,
            "{place}\n{refreshed} of {} refresh",
            tokens.len()
        );
    }

    /// What was acknowledged is there, whole, and whoever signed in has it.
    fn check_cart(&self, replies: &[(Deed, &Reply)], added: i64, place: &str) {
        let customers: BTreeSet<&str> = replies
            .iter()
            .filter(|(_, reply)| reply.status < 300)
            .filter_map(|(_, reply)| reply.body["customer"]["id"].as_str())
            .collect();
        let ordered: Vec<&str> = replies
            .iter()
            .filter(|(deed, reply)| *deed == Deed::Order && reply.status == 201)
            .filter_map(|(_, reply)| reply.body["id"].as_str())
            .collect();
        assert!(ordered.len() <= 1, "{place}\nordered twice");
        let backend = self.shop.api(0, self.backend);
        let cart = backend
            .get(&format!("/carts/{}", text(&self.cart, "/id")))
            .expect(200);
        let units = number(&cart, "/totalLineItemQuantity");
        assert_eq!(units, 1 + added, "{place}\n{cart:#}");
        let state = if ordered.is_empty() {
            "Active"
        } else {
            "Ordered"
        };
        assert_eq!(cart["cartState"], state, "{place}");
        let owner = cart["customerId"].as_str();
        assert_eq!(owner.is_some(), !customers.is_empty(), "{place}\n{cart:#}");
        assert!(
            owner.is_none_or(|owner| customers.contains(owner)),
            "{place}\n{cart:#}"
        );
        for order in ordered {
            let order = backend.get(&format!("/orders/{order}")).expect(200);
            assert_eq!(order["customerId"].as_str(), owner, "{place}\n{order:#}");
        }
    }
}
