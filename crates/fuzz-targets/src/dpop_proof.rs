//! DPoP proofs as text: no change of one that is accepted is accepted.

use shared::token::dpop::Proof;

use crate::{Verdict, tampering::refuses_every_change};

/// A proof that is accepted says something, and loses it with every change.
pub fn check(data: &[u8]) -> Verdict {
    let Some(text) = std::str::from_utf8(data).ok() else {
        return Verdict::Refused;
    };
    let Ok(proof) = Proof::parse(text) else {
        return Verdict::Refused;
    };
    assert_eq!(proof.thumbprint.len(), 43);
    assert!(!proof.id.is_empty());
    refuses_every_change(text, |changed| Proof::parse(changed).is_ok());
    Verdict::Accepted
}
