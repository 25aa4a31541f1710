//! How long signing keys live.

use shared::{config::Problems, token::key_life::KeyTimes};

use super::duration::seconds_within;

/// Flags and environment variables about the life of signing keys.
#[derive(Clone, Debug, clap::Args)]
pub struct SigningKeyArgs {
    /// How long a key signs before the next one does: `1d` to `3650d`.
    #[arg(long, env = "SIGNING_KEY_LIFETIME", default_value = "90d")]
    signing_key_lifetime: String,
    /// How long a new key is published before it signs, so that verifiers elsewhere know it: `0s` to `30d`, less than it signs.
    #[arg(long, env = "SIGNING_KEY_LEAD", default_value = "24h")]
    signing_key_lead: String,
}

const DAY: i64 = 86_400;

impl SigningKeyArgs {
    /// The settings, or notes in `problems`.
    pub fn read(&self, problems: &mut Problems) -> Option<KeyTimes> {
        let active = problems.take(
            "SIGNING_KEY_LIFETIME",
            seconds_within(&self.signing_key_lifetime, DAY..=3_650 * DAY, "1d to 3650d"),
        )?;
        let longest = (active - 1).min(30 * DAY);
        let pending = problems.take(
            "SIGNING_KEY_LEAD",
            seconds_within(
                &self.signing_key_lead,
                0..=longest,
                "0s to 30d, and less than SIGNING_KEY_LIFETIME",
            ),
        )?;
        Some(KeyTimes {
            pending,
            active,
            ..KeyTimes::default()
        })
    }
}
