//! `project create | list | show`.

use clap::{Args, Subcommand};
use domain::{identity::ids::ProjectKey, money::Currency, project::Project};
use serde_json::json;
use shared::{config::database::DatabaseArgs, db::DbError};

use super::{mint, open_migrated};
use crate::store::projects;

#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// Make a project.
    Create(CreateArgs),
    /// List all projects.
    List(ListArgs),
    /// Show a project as the API has it.
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Its key.
    key: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Its key, the first path segment of its resources: 2–36 of a-z, 0-9, - and _.
    key: String,
    /// A name for people; the key without one.
    #[arg(long)]
    name: Option<String>,
    /// ISO 4217 codes, separated by commas; the first is the default.
    #[arg(long, value_delimiter = ',', required = true)]
    currencies: Vec<String>,
    /// ISO 3166-1 alpha-2 codes, separated by commas.
    #[arg(long, value_delimiter = ',', required = true)]
    countries: Vec<String>,
    /// Locales, separated by commas.
    #[arg(long, value_delimiter = ',', required = true)]
    languages: Vec<String>,
    /// Leave a project that is there already as it is.
    #[arg(long)]
    if_missing: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl ProjectCommand {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::Create(arguments) => create(&arguments),
            Self::List(arguments) => list(&arguments),
            Self::Show(arguments) => show(&arguments),
        }
    }
}

fn create(arguments: &CreateArgs) -> Result<(), String> {
    let key = ProjectKey::parse(&arguments.key).ok_or_else(|| {
        format!(
            "`{}` is no project key: 2 to 36 characters of a-z, 0-9, - and _, not `oauth`",
            arguments.key
        )
    })?;
    let database = open_migrated(&arguments.database)?;
    let project = project(arguments, &key)?;
    let is_new = database
        .write_blocking::<_, DbError>(|tx| projects::insert_if_missing(tx, &project))
        .map_err(|error| error.to_string())?;
    if !is_new && !arguments.if_missing {
        return Err(format!("there is a project `{key}` already"));
    }
    if arguments.json {
        println!("{:#}", json!({ "key": key, "created": is_new }));
    } else if is_new {
        println!("made project `{key}`");
    } else {
        println!("project `{key}` is there already");
    }
    Ok(())
}

fn list(arguments: &ListArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let found = database
        .read_blocking(projects::all)
        .map_err(|error| error.to_string())?;
    if arguments.json {
        println!("{:#}", json!(found));
        return Ok(());
    }
    for project in &found {
        println!("{}", line(project));
    }
    Ok(())
}

fn show(arguments: &ShowArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let key = ProjectKey::new(&arguments.key);
    let found = database
        .read_blocking(|tx| projects::find(tx, &key))
        .map_err(|error| error.to_string())?;
    let project = found.ok_or_else(|| {
        format!("there is no project `{key}`; `auth-server project list` shows all")
    })?;
    if arguments.json {
        println!("{:#}", json!(project));
    } else {
        println!("{}", line(&project));
    }
    Ok(())
}

/// `shop  EUR,USD  DE,US  en,de  The shop`.
fn line(project: &Project) -> String {
    let currencies: Vec<String> = project.currencies.iter().map(ToString::to_string).collect();
    [
        project.key.as_str(),
        &currencies.join(","),
        &project.countries.join(","),
        &project.languages.join(","),
        &project.name,
    ]
    .join("\t")
}

fn project(arguments: &CreateArgs, key: &ProjectKey) -> Result<Project, String> {
    let currencies = arguments
        .currencies
        .iter()
        .map(|code| {
            Currency::parse(code)
                .ok_or_else(|| format!("--currencies: `{code}` is no ISO 4217 code"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let is_country =
        |text: &String| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    if let Some(text) = arguments.countries.iter().find(|text| !is_country(text)) {
        return Err(format!(
            "--countries: `{text}` is no ISO 3166-1 alpha-2 code such as DE"
        ));
    }
    let is_locale = |text: &String| {
        (2..=16).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if let Some(text) = arguments.languages.iter().find(|text| !is_locale(text)) {
        return Err(format!(
            "--languages: `{text}` is no locale such as en or de-AT"
        ));
    }
    Ok(Project::new(
        key.as_str(),
        arguments.name.as_deref().unwrap_or(key.as_str()),
        currencies,
        arguments.countries.clone(),
        arguments.languages.clone(),
        mint().now(),
    ))
}
