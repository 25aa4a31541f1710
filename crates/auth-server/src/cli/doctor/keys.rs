//! Keys that sign access tokens.

use shared::{
    db::DbError,
    token::key_records::{self, KeyRecord, KeyState},
};

use super::{Patient, report::Finding};

const SIGNING_KEY: &str = "signing key";
const SEALED_KEYS: &str = "sealed keys";
const DAY: i64 = 86_400;

pub(super) fn signing_key(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let known = patient.database.read_blocking(key_records::all)?;
    let Some(active) = known.iter().find(|key| key.state == KeyState::Active) else {
        return Ok(vec![Finding::hint(
            SIGNING_KEY,
            "there is none",
            "the auth server makes one when it starts",
        )]);
    };
    let since = active.activated_at.unwrap_or(active.created_at);
    let age_days = patient.now.seconds().saturating_sub(since.seconds()) / DAY;
    let times = patient.keeper.times;
    let name = format!("{} {}, {age_days} days old", active.algorithm, active.kid);
    if active.algorithm == "RS256" {
        return Ok(vec![Finding::hint(
            SIGNING_KEY,
            name,
            "an imported key is not replaced by itself: `auth-server keys import` the next one",
        )]);
    }
    let due = since.plus_seconds(times.active);
    if due.plus_seconds(DAY) < patient.now && !known.iter().any(is_pending) {
        return Ok(vec![Finding::warning(
            SIGNING_KEY,
            format!("{name}; it should have been replaced at {due}"),
            "keys are replaced by a running auth server: is there one?",
        )]);
    }
    let found = format!("{name}; replaced at {due}");
    Ok(vec![Finding::ok(SIGNING_KEY, found)])
}

pub(super) fn sealed_keys(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let known = patient.database.read_blocking(key_records::all)?;
    let private = |key: &&KeyRecord| matches!(key.state, KeyState::Pending | KeyState::Active);
    let sealed: Vec<&KeyRecord> = known
        .iter()
        .filter(private)
        .filter(|key| !patient.keeper.opens(key))
        .collect();
    if sealed.is_empty() {
        return Ok(vec![Finding::ok(
            SEALED_KEYS,
            "KEY_ENCRYPTION_KEY opens every key that signs or will",
        )]);
    }
    let advice = "set the KEY_ENCRYPTION_KEY that sealed it, or as KEY_ENCRYPTION_KEY_PREVIOUS; if it is lost, \
                  `auth-server keys rotate` makes another key";
    Ok(sealed
        .into_iter()
        .map(|key| {
            let found = format!(
                "KEY_ENCRYPTION_KEY does not open the {} key {}",
                key.state.as_str(),
                key.kid
            );
            Finding::problem(SEALED_KEYS, found, advice)
        })
        .collect())
}

fn is_pending(key: &KeyRecord) -> bool {
    key.state == KeyState::Pending
}
