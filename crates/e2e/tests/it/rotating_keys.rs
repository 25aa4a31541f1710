//! Signing keys that rotate while everybody works: nobody is ever told that a good token is not good.

use std::collections::VecDeque;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use shared::{
    clock::Clock as _,
    token::{
        key_life::{KeyChange, KeyKeeper, KeyTimes},
        key_records::KeyState,
        keys::{KeyError, SigningAlgorithm},
    },
};
use testkit::rounds;

use crate::support::{
    Cluster, PROJECT, Progress, Running, on_each_database_with_two_instances, text,
};

/// In an ordinary run, on each database.
const ROTATIONS: u64 = 9;
const HOUR: i64 = 3_600;
/// Access tokens live two days: one of this age is good whatever the clock does meanwhile.
const OLDEST: i64 = 44 * HOUR;
/// Tokens that a worker goes on using.
const KEPT: usize = 25;
const WORKERS: usize = 4;
/// Published an hour before it signs, signs for an hour: fifty keys during the life of one token.
const TIMES: KeyTimes = KeyTimes {
    pending: HOUR,
    active: HOUR,
    retired: 49 * HOUR,
};

#[test]
fn keys_that_rotate_under_load_cost_nobody_a_token() {
    on_each_database_with_two_instances(|shop| {
        // Nobody asks it until keys have come and gone.
        let late = shop.another_api();
        let progress = Progress::default();
        let mut signed = 0;
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let (progress, late) = (&progress, &late);
                scope.spawn(move || work(shop, worker, late, progress));
            }
            let _end = progress.until_dropped();
            for rotation in rounds(ROTATIONS) {
                progress.wait_for(60);
                signed += rotate(shop, rotation);
            }
            progress.wait_for(60);
        });
        assert!(signed >= ROTATIONS - 1, "only {signed} keys came to sign");
    });
}

/// Lets time pass and moves keys on, as the job and the operator do; answers how many came to sign.
fn rotate(shop: &Cluster, rotation: u64) -> u64 {
    shop.clock.advance_seconds(HOUR);
    let state = shop.auth_state(usize::from(rotation.is_multiple_of(2)));
    let keeper = KeyKeeper {
        times: TIMES,
        ..state.signing.keeper().clone()
    };
    let now = shop.clock.now();
    let changes = shop
        .database
        .database
        .write_blocking::<Vec<KeyChange>, KeyError>(|tx| {
            let mut changes = Vec::new();
            if rotation % 4 == 3 {
                // `auth-server keys rotate --now`
                let algorithm = [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa];
                let algorithm = algorithm[usize::from(rotation % 8 == 3)];
                changes.extend(keeper.rotate_now(tx, algorithm, now)?);
            }
            // The first look lets the next key sign, the second publishes the one after it.
            changes.extend(keeper.tend(tx, now)?);
            changes.extend(keeper.tend(tx, now)?);
            Ok(changes)
        });
    let changes = changes.expect("keys move on");
    let signing = changes
        .iter()
        .filter(|change| change.state == KeyState::Active);
    u64::try_from(signing.count()).expect("a few")
}

/// A token, and when it was issued.
struct Held {
    access: String,
    kid: String,
    issued_at: i64,
}

/// Gets tokens anywhere and shows new and old ones everywhere.
fn work(shop: &Cluster, worker: usize, late: &Running, progress: &Progress) {
    let mut held: VecDeque<Held> = VecDeque::new();
    let mut refresh_token: Option<String> = None;
    let mut number = worker;
    while !progress.is_over() {
        number += 1;
        // Before the request: the token is rather younger than that.
        let issued_at = shop.clock.now().seconds();
        let told = get_tokens(shop, number, refresh_token.as_deref());
        refresh_token = (!number.is_multiple_of(10)).then(|| text(&told, "/refresh_token"));
        let access = text(&told, "/access_token");
        let kid = kid_of(&access);
        held.push_back(Held {
            access,
            kid,
            issued_at,
        });
        let now = shop.clock.now().seconds();
        held.retain(|token| now - token.issued_at < OLDEST);
        if held.len() > KEPT {
            // The oldest stays, to become as old as possible.
            held.remove(1);
        }
        for token in [held.front(), held.get(number % held.len()), held.back()]
            .into_iter()
            .flatten()
        {
            show(shop, token, number, progress);
        }
        if held.len() > KEPT / 2 {
            let token = &held[number % held.len()].access;
            shop.api(0, token)
                .at(late)
                .get("/me/carts?limit=1")
                .expect(200);
        }
    }
}

/// A guest's first tokens, or the next ones.
fn get_tokens(shop: &Cluster, number: usize, refresh_token: Option<&str>) -> Value {
    let path = format!("/oauth/{PROJECT}/anonymous/token");
    let (path, form) = match refresh_token {
        None => (path.as_str(), vec![("grant_type", "client_credentials")]),
        Some(token) => (
            "/oauth/token",
            vec![("grant_type", "refresh_token"), ("refresh_token", token)],
        ),
    };
    shop.ask_auth(number % 2, &shop.clients.mobile, path, &form)
        .expect(200)
}

fn kid_of(token: &str) -> String {
    let header = token.split('.').next().expect("a header");
    let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    text(&header, "/kid")
}

fn show(shop: &Cluster, token: &Held, number: usize, progress: &Progress) {
    let (one, other) = (number % 2, (number / 2) % 2);
    shop.api(one, &token.access)
        .get("/me/carts?limit=1")
        .expect(200);
    let form = [("token", token.access.as_str())];
    let told = shop.ask_auth(other, &shop.clients.admin, "/oauth/introspect", &form);
    assert_eq!(
        told.expect(200)["active"],
        true,
        "a token signed by {}",
        token.kid
    );
    let jwks = shop.auth_get(one, "/.well-known/jwks.json").expect(200);
    let published = jwks["keys"].as_array().expect("keys");
    let is_published = published.iter().any(|key| key["kid"] == *token.kid);
    assert!(is_published, "{} is not in {jwks:#}", token.kid);
    progress.step();
}
