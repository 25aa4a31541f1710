//! The life of signing keys, on both databases.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use domain::{identity::ids::ProjectKey, timestamp::Timestamp};
use serde_json::json;
use shared::{
    clock::FrozenClock,
    db::{Database, DbError},
    random::SystemRandomness,
    token::{
        claims::{AccessTokenClaims, audience},
        install_crypto,
        key_life::{KeyChange, KeyKeeper, KeyLifeError, KeyTimes},
        key_records::{KeyRecord, KeyState, all},
        keys::{self, KeyError, SigningAlgorithm, SigningKey},
        sealing::SealingKey,
        signer::sign,
        verifier::TokenVerifier,
    },
};
use testkit::databases;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const RSA_KEY: &str = include_str!("rsa_key_of_nobody.pem");

fn keeper(key_encryption_key: u8) -> KeyKeeper {
    install_crypto();
    KeyKeeper {
        seal: Arc::new(SealingKey::new(&[key_encryption_key; 32]).expect("a sealing key")),
        algorithm: SigningAlgorithm::Es256,
        times: KeyTimes::default(),
        randomness: Arc::new(SystemRandomness::new()),
    }
}

fn tend(database: &Database, keeper: &KeyKeeper, now: Timestamp) -> Vec<KeyChange> {
    let changes: Result<_, KeyError> = database.write_blocking(|tx| keeper.tend(tx, now));
    changes.expect("tended")
}

fn states(changes: &[KeyChange]) -> Vec<KeyState> {
    changes.iter().map(|change| change.state).collect()
}

fn known(database: &Database) -> Vec<KeyRecord> {
    let found: Result<_, DbError> = database.read_blocking(all);
    found.expect("the keys")
}

fn active(database: &Database, keeper: &KeyKeeper) -> SigningKey {
    let found: Result<_, KeyError> =
        database.read_blocking(|tx| keys::active_key(tx, &keeper.seal));
    found.expect("read").expect("an active key")
}

fn published(database: &Database) -> usize {
    let found: Result<_, DbError> = database.read_blocking(keys::public_keys);
    found.expect("the public keys").len()
}

fn token(key: &SigningKey) -> String {
    let claims: AccessTokenClaims = serde_json::from_value(json!({
        "iss": "https://auth.example.com",
        "aud": [audience(&ProjectKey::new("demo"))],
        "sub": "client:c-1",
        "client_id": "c-1",
        "iat": START.seconds(),
        "nbf": START.seconds(),
        "exp": START.seconds() + 7 * DAY,
        "jti": "t-1",
        "scope": "manage_project:demo",
    }))
    .expect("claims");
    sign(&claims, key).expect("signed")
}

fn is_accepted(database: &Database, token: &str) -> bool {
    let clock = FrozenClock::at(START);
    let verifier = TokenVerifier::new(database.clone(), clock, "https://auth.example.com");
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(verifier.verify(token))
        .is_ok()
}

#[test]
fn a_key_is_published_before_it_signs_and_stays_so_while_its_tokens_live() {
    for test in databases() {
        let (database, keeper) = (&test.database, keeper(7));
        let first = tend(database, &keeper, START);
        assert_eq!(states(&first), [KeyState::Active]);
        let old = active(database, &keeper);
        assert_eq!(old.kid, first[0].kid);

        let publish_at = START.plus_seconds(89 * DAY);
        assert_eq!(tend(database, &keeper, publish_at.plus_seconds(-1)), []);
        let next = tend(database, &keeper, publish_at);
        assert_eq!(states(&next), [KeyState::Pending]);
        assert_eq!(
            (published(database), active(database, &keeper).kid),
            (2, old.kid.clone())
        );

        let activate_at = START.plus_seconds(90 * DAY);
        assert_eq!(tend(database, &keeper, activate_at.plus_seconds(-1)), []);
        let changed = tend(database, &keeper, activate_at);
        assert_eq!(states(&changed), [KeyState::Active, KeyState::Retired]);
        assert_eq!(active(database, &keeper).kid, next[0].kid);
        assert_eq!(published(database), 2);
        let retired = &known(database)[0];
        assert!(!keeper.opens(retired), "the private half is gone");

        // A token that the old key signed at the last moment lives for a week.
        let remove_at = activate_at.plus_seconds(7 * DAY + 120);
        assert_eq!(tend(database, &keeper, remove_at.plus_seconds(-1)), []);
        let removed = tend(database, &keeper, remove_at);
        assert_eq!(
            removed,
            [KeyChange {
                kid: old.kid,
                state: KeyState::Removed
            }]
        );
        assert_eq!(published(database), 1);
    }
}

#[test]
fn of_instances_that_start_together_one_makes_the_first_key() {
    for test in databases() {
        let instances: Vec<Database> = (0..4).map(|_| test.second_instance()).collect();
        std::thread::scope(|scope| {
            for database in &instances {
                scope.spawn(move || tend(database, &keeper(7), START));
            }
        });
        assert_eq!(known(&test.database).len(), 1);
    }
}

#[test]
fn a_new_key_waits_its_time_unless_it_is_told_to_sign_at_once() {
    for test in databases() {
        let (database, keeper) = (&test.database, keeper(7));
        tend(database, &keeper, START);
        let rotate = || -> Result<Vec<KeyChange>, KeyLifeError> {
            database.write_blocking(|tx| keeper.rotate(tx, SigningAlgorithm::EdDsa, START))
        };
        let next = rotate().expect("a new key");
        assert_eq!(states(&next), [KeyState::Pending]);
        assert!(matches!(
            rotate(),
            Err(KeyLifeError::Pending { kid }) if kid == next[0].kid
        ));
        let changed: Result<_, KeyError> =
            database.write_blocking(|tx| keeper.rotate_now(tx, SigningAlgorithm::Es256, START));
        assert_eq!(changed.expect("changed")[0].kid, next[0].kid);
        assert_eq!(active(database, &keeper).algorithm, SigningAlgorithm::EdDsa);
        assert_eq!(known(database).len(), 2);
    }
}

#[test]
fn an_imported_rsa_key_signs_and_is_not_replaced_without_asking() {
    for test in databases() {
        let (database, keeper) = (&test.database, keeper(7));
        tend(database, &keeper, START);
        let import = |pem: &str| -> Result<Vec<KeyChange>, KeyLifeError> {
            database.write_blocking(|tx| keeper.import(tx, pem, START))
        };
        for broken in [
            "",
            "key",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ] {
            assert!(
                matches!(import(broken), Err(KeyLifeError::Import(_))),
                "{broken}"
            );
        }
        assert_eq!(
            states(&import(RSA_KEY).expect("imported")),
            [KeyState::Pending]
        );
        assert!(matches!(import(RSA_KEY), Err(KeyLifeError::Import(_))));
        tend(database, &keeper, START.plus_seconds(24 * HOUR));
        let key = active(database, &keeper);
        assert_eq!(key.algorithm, SigningAlgorithm::Rs256);
        assert!(is_accepted(database, &token(&key)));
        let records = known(database);
        let jwk = &records
            .iter()
            .find(|one| one.kid == key.kid)
            .expect("the key")
            .jwk;
        assert_eq!(
            (jwk["kty"].as_str(), jwk["e"].as_str()),
            (Some("RSA"), Some("AQAB"))
        );
        let years_later = tend(database, &keeper, START.plus_seconds(1_000 * DAY));
        assert_eq!(
            states(&years_later),
            [KeyState::Removed],
            "only the first key"
        );
        assert_eq!(active(database, &keeper).kid, key.kid);
    }
}

#[test]
fn what_a_revoked_key_signed_is_void_and_another_key_signs() {
    for test in databases() {
        let (database, keeper) = (&test.database, keeper(7));
        tend(database, &keeper, START);
        let stolen = active(database, &keeper);
        assert!(is_accepted(database, &token(&stolen)));
        let revoke = |kid: &str| -> Vec<KeyChange> {
            let changes: Result<_, KeyError> =
                database.write_blocking(|tx| keeper.revoke(tx, kid, START));
            changes.expect("revoked")
        };
        assert_eq!(
            states(&revoke(&stolen.kid)),
            [KeyState::Removed, KeyState::Active]
        );
        assert!(!is_accepted(database, &token(&stolen)));
        let next = active(database, &keeper);
        assert!(is_accepted(database, &token(&next)));
        assert_eq!(revoke(&stolen.kid), []);
        assert_eq!(revoke("unknown"), []);
    }
}

#[test]
fn a_key_encryption_key_can_be_changed_without_another_signing_key() {
    for test in databases() {
        let (database, old) = (&test.database, keeper(7));
        tend(database, &old, START);
        let kid = active(database, &old).kid;
        let seal = SealingKey::new(&[8; 32])
            .and_then(|key| key.after(&[7; 32]))
            .expect("a sealing key");
        let both = KeyKeeper {
            seal: Arc::new(seal),
            ..keeper(8)
        };
        assert_eq!(active(database, &both).kid, kid);
        let resealed: Result<_, KeyError> = database.write_blocking(|tx| both.reseal(tx));
        assert_eq!(resealed.expect("resealed"), 1);
        assert_eq!(active(database, &keeper(8)).kid, kid);
        // With a key that opens nothing nothing changes.
        let refused: Result<usize, KeyError> = database.write_blocking(|tx| keeper(9).reseal(tx));
        assert!(matches!(refused, Err(KeyError::Sealed { .. })));
        assert_eq!(active(database, &keeper(8)).kid, kid);
    }
}

#[test]
fn after_a_change_of_the_key_encryption_key_a_new_key_signs_at_once() {
    for test in databases() {
        let (database, before, after) = (&test.database, keeper(7), keeper(8));
        tend(database, &before, START);
        let kid = active(database, &before).kid;
        // Nothing is done without being asked: the wrong secret may be a mistake.
        assert_eq!(tend(database, &after, START), []);
        let changed: Result<_, KeyLifeError> =
            database.write_blocking(|tx| after.rotate(tx, SigningAlgorithm::Es256, START));
        let changed = changed.expect("changed");
        assert_eq!(states(&changed), [KeyState::Active, KeyState::Retired]);
        assert_eq!(changed[1].kid, kid);
        assert_eq!(active(database, &after).kid, changed[0].kid);
        assert_eq!(published(database), 2);
    }
}
