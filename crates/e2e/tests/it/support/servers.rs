//! The two servers in this process, each on a port of its own.

use std::{
    net::TcpListener,
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    rt::System,
    web::Data,
};
use auth_server::app_state::{AppState as AuthState, Behaviour, Parts};
use commerce_api::{
    app_state::AppState as CommerceState, cli::assemble, service::workbench::ShoppingListMigration,
};
use shared::{
    clock::SharedClock,
    db::Database,
    http::{client_address::TrustedProxies, correlation::correlate, presence::watch},
    limits::LimitSettings,
    password::PasswordCost,
    random::SystemRandomness,
    secret::Secret,
    token::{
        dpop::DpopSettings, keys::SigningAlgorithm, sealing::SealingKey, verifier::TokenVerifier,
    },
};

const WORKERS: usize = 2;

/// A server that runs until it is dropped.
pub struct Running {
    /// Where it answers, without a trailing slash.
    pub url: String,
    handle: ServerHandle,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    fn start(
        serve: impl FnOnce() -> std::io::Result<Server> + Send + 'static,
        url: String,
    ) -> Self {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let server = serve()?;
                sender.send(server.handle()).expect("somebody waits");
                server.await
            })
        });
        let handle = receiver.recv().expect("the server starts");
        Self {
            url,
            handle,
            thread: Some(thread),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The command is sent by the call; the future would only wait for what `join` waits for.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("no panic").expect("no I/O error");
            }
        }
    }
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    (listener, format!("http://{address}"))
}

/// Starts the auth server as its command line does, with cheap passwords and a known secret key.
pub fn auth_server(
    database: Database,
    clock: SharedClock,
    shopping_lists: ShoppingListMigration,
) -> (Running, Arc<AuthState>) {
    auth_server_of(None, database, clock, shopping_lists)
}

/// The same for an issuer of another name than the server's own URL.
pub fn auth_server_of(
    issuer: Option<&str>,
    database: Database,
    clock: SharedClock,
    shopping_lists: ShoppingListMigration,
) -> (Running, Arc<AuthState>) {
    let behaviour = Behaviour {
        shopping_lists,
        ..Behaviour::default()
    };
    auth_server_with(issuer, database, clock, behaviour)
}

/// The same with another behaviour.
pub fn auth_server_with(
    issuer: Option<&str>,
    database: Database,
    clock: SharedClock,
    behaviour: Behaviour,
) -> (Running, Arc<AuthState>) {
    let (listener, url) = listen();
    let state = AuthState::new(Parts {
        database,
        clock,
        randomness: Arc::new(SystemRandomness::new()),
        issuer: issuer.unwrap_or(&url).to_owned(),
        sealing_key: SealingKey::new(&[7; 32]).expect("a sealing key"),
        secret_pepper: Secret::new([9; 32]),
        signing_algorithm: SigningAlgorithm::Es256,
        password_cost: PasswordCost::CHEAP,
        behaviour,
    });
    let state = Arc::new(state.expect("a state"));
    let shared = Data::from(Arc::clone(&state));
    let serve = move || {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .app_data(Data::new(shared.database.clone()))
                .configure(auth_server::http::configure)
                .wrap(auth_server::http::cors(&shared.behaviour))
                .wrap(from_fn(correlate))
        });
        Ok(server
            .on_connect(watch)
            .workers(WORKERS)
            .disable_signals()
            .listen(listener)?
            .run())
    };
    (Running::start(serve, url), state)
}

/// Starts the commerce API as its command line does, with cheap passwords.
pub fn commerce_api(
    database: Database,
    clock: SharedClock,
    issuer: &str,
    shopping_lists: ShoppingListMigration,
) -> (Running, Data<CommerceState>) {
    serve_commerce_api(commerce_state(database, clock, issuer, shopping_lists))
}

/// The same with limits, and with callers as this machine says.
pub fn commerce_api_with_limits(
    database: Database,
    clock: SharedClock,
    issuer: &str,
) -> (Running, Data<CommerceState>) {
    let mut state = commerce_state(database, clock, issuer, ShoppingListMigration::Manual);
    let limits = LimitSettings {
        are_on: true,
        exempt: TrustedProxies::default(),
    };
    state.take_limits(limits, "127.0.0.1".parse().expect("an address"));
    serve_commerce_api(state)
}

/// The same with the values of short-lived one-time tokens in messages.
pub fn commerce_api_with_token_values_in_messages(
    database: Database,
    clock: SharedClock,
    issuer: &str,
) -> Running {
    let mut state = commerce_state(database, clock, issuer, ShoppingListMigration::Manual);
    state.bench.token_values_in_messages = true;
    serve_commerce_api(state).0
}

fn commerce_state(
    database: Database,
    clock: SharedClock,
    issuer: &str,
    shopping_lists: ShoppingListMigration,
) -> CommerceState {
    let mut state =
        assemble(database, issuer, PasswordCost::CHEAP, shopping_lists).expect("a state");
    state.verifier = TokenVerifier::new(state.database.clone(), Arc::clone(&clock), issuer);
    state.clock = clock;
    state
}

fn serve_commerce_api(mut state: CommerceState) -> (Running, Data<CommerceState>) {
    let (listener, url) = listen();
    state.take_proofs(DpopSettings {
        public_urls: vec![url.clone()],
        requires_nonce: false,
    });
    let state = Data::new(state);
    let shared = state.clone();
    let serve = move || {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .app_data(Data::new(shared.database.clone()))
                .configure(commerce_api::http::routes::configure)
                .wrap(commerce_api::http::server::cors())
                .wrap(from_fn(correlate))
        });
        Ok(server
            .on_connect(watch)
            .workers(WORKERS)
            .disable_signals()
            .listen(listener)?
            .run())
    };
    (Running::start(serve, url), state)
}
