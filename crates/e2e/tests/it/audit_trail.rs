//! What the audit trail says about sessions that the commerce API ended.

use auth_server::grants::session_trace::Line;
use serde_json::json;

use crate::support::{PASSWORD, Shop, address, number, on_each_database, text};

const ALICE: &str = "alice@example.com";
const CAROL: &str = "carol@example.com";

/// The last thing that the trail says about a guest.
#[track_caller]
fn last_event(shop: &Shop, guest: &str) -> Line {
    let mut lines = shop.trace(guest).expect("a trace").lines;
    lines.retain(|line| line.source == "audit_events");
    lines.pop().expect("an event")
}

#[test]
fn the_end_of_a_guest_names_the_customer_and_how_it_came() {
    on_each_database(|shop| {
        let signed_up = shop.guest("signs-up").sign_up(CAROL, PASSWORD).expect(201);
        let signed_in = shop.guest("signs-in").sign_in(ALICE, PASSWORD).expect(200);
        shop.guest("by-backend");
        let draft = json!({ "email": ALICE, "password": PASSWORD, "anonymousId": "by-backend" });
        shop.backend().post("/login", draft).expect(200);
        shop.guest("registered");
        let draft = json!({
            "email": "dan@example.com", "password": PASSWORD, "anonymousId": "registered",
        });
        let registered = shop.backend().post("/customers", draft).expect(201);
        for (guest, customer, reason) in [
            ("signs-up", &signed_up, "signup"),
            ("signs-in", &signed_in, "login"),
            ("by-backend", &signed_in, "login"),
            ("registered", &registered, "signup"),
        ] {
            let event = last_event(shop, guest);
            let customer = text(customer, "/customer/id");
            assert_eq!(event.event, "session_ended");
            assert_eq!(
                event.text,
                format!("session ended: became customer {customer} by {reason}")
            );
        }
    });
}

#[test]
fn a_sign_in_that_fails_ends_nothing() {
    on_each_database(|shop| {
        shop.guest("fails")
            .sign_in(ALICE, "wrong")
            .refused(400, "InvalidCredentials");
        let trace = shop.trace("fails").expect("a trace");
        let words: Vec<&str> = trace.lines.iter().map(|line| line.event.as_str()).collect();
        assert_eq!(words, ["session_started"]);
    });
}

#[test]
fn whatever_ends_the_sessions_of_a_customer_is_an_event_with_its_reason() {
    on_each_database(|shop| {
        let alice = shop.alice();
        let seen = alice.get("/me").expect(200);
        let draft = json!({
            "version": seen["version"], "currentPassword": PASSWORD, "newPassword": "n3w",
        });
        alice.post("/me/password", draft).expect(200);
        let bob = shop.bob();
        let seen = bob.get("/me").expect(200);
        bob.delete("/me", number(&seen, "/version")).expect(200);
        for (customer, reason) in [(alice.id, "password_changed"), (bob.id, "customer_deleted")] {
            let [event] = shop
                .ends_of_customer(&customer)
                .try_into()
                .expect("one event");
            assert_eq!(event, ("session_revoked".to_owned(), json!(reason)));
        }
    });
}

#[test]
fn a_trace_shows_what_became_of_the_basket() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({
            "currency": "EUR", "country": "DE", "shippingAddress": address(),
            "lineItems": [{ "sku": "SKU-1", "quantity": 1 }],
        }));
        let order = guest.order_my_cart(&cart).expect(201);
        let backend = shop.backend();
        let actions = json!([{ "action": "changeOrderState", "orderState": "Confirmed" }]);
        backend.update("/orders", &order, actions).expect(200);
        let answer = guest.sign_up(CAROL, PASSWORD).expect(201);
        let trace = shop.trace("phone-123").expect("a trace");
        let texts: Vec<&str> = trace.lines.iter().map(|line| line.text.as_str()).collect();
        let (cart, order) = (text(&cart, "/id"), text(&order, "/id"));
        let carol = text(&answer, "/customer/id");
        for part in [
            format!("cart {cart} created"),
            format!("order {order} created"),
            format!("order {order}: OrderCreated"),
            format!("order {order}: OrderStateChanged Confirmed"),
            format!("session ended: became customer {carol} by signup"),
        ] {
            assert!(
                texts.contains(&part.as_str()),
                "{part} is not in {texts:#?}"
            );
        }
        let mut times: Vec<_> = trace.lines.iter().map(|line| line.at).collect();
        let found = times.clone();
        times.sort();
        assert_eq!(found, times);
        assert!(shop.trace("nobody").is_none());
    });
}
