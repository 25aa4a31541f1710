//! `session list`.

use clap::Args;
use domain::identity::ids::{ClientId, CustomerId, ProjectKey};
use shared::{config::database::DatabaseArgs, db::DbError};

use super::{anonymous_id, holder};
use crate::{
    cli::open_migrated,
    model::session::SessionState,
    store::session_records::{self, Filter},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Key of the project.
    #[arg(long)]
    project: String,
    /// Only of this guest.
    #[arg(long)]
    anonymous_id: Option<String>,
    /// Only of this customer.
    #[arg(long)]
    customer_id: Option<String>,
    /// Only those that this API client started.
    #[arg(long)]
    client: Option<String>,
    /// Only `active`, `ended`, `revoked`, `expired` or `evicted` ones.
    #[arg(long, value_parser = state)]
    state: Option<SessionState>,
    /// At most so many, 1 to 10000.
    #[arg(long, default_value = "50", value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn state(text: &str) -> Result<SessionState, String> {
    SessionState::parse(text)
        .ok_or_else(|| format!("must be one of {}", SessionState::WORDS.join(", ")))
}

pub(super) fn list(arguments: &ListArgs) -> Result<(), String> {
    let project = ProjectKey::new(&arguments.project);
    let guest = arguments.anonymous_id.as_deref().map(anonymous_id);
    let filter = Filter {
        anonymous_id: guest.transpose()?,
        customer_id: arguments.customer_id.as_deref().map(CustomerId::new),
        client_id: arguments.client.as_deref().map(ClientId::new),
        state: arguments.state,
    };
    let database = open_migrated(&arguments.database)?;
    let found = database
        .read_blocking::<_, DbError>(|tx| {
            session_records::list(tx, &project, &filter, arguments.limit)
        })
        .map_err(|error| error.to_string())?;
    if arguments.json {
        println!("{:#}", serde_json::json!(found));
        return Ok(());
    }
    for session in found {
        println!(
            "{}\t{}\t{}\tclient {}\tstarted {}\tlast used {}",
            session.id,
            session.end().unwrap_or_else(|| session.state.clone()),
            holder(&session),
            session.client_id,
            session.created_at,
            session.last_used_at
        );
    }
    Ok(())
}
