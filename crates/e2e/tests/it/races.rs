//! Many at once: every conflict has exactly one winner, nobody else is harmed, and no answer is a server error.
//!
//! Callers are spread over two instances of the API, so that no lock inside of a process can help.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{
    Api, Backend, Guest, Reply, Shop, address, number, on_each_database, text, together, with_stock,
};

const ROUNDS: usize = 5;

/// How often each status was answered. A server error fails the test.
#[track_caller]
fn statuses(replies: &[Reply]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        assert!(reply.status < 500, "{} {}", reply.status, reply.body);
        *counts.entry(reply.status).or_default() += 1;
    }
    counts
}

/// One caller on each of two instances, in turn.
fn at_two_instances<T>(shop: &Shop, api: &Api, test: impl FnOnce([Api; 2]) -> T) -> T {
    let second = shop.another_api();
    test([api.clone(), api.at(&second)])
}

fn orderable_cart(guest: &Api, draft: Value) -> Value {
    let mut wanted = json!({
        "currency": "EUR", "country": "DE", "shippingAddress": address(),
        "lineItems": [{ "sku": "SKU-1", "quantity": 1 }],
    });
    for (name, value) in draft.as_object().into_iter().flatten() {
        wanted[name] = value.clone();
    }
    guest.my_cart(wanted)
}

fn orders(backend: &Backend, cart: &Value) -> Vec<Value> {
    backend.find("/orders", &format!("cart(id=\"{}\")", text(cart, "/id")))
}

#[test]
fn of_parallel_updates_of_one_version_one_succeeds() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        at_two_instances(shop, &guest.api, |instances| {
            for _ in 0..ROUNDS {
                let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
                let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 1 }]);
                let replies = together(20, |caller| {
                    instances[caller % 2].change_my_cart(&cart, add.clone())
                });
                assert_eq!(statuses(&replies), BTreeMap::from([(200, 1), (409, 19)]));
                for reply in replies.iter().filter(|reply| reply.status == 409) {
                    assert_eq!(reply.body["errors"][0]["currentVersion"], 2);
                }
                let now = guest.my_cart_again(&cart);
                assert_eq!(
                    (&now["version"], &now["totalLineItemQuantity"]),
                    (&json!(2), &json!(1))
                );
            }
        });
    });
}

/// What the SDK does about conflicts.
fn change_until_it_succeeds(api: &Api, cart: &Value, actions: &Value) {
    let mut seen = cart.clone();
    loop {
        let reply = api.change_my_cart(&seen, actions.clone());
        if reply.status == 200 {
            return;
        }
        let error = reply.refused(409, "ConcurrentModification");
        seen["version"] = error["currentVersion"].clone();
    }
}

#[test]
fn parallel_updates_that_retry_all_succeed_and_all_count() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        at_two_instances(shop, &guest.api, |instances| {
            let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
            let add = json!([{ "action": "addLineItem", "sku": "SKU-1", "quantity": 1 }]);
            together(20, |caller| {
                change_until_it_succeeds(&instances[caller % 2], &cart, &add);
            });
            let now = guest.my_cart_again(&cart);
            assert_eq!(now["totalLineItemQuantity"], 20);
            assert_eq!(now["version"], 21);
        });
    });
}

#[test]
fn one_cart_becomes_one_order() {
    on_each_database(|shop| {
        let (guest, backend) = (shop.guest("phone-123"), shop.backend());
        at_two_instances(shop, &guest.api, |instances| {
            for _ in 0..ROUNDS {
                let cart = orderable_cart(&guest, json!({}));
                let replies = together(10, |caller| instances[caller % 2].order_my_cart(&cart));
                let counts = statuses(&replies);
                assert_eq!(counts[&201], 1, "{counts:?}");
                let turned_away = counts.get(&400).unwrap_or(&0) + counts.get(&409).unwrap_or(&0);
                assert_eq!(turned_away, 9, "{counts:?}");
                assert_eq!(orders(&backend, &cart).len(), 1);
                let cart = guest.my_cart_again(&cart);
                assert_eq!(
                    (&cart["cartState"], &cart["version"]),
                    (&json!("Ordered"), &json!(2))
                );
            }
        });
    });
}

#[test]
fn an_order_has_the_lines_of_the_version_it_names() {
    on_each_database(|shop| {
        let (guest, backend) = (shop.guest("phone-123"), shop.backend());
        at_two_instances(shop, &guest.api, |[here, there]| {
            for _ in 0..2 * ROUNDS {
                let cart = orderable_cart(&guest, json!({}));
                let more = json!([{
                    "action": "changeLineItemQuantity",
                    "lineItemId": cart["lineItems"][0]["id"], "quantity": 5,
                }]);
                let replies = together(2, |caller| match caller {
                    0 => here.order_my_cart(&cart),
                    _ => there.change_my_cart(&cart, more.clone()),
                });
                statuses(&replies);
                let made = orders(&backend, &cart);
                let now = guest.my_cart_again(&cart);
                match (replies[0].status, replies[1].status) {
                    (201, 400 | 409) => {
                        assert_eq!(made.len(), 1);
                        assert_eq!(made[0]["lineItems"][0]["quantity"], 1);
                        assert_eq!(now["lineItems"][0]["quantity"], 1);
                        assert_eq!(now["cartState"], "Ordered");
                    }
                    (409, 200) => {
                        assert_eq!(made.len(), 0);
                        assert_eq!(now["lineItems"][0]["quantity"], 5);
                        assert_eq!(now["cartState"], "Active");
                    }
                    both => panic!("{both:?}"),
                }
            }
        });
    });
}

#[test]
fn a_cart_that_is_deleted_while_it_is_ordered_is_one_or_the_other() {
    on_each_database(|shop| {
        let (guest, backend) = (shop.guest("phone-123"), shop.backend());
        at_two_instances(shop, &guest.api, |[here, there]| {
            for _ in 0..ROUNDS {
                let cart = orderable_cart(&guest, json!({}));
                let path = format!("/me/carts/{}", text(&cart, "/id"));
                let replies = together(2, |caller| match caller {
                    0 => here.order_my_cart(&cart),
                    _ => there.delete(&path, 1),
                });
                statuses(&replies);
                let made = orders(&backend, &cart).len();
                match (replies[0].status, replies[1].status) {
                    (201, 409) => assert_eq!(made, 1),
                    (404 | 409, 200) => assert_eq!(made, 0),
                    both => panic!("{both:?}"),
                }
            }
        });
    });
}

fn available(shop: &Shop, entry: &Value) -> i64 {
    let path = format!("/inventory/{}", text(entry, "/id"));
    number(&shop.admin().get(&path).expect(200), "/availableQuantity")
}

fn guests(shop: &Shop, count: usize) -> Vec<Guest> {
    let name = |number| format!("phone-{number}");
    (0..count).map(|number| shop.guest(&name(number))).collect()
}

#[test]
fn the_last_unit_is_sold_once() {
    on_each_database(|shop| {
        let entry = with_stock(shop, "SKU-1", 1);
        let (guests, second) = (guests(shop, 2), shop.another_api());
        for round in 0..ROUNDS {
            let carts: Vec<Value> = guests
                .iter()
                .map(|guest| orderable_cart(guest, json!({ "inventoryMode": "ReserveOnOrder" })))
                .collect();
            let replies = together(2, |caller| {
                let api = &guests[caller].api;
                let api = if caller == 0 {
                    api.clone()
                } else {
                    api.at(&second)
                };
                api.order_my_cart(&carts[caller])
            });
            assert_eq!(statuses(&replies), BTreeMap::from([(201, 1), (400, 1)]));
            let loser = replies
                .iter()
                .position(|reply| reply.status == 400)
                .unwrap();
            let error = replies[loser].clone().refused(400, "OutOfStock");
            assert_eq!(error["skus"], json!(["SKU-1"]));
            assert_eq!(available(shop, &entry), 0);
            let kept = guests[loser].my_cart_again(&carts[loser]);
            assert_eq!(
                (&kept["cartState"], &kept["version"]),
                (&json!("Active"), &json!(1))
            );

            let path = format!("/inventory/{}", text(&entry, "/id"));
            let now = shop.admin().get(&path).expect(200);
            let refill = json!([{ "action": "addQuantity", "quantity": 1 }]);
            let filled = shop.admin().update("/inventory", &now, refill).expect(200);
            assert_eq!(filled["availableQuantity"], 1, "round {round}");
        }
    });
}

#[test]
fn no_more_is_sold_than_there_is() {
    on_each_database(|shop| {
        let entries = [with_stock(shop, "SKU-1", 5), with_stock(shop, "SKU-2", 5)];
        let guests = guests(shop, 12);
        let second = shop.another_api();
        let carts: Vec<Value> = guests
            .iter()
            .enumerate()
            .map(|(number, guest)| {
                // Lines in both orders: two orders must not wait for each other's stock in a circle.
                let mut lines = vec![
                    json!({ "sku": "SKU-1", "quantity": 1 }),
                    json!({ "sku": "SKU-2", "quantity": 1 }),
                ];
                lines.rotate_left(number % 2);
                let draft = json!({ "inventoryMode": "ReserveOnOrder", "lineItems": lines });
                orderable_cart(guest, draft)
            })
            .collect();
        let replies = together(12, |caller| {
            let api = &guests[caller].api;
            let api = if caller % 3 == 0 {
                api.at(&second)
            } else {
                api.clone()
            };
            api.order_my_cart(&carts[caller])
        });
        assert_eq!(statuses(&replies), BTreeMap::from([(201, 5), (400, 7)]));
        for entry in &entries {
            assert_eq!(available(shop, entry), 0);
        }
    });
}

#[test]
fn a_unique_value_is_taken_once() {
    on_each_database(|shop| {
        let admin = shop.admin();
        at_two_instances(shop, &admin.api, |instances| {
            for round in 0..ROUNDS {
                let cart = json!({ "currency": "EUR", "key": format!("cart-{round}") });
                let store = json!({ "key": format!("store-{round}") });
                for (collection, draft) in [("/carts", cart), ("/stores", store)] {
                    let replies = together(8, |caller| {
                        instances[caller % 2].post(collection, draft.clone())
                    });
                    assert_eq!(statuses(&replies), BTreeMap::from([(201, 1), (400, 7)]));
                    for reply in replies.into_iter().filter(|reply| reply.status == 400) {
                        let error = reply.refused(400, "DuplicateField");
                        assert_eq!(error["field"], "key");
                        assert_eq!(error["duplicateValue"], draft["key"]);
                    }
                }
            }
        });
    });
}

#[test]
fn an_order_number_is_given_once() {
    on_each_database(|shop| {
        let (guest, backend) = (shop.guest("phone-123"), shop.backend());
        at_two_instances(shop, &backend.api, |instances| {
            for round in 0..ROUNDS {
                let carts: Vec<Value> = (0..6).map(|_| orderable_cart(&guest, json!({}))).collect();
                let replies = together(6, |caller| {
                    let draft = json!({
                        "cart": { "typeId": "cart", "id": carts[caller]["id"] }, "version": 1,
                        "orderNumber": format!("2026-{round}"),
                    });
                    instances[caller % 2].post("/orders", draft)
                });
                assert_eq!(statuses(&replies), BTreeMap::from([(201, 1), (400, 5)]));
                let with_order = carts
                    .iter()
                    .filter(|cart| !orders(&backend, cart).is_empty());
                assert_eq!(with_order.count(), 1);
                for (cart, reply) in carts.iter().zip(replies) {
                    let state = if reply.status == 201 {
                        "Ordered"
                    } else {
                        "Active"
                    };
                    assert_eq!(guest.my_cart_again(cart)["cartState"], state);
                }
            }
        });
    });
}

#[test]
fn a_custom_object_is_created_once_and_loses_no_version() {
    on_each_database(|shop| {
        let admin = shop.admin();
        at_two_instances(shop, &admin.api, |instances| {
            for round in 0..ROUNDS {
                let key = format!("key-{round}");
                let replies = together(8, |caller| {
                    let draft = json!({ "container": "c", "key": key, "value": caller });
                    instances[caller % 2].post("/custom-objects", draft)
                });
                let counts = statuses(&replies);
                assert_eq!(counts[&201], 1, "{counts:?}");
                assert!(
                    counts.keys().all(|status| [200, 201, 409].contains(status)),
                    "{counts:?}"
                );
                let written = counts[&201] + counts.get(&200).unwrap_or(&0);
                let now = admin.get(&format!("/custom-objects/c/{key}")).expect(200);
                assert_eq!(now["version"], written, "each success is a version");
                let last = replies
                    .iter()
                    .find(|reply| reply.body["version"] == now["version"]);
                assert_eq!(last.expect("the last write").body, now);
            }
        });
    });
}

#[test]
fn messages_of_one_resource_are_numbered_without_gaps() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        let list = json!({ "name": { "en": "wishes" } });
        let list = guest.post("/me/shopping-lists", list).expect(201);
        at_two_instances(shop, &guest.api, |instances| {
            together(8, |caller| {
                let mut seen = list.clone();
                loop {
                    let add = json!([{ "action": "addLineItem", "sku": "SKU-1" }]);
                    let reply = instances[caller % 2].update("/me/shopping-lists", &seen, add);
                    if reply.status == 200 {
                        return;
                    }
                    let error = reply.refused(409, "ConcurrentModification");
                    seen["version"] = error["currentVersion"].clone();
                }
            });
        });
        let about = format!("resource(id=\"{}\")", text(&list, "/id"));
        let mut numbers: Vec<i64> = admin
            .find("/messages", &about)
            .iter()
            .map(|message| number(message, "/sequenceNumber"))
            .collect();
        numbers.sort_unstable();
        let without_gaps: Vec<i64> = (1..).take(numbers.len()).collect();
        assert_eq!(numbers, without_gaps);
        assert!(numbers.len() >= 8, "{numbers:?}");
    });
}

#[test]
fn a_price_change_and_an_order_agree_on_the_price() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        for round in 0..ROUNDS {
            let cart = orderable_cart(&guest, json!({}));
            let seen = number(&cart, "/lineItems/0/price/value/centAmount");
            let next = 2000 + i64::try_from(round).unwrap();
            let replies = together(2, |caller| {
                if caller == 0 {
                    return Some(guest.order_my_cart(&cart));
                }
                crate::support::price_change(shop, "SKU-1", next);
                None
            });
            let order = replies.into_iter().flatten().next().expect("an answer");
            match order.status {
                201 => assert_eq!(order.body["totalPrice"]["centAmount"], seen),
                _ => {
                    order.refused(400, "PriceChanged");
                }
            }
        }
    });
}
