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

/// Who changed keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changer<'a> {
    /// Their time came.
    Schedule,
    /// An operator, on the command line.
    Operator {
        /// The key that was taken back, where that was the change.
        revoked: Option<&'a str>,
    },
}

/// Moves every key on whose time has come; answers how many.
///
/// # Errors
/// [`KeyError`].
pub fn tend(tx: &mut WriteTx<'_>, keeper: &KeyKeeper, now: Timestamp) -> Result<usize, KeyError> {
    let changes = keeper.tend(tx, now)?;
    let randomness = keeper.randomness.as_ref();
    record(tx, &changes, Changer::Schedule, now, randomness)?;
    Ok(changes.len())
}

/// Writes down what became of keys.
///
/// # Errors
/// [`DbError`].
pub fn record(
    tx: &mut WriteTx<'_>,
    changes: &[KeyChange],
    changer: Changer<'_>,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<(), DbError> {
    for change in changes {
        let (by, state) = match changer {
            Changer::Schedule => ("schedule", change.state.as_str()),
            Changer::Operator { revoked } if revoked == Some(&change.kid) => {
                ("operator", "revoked")
            }
            Changer::Operator { .. } => ("operator", change.state.as_str()),
        };
        let about = About {
            detail: json!({ "kid": change.kid, "state": state, "by": by }),
            ..About::default()
        };
        audit::record(tx, Event::KeyChanged, &about, now, randomness)?;
    }
    Ok(())
}
