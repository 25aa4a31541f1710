//! `session list | trace | end | revoke`.

mod close;
mod list;
mod trace;

use clap::Subcommand;
use domain::identity::ids::AnonymousId;

use crate::store::session_records::SessionRecord;

#[derive(Debug, Subcommand)]
pub(super) enum SessionCommand {
    /// List sessions, the youngest first.
    List(list::ListArgs),
    /// What happened to a guest, in order: session, refreshes, carts and orders, and how it ended.
    Trace(trace::TraceArgs),
    /// End a session: its tokens are dead at once. Nothing happens if it is over.
    End(close::CloseArgs),
    /// Take a session back, as after a theft: its tokens are dead at once. Nothing happens if it is over.
    Revoke(close::CloseArgs),
}

impl SessionCommand {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::List(arguments) => list::list(&arguments),
            Self::Trace(arguments) => trace::trace(&arguments),
            Self::End(arguments) => close::close(&arguments, close::How::End),
            Self::Revoke(arguments) => close::close(&arguments, close::How::Revoke),
        }
    }
}

fn anonymous_id(text: &str) -> Result<AnonymousId, String> {
    AnonymousId::parse(text).ok_or_else(|| {
        "an anonymous id has 1 to 256 visible characters, without spaces, quotes and backslashes"
            .to_owned()
    })
}

/// Whose session it is.
fn holder(session: &SessionRecord) -> String {
    match (&session.customer_id, &session.anonymous_id) {
        (Some(customer), _) => format!("customer {customer}"),
        (None, Some(guest)) => format!("guest {guest}"),
        (None, None) => "nobody".to_owned(),
    }
}
