//! The two secrets of the installation.

use std::{collections::BTreeSet, str::FromStr as _};

use shared::{db::DbError, secret::Secret};

use super::{Patient, report::Finding};
use crate::{
    grants::pepper::{Acquaintance, acquaintance},
    model::client_secret::SecretPepper,
};

const SECRETS: &str = "secrets";
const PEPPER: &str = "pepper";
/// Of 32 random bytes, fewer different ones than this come up once in 10²⁰ times.
const FEWEST_DIFFERENT_BYTES: usize = 16;

pub(super) fn strength(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let named = [
        (
            "KEY_ENCRYPTION_KEY",
            patient.secrets.key_encryption_key.as_deref(),
        ),
        ("SECRET_PEPPER", patient.secrets.secret_pepper.as_deref()),
    ];
    let mut findings: Vec<Finding> = named
        .iter()
        .filter(|(_, text)| text.is_some_and(is_weak))
        .map(|(name, _)| {
            Finding::problem(
                SECRETS,
                format!("{name} is no random number"),
                "make one with `openssl rand -hex 32`; see docs/operations.md for how to change it",
            )
        })
        .collect();
    let [(_, first), (_, second)] = named;
    if first.is_some() && first == second {
        findings.push(Finding::warning(
            SECRETS,
            "KEY_ENCRYPTION_KEY and SECRET_PEPPER are the same",
            "who learns one must not have the other: make two",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(SECRETS, "two, and they look random"));
    }
    Ok(findings)
}

/// The pepper leaves no other trace: with a wrong one every client secret is simply wrong.
pub(super) fn pepper(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let Ok(key) =
        Secret::<[u8; 32]>::from_str(patient.secrets.secret_pepper.as_deref().unwrap_or_default())
    else {
        return Ok(Vec::new());
    };
    let pepper = SecretPepper::new(&key);
    let known = patient
        .database
        .read_blocking::<_, DbError>(|tx| acquaintance(tx, &pepper))?;
    Ok(vec![match known {
        Acquaintance::None => Finding::ok(PEPPER, "none was used yet"),
        Acquaintance::Same => Finding::ok(
            PEPPER,
            "the one that this database's client secrets were made with",
        ),
        Acquaintance::Other => Finding::problem(
            PEPPER,
            "SECRET_PEPPER is not the one that this database's client secrets were made with",
            "all of them are refused: set that one; if it is lost, see `auth-server client adopt-pepper --help`",
        ),
    }])
}

fn is_weak(text: &str) -> bool {
    Secret::<[u8; 32]>::from_str(text).is_ok_and(|secret| {
        let different: BTreeSet<u8> = secret.reveal().iter().copied().collect();
        different.len() < FEWEST_DIFFERENT_BYTES
    })
}

#[cfg(test)]
mod tests {
    use super::is_weak;

    #[test]
    fn repeated_bytes_are_no_secret() {
        assert!(is_weak(&"0".repeat(64)));
        assert!(is_weak(&"deadbeef".repeat(8)));
        assert!(!is_weak(
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        ));
    }
}
