use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::dpop::ProofKey;

use super::{DpopGuard, DpopSettings, Proof, ProofError, Request};
use crate::{clock::FrozenClock, config::database::DatabaseSettings, db::Database};
use domain::timestamp::Timestamp;

const NOW: i64 = 1_800_000_000;
const URL: &str = "https://auth.shop.example/oauth/token";
const TOKEN_REQUEST: Request<'static> = Request {
    method: "POST",
    path: "/oauth/token",
    access_token: None,
};

fn claims() -> Value {
    json!({ "jti": "proof-1", "htm": "POST", "htu": URL, "iat": NOW })
}

/// The text of the refusal.
fn refusal(text: &str) -> String {
    match Proof::parse(text) {
        Ok(proof) => panic!("accepted: {proof:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_proof_of_either_kind_is_read_with_the_thumbprint_of_its_key() {
    for key in [ProofKey::es256(), ProofKey::ed25519()] {
        let mut all = claims();
        all["ath"] = json!("hash");
        all["nonce"] = json!("n");
        all["unknown"] = json!({ "to": "us" });
        let proof = Proof::parse(&key.sign(&key.header(), &all)).expect("a proof");
        assert_eq!(
            proof,
            Proof {
                thumbprint: key.thumbprint(),
                id: "proof-1".to_owned(),
                method: "POST".to_owned(),
                url: URL.to_owned(),
                issued_at: NOW,
                access_token_hash: Some("hash".to_owned()),
                nonce: Some("n".to_owned()),
            }
        );
    }
}

/// The key and thumbprint of RFC 8037 appendix A.3.
#[test]
fn the_thumbprint_is_that_of_the_standard() {
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let key = super::jwk::ProofKey::parse("EdDSA", jwk.as_object().expect("members"));
    let thumbprint = match key {
        Ok(key) => key.thumbprint(),
        Err(_) => panic!("the key is a key"),
    };
    assert_eq!(thumbprint, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn other_kinds_of_tokens_are_no_proofs() {
    let key = ProofKey::es256();
    for typ in [json!("JWT"), json!("at+jwt"), json!("dpop")] {
        let mut header = key.header();
        header["typ"] = typ;
        assert_eq!(
            refusal(&key.sign(&header, &claims())),
            ProofError::Type.to_string()
        );
    }
    let mut header = key.header();
    header["crit"] = json!(["exp"]);
    assert_eq!(
        refusal(&key.sign(&header, &claims())),
        ProofError::Malformed.to_string()
    );
}

#[test]
fn only_the_two_algorithms_are_accepted_and_each_with_its_own_kind_of_key() {
    let key = ProofKey::es256();
    for algorithm in ["none", "HS256", "RS256", "ES384", "es256", "ed25519", ""] {
        let mut header = key.header();
        header["alg"] = json!(algorithm);
        let text = key.sign(&header, &claims());
        assert_eq!(
            refusal(&text),
            ProofError::Algorithm.to_string(),
            "{algorithm}"
        );
    }
    for algorithm in ["EdDSA", "Ed25519"] {
        let mut header = key.header();
        header["alg"] = json!(algorithm);
        assert_eq!(
            refusal(&key.sign(&header, &claims())),
            ProofError::Key.to_string()
        );
    }
}

#[test]
fn ed25519_may_be_called_by_either_of_its_names() {
    let key = ProofKey::ed25519();
    for algorithm in ["EdDSA", "Ed25519"] {
        let mut header = key.header();
        header["alg"] = json!(algorithm);
        let proof = Proof::parse(&key.sign(&header, &claims()));
        assert_eq!(
            proof.expect("a proof").thumbprint,
            key.thumbprint(),
            "{algorithm}"
        );
    }
}

#[test]
fn a_key_that_is_private_or_broken_is_refused() {
    let key = ProofKey::es256();
    let broken: &[(&str, Value)] = &[
        ("d", json!("x")),
        ("k", json!("x")),
        ("p", Value::Null),
        ("kty", json!("oct")),
        ("crv", json!("P-384")),
        ("x", Value::Null),
        ("x", json!(1)),
        ("x", json!("AA")),
        ("y", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        // The last character has bits that belong to no byte.
        ("y", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")),
    ];
    for (name, value) in broken {
        let mut header = key.header();
        header["jwk"][*name] = value.clone();
        let text = key.sign(&header, &claims());
        assert_eq!(
            refusal(&text),
            ProofError::Key.to_string(),
            "{name}: {value}"
        );
    }
    let mut header = key.header();
    header["jwk"] = json!("a string");
    assert_eq!(
        refusal(&key.sign(&header, &claims())),
        ProofError::Key.to_string()
    );
    // Well formed, but no point of the curve.
    let mut header = key.header();
    header["jwk"]["y"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(
        refusal(&key.sign(&header, &claims())),
        ProofError::Signature.to_string()
    );
}

#[test]
fn a_signature_of_another_key_or_another_text_is_refused() {
    for (key, other) in [
        (ProofKey::es256(), ProofKey::es256()),
        (ProofKey::ed25519(), ProofKey::ed25519()),
    ] {
        let wrong = ProofError::Signature.to_string();
        assert_eq!(refusal(&other.sign(&key.header(), &claims())), wrong);
        let signed = key.sign(&key.header(), &claims());
        let signature = signed.rsplit('.').next().expect("a signature");
        let mut later = claims();
        later["iat"] = json!(NOW + 1);
        let moved = key.sign(&key.header(), &later);
        let (head, _) = moved.rsplit_once('.').expect("three parts");
        assert_eq!(refusal(&format!("{head}.{signature}")), wrong);
        assert_eq!(refusal(&format!("{head}.")), wrong);
    }
}

#[test]
fn missing_and_misshapen_members_are_refused() {
    let key = ProofKey::ed25519();
    let broken: &[(&str, Value)] = &[
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
        ("jti", json!(7)),
        ("htm", json!(["POST"])),
        ("htu", Value::Null),
        ("iat", json!("1800000000")),
        ("iat", json!(1.5)),
        ("nonce", json!("")),
        ("nonce", json!(7)),
        ("ath", json!({})),
    ];
    let malformed = ProofError::Malformed.to_string();
    for (name, value) in broken {
        let mut all = claims();
        all[*name] = value.clone();
        let text = key.sign(&key.header(), &all);
        assert_eq!(refusal(&text), malformed, "{name}: {value}");
    }
    for name in ["jti", "htm", "htu", "iat"] {
        let mut all = claims();
        all.as_object_mut().expect("members").remove(name);
        assert_eq!(refusal(&key.sign(&key.header(), &all)), malformed, "{name}");
    }
    let padded = "x".repeat(super::proof::MAX_PROOF_LENGTH);
    for text in ["", ".", "..", "a.b.c", "e30.e30.e30", "W10.W10.", &padded] {
        assert_eq!(refusal(text), malformed, "{text}");
    }
}

/// A guard that needs no database, because it demands no nonce.
fn here() -> DpopGuard {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!("sqlite://{}", directory.path().join("empty.db").display());
    let database = Database::open(&DatabaseSettings {
        url: url.parse().expect("a URL"),
        pool_size: 1,
        scan_pool_size: 1,
        deadline: std::time::Duration::from_secs(15),
    });
    let settings = DpopSettings {
        public_urls: vec!["https://auth.shop.example".to_owned()],
        requires_nonce: false,
    };
    DpopGuard::new(
        settings,
        database.expect("an empty database"),
        FrozenClock::at(Timestamp::from_millis(NOW * 1000)),
        Arc::new(crate::random::SystemRandomness::new()),
    )
}

async fn outcome(guard: &DpopGuard, text: &str, request: Request<'_>) -> String {
    match guard.check(text, request).await {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_proof_is_for_one_method_and_one_url() {
    let (guard, key) = (here(), ProofKey::es256());
    let of = |method: &str, url: &str| key.proof(method, url, NOW);
    assert_eq!(
        outcome(&guard, &of("POST", URL), TOKEN_REQUEST).await,
        "taken"
    );
    for method in ["GET", "post", ""] {
        let text = outcome(&guard, &of(method, URL), TOKEN_REQUEST).await;
        assert_eq!(text, ProofError::Method.to_string(), "{method}");
    }
    for url in [
        "https://auth.shop.example/oauth/introspect",
        "https://evil.example/oauth/token",
        "http://auth.shop.example/oauth/token",
        "/oauth/token",
    ] {
        let text = outcome(&guard, &of("POST", url), TOKEN_REQUEST).await;
        assert_eq!(text, ProofError::Url.to_string(), "{url}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_proof_is_good_for_a_minute_before_and_after_it_was_made() {
    let (guard, key) = (here(), ProofKey::es256());
    for age in [-60, 0, 60] {
        let text = key.proof("POST", URL, NOW - age);
        assert_eq!(
            outcome(&guard, &text, TOKEN_REQUEST).await,
            "taken",
            "{age}"
        );
    }
    for age in [-61, 61, i64::MAX, NOW - i64::MAX] {
        let text = key.proof("POST", URL, NOW.saturating_sub(age));
        let told = outcome(&guard, &text, TOKEN_REQUEST).await;
        assert_eq!(told, ProofError::Stale.to_string(), "{age}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn at_a_resource_a_proof_is_for_one_access_token() {
    let (guard, key) = (here(), ProofKey::es256());
    let request = Request {
        access_token: Some("the-token"),
        ..TOKEN_REQUEST
    };
    let right = key.proof_for("POST", URL, NOW, "the-token");
    assert_eq!(outcome(&guard, &right, request).await, "taken");
    for text in [
        key.proof_for("POST", URL, NOW, "another"),
        key.proof("POST", URL, NOW),
    ] {
        let told = outcome(&guard, &text, request).await;
        assert_eq!(told, ProofError::AccessToken.to_string());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,200}", parts in "[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(Proof::parse(&text).is_err());
        prop_assert!(Proof::parse(&parts).is_err());
    }

    #[test]
    fn any_json_in_header_and_claims_is_refused_without_a_panic(header in json_text(), claims in json_text()) {
        let key = ProofKey::ed25519();
        let encode = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
        let text = key.sign_text(&format!("{}.{}", encode(&header), encode(&claims)));
        prop_assert!(Proof::parse(&text).is_err());
    }

    #[test]
    fn a_proof_with_any_byte_changed_is_refused(at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
        let key = ProofKey::ed25519();
        let good = key.sign(&key.header(), &claims());
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let changed = String::from_utf8(bytes).expect("ASCII");
        prop_assert!(Proof::parse(&good).is_ok());
        prop_assert!(Proof::parse(&changed).is_err(), "{changed}");
    }

    #[test]
    fn whatever_a_client_names_as_url_is_compared_without_a_panic(htu in "\\PC{0,60}", path in "/[ -~]{0,40}") {
        let _outcome = super::target::is_same(&htu, "https://auth.shop.example", &path);
        let own = format!("https://auth.shop.example{path}");
        let escaped = url::Url::parse(&own).expect("a URL");
        prop_assert!(super::target::is_same(escaped.as_str(), "https://auth.shop.example", escaped.path()));
    }
}

/// JSON-like texts that come near to headers and claims of proofs.
fn json_text() -> impl Strategy<Value = String> {
    let member = prop::sample::select(vec![
        r#""typ":"dpop+jwt""#,
        r#""alg":"EdDSA""#,
        r#""alg":"none""#,
        r#""jwk":{}"#,
        r#""jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#,
        r#""jwk":[1e999]"#,
        r#""jti":"a""#,
        r#""iat":1800000000"#,
        r#""iat":1e400"#,
        r#""iat":99999999999999999999"#,
        r#""htm":null"#,
        r#""htu":"\ud800""#,
        "\"\u{0}\":1",
        "[[[[[[[[",
    ]);
    prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(",")))
}
