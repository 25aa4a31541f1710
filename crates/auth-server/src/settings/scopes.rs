//! What scopes are granted.

use domain::identity::scope::Narrowing;
use shared::config::{Problems, switch};

use crate::device_scopes::DeviceScopePolicy;

/// Flags and environment variables about scopes.
#[derive(Clone, Debug, clap::Args)]
pub struct ScopeArgs {
    /// `implied`: a client may ask for scopes that its own include; `literal`: only for its own.
    #[arg(long, env = "SCOPE_NARROWING", default_value = "implied")]
    scope_narrowing: String,
    /// What to do when a guest's or customer's token gets scopes that have no place on a device: `allow`, `warn` (count them,
    /// and an audit event per client and hour) or `deny` (leave them out; refuse them when asked for by name).
    #[arg(long, env = "DEVICE_SCOPE_POLICY", default_value = "warn")]
    device_scope_policy: String,
    /// Whether a token may make API clients only with scopes that it has itself: `on` or `off`.
    #[arg(long, env = "FORBID_SCOPE_ESCALATION", default_value = "off")]
    forbid_scope_escalation: String,
}

/// What an operator decides about scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeRules {
    /// How requested scopes are compared with the client's.
    pub narrowing: Narrowing,
    /// What happens with scopes that should not be on a device.
    pub devices: DeviceScopePolicy,
    /// Whether a token may make clients only with scopes that it has itself.
    pub forbid_escalation: bool,
}

impl ScopeArgs {
    /// The settings, or notes in `problems`.
    pub fn read(&self, problems: &mut Problems) -> Option<ScopeRules> {
        let narrowing = problems.take(
            "SCOPE_NARROWING",
            match self.scope_narrowing.as_str() {
                "implied" => Ok(Narrowing::Implied),
                "literal" => Ok(Narrowing::Literal),
                other => Err(format!("must be `implied` or `literal`, found `{other}`")),
            },
        );
        let devices = problems.take(
            "DEVICE_SCOPE_POLICY",
            match self.device_scope_policy.as_str() {
                "allow" => Ok(DeviceScopePolicy::Allow),
                "warn" => Ok(DeviceScopePolicy::Warn),
                "deny" => Ok(DeviceScopePolicy::Deny),
                other => Err(format!(
                    "must be `allow`, `warn` or `deny`, found `{other}`"
                )),
            },
        );
        let forbid_escalation = problems.take(
            "FORBID_SCOPE_ESCALATION",
            switch(&self.forbid_scope_escalation),
        );
        Some(ScopeRules {
            narrowing: narrowing?,
            devices: devices?,
            forbid_escalation: forbid_escalation?,
        })
    }
}
