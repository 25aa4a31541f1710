//! Authorization codes and keys: of the app that asks, and of the customer who lets it in.

use testkit::dpop::ProofKey;

use crate::{
    authorization_code::{
        CALLBACK, Scene, VERIFIER, assert_not_found, code_of, encoded, owned, parameter, target,
    },
    support::{form_request, on_every_database},
};

#[actix_web::test]
async fn a_code_may_be_for_the_holder_of_one_key_only_whose_session_is_bound_to_it() {
    on_every_database(async |server| {
        let scene = Scene::new(server).await;
        let (key, other) = (ProofKey::es256(), ProofKey::ed25519());
        let thumbprint = key.thumbprint();
        let form = async |proof: Option<&ProofKey>| {
            let code = code_of(&scene.authorize(&[("dpop_jkt", Some(&thumbprint))]).await);
            let form = encoded(&[
                ("grant_type", owned("authorization_code")),
                ("client_id", scene.app.id.clone()),
                ("code", code),
                ("redirect_uri", owned(CALLBACK)),
                ("code_verifier", owned(VERIFIER)),
            ]);
            let mut request = form_request("/oauth/token", &form);
            if let Some(key) = proof {
                request = request.append_header(("dpop", scene.server.proof(key, "/oauth/token")));
            }
            scene.server.send(request).await
        };
        assert_not_found(&form(None).await);
        assert_not_found(&form(Some(&other)).await);
        let tokens = form(Some(&key)).await;
        assert_eq!(tokens.member("token_type"), "DPoP");
        let bound = format!("sessions WHERE key_thumbprint = '{thumbprint}'");
        assert_eq!(scene.server.count(bound).await, 1);
        let to = target(&scene.authorize(&[("dpop_jkt", Some("short"))]).await);
        assert_eq!(parameter(&to, "error").as_deref(), Some("invalid_request"));
    })
    .await;
}

#[actix_web::test]
async fn a_customers_token_that_is_bound_to_a_key_is_nobodys_word_without_it() {
    on_every_database(async |server| {
        let mut scene = Scene::new(server).await;
        let key = ProofKey::es256();
        let path = "/oauth/shop/customers/token";
        let form = "grant_type=password&username=jane%40example.com&password=secret";
        let proof = scene.server.proof(&key, path);
        let bound = scene
            .server
            .post_with(&scene.storefront, path, form, &[proof])
            .await;
        scene.token = bound.access_token();
        let answer = scene.authorize(&[]).await;
        assert_eq!((answer.status, answer.header("location")), (401, None));
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.starts_with("DPoP "), "{challenge}");
    })
    .await;
}
