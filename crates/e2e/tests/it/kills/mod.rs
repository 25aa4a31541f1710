//! SIGKILL, again and again, while people shop: what was acknowledged is there, nothing is half done, and nobody is told
//! that it is the server's fault.

mod stage;
mod visitor;

use std::sync::{Mutex, PoisonError};

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use shared::db::{Database, DbError, statement::Statement};
use testkit::{TestDatabase, rounds};

use crate::support::{ApiClients, stocked_databases};
use stage::{API, AUTH, Stage};
use visitor::Visitor;

/// Kills in an ordinary run, on each database.
const KILLS: u64 = 15;
const WORKERS: usize = 4;

#[test]
fn servers_that_are_killed_lose_nothing_they_acknowledged() {
    for (database, clients) in stocked_databases() {
        under_fire(&database, clients);
    }
}

fn under_fire(database: &TestDatabase, clients: ApiClients) {
    let stage = Stage::new(database, clients);
    let mut running = [AUTH, API].map(|server| Some(stage.start(server)));
    let visitors = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (stage, visitors) = (&stage, &visitors);
            scope.spawn(move || work(stage, worker, visitors));
        }
        let _end = stage.progress.until_dropped();
        for kill in rounds(KILLS) {
            stage.progress.wait_for(20 + kill * 7 % 30);
            // One of them, the other, both.
            let doomed: &[usize] =
                [&[AUTH][..], &[API], &[AUTH, API]][usize::try_from(kill % 3).expect("small")];
            for server in doomed {
                stage.kill(*server, running[*server].take().expect("it runs"));
            }
            for server in doomed {
                running[*server] = Some(stage.start(*server));
            }
            check_tables(&database.database);
        }
    });
    let mut visitors = visitors
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    assert!(
        visitors.iter().any(|visitor| visitor.email.is_some()),
        "nobody signed in"
    );
    for visitor in &mut visitors {
        visitor.come_back();
    }
    check_tables(&database.database);
}

/// One visitor after the other; keeps those whose belongings nobody else changes any more.
fn work<'a>(stage: &'a Stage, worker: usize, done: &Mutex<Vec<Visitor<'a>>>) {
    let mut number = 0_usize;
    // A customer of this worker, and the units in the cart.
    let mut regular: Option<(String, Option<i64>)> = None;
    while !stage.progress.is_over() {
        let Some(mut visitor) = Visitor::arrive(stage) else {
            continue;
        };
        number += 1;
        if number.is_multiple_of(30) {
            // Customers with very many carts are not what this is about.
            regular = None;
        }
        for step in 0..3 + number % 4 {
            visitor.add();
            if (step + number).is_multiple_of(2) {
                visitor.refresh();
            }
        }
        if number.is_multiple_of(5) {
            visitor.order();
        }
        match (number % 3, &mut regular) {
            (0, _) => {}
            (1, Some((email, left))) => {
                visitor.sign_in(email, *left);
                *left = visitor.units();
                continue;
            }
            (_, regular) => {
                let email = format!("worker-{worker}-{number}@example.com");
                visitor.sign_up(&email);
                if regular.is_none() {
                    *regular = Some((email, visitor.units()));
                    continue;
                }
            }
        }
        done.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(visitor);
    }
}

/// In one glance each, whatever is going on: nothing is ever half done.
fn check_tables(database: &Database) {
    let nowhere = [
        (
            "carts and orders of guests who became customers, without customer",
            "documents WHERE kind IN ('cart', 'order') AND customer_id IS NULL AND anonymous_id IN \
             (SELECT anonymous_id FROM sessions WHERE state = 'ended')",
        ),
        (
            "carts of customers whose guest still has a session",
            "documents WHERE kind = 'cart' AND customer_id IS NOT NULL AND anonymous_id IN \
             (SELECT anonymous_id FROM sessions WHERE state = 'active')",
        ),
        (
            "as many orders as ordered carts",
            "(SELECT 1 WHERE (SELECT count(*) FROM documents WHERE kind = 'order') <> \
             (SELECT count(*) FROM documents WHERE kind = 'cart' AND state = 'Ordered')) different",
        ),
        (
            "sessions with more than one live refresh token",
            "(SELECT session_id FROM refresh_tokens WHERE state = 'live' GROUP BY session_id \
             HAVING count(*) > 1) twice",
        ),
        ("reuse alarms", "sessions WHERE state_reason = 'reuse'"),
    ];
    for (what, from) in nowhere {
        let counted = database.read_blocking::<_, DbError>(|tx| {
            let rows: Vec<(i64,)> = Statement::new(format!("SELECT count(*) FROM {from}"))
                .rows::<(BigInt,)>()
                .load(tx.connection())?;
            Ok(rows)
        });
        assert_eq!(counted.expect("a count"), [(0,)], "{what}");
    }
}
