//! The command line: `commerce-api serve | migrate | seed | check-config`.

use std::{process::ExitCode, sync::Arc};

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::identity::ids::ProjectKey;
use shared::{
    clock::SystemClock,
    config::{
        Problems,
        database::{DatabaseArgs, DatabaseSettings},
        limits::LimitArgs,
        proofs::ProofArgs,
        switch,
        variables::variables_of,
    },
    db::{Database, MigrationState},
    http::{
        client_address::TrustedProxies,
        lifecycle::Draining,
        memory::{self, Memory},
    },
    limits::LimitSettings,
    logging,
    password::{PasswordCost, Passwords},
    random::SystemRandomness,
    token::{
        dpop::{DpopGuard, DpopSettings},
        verifier::TokenVerifier,
    },
};

use crate::{
    app_state::AppState,
    error::CommerceError,
    http::server,
    limits::PasswordLimits,
    listeners::{ListenerArgs, Listeners},
    metrics::ApiMetrics,
    service::{
        seed,
        workbench::{ShoppingListMigration, Workbench},
    },
};

/// How settings of this server begin that no other program is likely to have.
const PREFIXES: [&str; 1] = ["API_"];

/// Commerce resource API: carts, orders, customers and their catalog.
#[derive(Parser)]
#[command(name = "commerce-api", version = build_info::VERSION_AND_COMMIT)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until SIGTERM or Ctrl-C.
    Serve(ServeArgs),
    /// Bring the database schema up to date.
    Migrate(MigrateArgs),
    /// Create a catalog in a project; what is there already stays.
    Seed(SeedArgs),
    /// Check the configuration and print what `serve` would use.
    CheckConfig(ServeArgs),
}

#[derive(Args)]
struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Change nothing; say which migrations were run. Exit status 1 if some are pending.
    #[arg(long)]
    status: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum SeedName {
    /// A few products with prices, taxes and shipping.
    Demo,
    /// Only what every project has.
    Empty,
}

#[derive(Args)]
struct SeedArgs {
    /// Which catalog.
    seed: SeedName,
    /// Into which project.
    #[arg(long, default_value = "demo")]
    project: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    listeners: ListenerArgs,
    /// Public URL of the auth server: the issuer that tokens must name.
    #[arg(long, env = "AUTH_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    auth_public_url: String,
    /// Whether shopping lists of a guest move at sign-in: `manual` (the application moves them) or `automatic`.
    #[arg(long, env = "SHOPPING_LIST_MIGRATION", default_value = "manual")]
    shopping_list_migration: String,
    /// `on` writes the values of one-time tokens that live an hour or less into their messages, as the vendor does: whoever
    /// reads messages can then take over the accounts.
    #[arg(long, env = "TOKEN_VALUES_IN_MESSAGES", default_value = "off")]
    token_values_in_messages: String,
    /// Password hashing cost: `standard`, or `cheap` for tests only.
    #[arg(long, env = "PASSWORD_COST", default_value = "standard")]
    password_cost: String,
    #[command(flatten)]
    proofs: ProofArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// What `serve` works with.
pub struct Settings {
    listeners: Listeners,
    issuer: String,
    shopping_lists: ShoppingListMigration,
    token_values_in_messages: bool,
    password_cost: PasswordCost,
    proofs: DpopSettings,
    limits: LimitSettings,
    trusted_proxies: TrustedProxies,
    database: DatabaseSettings,
}

impl ServeArgs {
    fn settings(&self) -> Result<Settings, String> {
        let mut problems = Problems::default();
        note_unknown_variables(&mut problems);
        let listeners = self.listeners.read(&mut problems);
        let issuer = problems.take("AUTH_PUBLIC_URL", issuer(&self.auth_public_url));
        let lists = problems.take(
            "SHOPPING_LIST_MIGRATION",
            ShoppingListMigration::parse(&self.shopping_list_migration),
        );
        let token_values = problems.take(
            "TOKEN_VALUES_IN_MESSAGES",
            switch(&self.token_values_in_messages),
        );
        let cost = problems.take(
            "PASSWORD_COST",
            match self.password_cost.as_str() {
                "standard" => Ok(PasswordCost::STANDARD),
                "cheap" => Ok(PasswordCost::CHEAP),
                other => Err(format!("must be `standard` or `cheap`, found `{other}`")),
            },
        );
        let proofs = self
            .proofs
            .of_resource_api(&mut problems, &format!("http://{}", self.listeners.bind));
        let limits = self.limits.limits(&mut problems);
        let proxies = self.limits.trusted_proxies(&mut problems);
        let database = self.database.settings(&mut problems);
        problems.finish()?;
        let all = (listeners, issuer, lists, cost, proofs, database);
        let others = (limits, proxies, token_values);
        let (Some(listeners), Some(issuer), Some(lists), Some(cost), Some(proofs), Some(database)) =
            all
        else {
            return Err("the configuration is incomplete".to_owned());
        };
        let (Some(limits), Some(trusted_proxies), Some(token_values_in_messages)) = others else {
            return Err("the configuration is incomplete".to_owned());
        };
        Ok(Settings {
            listeners,
            issuer,
            shopping_lists: lists,
            token_values_in_messages,
            password_cost: cost,
            proofs,
            limits,
            trusted_proxies,
            database,
        })
    }
}

/// Notes environment variables that are misspelt settings, and warns of others that look like one.
fn note_unknown_variables(problems: &mut Problems) {
    problems.unknown_variables(&PREFIXES, &variables_of::<ServeArgs>());
}

fn issuer(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(format!("must be an http or https URL, found `{text}`")),
    }
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    logging::start();
    let done = match Cli::parse().command {
        Command::Serve(args) => serve(&args),
        Command::Migrate(args) => migrate(&args),
        Command::Seed(args) => run_seed(&args),
        Command::CheckConfig(args) => args.settings().map(|settings| describe(&settings)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&format!("commerce-api: {problem}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the command line talks to its user")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stdout, reason = "the command line talks to its user")]
fn describe(settings: &Settings) {
    println!("bind                    {}", settings.listeners.bind);
    println!("auth public url         {}", settings.issuer);
    println!("shopping list migration {:?}", settings.shopping_lists);
    println!(
        "token values in messages {}",
        if settings.token_values_in_messages {
            "on"
        } else {
            "off"
        }
    );
    println!(
        "DPoP proofs name        {}",
        settings.proofs.public_urls.join(" or ")
    );
    println!("DPoP nonce required     {}", settings.proofs.requires_nonce);
    println!(
        "rate limits             {}",
        if settings.limits.are_on { "on" } else { "off" }
    );
    println!("trusted proxies         {}", settings.trusted_proxies);
    println!("database                {:?}", settings.database.url);
    println!("database pool size      {}", settings.database.pool_size);
}

/// Puts the parts of a server together; used by `serve`, by commands and by tests.
///
/// # Errors
/// If the password cost is impossible.
pub fn assemble(
    database: Database,
    issuer: &str,
    cost: PasswordCost,
    shopping_lists: ShoppingListMigration,
) -> Result<AppState, String> {
    let clock: shared::clock::SharedClock = Arc::new(SystemClock);
    let randomness: shared::random::SharedRandomness = Arc::new(SystemRandomness::new());
    let passwords =
        Passwords::new(cost, Arc::clone(&randomness)).map_err(|error| error.to_string())?;
    let state = AppState {
        verifier: TokenVerifier::new(database.clone(), Arc::clone(&clock), issuer),
        proofs: DpopGuard::new(
            DpopSettings::default(),
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&randomness),
        ),
        database,
        clock,
        passwords,
        limits: PasswordLimits::off(),
        trusted_proxies: TrustedProxies::default(),
        memory: Memory::new(memory::DEFAULT_BYTES),
        compresses: true,
        clients: Default::default(),
        bench: Workbench::new(randomness, shopping_lists),
        metrics: ApiMetrics::new().map_err(|error| error.to_string())?,
        draining: Draining::default(),
    };
    let observed = state.metrics.observe(&state);
    observed.map_err(|error| error.to_string())?;
    Ok(state)
}

fn serve(args: &ServeArgs) -> Result<(), String> {
    let settings = args.settings()?;
    let database = open(&settings.database)?;
    let mut state = assemble(
        database,
        &settings.issuer,
        settings.password_cost,
        settings.shopping_lists,
    )?;
    state.bench.token_values_in_messages = settings.token_values_in_messages;
    state.take_proofs(settings.proofs);
    state.take_limits(settings.limits, settings.trusted_proxies);
    state.memory = Memory::new(settings.listeners.request_memory);
    state.compresses = settings.listeners.compresses;
    server::run(state, &settings.listeners)
}

fn open(settings: &DatabaseSettings) -> Result<Database, String> {
    let database = Database::open(settings).map_err(|error| format!("DATABASE_URL: {error}"))?;
    match database.is_migrated() {
        Ok(true) => Ok(database),
        Ok(false) => Err(
            "DATABASE_URL: the schema is not up to date: run `commerce-api migrate` first"
                .to_owned(),
        ),
        Err(error) => Err(format!("DATABASE_URL: {error}")),
    }
}

fn database_settings(args: &DatabaseArgs) -> Result<DatabaseSettings, String> {
    let mut problems = Problems::default();
    note_unknown_variables(&mut problems);
    let settings = args.settings(&mut problems);
    problems.finish()?;
    settings.ok_or_else(|| "DATABASE_URL is incomplete".to_owned())
}

fn migrate(args: &MigrateArgs) -> Result<(), String> {
    let settings = database_settings(&args.database)?;
    let database = Database::open(&settings).map_err(|error| format!("DATABASE_URL: {error}"))?;
    if args.status {
        return migration_status(&database);
    }
    let ran = database.migrate().map_err(|error| error.to_string())?;
    say(&format!("{} migrations applied", ran.len()));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command line talks to its user")]
fn migration_status(database: &Database) -> Result<(), String> {
    let all = database.migrations().map_err(|error| error.to_string())?;
    for one in &all {
        println!("{:<8} {}", one.state.as_str(), one.name);
    }
    let pending = all
        .iter()
        .filter(|one| one.state == MigrationState::Pending);
    match pending.count() {
        0 => Ok(()),
        number => Err(format!("{number} pending: run `commerce-api migrate`")),
    }
}

fn run_seed(args: &SeedArgs) -> Result<(), String> {
    let database = open(&database_settings(&args.database)?)?;
    let state = assemble(
        database.clone(),
        "http://localhost",
        PasswordCost::STANDARD,
        ShoppingListMigration::Manual,
    )?;
    let project = ProjectKey::new(&args.project);
    let made: Result<usize, CommerceError> = database.write_blocking(|tx| {
        seed::built_in(tx, &state, &project)?;
        match args.seed {
            SeedName::Demo => seed::demo(tx, &state, &project),
            SeedName::Empty => Ok(0),
        }
    });
    match made {
        Ok(made) => {
            say(&format!("project {project}: {made} resources created"));
            Ok(())
        }
        Err(CommerceError::Internal(cause)) => Err(cause),
        Err(error) => Err(error.to_string()),
    }
}
