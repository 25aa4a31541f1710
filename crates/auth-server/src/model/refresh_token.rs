//! Rotation of refresh tokens: what happens when one is presented.
//!
//! A session has one live token at a time, the leaf. Using it spends it and makes its successor the leaf. A spent token
//! stays good until its successor has been used, so that no lost answer costs a guest the cart:
//!
//! * soon after it was spent, it gets the same successor again (parallel requests, quick retries);
//! * later it gets a new successor, and the unused one is retired (the answer was lost, or the client keeps its first token);
//! * once its successor was used, two parties hold the family: all of it is revoked. The same if a retired token appears.

use domain::timestamp::Timestamp;

use super::client::stored_words;

stored_words! {
    /// Where a refresh token is in its life.
    RefreshTokenState {
        /// The leaf: not used yet.
        Live = "live",
        /// Used; its successor took its place.
        Spent = "spent",
        /// Replaced before it was ever used.
        Retired = "retired",
    }
}

/// A refresh token as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Hash of the token.
    pub hash: String,
    /// Its place in the family, from 0.
    pub generation: i64,
    /// Where it is in its life.
    pub state: RefreshTokenState,
    /// When its present successor was made.
    pub spent_at: Option<Timestamp>,
    /// Its successor, once it is spent.
    pub successor: Option<Successor>,
}

/// The successor of a spent token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Successor {
    /// Hash of the successor.
    pub hash: String,
    /// The successor itself, readable only to who presents the predecessor.
    pub sealed: String,
}

/// What is to be done about a presented token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// First use: spend it and make a successor.
    Spend,
    /// Hand out the same successor again.
    Repeat {
        /// The sealed successor.
        sealed: String,
    },
    /// Make a new successor and retire the unused one.
    Replace {
        /// Hash of the one to retire.
        unused_hash: String,
    },
    /// Two parties hold the family: revoke it.
    Reuse,
}

impl RefreshToken {
    /// Decides what to do about this token, presented `now`. `successor_state` is the state of its successor, where it
    /// has one.
    #[must_use]
    pub fn present(
        &self,
        successor_state: Option<RefreshTokenState>,
        now: Timestamp,
        grace_seconds: i64,
    ) -> Presented {
        match (self.state, &self.successor, successor_state) {
            (RefreshTokenState::Live, _, _) => Presented::Spend,
            (RefreshTokenState::Spent, Some(successor), Some(RefreshTokenState::Live)) => {
                let is_in_grace = self
                    .spent_at
                    .is_some_and(|at| now < at.plus_seconds(grace_seconds));
                if is_in_grace {
                    Presented::Repeat {
                        sealed: successor.sealed.clone(),
                    }
                } else {
                    Presented::Replace {
                        unused_hash: successor.hash.clone(),
                    }
                }
            }
            (RefreshTokenState::Spent | RefreshTokenState::Retired, _, _) => Presented::Reuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(state: RefreshTokenState) -> RefreshToken {
        RefreshToken {
            hash: "h1".to_owned(),
            generation: 3,
            state,
            spent_at: Some(Timestamp::from_millis(1_000_000)),
            successor: Some(Successor {
                hash: "h2".to_owned(),
                sealed: "s2".to_owned(),
            }),
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_live_token_is_spent_whatever_its_past() {
        assert_eq!(
            token(RefreshTokenState::Live).present(None, at(9_999_999_999), 300),
            Presented::Spend
        );
    }

    #[test]
    fn a_spent_token_gets_the_same_successor_within_the_grace_and_another_after_it() {
        let spent = token(RefreshTokenState::Spent);
        let live = Some(RefreshTokenState::Live);
        let repeat = Presented::Repeat {
            sealed: "s2".to_owned(),
        };
        assert_eq!(spent.present(live, at(1_000_000), 300), repeat);
        assert_eq!(spent.present(live, at(1_299_999), 300), repeat);
        let replace = Presented::Replace {
            unused_hash: "h2".to_owned(),
        };
        assert_eq!(spent.present(live, at(1_300_000), 300), replace);
        assert_eq!(spent.present(live, at(1_000_000), 0), replace);
        assert_eq!(spent.present(live, at(1_000_000_000_000), 300), replace);
    }

    #[test]
    fn a_spent_token_is_reuse_as_soon_as_its_successor_was_used() {
        let spent = token(RefreshTokenState::Spent);
        assert_eq!(
            spent.present(Some(RefreshTokenState::Spent), at(1_000_001), 300),
            Presented::Reuse
        );
    }

    #[test]
    fn a_retired_token_is_always_reuse() {
        assert_eq!(
            token(RefreshTokenState::Retired).present(None, at(1_000_001), 300),
            Presented::Reuse
        );
    }
}
