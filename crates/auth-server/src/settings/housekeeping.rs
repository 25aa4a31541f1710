//! How long things are kept.

use shared::config::Problems;

use super::duration::seconds_within;
use crate::jobs::Housekeeping;

/// Flags and environment variables about how long things are kept.
#[derive(Clone, Debug, clap::Args)]
pub struct HousekeepingArgs {
    /// How long a session that is over stays in the database: `8d` to `3650d`. Its anonymous id stays taken for ever.
    #[arg(long, env = "SESSION_RETENTION", default_value = "30d")]
    session_retention: String,
    /// How long a refresh token that was replaced stays known, so that its reuse is noticed: `24h` to `3650d`.
    #[arg(long, env = "SPENT_TOKEN_RETENTION", default_value = "24h")]
    spent_token_retention: String,
    /// How long audit events are kept: `1d` to `3650d`.
    #[arg(long, env = "AUDIT_RETENTION", default_value = "400d")]
    audit_retention: String,
    /// Most sessions per project that can be refreshed; beyond it the longest unused go, guests without a cart first. `0` is
    /// no limit.
    #[arg(
        long,
        env = "MAX_REFRESH_TOKENS_PER_PROJECT",
        default_value = "10000000"
    )]
    max_refresh_tokens_per_project: String,
}

const DAY: i64 = 86_400;
const LONGEST: i64 = 3_650 * DAY;

impl HousekeepingArgs {
    /// The settings, or notes in `problems`.
    pub fn read(&self, problems: &mut Problems) -> Option<Housekeeping> {
        // Access tokens live up to seven days, and with them their session must be known.
        let session_seconds = problems.take(
            "SESSION_RETENTION",
            seconds_within(&self.session_retention, 8 * DAY..=LONGEST, "8d to 3650d"),
        );
        let spent_token_seconds = problems.take(
            "SPENT_TOKEN_RETENTION",
            seconds_within(&self.spent_token_retention, DAY..=LONGEST, "24h to 3650d"),
        );
        let audit_seconds = problems.take(
            "AUDIT_RETENTION",
            seconds_within(&self.audit_retention, DAY..=LONGEST, "1d to 3650d"),
        );
        let cap = self.max_refresh_tokens_per_project.parse::<i64>().ok();
        let cap = cap.filter(|cap| *cap >= 0).ok_or_else(|| {
            format!(
                "must be a number, 0 or more, found `{}`",
                self.max_refresh_tokens_per_project
            )
        });
        let cap = problems.take("MAX_REFRESH_TOKENS_PER_PROJECT", cap);
        Some(Housekeeping {
            session_seconds: session_seconds?,
            spent_token_seconds: spent_token_seconds?,
            audit_seconds: audit_seconds?,
            most_refresh_tokens: Some(cap?).filter(|cap| *cap > 0),
        })
    }
}
