//! `client update`.

use clap::Args;
use domain::identity::ids::ClientId;
use shared::{config::database::DatabaseArgs, db::DbError};

use super::{mint, open_migrated};
use crate::{
    grants::clients::{self as administration, ClientChange},
    model::{
        api_error::ApiError,
        client::{ACCESS_TOKEN_SECONDS, GRACE_SECONDS, REFRESH_TOKEN_SECONDS},
        client_draft::{
            access_token_format, checked_name, checked_origins, checked_redirect_uris, to_json,
        },
    },
};

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Id of the client.
    id: String,
    /// Another name for people.
    #[arg(long)]
    name: Option<String>,
    /// Where it may have authorization codes sent to, in place of what there is; may be given up to ten times.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// A web page's origin in place of what there is; may be given up to 50 times.
    #[arg(
        long = "allowed-origin",
        value_name = "ORIGIN",
        conflicts_with = "any_origin"
    )]
    allowed_origins: Vec<String>,
    /// Pages of all origins may use it.
    #[arg(long)]
    any_origin: bool,
    /// Form of the access tokens from now on: `jwt` or `opaque`.
    #[arg(long)]
    access_token_format: Option<String>,
    /// Life of the access tokens from now on.
    #[arg(long, value_parser = clap::value_parser!(i64).range(ACCESS_TOKEN_SECONDS))]
    access_token_seconds: Option<i64>,
    /// Life of the refresh tokens after their next use.
    #[arg(long, value_parser = clap::value_parser!(i64).range(REFRESH_TOKEN_SECONDS))]
    refresh_token_seconds: Option<i64>,
    /// For so long a spent refresh token gets its successor again.
    #[arg(long, value_parser = clap::value_parser!(i64).range(GRACE_SECONDS))]
    grace_seconds: Option<i64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn update(arguments: &UpdateArgs) -> Result<(), String> {
    let change = change(arguments).map_err(|error| error.to_string())?;
    if change == ClientChange::default() {
        return Err("nothing is to be changed: `auth-server client update --help`".to_owned());
    }
    let database = open_migrated(&arguments.database)?;
    let id = ClientId::new(&arguments.id);
    let changed = database
        .write_blocking::<_, DbError>(|tx| administration::update(tx, &mint(), &id, change))
        .map_err(|error| error.to_string())?;
    let client = changed.ok_or_else(|| format!("there is no API client `{id}`"))?;
    if arguments.json {
        println!("{:#}", to_json(&client, None));
    } else {
        println!("changed {id}; all instances know within a second");
    }
    Ok(())
}

fn change(arguments: &UpdateArgs) -> Result<ClientChange, ApiError> {
    let allowed_origins = match given(&arguments.allowed_origins) {
        Some(origins) => Some(Some(checked_origins(&origins)?)),
        None => arguments.any_origin.then_some(None),
    };
    let format = arguments.access_token_format.as_deref();
    Ok(ClientChange {
        name: arguments.name.as_deref().map(checked_name).transpose()?,
        redirect_uris: given(&arguments.redirect_uris)
            .map(|uris| checked_redirect_uris(&uris))
            .transpose()?,
        allowed_origins,
        access_token_format: format
            .map(|text| access_token_format(Some(text)))
            .transpose()?,
        access_token_seconds: arguments.access_token_seconds,
        refresh_token_seconds: arguments.refresh_token_seconds,
        grace_seconds: arguments.grace_seconds,
    })
}

/// What was given, if anything was.
fn given(all: &[String]) -> Option<Vec<&str>> {
    let texts: Vec<&str> = all.iter().map(String::as_str).collect();
    Some(texts).filter(|texts| !texts.is_empty())
}
