//! Refresh tokens: a token that is presented (first line), and what its session kept sealed for it (below).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{random::Randomness, token::sealing::SealingKey};

use crate::{Verdict, first_line};

const PURPOSE: &[u8] = b"successor";
const CONTEXT: &[u8] = b"s-1";

/// What opens was sealed for this token and this session, byte for byte, and opens for no other.
pub fn check(data: &[u8]) -> Verdict {
    let (token, sealed) = first_line(data);
    let key = SealingKey::derived(token, PURPOSE).expect("a key from any token");
    let Some(sealed) = std::str::from_utf8(sealed).ok() else {
        return Verdict::Refused;
    };
    let Ok(plain) = key.open(sealed, CONTEXT) else {
        return Verdict::Refused;
    };
    let nonce = Nonce(
        URL_SAFE_NO_PAD
            .decode(sealed)
            .expect("what opens is base64url"),
    );
    let again = key.seal(&plain, CONTEXT, &nonce).expect("sealed again");
    assert_eq!(again, sealed);
    assert!(
        key.open(sealed, b"s-2").is_err(),
        "opened for another session"
    );
    let other = SealingKey::derived(&[token, b"x"].concat(), PURPOSE).expect("another key");
    assert!(
        other.open(sealed, CONTEXT).is_err(),
        "opened with another token"
    );
    Verdict::Accepted
}

/// A sealed text in place of randomness: it starts with its nonce.
struct Nonce(Vec<u8>);

impl Randomness for Nonce {
    fn fill(&self, bytes: &mut [u8]) {
        for (target, source) in bytes.iter_mut().zip(&self.0) {
            *target = *source;
        }
    }
}

/// A sealed text for the corpus.
#[must_use]
pub fn sealed(token: &[u8], plain: &[u8]) -> String {
    let key = SealingKey::derived(token, PURPOSE).expect("a key");
    key.seal(plain, CONTEXT, &Nonce(vec![5; 12]))
        .expect("sealed")
}
