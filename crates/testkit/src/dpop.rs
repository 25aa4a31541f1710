//! DPoP proofs (RFC 9449) as a client makes them, right and wrong ones.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// A client's key for proofs.
pub enum ProofKey {
    /// For ES256.
    P256(Box<EcdsaKeyPair>),
    /// For EdDSA.
    Ed25519(Box<Ed25519KeyPair>),
}

impl ProofKey {
    /// A new key for ES256.
    #[must_use]
    pub fn es256() -> Self {
        let (method, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let der = EcdsaKeyPair::generate_pkcs8(method, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(method, der.as_ref(), &random).expect("the key");
        Self::P256(Box::new(pair))
    }

    /// A new key for EdDSA.
    #[must_use]
    pub fn ed25519() -> Self {
        let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).expect("the key");
        Self::Ed25519(Box::new(pair))
    }

    /// The `alg` of its proofs.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    /// The public key as a JWK with its required members, in the order of RFC 7638.
    #[must_use]
    pub fn jwk(&self) -> Value {
        match self {
            Self::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "crv": "P-256", "kty": "EC", "x": encode(x), "y": encode(y) })
            }
            Self::Ed25519(pair) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": encode(pair.public_key().as_ref()) })
            }
        }
    }

    /// The `jkt` of tokens bound to this key.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        hash(&self.jwk().to_string())
    }

    /// A proof for `method` and `url`, made at `iat` (seconds since 1970), with a `jti` of its own.
    #[must_use]
    pub fn proof(&self, method: &str, url: &str, iat: i64) -> String {
        self.proof_with(method, url, iat, &json!({}))
    }

    /// The same for a request with an access token.
    #[must_use]
    pub fn proof_for(&self, method: &str, url: &str, iat: i64, access_token: &str) -> String {
        self.proof_with(method, url, iat, &json!({ "ath": hash(access_token) }))
    }

    /// The same with further claims, which win over the usual ones.
    #[must_use]
    pub fn proof_with(&self, method: &str, url: &str, iat: i64, more: &Value) -> String {
        let mut claims = json!({
            "jti": format!("{:032x}", rand::random::<u128>()),
            "htm": method, "htu": url, "iat": iat,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        self.sign(&self.header(), &claims)
    }

    /// The header of a right proof.
    #[must_use]
    pub fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": self.algorithm(), "jwk": self.jwk() })
    }

    /// A JWT of anything, signed with this key.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = |part: &Value| encode(part.to_string().as_bytes());
        self.sign_text(&format!("{}.{}", text(header), text(claims)))
    }

    /// Any text with a signature behind it.
    #[must_use]
    pub fn sign_text(&self, text: &str) -> String {
        let signature = match self {
            Self::P256(pair) => {
                let made = pair.sign(&SystemRandom::new(), text.as_bytes());
                encode(made.expect("a signature").as_ref())
            }
            Self::Ed25519(pair) => encode(pair.sign(text.as_bytes()).as_ref()),
        };
        format!("{text}.{signature}")
    }
}

fn hash(text: &str) -> String {
    encode(digest(&SHA256, text.as_bytes()).as_ref())
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
