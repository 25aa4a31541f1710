//! `session trace`.

use clap::Args;
use domain::identity::ids::ProjectKey;
use shared::{config::database::DatabaseArgs, db::DbError};

use super::anonymous_id;
use crate::{
    cli::open_migrated,
    grants::session_trace::{self, Trace},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct TraceArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The guest, as `anonymousId` of its carts and orders says.
    anonymous_id: String,
    /// Key of the project.
    #[arg(long)]
    project: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn trace(arguments: &TraceArgs) -> Result<(), String> {
    let project = ProjectKey::new(&arguments.project);
    let guest = anonymous_id(&arguments.anonymous_id)?;
    let database = open_migrated(&arguments.database)?;
    let found = database
        .read_blocking::<_, DbError>(|tx| session_trace::of_guest(tx, &project, &guest))
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("guest `{guest}` was never seen in project `{project}`"))?;
    if arguments.json {
        println!("{:#}", serde_json::json!(found));
    } else {
        print(&found);
    }
    Ok(())
}

fn print(trace: &Trace) {
    println!("guest {}", trace.anonymous_id);
    if let Some(session) = &trace.session {
        let state = session.end().unwrap_or_else(|| session.state.clone());
        println!("session {}: {state}", session.id);
    }
    if let Some(note) = trace.note {
        println!("{note}");
    }
    for line in &trace.lines {
        println!("{}  {:<12}  {}", line.at, line.source, line.text);
    }
}
