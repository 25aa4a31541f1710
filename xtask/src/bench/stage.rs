//! Everything that is measured, set up: PostgreSQL, two databases, the servers, guests with carts.

use super::guests::{self, Guest};
use super::load::{self, Counted, Measured};
use super::paths::{Contender, Size};
use super::{CONNECTIONS, Options, cpu, rows};
use crate::children::Server;
use crate::clients::DemoClients;
use crate::failure::{Failure, Outcome, While};
use crate::interrupt;
use crate::loopback;
use crate::postgres::{self, PostgresServer};
use crate::servers::Setup;
use crate::temporary::TemporaryFolder;
use crate::workspace::{self, Binaries};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// As an operator would run it: an acknowledged commit is on disk. No checkpoint falls into a run.
const POSTGRES_SETTINGS: [&str; 5] = [
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
];
const READY_WITHIN: Duration = Duration::from_secs(30);
const STOP_WITHIN: Duration = Duration::from_secs(15);
/// Connections that scan while others are served.
const SCANNERS: u32 = 2;
/// Signatures of one measurement; some two seconds.
const SIGNATURES: f64 = 100_000.0;

/// A running server and what its start took.
#[derive(Debug)]
struct Started {
    server: Server,
    port: u16,
    /// From the start of the process to the first answer that says it is ready.
    first_answer: Duration,
    /// After the first answer, before any load.
    idle_mib: f64,
}

/// One of the two databases with its commerce API and the data that scripts read.
#[derive(Debug)]
struct Place {
    url: String,
    data: PathBuf,
    api: Started,
}

#[derive(Debug)]
pub struct Stage {
    // Servers stop before the database they use, and the folder goes last.
    auth: Started,
    smaller: Place,
    larger: Place,
    guests: Vec<Guest>,
    clients: DemoClients,
    variables: Vec<(String, String)>,
    signing: PathBuf,
    runs: u64,
    postgres: PostgresServer,
    _folder: TemporaryFolder,
}

/// A server process as the report shows it.
#[derive(Debug)]
pub struct Process {
    pub name: &'static str,
    pub first_answer: Duration,
    pub idle_mib: f64,
    pub loaded_mib: f64,
}

impl Stage {
    pub fn build(options: &Options) -> Outcome<Self> {
        println!("building the servers and the signing process");
        let binaries = workspace::build_servers(true, false)?;
        let signing = build_signing()?;
        println!("starting PostgreSQL with fsync and synchronous_commit on");
        let postgres = postgres::start_private(&POSTGRES_SETTINGS)?;
        let folder = TemporaryFolder::create("guestcart-bench")?;
        let (small_url, large_url) = (postgres.url_of("smaller"), postgres.url_of("larger"));
        postgres.query(&postgres.url, "CREATE DATABASE smaller")?;
        let setup =
            |url: &str| Setup::new(binaries.clone(), folder.path.clone(), url.to_owned(), false);
        let small = setup(&small_url)?;
        small.prepare_database(true)?;
        let ports = Ports {
            auth: postgres::free_port()?,
            smaller: postgres::free_port()?,
            larger: postgres::free_port()?,
        };
        println!(
            "making {} guests with carts of two lines through the servers",
            rows::GUESTS
        );
        let (guests, clients) = first_guests(&small, &ports, &folder.path)?;
        println!(
            "filling the databases up to {} and {} carts",
            options.carts.0, options.carts.1
        );
        rows::prepare(&postgres, &small_url, options.carts.0)?;
        postgres.query(&postgres.url, "CREATE DATABASE larger TEMPLATE smaller")?;
        rows::fill(&postgres, &large_url, options.carts.1)?;
        let auth = start_auth(&small, &ports)?;
        let admin_token = guests::client_token(ports.auth, &clients.admin)?;
        let place = |name: &str, url: String, port: u16| {
            let data = folder.path.join(name);
            fs::create_dir_all(&data).doing(|| format!("cannot create {}", data.display()))?;
            guests::write_clients(&data, &clients.mobile, &clients.admin, &admin_token)?;
            let api = start_api(&setup(&url)?, &ports, port)?;
            Ok::<_, Failure>(Place { url, data, api })
        };
        let (smaller, larger) = (
            place("smaller", small_url, ports.smaller)?,
            place("larger", large_url, ports.larger)?,
        );
        let variables = rows::variables(&postgres, &smaller.url)?;
        Ok(Self {
            auth,
            smaller,
            larger,
            guests,
            clients,
            variables,
            signing,
            runs: 0,
            postgres,
            _folder: folder,
        })
    }

    /// Runs one contender with fresh data for `seconds`.
    pub fn measure(&mut self, contender: &Contender, seconds: u32) -> Outcome<Measured> {
        interrupt::refuse_if_interrupted()?;
        self.runs += 1;
        // Otherwise whoever comes first after a checkpoint writes its pages twice.
        self.postgres.query(&self.postgres.url, "CHECKPOINT")?;
        match contender {
            Contender::Signatures => self.signatures(),
            Contender::Pgbench { script } => {
                let mut variables = self.variables.clone();
                let family = rows::start_families(&self.postgres, &self.smaller.url, self.runs)?;
                variables.push(("family".to_owned(), family.to_string()));
                let program = self.postgres.program("pgbench");
                let url = &self.smaller.url;
                self.metered(None, || {
                    load::pgbench(&program, url, script, &variables, seconds)
                })
            }
            Contender::Auth { script } => {
                let tokens =
                    guests::refresh_tokens(self.auth.port, &self.clients.mobile, 2 * CONNECTIONS)?;
                guests::write_refresh_tokens(&self.smaller.data, &tokens)?;
                self.wrk(&self.auth, &self.smaller.data, script, seconds)
            }
            Contender::Api {
                size,
                script,
                beside_scan,
            } => {
                let place = self.place(*size);
                let guests = rows::with_versions(&self.postgres, &place.url, &self.guests)?;
                let guests: Vec<(&Guest, &str)> = guests
                    .iter()
                    .map(|(guest, version)| (*guest, version.as_str()))
                    .collect();
                guests::write_guests(&place.data, &guests)?;
                if !beside_scan {
                    return self.wrk(&place.api, &place.data, script, seconds);
                }
                let (port, data) = (place.api.port, &place.data);
                let scan = load::start_wrk(port, "scan_carts.lua", data, SCANNERS, seconds + 1)?;
                let measured = self.wrk(&place.api, data, script, seconds);
                // A scan takes seconds and may not finish one in a short run; its numbers are of no interest.
                scan.wait_with_output()
                    .doing(|| "cannot wait for wrk".to_owned())?;
                // The next measurement must not pay for scans whose clients have gone.
                self.postgres.query(
                    &place.url,
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                     AND state = 'active' AND pid <> pg_backend_pid()",
                )?;
                measured
            }
        }
    }

    /// The servers, in the order in which they were started.
    pub fn processes(&self) -> Outcome<Vec<Process>> {
        [
            ("auth-server", &self.auth),
            ("commerce-api", &self.smaller.api),
            ("commerce-api, larger database", &self.larger.api),
        ]
        .into_iter()
        .map(|(name, started)| {
            Ok(Process {
                name,
                first_answer: started.first_answer,
                idle_mib: started.idle_mib,
                loaded_mib: cpu::resident_mib(started.server.id())?,
            })
        })
        .collect()
    }

    fn place(&self, size: Size) -> &Place {
        match size {
            Size::Smaller => &self.smaller,
            Size::Larger => &self.larger,
        }
    }

    fn wrk(&self, server: &Started, data: &Path, script: &str, seconds: u32) -> Outcome<Measured> {
        self.metered(Some(server.server.id()), || {
            load::finish_wrk(load::start_wrk(
                server.port,
                script,
                data,
                CONNECTIONS,
                seconds,
            )?)
        })
    }

    /// Runs a load and divides what the processes used by what was counted.
    fn metered(
        &self,
        server: Option<u32>,
        work: impl FnOnce() -> Outcome<Counted>,
    ) -> Outcome<Measured> {
        let used = || {
            let postgres = self.postgres.process().map(cpu::of_family).transpose()?;
            Ok::<_, Failure>((server.map(cpu::of_process).transpose()?, postgres))
        };
        let before = used()?;
        let counted = work()?;
        // The last back ends of pgbench are still on their way out.
        std::thread::sleep(Duration::from_millis(200));
        let after = used()?;
        let micros = |before: Option<f64>, after: Option<f64>| {
            Some((after? - before?) * 1e6 / counted.requests)
        };
        Ok(Measured {
            per_second: counted.requests / counted.seconds,
            p99_millis: Some(counted.p99_millis),
            failed: counted.failed,
            server_micros: micros(before.0, after.0),
            postgres_micros: micros(before.1, after.1),
        })
    }

    fn signatures(&self) -> Outcome<Measured> {
        let before = cpu::of_ended_children()?;
        let start = Instant::now();
        let status = Command::new(&self.signing)
            .arg(SIGNATURES.to_string())
            .status()
            .doing(|| format!("cannot run {}", self.signing.display()))?;
        if !status.success() {
            return Err(Failure::new(format!("signing failed ({status})")));
        }
        let elapsed = start.elapsed();
        Ok(Measured {
            per_second: SIGNATURES / elapsed.as_secs_f64(),
            server_micros: Some((cpu::of_ended_children()? - before) * 1e6 / SIGNATURES),
            ..Measured::default()
        })
    }
}

#[derive(Debug)]
struct Ports {
    auth: u16,
    smaller: u16,
    larger: u16,
}

/// Makes clients and guests, and stops the servers again: a database with users cannot be copied.
fn first_guests(setup: &Setup, ports: &Ports, folder: &Path) -> Outcome<(Vec<Guest>, DemoClients)> {
    let mut auth = start_auth(setup, ports)?;
    let mut api = start_api(setup, ports, ports.smaller)?;
    let clients = DemoClients::find_or_create(setup, auth.port, &folder.join("credentials.env"))?;
    let guests = guests::make(auth.port, api.port, &clients.mobile, rows::GUESTS)?;
    api.server.stop(STOP_WITHIN);
    auth.server.stop(STOP_WITHIN);
    Ok((guests, clients))
}

fn start_auth(setup: &Setup, ports: &Ports) -> Outcome<Started> {
    let Binaries { auth_server, .. } = &setup.binaries;
    start(
        setup,
        ("auth-server", auth_server),
        ("AUTH_BIND", ports.auth),
        ports,
    )
}

fn start_api(setup: &Setup, ports: &Ports, port: u16) -> Outcome<Started> {
    let Binaries { commerce_api, .. } = &setup.binaries;
    start(
        setup,
        ("commerce-api", commerce_api),
        ("API_BIND", port),
        ports,
    )
}

fn start(
    setup: &Setup,
    (name, program): (&'static str, &Path),
    (bind, port): (&str, u16),
    ports: &Ports,
) -> Outcome<Started> {
    let mut command = setup.configured(program);
    command
        .arg("serve")
        .env(bind, format!("127.0.0.1:{port}"))
        .env(
            "AUTH_PUBLIC_URL",
            format!("http://127.0.0.1:{}", ports.auth),
        );
    let log = setup.data.join("logs").join(format!("{name}-{port}.log"));
    let start = Instant::now();
    let mut server = Server::start(name, command, log, "TERM")?;
    while loopback::get(port, "/health/ready") != Ok(200) {
        server.check_alive()?;
        interrupt::refuse_if_interrupted()?;
        if start.elapsed() > READY_WITHIN {
            return Err(Failure::server_died(format!(
                "{name} is not ready after {} s; see {}",
                READY_WITHIN.as_secs(),
                server.log.display()
            )));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let first_answer = start.elapsed();
    // What it does right after its start belongs to an idle server, too.
    std::thread::sleep(Duration::from_secs(2));
    let idle_mib = cpu::resident_mib(server.id())?;
    Ok(Started {
        server,
        port,
        first_answer,
        idle_mib,
    })
}

/// Builds the program that only signs; answers where it is.
fn build_signing() -> Outcome<PathBuf> {
    let mut command = workspace::cargo();
    command.args([
        "build",
        "--release",
        "-p",
        "shared",
        "--example",
        "sign_tokens",
        "--message-format=json-render-diagnostics",
    ]);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .doing(|| "cannot run cargo".to_owned())?;
    if !output.status.success() {
        return Err(Failure::new(
            "the signing process does not build; see above",
        ));
    }
    workspace::executable(&String::from_utf8_lossy(&output.stdout), "sign_tokens")
}
