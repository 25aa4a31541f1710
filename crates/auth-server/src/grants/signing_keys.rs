//! Changes of the signing keys, and their trail.

use domain::timestamp::Timestamp;
use serde_json::json;
use shared::{
    db::{DbError, WriteTx},
    random::Randomness,
    token::{
        audit::{self, About, Event},
        key_life::{KeyChange, KeyKeeper},
        keys::KeyError,
    },
};

/// Moves every key on whose time has come; answers how many.
///
/// # Errors
/// [`KeyError`].
pub fn tend(tx: &mut WriteTx<'_>, keeper: &KeyKeeper, now: Timestamp) -> Result<usize, KeyError> {
    let changes = keeper.tend(tx, now)?;
    record(tx, &changes, now, keeper.randomness.as_ref())?;
    Ok(changes.len())
}

/// Writes down what became of keys.
///
/// # Errors
/// [`DbError`].
pub fn record(
    tx: &mut WriteTx<'_>,
    changes: &[KeyChange],
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<(), DbError> {
    for change in changes {
        let about = About {
            detail: json!({ "kid": change.kid, "state": change.state.as_str() }),
            ..About::default()
        };
        audit::record(tx, Event::KeyChanged, &about, now, randomness)?;
    }
    Ok(())
}
