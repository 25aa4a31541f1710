//! Queries that look at a whole collection wait for each other; nobody else waits for them.

use std::{sync::mpsc, thread};

use serde_json::json;
use shared::db::{Database, DbError, Reach};

use crate::support::{on_each_database, text};

/// Occupies the one connection for such queries until what it answers is dropped.
fn long_scan(database: &Database) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    let (begun, has_begun) = mpsc::channel();
    let database = database.clone();
    thread::spawn(move || {
        let scan = database.read_within(Reach::Wide, move |_| {
            begun.send(()).expect("somebody waits");
            // Until the sender is gone.
            let _gone = released.recv();
            Ok::<_, DbError>(())
        });
        // Its caller may have been told to give up by then.
        let _told = actix_web::rt::System::new().block_on(scan);
    });
    has_begun.recv().expect("the scan has begun");
    release
}

#[test]
fn whoever_knows_what_to_look_for_does_not_wait_for_those_who_look_through_everything() {
    on_each_database(|shop| {
        let database = shop.connections();
        let api = shop.another_api_over(database.clone());
        let (backend, guest) = (shop.admin().at(&api), shop.guest("g-1"));
        let cart = guest.my_cart(json!({ "currency": "EUR", "country": "DE" }));
        let (cart, mine) = (text(&cart, "/id"), guest.api.at(&api));
        let customers = [("where", "email=\"nobody@example.com\"")];

        let scan = long_scan(&database);
        let refused = backend.query("/carts", &[("where", "country=\"DE\"")]);
        assert_eq!(refused.headers["retry-after"], "1");
        refused.refused(503, "OverCapacity");
        backend.get(&format!("/carts/{cart}")).expect(200);
        mine.query("/me/carts", &[("where", "country=\"DE\"")])
            .expect(200);
        backend.query("/customers", &customers).expect(200);
        let by_id = format!("id=\"{cart}\" and country=\"DE\"");
        assert_eq!(backend.find("/carts", &by_id).len(), 1);
        backend.get("/categories").expect(200);
        mine.post("/me/carts", json!({ "currency": "EUR" }))
            .expect(201);

        drop(scan);
        assert_eq!(backend.find("/carts", "country=\"DE\"").len(), 1);
    });
}
