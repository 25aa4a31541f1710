//! Sign-ins that find a hash made with other parameters make it anew; nobody else notices.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{PASSWORD, Reply, Shop, on_each_database, together};

const ALICE: &str = "alice@example.com";
const ROUNDS: usize = 4;
const CALLERS: usize = 8;

/// Lets many sign in at the same moment, and checks that all of them could.
fn all_sign_in(shop: &Shop, customer: &str, sign_in: impl Fn(usize, usize) -> Reply + Sync) {
    let mut hashes = BTreeSet::new();
    for round in 0..ROUNDS {
        shop.store_outdated_hash(customer);
        for reply in together(CALLERS, |caller| sign_in(round, caller)) {
            assert_eq!(reply.status, 200, "round {round}: {}", reply.body);
        }
        let hash = shop.stored_hash(customer).expect("a hash");
        assert!(!hash.contains("m=16,t=2"), "made anew: {hash}");
        hashes.insert(hash);
    }
    assert_eq!(hashes.len(), ROUNDS);
}

#[test]
fn many_sign_ins_at_the_resource_api_make_one_hash_anew() {
    on_each_database(|shop| {
        let (alice, backend) = (shop.alice(), shop.backend());
        all_sign_in(shop, &alice.id, |_, _| {
            backend.post("/login", json!({ "email": ALICE, "password": PASSWORD }))
        });
        all_sign_in(shop, &alice.id, |round, caller| {
            let guest = shop.guest(&format!("phone-{round}-{caller}"));
            guest.sign_in(ALICE, PASSWORD)
        });
    });
}

#[test]
fn many_sign_ins_at_the_token_endpoint_make_one_hash_anew() {
    on_each_database(|shop| {
        let alice = shop.alice();
        all_sign_in(shop, &alice.id, |_, _| {
            shop.ask_for_customer(ALICE, PASSWORD)
        });
    });
}

#[test]
fn sign_ins_at_both_servers_make_one_hash_anew() {
    on_each_database(|shop| {
        let (alice, backend) = (shop.alice(), shop.backend());
        all_sign_in(shop, &alice.id, |_, caller| {
            if caller % 2 == 0 {
                backend.post("/login", json!({ "email": ALICE, "password": PASSWORD }))
            } else {
                shop.ask_for_customer(ALICE, PASSWORD)
            }
        });
    });
}

#[test]
fn a_password_that_is_changed_during_sign_ins_is_changed() {
    on_each_database(|shop| {
        let (alice, backend) = (shop.alice(), shop.backend());
        for round in 0..ROUNDS {
            shop.store_outdated_hash(&alice.id);
            let seen = backend.get(&format!("/customers/{}", alice.id)).expect(200);
            let new = format!("new-{round}");
            let change = json!({
                "id": alice.id, "version": seen["version"],
                "currentPassword": PASSWORD, "newPassword": new,
            });
            let replies = together(4, |caller| match caller {
                0 => backend.post("/customers/password", change.clone()),
                1 => shop.ask_for_customer(ALICE, PASSWORD),
                _ => backend.post("/login", json!({ "email": ALICE, "password": PASSWORD })),
            });
            assert_eq!(replies[0].status, 200, "{}", replies[0].body);
            for reply in &replies[1..] {
                assert!([200, 400].contains(&reply.status), "{}", reply.body);
            }
            shop.ask_for_customer(ALICE, PASSWORD).expect(400);
            shop.ask_for_customer(ALICE, &new).expect(200);
        }
    });
}
