//! Signs as many access tokens as its argument says: what `cargo xtask bench` compares token requests with.

use domain::identity::ids::ProjectKey;
use jsonwebtoken::EncodingKey;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use shared::token::{
    claims::{AccessTokenClaims, audience},
    install_crypto,
    keys::{SigningAlgorithm, SigningKey},
    signer,
};

#[expect(
    clippy::disallowed_methods,
    reason = "a key for nobody, made outside of the servers"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u32 = std::env::args()
        .nth(1)
        .ok_or("usage: sign_tokens COUNT")?
        .parse()?;
    install_crypto();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_unspecified| "no key could be made")?;
    let key = SigningKey {
        kid: "lAPWFpznLVFe0oNalPrtdv0f6Qp3PILnD82-T9Snq3s".to_owned(),
        algorithm: SigningAlgorithm::Es256,
        key: EncodingKey::from_ec_der(der.as_ref()),
    };
    let claims = AccessTokenClaims {
        iss: "http://127.0.0.1:8080".to_owned(),
        aud: vec![audience(&ProjectKey::new("demo"))],
        sub: "client:1BTieU7liSjm8h9FFRaJGw".to_owned(),
        client_id: "1BTieU7liSjm8h9FFRaJGw".to_owned(),
        iat: 1_795_173_235,
        nbf: 1_795_173_235,
        exp: 1_795_346_035,
        jti: "eZQh2NWR9W8mfKetj7GwzA".to_owned(),
        scope: "manage_project:demo manage_api_clients:demo create_anonymous_token:demo".to_owned(),
        sid: None,
        fam: None,
        store: None,
        cnf: None,
    };
    for _ in 0..count {
        std::hint::black_box(signer::sign(&claims, &key)?);
    }
    Ok(())
}
