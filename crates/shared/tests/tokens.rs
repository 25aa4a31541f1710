//! Access tokens: what is accepted and what is not, on both databases.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{identity::ids::ProjectKey, timestamp::Timestamp};
use shared::{
    clock::FrozenClock,
    db::Database,
    random::SystemRandomness,
    token::{
        claims::{AccessTokenClaims, audience},
        install_crypto,
        key_life::{KeyKeeper, KeyTimes},
        keys::{self, KeyError, SigningAlgorithm, SigningKey},
        sealing::SealingKey,
        signer::sign,
        verifier::{TokenError, TokenVerifier},
    },
};
use testkit::databases;

const ISSUER: &str = "https://auth.example.com";
const NOW: i64 = 1_800_000_000;

fn seal() -> SealingKey {
    SealingKey::new(&[7; 32]).expect("a sealing key")
}

fn rotate(database: &Database, algorithm: SigningAlgorithm) -> SigningKey {
    install_crypto();
    let keeper = KeyKeeper {
        seal: Arc::new(seal()),
        algorithm,
        times: KeyTimes::default(),
        randomness: Arc::new(SystemRandomness::new()),
    };
    let made: Result<SigningKey, KeyError> = database.write_blocking(|tx| {
        keeper.rotate_now(tx, algorithm, Timestamp::from_millis(NOW * 1000))?;
        Ok(keys::active_key(tx, &seal())?.expect("an active key"))
    });
    made.expect("a new key")
}

fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: ISSUER.to_owned(),
        aud: vec![audience(&ProjectKey::new("demo"))],
        sub: "anonymous:s-1".to_owned(),
        client_id: "c-1".to_owned(),
        iat: NOW,
        nbf: NOW,
        exp: NOW + 3600,
        jti: "t-1".to_owned(),
        scope: "manage_my_orders:demo anonymous_id:phone-123".to_owned(),
        sid: Some("s-1".to_owned()),
        fam: None,
        store: None,
        cnf: None,
    }
}

fn verifier(database: &Database) -> (TokenVerifier, Arc<FrozenClock>) {
    let clock = FrozenClock::at(Timestamp::from_millis(NOW * 1000));
    (
        TokenVerifier::new(database.clone(), clock.clone(), ISSUER),
        clock,
    )
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

#[test]
fn a_token_of_either_algorithm_is_accepted_until_it_expires() {
    for test in databases() {
        for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
            let token = sign(&claims(), &rotate(&test.database, algorithm)).expect("signed");
            let (verifier, clock) = verifier(&test.database);
            let verified = block_on(verifier.verify(&token)).expect("accepted");
            assert_eq!(verified.claims, claims());
            clock.advance_seconds(3600 + 31);
            assert!(matches!(
                block_on(verifier.verify(&token)),
                Err(TokenError::Invalid)
            ));
        }
    }
}

#[test]
fn a_key_that_is_younger_than_the_last_look_is_found() {
    for test in databases() {
        let old =
            sign(&claims(), &rotate(&test.database, SigningAlgorithm::Es256)).expect("signed");
        let (verifier, _) = verifier(&test.database);
        block_on(async {
            verifier.verify(&old).await.expect("the old key is known");
            let new = rotate(&test.database, SigningAlgorithm::Es256);
            let token = sign(&claims(), &new).expect("signed");
            verifier
                .verify(&token)
                .await
                .expect("the new key is looked for");
            verifier.verify(&old).await.expect("the old key stays good");
        });
    }
}

#[test]
fn a_changed_or_foreign_token_is_refused() {
    for test in databases() {
        let key = rotate(&test.database, SigningAlgorithm::Es256);
        let token = sign(&claims(), &key).expect("signed");
        let parts: Vec<&str> = token.split('.').collect();
        let richer = AccessTokenClaims {
            scope: "manage_project:demo".to_owned(),
            ..claims()
        };
        let richer = URL_SAFE_NO_PAD.encode(serde_json::to_string(&richer).expect("JSON"));
        let unsigned = URL_SAFE_NO_PAD.encode(format!(
            r#"{{"typ":"at+jwt","alg":"none","kid":"{}"}}"#,
            key.kid
        ));
        let other_issuer = AccessTokenClaims {
            iss: "https://evil.example.com".to_owned(),
            ..claims()
        };
        let unborn = AccessTokenClaims {
            nbf: NOW + 60,
            ..claims()
        };
        let torn = AccessTokenClaims {
            sub: "customer:s-1".to_owned(),
            ..claims()
        };
        let refused = [
            format!("{}.{richer}.{}", parts[0], parts[2]),
            format!("{unsigned}.{}.", parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            sign(&other_issuer, &key).expect("signed"),
            sign(&unborn, &key).expect("signed"),
            sign(&torn, &key).expect("signed"),
            "a.b.c".to_owned(),
            "opaque-but-unknown".to_owned(),
            String::new(),
        ];
        let (verifier, _) = verifier(&test.database);
        for token in refused {
            let answer = block_on(verifier.verify(&token));
            assert!(matches!(answer, Err(TokenError::Invalid)), "{token}");
        }
    }
}

#[test]
fn a_key_sealed_with_another_secret_is_an_error_that_says_so() {
    for test in databases() {
        rotate(&test.database, SigningAlgorithm::Es256);
        let other = SealingKey::new(&[8; 32]).expect("a sealing key");
        let opened: Result<Option<SigningKey>, KeyError> = test
            .database
            .read_blocking(|tx| keys::active_key(tx, &other));
        assert!(matches!(opened, Err(KeyError::Sealed { .. })));
    }
}
