//! `client create | list | delete`; what is about secrets is in `client_secrets`, changes are in `client_update`.

use clap::{Args, Subcommand};
use domain::identity::ids::{ClientId, ProjectKey};
use shared::{config::database::DatabaseArgs, db::DbError};

use super::{
    client_secrets::{
        AdoptArgs, RotateArgs, ShowArgs, adopt_pepper, rotate, show, summary, with_secrets,
    },
    client_update::{UpdateArgs, update},
    mint, open_migrated, pepper,
    templates::Template,
};
use crate::{
    grants::clients as administration,
    model::{
        client::DEFAULT_GRACE_SECONDS,
        client_draft::{
            ClientDraft, access_token_format, checked_name, checked_origins, checked_redirect_uris,
            checked_scope, holdable, refresh_token_mode, to_json,
        },
    },
    settings::SecretArgs,
    store::{client_secrets as secrets, clients, projects},
};

/// Most clients that `client list` prints.
const LIST_LIMIT: i64 = 10_000;

#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Make an API client. Its secret is printed once and never again.
    Create(CreateArgs),
    /// List the API clients of a project.
    List(ListArgs),
    /// Show an API client, and until when its secrets are good; never the secrets.
    Show(ShowArgs),
    /// Give an API client another secret, printed once. The old one stays good for a while.
    RotateSecret(RotateArgs),
    /// Change an API client: what is not given stays. Its scopes never change, and sessions it has started live on.
    Update(UpdateArgs),
    /// Take SECRET_PEPPER for this database's from now on, because the one that its client secrets were made with is lost. All
    /// of them are refused until their clients get others (`rotate-secret`).
    AdoptPepper(AdoptArgs),
    /// Delete an API client; all its sessions are revoked.
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    /// Key of its project.
    #[arg(long)]
    project: String,
    /// A name for people.
    #[arg(long)]
    name: String,
    /// The usual scopes for where it runs.
    #[arg(
        long,
        value_enum,
        required_unless_present = "scope",
        conflicts_with = "scope"
    )]
    template: Option<Template>,
    /// Its scopes, separated by spaces: `manage_my_orders:demo view_published_products:demo`.
    #[arg(long)]
    scope: Option<String>,
    /// `jwt` or `opaque`.
    #[arg(long, default_value = "jwt")]
    access_token_format: String,
    /// `rotating`, `reusable` or `dpop`.
    #[arg(long, default_value = "rotating")]
    refresh_token_mode: String,
    /// It runs where no secret can be kept, such as a mobile app or a page in a browser, and gets none.
    #[arg(long)]
    public: bool,
    /// Where it may have authorization codes sent to; may be given up to ten times.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// A web page's origin, `https://host[:port]`: pages of other origins may not use it. May be given up to 50 times.
    #[arg(long = "allowed-origin", value_name = "ORIGIN")]
    allowed_origins: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Key of the project.
    #[arg(long)]
    project: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Key of the project.
    #[arg(long)]
    project: String,
    /// Id of the client.
    id: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl ClientCommand {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::Create(arguments) => create(&arguments),
            Self::List(arguments) => list(&arguments),
            Self::Show(arguments) => show(&arguments),
            Self::RotateSecret(arguments) => rotate(&arguments),
            Self::Update(arguments) => update(&arguments),
            Self::AdoptPepper(arguments) => adopt_pepper(&arguments),
            Self::Delete(arguments) => delete(&arguments),
        }
    }
}

fn create(arguments: &CreateArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let pepper = pepper(&database, &arguments.secrets)?;
    let project = ProjectKey::new(&arguments.project);
    let draft = draft(arguments, &project).map_err(|error| error.to_string())?;
    let is_known = database
        .read_blocking::<_, DbError>(|tx| projects::exists(tx, &project))
        .map_err(|error| error.to_string())?;
    if !is_known {
        return Err(format!(
            "there is no project `{project}`; make it with `auth-server project create {project} …`"
        ));
    }
    let (client, secret) = database
        .write_blocking::<_, DbError>(|tx| {
            administration::create(tx, &mint(), &pepper, &project, draft)
        })
        .map_err(|error| error.to_string())?;
    if arguments.json {
        println!("{:#}", to_json(&client, secret.as_deref()));
    } else {
        println!("client_id:     {}", client.id);
        if let Some(secret) = &secret {
            println!("client_secret: {secret}");
        }
        println!("scope:         {}", client.scope);
        if secret.is_some() {
            println!("The secret is not shown again.");
        }
    }
    Ok(())
}

fn draft(
    arguments: &CreateArgs,
    project: &ProjectKey,
) -> Result<ClientDraft, crate::model::api_error::ApiError> {
    let scope = match (&arguments.scope, arguments.template) {
        (None, Some(template)) => template.scopes(project, arguments.public),
        (scope, _) => checked_scope(project, scope.as_deref().unwrap_or_default())?,
    };
    let redirect_uris: Vec<&str> = arguments.redirect_uris.iter().map(String::as_str).collect();
    let origins: Vec<&str> = arguments
        .allowed_origins
        .iter()
        .map(String::as_str)
        .collect();
    let mode = Some(arguments.refresh_token_mode.as_str());
    Ok(ClientDraft {
        name: checked_name(&arguments.name)?,
        is_public: arguments.public,
        redirect_uris: checked_redirect_uris(&redirect_uris)?,
        scope: holdable(scope, arguments.public)?,
        delete_days: None,
        access_token_seconds: None,
        refresh_token_seconds: None,
        refresh_token_mode: refresh_token_mode(mode, arguments.public)?,
        access_token_format: access_token_format(Some(&arguments.access_token_format))?,
        grace_seconds: DEFAULT_GRACE_SECONDS,
        allowed_origins: Some(origins)
            .filter(|origins| !origins.is_empty())
            .map(|origins| checked_origins(&origins))
            .transpose()?,
    })
}

fn list(arguments: &ListArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let project = ProjectKey::new(&arguments.project);
    let found = database
        .read_blocking::<_, DbError>(|tx| {
            let mut secrets = secrets::of_project(tx, &project)?;
            let mut found = clients::list(tx, &project, LIST_LIMIT, 0)?;
            for client in &mut found {
                client.secrets = secrets.remove(&client.id).unwrap_or_default();
            }
            Ok(found)
        })
        .map_err(|error| error.to_string())?;
    let now = mint().now();
    if arguments.json {
        let all: Vec<_> = found.iter().map(|one| with_secrets(one, now)).collect();
        println!("{:#}", serde_json::Value::Array(all));
        return Ok(());
    }
    for client in found {
        println!(
            "{}\t{}\t{}\tsecrets: {}",
            client.id,
            client.name,
            client.scope,
            summary(&client, now)
        );
    }
    Ok(())
}

fn delete(arguments: &DeleteArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let project = ProjectKey::new(&arguments.project);
    let id = ClientId::new(&arguments.id);
    let deleted = database
        .write_blocking::<_, DbError>(|tx| administration::delete(tx, &mint(), &project, &id))
        .map_err(|error| error.to_string())?;
    let client = deleted.ok_or_else(|| format!("project `{project}` has no API client `{id}`"))?;
    if arguments.json {
        println!("{:#}", to_json(&client, None));
    } else {
        println!("deleted {id} and revoked its sessions");
    }
    Ok(())
}
