//! A guest fills a cart and orders it.

use serde_json::json;

use crate::support::{assert_shows, on_each_database};

#[test]
fn a_guest_creates_a_cart_of_its_own() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
        assert_shows(
            &cart,
            json!({ "version": 1, "anonymousId": "phone-123", "customerId": null }),
        );
    });
}
