//! `session end` and `session revoke`.

use clap::Args;
use domain::{
    identity::ids::{AnonymousId, ProjectKey, SessionId},
    timestamp::Timestamp,
};
use serde_json::json;
use shared::{
    config::database::DatabaseArgs,
    db::{DbError, WriteTx},
};

use super::{anonymous_id, holder};
use crate::{
    cli::{mint, open_migrated},
    model::session::EndReason,
    store::{
        session_records::{self, SessionRecord},
        sessions,
    },
};

#[derive(Debug, Args)]
pub(in crate::cli) struct CloseArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Id of the session, as `session list` shows it.
    #[arg(required_unless_present = "anonymous_id")]
    id: Option<String>,
    /// The session of this guest.
    #[arg(long, requires = "project", conflicts_with = "id")]
    anonymous_id: Option<String>,
    /// Key of the project; needed with --anonymous-id.
    #[arg(long)]
    project: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Which word the row gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    End,
    Revoke,
}

/// Which session is meant.
enum Wanted {
    Session(SessionId),
    Guest(ProjectKey, AnonymousId),
}

pub(super) fn close(arguments: &CloseArgs, how: How) -> Result<(), String> {
    let wanted = match (&arguments.id, &arguments.anonymous_id) {
        (_, Some(guest)) => {
            let project = arguments.project.as_deref().unwrap_or_default();
            Wanted::Guest(ProjectKey::new(project), anonymous_id(guest)?)
        }
        (id, None) => Wanted::Session(SessionId::new(id.as_deref().unwrap_or_default())),
    };
    let database = open_migrated(&arguments.database)?;
    let now = mint().now();
    let (changed, session) = database
        .write_blocking::<_, DbError>(|tx| {
            let Some(id) = find(tx, &wanted)? else {
                return Ok(None);
            };
            let changed = carry_out(tx, how, &id, now)?;
            Ok(session_records::find(tx, &id)?.map(|session| (changed, session)))
        })
        .map_err(|error| error.to_string())?
        .ok_or_else(|| not_found(&wanted))?;
    print(&session, changed, arguments.json);
    Ok(())
}

fn find(tx: &mut WriteTx<'_>, wanted: &Wanted) -> Result<Option<SessionId>, DbError> {
    let found = match wanted {
        Wanted::Session(id) => session_records::find(tx, id)?,
        Wanted::Guest(project, guest) => session_records::of_guest(tx, project, guest)?,
    };
    Ok(found.map(|session| SessionId::new(session.id)))
}

fn carry_out(
    tx: &mut WriteTx<'_>,
    how: How,
    id: &SessionId,
    now: Timestamp,
) -> Result<bool, DbError> {
    match how {
        How::End => sessions::end(tx, id, EndReason::Operator, now),
        How::Revoke => sessions::revoke(tx, id, EndReason::Operator, now),
    }
}

fn not_found(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Session(id) => format!("there is no session `{id}`; if there was, it is over"),
        Wanted::Guest(project, guest) => format!(
            "project `{project}` has no session of guest `{guest}`; `auth-server session trace {guest} --project \
             {project}` says what is known"
        ),
    }
}

fn print(session: &SessionRecord, changed: bool, as_json: bool) {
    if as_json {
        println!("{:#}", json!({ "changed": changed, "session": session }));
        return;
    }
    let (id, holder) = (&session.id, holder(session));
    let state = session.end().unwrap_or_else(|| session.state.clone());
    if changed {
        println!("session {id} of {holder} is {state} now; its tokens are dead");
        return;
    }
    let since = session.closed_at.map(|at| format!(" since {at}"));
    println!(
        "session {id} of {holder} was over already: {state}{}",
        since.unwrap_or_default()
    );
}
