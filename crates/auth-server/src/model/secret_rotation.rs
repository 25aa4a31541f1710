//! A client's secrets when it gets another one: the old ones stay good for a while, so that no machine of the client is
//! without a good secret.

use domain::timestamp::Timestamp;

use super::client::ClientSecret;

/// A client has at most so many secrets that are good.
pub const MOST_SECRETS: usize = 2;

/// What becomes of the secrets that a client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldSecrets {
    /// They are good for so long, unless they end sooner anyway. Zero: they end at once.
    pub good_for_seconds: i64,
    /// Whether the oldest ends at once where there would be too many.
    pub retire_oldest: bool,
}

/// The client has as many good secrets as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has {MOST_SECRETS} secrets already{}", until(.next_end))]
pub struct TooManySecrets {
    /// When the first of them ends, where it does.
    pub next_end: Option<Timestamp>,
}

fn until(next_end: &Option<Timestamp>) -> String {
    next_end.map_or_else(String::new, |at| format!(", one of them until {at}"))
}

/// The secrets of a client that gets a new one, with this tag. Those that are over are left out.
///
/// # Errors
/// [`TooManySecrets`].
pub fn rotated(
    secrets: &[ClientSecret],
    new_tag: String,
    old: OldSecrets,
    now: Timestamp,
) -> Result<Vec<ClientSecret>, TooManySecrets> {
    let end = now.plus_seconds(old.good_for_seconds);
    let mut kept: Vec<ClientSecret> = Vec::new();
    if end > now {
        kept.extend(secrets.iter().filter(|one| one.is_good(now)).cloned());
    }
    // What ends first is the oldest; what has no end yet is younger than that.
    kept.sort_by_key(|one| (one.expires_at.is_none(), one.expires_at, one.created_at));
    let surplus = kept.len().saturating_sub(MOST_SECRETS.saturating_sub(1));
    if surplus > 0 && !old.retire_oldest {
        return Err(TooManySecrets {
            next_end: kept.first().and_then(|first| first.expires_at),
        });
    }
    kept.drain(..surplus);
    for one in &mut kept {
        one.expires_at = Some(one.expires_at.map_or(end, |at| at.min(end)));
    }
    kept.push(ClientSecret {
        tag: new_tag,
        created_at: now,
        expires_at: None,
    });
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn secret(tag: &str, expires_at: Option<i64>) -> ClientSecret {
        ClientSecret {
            tag: tag.to_owned(),
            created_at: Timestamp::from_millis(0),
            expires_at: expires_at.map(Timestamp::from_millis),
        }
    }

    fn rotate(
        secrets: &[ClientSecret],
        good_for_seconds: i64,
        retire_oldest: bool,
    ) -> Result<Vec<(String, Option<i64>)>, TooManySecrets> {
        let old = OldSecrets {
            good_for_seconds,
            retire_oldest,
        };
        let rotated = rotated(secrets, "new".to_owned(), old, NOW)?;
        let shown = |one: ClientSecret| (one.tag, one.expires_at.map(Timestamp::millis));
        Ok(rotated.into_iter().map(shown).collect())
    }

    fn named(pairs: &[(&str, Option<i64>)]) -> Vec<(String, Option<i64>)> {
        pairs
            .iter()
            .map(|(tag, at)| ((*tag).to_owned(), *at))
            .collect()
    }

    #[test]
    fn the_old_secret_ends_later_and_never_later_than_it_would_have() {
        let new = ("new", None);
        assert_eq!(
            rotate(&[secret("a", None)], 60, false),
            Ok(named(&[("a", Some(1_060_000)), new]))
        );
        assert_eq!(
            rotate(&[secret("a", Some(1_000_001))], 60, false),
            Ok(named(&[("a", Some(1_000_001)), new]))
        );
        assert_eq!(
            rotate(&[secret("a", Some(1_000_000))], 60, false),
            Ok(named(&[new]))
        );
        assert_eq!(rotate(&[], 60, false), Ok(named(&[new])));
    }

    #[test]
    fn a_third_secret_is_refused_unless_the_oldest_or_all_may_end() {
        let two = [secret("b", None), secret("a", Some(1_500_000))];
        assert_eq!(
            rotate(&two, 60, false),
            Err(TooManySecrets {
                next_end: Some(Timestamp::from_millis(1_500_000))
            })
        );
        assert_eq!(
            rotate(&two, 60, true),
            Ok(named(&[("b", Some(1_060_000)), ("new", None)]))
        );
        assert_eq!(rotate(&two, 0, false), Ok(named(&[("new", None)])));
    }
}
