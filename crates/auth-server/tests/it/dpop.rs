//! Tokens that are bound to a key of the client (RFC 9449).

use actix_web::{
    http::{Method, header},
    test::TestRequest,
};
use auth_server::app_state::Behaviour;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::{clock::Clock as _, db::statement::Statement, token::dpop::DpopSettings};
use testkit::dpop::ProofKey;

use crate::support::{
    Answer, Credentials, ISSUER, MOBILE, TestApp, on_every_database, on_every_database_with,
    with_two_instances,
};

const TOKEN: &str = "/oauth/token";
const GUESTS: &str = "/oauth/shop/anonymous/token";
const CUSTOMERS: &str = "/oauth/shop/customers/token";
const STORE_GUESTS: &str = "/oauth/shop/in-store/key=berlin/anonymous/token";
const STORE_CUSTOMERS: &str = "/oauth/shop/in-store/key=berlin/customers/token";
const HANDOFF: &str = "/oauth/shop/anonymous/handoff";
const OWN: &str = "grant_type=client_credentials";
const NOT_FOUND: &str = "The refresh token was not found. It may have expired.";

fn now(app: &TestApp) -> i64 {
    app.clock.now().seconds()
}

/// A request with a new proof of `key`.
async fn ask(
    app: &TestApp,
    client: &Credentials,
    key: &ProofKey,
    path: &str,
    form: &str,
) -> Answer {
    let proof = app.proof(key, path);
    app.post_with(client, path, form, &[proof]).await
}

fn refresh_form(token: &str) -> String {
    format!("grant_type=refresh_token&refresh_token={token}")
}

/// A refresh with a new proof of `key`.
async fn refresh(app: &TestApp, client: &Credentials, key: &ProofKey, token: &str) -> Answer {
    ask(app, client, key, TOKEN, &refresh_form(token)).await
}

async fn introspect(app: &TestApp, client: &Credentials, token: &str) -> Value {
    let form = format!("token={token}");
    app.post(client, "/oauth/introspect", &form).await.json()
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("a signed token");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

async fn client_of(app: &TestApp, mode: &str) -> Credentials {
    let draft = format!(r#"{{"name":"n","scope":"{MOBILE}","refreshTokenMode":"{mode}"}}"#);
    app.client_with(&draft).await.0
}

/// A customer of the project and one of the store, with the form that signs either in.
async fn customers(app: &TestApp) -> &'static str {
    app.customer("c-1", None, "anna@example.com", "secret")
        .await;
    app.customer("c-2", Some("berlin"), "anna@example.com", "secret")
        .await;
    "grant_type=password&username=anna@example.com&password=secret"
}

#[track_caller]
fn refused(answer: &Answer, code: &str) {
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (400, code),
        "{answer:?}"
    );
}

#[track_caller]
fn not_found(answer: &Answer) {
    refused(answer, "invalid_grant");
    assert_eq!(answer.json()["message"], NOT_FOUND);
}

#[actix_web::test]
async fn every_grant_binds_its_tokens_to_the_key_of_the_proof() {
    on_every_database(async |app| {
        let sign_in = customers(&app).await;
        for key in [ProofKey::es256(), ProofKey::ed25519()] {
            for format in ["jwt", "opaque"] {
                let draft =
                    format!(r#"{{"name":"n","scope":"{MOBILE}","accessTokenFormat":"{format}"}}"#);
                let (client, _) = app.client_with(&draft).await;
                let cnf = json!({ "jkt": key.thumbprint() });
                for (path, form) in [
                    (TOKEN, OWN),
                    (GUESTS, OWN),
                    (STORE_GUESTS, OWN),
                    (CUSTOMERS, sign_in),
                    (STORE_CUSTOMERS, sign_in),
                ] {
                    let answer = ask(&app, &client, &key, path, form).await;
                    assert_eq!(answer.member("token_type"), "DPoP", "{path}");
                    let token = answer.access_token();
                    let seen = introspect(&app, &client, &token).await;
                    assert_eq!((&seen["cnf"], &seen["token_type"]), (&cnf, &json!("DPoP")));
                    if format == "jwt" {
                        assert_eq!(claims(&token)["cnf"], cnf);
                    }
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn without_a_proof_tokens_are_bound_to_nothing() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let guest = app.guest(&client).await;
        assert_eq!(guest.member("token_type"), "Bearer");
        assert_eq!(claims(&guest.access_token()).get("cnf"), None);
        for token in [guest.access_token(), guest.refresh_token()] {
            assert_eq!(introspect(&app, &client, &token).await.get("cnf"), None);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_bound_session_is_refreshed_with_its_key_at_every_path() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let guest = ask(&app, &client, &key, GUESTS, OWN).await;
        let mut token = guest.refresh_token();
        let cnf = json!({ "jkt": key.thumbprint() });
        assert_eq!(introspect(&app, &client, &token).await["cnf"], cnf);
        for path in [TOKEN, GUESTS, CUSTOMERS, STORE_GUESTS, STORE_CUSTOMERS] {
            let answer = ask(&app, &client, &key, path, &refresh_form(&token)).await;
            assert_eq!(answer.member("token_type"), "DPoP");
            assert_eq!(answer.member("scope"), guest.member("scope"));
            assert_eq!(claims(&answer.access_token())["cnf"], cnf);
            assert_ne!(answer.refresh_token(), token);
            token = answer.refresh_token();
        }
    })
    .await;
}

#[actix_web::test]
async fn without_its_key_a_bound_session_is_not_found_and_not_changed() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let first = ask(&app, &client, &key, GUESTS, OWN).await.refresh_token();
        let second = refresh(&app, &client, &key, &first).await.refresh_token();
        let third = refresh(&app, &client, &key, &second).await.refresh_token();
        // The first would be reuse, the third a use.
        for token in [&first, &second, &third] {
            not_found(&app.refresh(&client, token).await);
            not_found(&refresh(&app, &client, &ProofKey::es256(), token).await);
        }
        let next = refresh(&app, &client, &key, &third).await;
        assert!(app.is_active(&client, &next.access_token()).await);
        // With the key it is reuse.
        not_found(&refresh(&app, &client, &key, &first).await);
        assert!(!app.is_active(&client, &next.access_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn a_lost_answer_can_be_asked_for_again_with_a_new_proof() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::ed25519());
        let first = ask(&app, &client, &key, GUESTS, OWN).await.refresh_token();
        let second = refresh(&app, &client, &key, &first).await.refresh_token();
        let again = refresh(&app, &client, &key, &first).await;
        assert_eq!(again.refresh_token(), second);
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_started_without_a_key_stays_without() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let guest = app.guest(&client).await;
        let bound = refresh(&app, &client, &key, &guest.refresh_token()).await;
        assert_eq!(bound.member("token_type"), "DPoP");
        assert_eq!(
            claims(&bound.access_token())["cnf"]["jkt"],
            key.thumbprint()
        );
        let token = bound.refresh_token();
        assert_eq!(introspect(&app, &client, &token).await.get("cnf"), None);
        let free = app.refresh(&client, &token).await;
        assert_eq!(free.member("token_type"), "Bearer");
    })
    .await;
}

#[actix_web::test]
async fn a_bad_proof_is_refused_at_every_grant_and_leaves_nothing_behind() {
    on_every_database(async |app| {
        let sign_in = customers(&app).await;
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let guest = app.guest(&client).await;
        let refreshing = refresh_form(&guest.refresh_token());
        let at = now(&app);
        for (path, form) in [
            (TOKEN, OWN),
            (GUESTS, OWN),
            (STORE_GUESTS, OWN),
            (CUSTOMERS, sign_in),
            (STORE_CUSTOMERS, sign_in),
            (TOKEN, refreshing.as_str()),
        ] {
            let url = format!("{ISSUER}{path}");
            let good = || app.proof(&key, path);
            let mut private = key.header();
            private["jwk"]["d"] = json!("AAAA");
            let mut unsigned = key.header();
            unsigned["alg"] = json!("none");
            let claims = json!({ "jti": "1", "htm": "POST", "htu": url, "iat": at });
            for proofs in [
                vec!["nonsense".to_owned()],
                vec![String::new()],
                vec![good(), good()],
                vec![key.proof("POST", &url, at - 61)],
                vec![key.proof("POST", &url, at + 61)],
                vec![key.proof("GET", &url, at)],
                vec![key.proof("POST", &format!("{ISSUER}/oauth/introspect"), at)],
                vec![key.proof("POST", &format!("https://evil.example{path}"), at)],
                vec![key.sign(&private, &claims)],
                vec![key.sign(&unsigned, &claims)],
                vec![format!("{}A", good())],
            ] {
                let answer = app.post_with(&client, path, form, &proofs).await;
                refused(&answer, "invalid_dpop_proof");
            }
        }
        assert_eq!(app.count("sessions").await, 1);
        assert_eq!(app.count("dpop_proofs").await, 0);
        let token = guest.refresh_token();
        assert_ne!(app.refresh(&client, &token).await.refresh_token(), token);
    })
    .await;
}

#[actix_web::test]
async fn who_is_not_the_client_is_told_so_whatever_the_proof_and_uses_none_up() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let stranger = Credentials {
            secret: "wrong".to_owned(),
            ..client.clone()
        };
        let proof = app.proof(&key, GUESTS);
        for proofs in [vec![proof.clone()], vec!["nonsense".to_owned()]] {
            let answer = app.post_with(&stranger, GUESTS, OWN, &proofs).await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (401, "invalid_client")
            );
        }
        let answer = app.post_with(&client, GUESTS, OWN, &[proof]).await;
        assert_eq!(answer.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_refused_request_uses_no_proof_up() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let taken = format!("{OWN}&anonymous_id=taken");
        assert_eq!(app.post(&client, GUESTS, &taken).await.status, 200);
        let proof = [app.proof(&key, GUESTS)];
        let answer = app.post_with(&client, GUESTS, &taken, &proof).await;
        refused(&answer, "invalid_request");
        let answer = app.post_with(&client, GUESTS, OWN, &proof).await;
        assert_eq!(answer.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn a_proof_is_good_once_whichever_instance_sees_it() {
    with_two_instances(async |one, two| {
        let (client, key) = (one.client(MOBILE).await, ProofKey::es256());
        for (path, form) in [(TOKEN, OWN), (GUESTS, OWN)] {
            let proof = [one.proof(&key, path)];
            assert_eq!(one.post_with(&client, path, form, &proof).await.status, 200);
            for app in [&one, &two] {
                let answer = app.post_with(&client, path, form, &proof).await;
                refused(&answer, "invalid_dpop_proof");
            }
        }
        assert_eq!(one.count("sessions").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn of_parallel_requests_with_one_proof_one_is_answered() {
    with_two_instances(async |one, two| {
        let (client, key) = (one.client(MOBILE).await, ProofKey::es256());
        let proof = one.proof(&key, GUESTS);
        let requests: Vec<_> = (0..10)
            .map(|n| {
                let app = if n % 2 == 0 { one.clone() } else { two.clone() };
                let (client, proof) = (client.clone(), [proof.clone()]);
                actix_web::rt::spawn(async move {
                    app.post_with(&client, GUESTS, OWN, &proof).await.status
                })
            })
            .collect();
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(request.await.expect("an answer"));
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![400; 9]].concat());
        assert_eq!(one.count("sessions").await, 1);
    })
    .await;
}

#[actix_web::test]
async fn a_replayed_refresh_with_its_proof_is_no_reuse() {
    with_two_instances(async |one, two| {
        let (client, key) = (one.client(MOBILE).await, ProofKey::es256());
        let first = ask(&one, &client, &key, GUESTS, OWN).await.refresh_token();
        let proof = [one.proof(&key, TOKEN)];
        let form = refresh_form(&first);
        let second = one
            .post_with(&client, TOKEN, &form, &proof)
            .await
            .refresh_token();
        let third = refresh(&one, &client, &key, &second).await;
        // By now the first token would be reuse.
        for app in [&one, &two] {
            let answer = app.post_with(&client, TOKEN, &form, &proof).await;
            refused(&answer, "invalid_dpop_proof");
        }
        assert!(one.is_active(&client, &third.access_token()).await);
        assert!(one.is_active(&client, &third.refresh_token()).await);
    })
    .await;
}

#[actix_web::test]
async fn parallel_refreshes_with_proofs_of_their_own_all_get_one_successor() {
    with_two_instances(async |one, two| {
        let (client, key) = (one.client(MOBILE).await, ProofKey::es256());
        let first = ask(&one, &client, &key, GUESTS, OWN).await.refresh_token();
        let requests: Vec<_> = (0..8)
            .map(|n| {
                let app = if n % 2 == 0 { one.clone() } else { two.clone() };
                let (client, form) = (client.clone(), refresh_form(&first));
                let proof = [app.proof(&key, TOKEN)];
                actix_web::rt::spawn(async move {
                    app.post_with(&client, TOKEN, &form, &proof)
                        .await
                        .refresh_token()
                })
            })
            .collect();
        let mut successors = Vec::new();
        for request in requests {
            successors.push(request.await.expect("an answer"));
        }
        successors.dedup();
        assert_eq!(successors.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn the_proof_names_the_public_url_of_the_path() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let at = now(&app);
        let escaped = "/oauth/shop/in-store/key%3Dberlin/anonymous/token";
        for htu in [
            format!("{ISSUER}{STORE_GUESTS}"),
            format!("{ISSUER}{STORE_GUESTS}?grant_type=client_credentials#top"),
            format!("HTTPS://AUTH.shop.example:443{STORE_GUESTS}"),
        ] {
            let proof = [key.proof("POST", &htu, at)];
            let answer = app.post_with(&client, STORE_GUESTS, OWN, &proof).await;
            assert_eq!(answer.status, 200, "{htu}");
        }
        let other_store = STORE_GUESTS.replace("berlin", "hamburg");
        for path in [
            GUESTS,
            escaped,
            other_store.as_str(),
            "/oauth/shop/anonymous/token/",
        ] {
            let proof = [app.proof(&key, path)];
            let answer = app.post_with(&client, STORE_GUESTS, OWN, &proof).await;
            refused(&answer, "invalid_dpop_proof");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_client_of_the_mode_must_show_a_key_for_every_session() {
    on_every_database(async |app| {
        let sign_in = customers(&app).await;
        let (client, key) = (client_of(&app, "dpop").await, ProofKey::es256());
        for (path, form) in [
            (GUESTS, OWN),
            (STORE_GUESTS, OWN),
            (CUSTOMERS, sign_in),
            (STORE_CUSTOMERS, sign_in),
        ] {
            refused(&app.post(&client, path, form).await, "invalid_dpop_proof");
            let form = format!("{form}&refresh_token=false");
            refused(&app.post(&client, path, &form).await, "invalid_dpop_proof");
        }
        assert_eq!(app.count("sessions").await, 0);
        let token = ask(&app, &client, &key, GUESTS, OWN).await.refresh_token();
        refused(&app.refresh(&client, &token).await, "invalid_dpop_proof");
        // Its own tokens belong to no session.
        let own = app.post(&client, TOKEN, OWN).await;
        assert_eq!(own.member("token_type"), "Bearer");
    })
    .await;
}

#[actix_web::test]
async fn a_refresh_token_of_the_mode_comes_back_to_its_key_only() {
    on_every_database(async |app| {
        let (client, key) = (client_of(&app, "dpop").await, ProofKey::es256());
        let token = ask(&app, &client, &key, GUESTS, OWN).await.refresh_token();
        for _ in 0..3 {
            app.clock.advance_seconds(10_000);
            not_found(&refresh(&app, &client, &ProofKey::es256(), &token).await);
            let answer = refresh(&app, &client, &key, &token).await;
            assert_eq!(answer.member("token_type"), "DPoP");
            assert_eq!(answer.refresh_token(), token);
        }
    })
    .await;
}

#[actix_web::test]
async fn what_a_client_of_the_mode_has_without_a_key_rotates() {
    on_every_database(async |app| {
        let client = app.client(MOBILE).await;
        let token = app.guest(&client).await.refresh_token();
        app.execute(Statement::new("UPDATE api_clients SET refresh_token_mode = ").text("dpop"))
            .await;
        // The server's copy of the client is a second old at most.
        app.clock.advance_seconds(2);
        refused(&app.refresh(&client, &token).await, "invalid_dpop_proof");
        let answer = refresh(&app, &client, &ProofKey::es256(), &token).await;
        assert_ne!(answer.refresh_token(), token);
    })
    .await;
}

/// Asks for a code with which another device takes over the guest of `token`.
async fn hand_over(app: &TestApp, client: &Credentials, token: &str, proofs: &[String]) -> Answer {
    let form = format!("anonymous_token={token}");
    app.post_with(client, HANDOFF, &form, proofs).await
}

#[actix_web::test]
async fn a_bound_guest_is_handed_over_with_the_key_only() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let guest = ask(&app, &client, &key, GUESTS, OWN).await;
        for token in [guest.access_token(), guest.refresh_token()] {
            let stranger = ProofKey::es256();
            for proofs in [vec![], vec![app.proof(&stranger, HANDOFF)]] {
                let answer = hand_over(&app, &client, &token, &proofs).await;
                refused(&answer, "invalid_grant");
            }
            let proof = [app.proof(&key, HANDOFF)];
            let answer = hand_over(&app, &client, &token, &proof).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let again = hand_over(&app, &client, &token, &proof).await;
            refused(&again, "invalid_dpop_proof");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_device_that_takes_over_has_a_key_of_its_own() {
    on_every_database(async |app| {
        let (client, old, new) = (
            app.client(MOBILE).await,
            ProofKey::es256(),
            ProofKey::es256(),
        );
        let guest = ask(&app, &client, &old, GUESTS, OWN).await;
        let proof = [app.proof(&old, HANDOFF)];
        let code = hand_over(&app, &client, &guest.refresh_token(), &proof).await;
        let form = format!(
            "grant_type=urn:guestcart:params:oauth:grant-type:handoff&handoff_code={}",
            code.member("handoff_code")
        );
        let device = ask(&app, &client, &new, GUESTS, &form).await;
        assert_eq!(device.member("token_type"), "DPoP");
        assert_eq!(
            claims(&device.access_token())["cnf"]["jkt"],
            new.thumbprint()
        );
        let token = device.refresh_token();
        not_found(&refresh(&app, &client, &old, &token).await);
        not_found(&app.refresh(&client, &token).await);
        let next = refresh(&app, &client, &new, &token).await;
        assert_eq!(next.member("scope"), guest.member("scope"));
        not_found(&refresh(&app, &client, &new, &guest.refresh_token()).await);
        refresh(&app, &client, &old, &guest.refresh_token())
            .await
            .access_token();
    })
    .await;
}

fn with_nonces() -> Behaviour {
    Behaviour {
        proofs: DpopSettings {
            requires_nonce: true,
            ..DpopSettings::default()
        },
        ..Behaviour::default()
    }
}

fn proof_with_nonce(app: &TestApp, key: &ProofKey, path: &str, nonce: &str) -> String {
    let (url, at) = (format!("{ISSUER}{path}"), now(app));
    key.proof_with("POST", &url, at, &json!({ "nonce": nonce }))
}

#[actix_web::test]
async fn a_server_that_wants_its_nonce_hands_it_out_and_takes_it() {
    on_every_database_with(with_nonces(), async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let asked = ask(&app, &client, &key, GUESTS, OWN).await;
        refused(&asked, "use_dpop_nonce");
        let nonce = asked.header("dpop-nonce").expect("a nonce").to_owned();
        let foreign = proof_with_nonce(&app, &key, GUESTS, "AAAA");
        refused(
            &app.post_with(&client, GUESTS, OWN, &[foreign]).await,
            "use_dpop_nonce",
        );
        assert_eq!(app.count("sessions").await, 0);
        let proof = [proof_with_nonce(&app, &key, GUESTS, &nonce)];
        let guest = app.post_with(&client, GUESTS, OWN, &proof).await;
        assert_eq!(guest.member("token_type"), "DPoP");
        let again = app.post_with(&client, GUESTS, OWN, &proof).await;
        refused(&again, "invalid_dpop_proof");
    })
    .await;
}

#[actix_web::test]
async fn a_nonce_is_good_for_some_minutes_and_answers_bring_the_next() {
    on_every_database_with(with_nonces(), async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        // Also to who has not shown a key yet.
        let guest = app.guest(&client).await;
        let mut nonce = guest.header("dpop-nonce").expect("a nonce").to_owned();
        let mut token = guest.refresh_token();
        for _ in 0..3 {
            app.clock.advance_seconds(200);
            let proof = [proof_with_nonce(&app, &key, TOKEN, &nonce)];
            let answer = app
                .post_with(&client, TOKEN, &refresh_form(&token), &proof)
                .await;
            token = answer.refresh_token();
            let next = answer.header("dpop-nonce").expect("a nonce").to_owned();
            assert_ne!(next, nonce);
            nonce = next;
        }
        app.clock.advance_seconds(600);
        let proof = [proof_with_nonce(&app, &key, TOKEN, &nonce)];
        let late = app
            .post_with(&client, TOKEN, &refresh_form(&token), &proof)
            .await;
        refused(&late, "use_dpop_nonce");
        assert_ne!(late.header("dpop-nonce").expect("a nonce"), nonce);
    })
    .await;
}

#[actix_web::test]
async fn a_server_that_wants_no_nonce_hands_none_out() {
    on_every_database(async |app| {
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let guest = ask(&app, &client, &key, GUESTS, OWN).await;
        assert_eq!(guest.header("dpop-nonce"), None);
        // One that the client brings along is no obstacle.
        let proof = [proof_with_nonce(&app, &key, GUESTS, "of another server")];
        assert_eq!(
            app.post_with(&client, GUESTS, OWN, &proof).await.status,
            200
        );
    })
    .await;
}

#[actix_web::test]
async fn the_metadata_names_the_algorithms_that_proofs_are_taken_with() {
    on_every_database(async |app| {
        let path = "/.well-known/oauth-authorization-server";
        let metadata = app.send(TestRequest::get().uri(path)).await.json();
        let named = &metadata["dpop_signing_alg_values_supported"];
        assert_eq!(*named, json!(["ES256", "EdDSA", "Ed25519"]));
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        for other in ["RS256", "HS256", "ES384", "none"] {
            let mut head = key.header();
            head["alg"] = json!(other);
            let url = format!("{ISSUER}{TOKEN}");
            let claims = json!({ "jti": other, "htm": "POST", "htu": url, "iat": now(&app) });
            let answer = app
                .post_with(&client, TOKEN, OWN, &[key.sign(&head, &claims)])
                .await;
            refused(&answer, "invalid_dpop_proof");
        }
    })
    .await;
}

#[actix_web::test]
async fn browsers_may_send_proofs_and_read_nonces() {
    on_every_database_with(with_nonces(), async |app| {
        let origin = "https://shop.example";
        let preflight = TestRequest::default()
            .method(Method::OPTIONS)
            .uri(GUESTS)
            .insert_header((header::ORIGIN, origin))
            .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "POST"))
            .insert_header((header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,dpop"));
        let allowed = app.send(preflight).await;
        assert_eq!(allowed.status, 200);
        let names = |name: &str, answer: &Answer| {
            answer.header(name).unwrap_or_default().to_ascii_lowercase()
        };
        assert!(names("access-control-allow-headers", &allowed).contains("dpop"));
        let (client, key) = (app.client(MOBILE).await, ProofKey::es256());
        let request = crate::support::form_request(GUESTS, OWN)
            .insert_header((header::ORIGIN, origin))
            .insert_header(("authorization", client.basic()))
            .insert_header(("dpop", app.proof(&key, GUESTS)));
        let answer = app.send(request).await;
        refused(&answer, "use_dpop_nonce");
        assert!(names("access-control-expose-headers", &answer).contains("dpop-nonce"));
    })
    .await;
}

#[actix_web::test]
async fn a_bound_token_of_an_administrator_is_taken_with_its_key_only() {
    on_every_database(async |app| {
        let client = app.client("manage_api_clients:shop").await;
        let key = ProofKey::es256();
        let token = ask(&app, &client, &key, TOKEN, OWN).await.access_token();
        let path = "/shop/api-clients";
        let list = async |scheme: &str, proof: Option<String>| {
            let mut request = TestRequest::get()
                .uri(path)
                .insert_header(("authorization", format!("{scheme} {token}")));
            if let Some(proof) = proof {
                request = request.insert_header(("dpop", proof));
            }
            app.send(request).await
        };
        let (url, at) = (format!("{ISSUER}{path}"), now(&app));
        let good = key.proof_for("GET", &url, at, &token);
        assert_eq!(list("DPoP", Some(good.clone())).await.status, 200);
        let stolen = ProofKey::es256().proof_for("GET", &url, at, &token);
        for (scheme, proof, code) in [
            ("Bearer", None, "invalid_token"),
            ("DPoP", None, "invalid_dpop_proof"),
            ("DPoP", Some(good), "invalid_dpop_proof"),
            ("DPoP", Some(stolen), "invalid_token"),
        ] {
            let answer = list(scheme, proof).await;
            assert_eq!((answer.status, answer.error().as_str()), (401, code));
            let challenge =
                format!(r#"DPoP realm="shop", error="{code}", algs="ES256 EdDSA Ed25519""#);
            assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
        }
        app.post(&client, "/oauth/token/revoke", &format!("token={token}"))
            .await;
        let dead = list("DPoP", Some(key.proof_for("GET", &url, at, &token))).await;
        let challenge = r#"DPoP realm="shop", error="invalid_token", algs="ES256 EdDSA Ed25519""#;
        assert_eq!(dead.status, 401);
        assert_eq!(dead.header("www-authenticate"), Some(challenge));
    })
    .await;
}
