//! A look through everything ends when nobody waits for it any more.

use std::{sync::mpsc, time::Duration};

use domain::{identity::ids::ProjectKey, kind::Kind, timestamp::Timestamp};
use serde_json::json;
use shared::{
    config::database::DatabaseSettings,
    db::{Database, DbError, Dialect, Reach},
    http::memory::Memory,
};

use super::Stored;
use crate::{
    error::CommerceError,
    service::listing::{Query, compile},
    store::{listing, visibility::Visibility},
};

#[actix_web::test]
async fn a_scan_whose_caller_was_answered_looks_at_no_further_row() {
    let cart = json!({
        "id": "a", "version": 1, "country": "DE",
        "createdAt": "2026-01-01T00:00:00.000Z", "lastModifiedAt": "2026-01-01T00:00:00.000Z",
    });
    // PostgreSQL ends its statements itself.
    for stored in Stored::everywhere(Kind::Cart, &[cart]) {
        if stored.test.database.dialect() == Dialect::Postgres {
            continue;
        }
        let database = Database::open(&DatabaseSettings {
            url: stored.test.url.parse().unwrap(),
            pool_size: 1,
            scan_pool_size: 1,
            deadline: Duration::from_secs(3),
        })
        .unwrap();
        let project = ProjectKey::new("demo");
        let seen = Visibility::project(project.clone(), Timestamp::from_millis(0));
        let query = Query {
            filters: vec![r#"country = "DE""#.to_owned()],
            limit: 20,
            ..Query::default()
        };
        let wanted = compile(&query, Kind::Cart, &project, database.dialect()).unwrap();
        let memory = Memory::unlimited();
        let (release, released) = mpsc::channel::<()>();
        let (seen_by_scan, outcome) = mpsc::channel();
        let look = move |tx: &mut shared::db::ReadTx<'_>| {
            let page = |tx: &mut _| listing::page(tx, &seen, Kind::Cart, &wanted, &memory);
            let before = page(tx).map(|page| page.bodies.len());
            released.recv().unwrap();
            let after = page(tx).map(|page| page.bodies.len());
            seen_by_scan.send((before, after)).unwrap();
            Ok::<_, DbError>(())
        };
        let answer = database.read_within(Reach::Wide, look).await;
        assert!(matches!(answer, Err(DbError::TimedOut(_))), "{answer:?}");
        release.send(()).unwrap();
        let (before, after) = outcome.recv().unwrap();
        assert_eq!(before.unwrap(), 1);
        assert!(
            matches!(after, Err(CommerceError::OverCapacity)),
            "{after:?}"
        );
    }
}
