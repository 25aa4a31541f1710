//! What is measured, beside what, and what this release wants to reach.

/// Which of the two databases a commerce API works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Smaller,
    Larger,
}

/// Something that runs for a while and is measured.
#[derive(Debug, Clone, Copy)]
pub enum Contender {
    /// wrk against the auth server, with a script of `benches/wrk`.
    Auth { script: &'static str },
    /// wrk against a commerce API.
    Api {
        size: Size,
        script: &'static str,
        /// Whether shoppers are served while a backend scans all carts.
        beside_scan: bool,
    },
    /// pgbench with a script of `benches/pgbench`, on the smaller database.
    Pgbench { script: &'static str },
    /// One process that signs access tokens and does nothing else.
    Signatures,
}

/// How a path compares with what stands beside it.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// Requests per second, as a part of the yardstick's.
    RateAtLeast(f64),
    /// Processor time of the server per request, in multiples of the yardstick's.
    CpuAtMost(f64),
    /// Time per request under the same load, in multiples of the yardstick's.
    TimeAtMost(f64),
}

#[derive(Debug)]
pub struct Path {
    pub name: String,
    pub server: Contender,
    /// What stands beside it, in the words of the table.
    pub beside_name: &'static str,
    pub beside: Contender,
    pub goal: Goal,
}

const fn api(size: Size, script: &'static str) -> Contender {
    Contender::Api {
        size,
        script,
        beside_scan: false,
    }
}

pub fn all(carts: (u32, u32)) -> Vec<Path> {
    let mut all = beside_their_limits();
    all.extend(growing(carts.1));
    all
}

fn beside_their_limits() -> Vec<Path> {
    let pgbench = |script| ("pgbench", Contender::Pgbench { script });
    let path = |name: &str, server, (beside_name, beside), goal| Path {
        name: name.to_owned(),
        server,
        beside_name,
        beside,
        goal,
    };
    vec![
        path(
            "GET /me/carts/{id}",
            api(Size::Smaller, "get_cart.lua"),
            pgbench("get_cart.sql"),
            Goal::RateAtLeast(0.35),
        ),
        path(
            "cart update, changeLineItemQuantity",
            api(Size::Smaller, "update_cart.lua"),
            pgbench("update_cart.sql"),
            Goal::RateAtLeast(0.40),
        ),
        path(
            "anonymous token",
            Contender::Auth {
                script: "anonymous_token.lua",
            },
            pgbench("anonymous_token.sql"),
            Goal::RateAtLeast(0.50),
        ),
        path(
            "refresh",
            Contender::Auth {
                script: "refresh_token.lua",
            },
            pgbench("refresh_token.sql"),
            Goal::RateAtLeast(0.50),
        ),
        path(
            "client-credentials token",
            Contender::Auth {
                script: "client_token.lua",
            },
            ("signing alone", Contender::Signatures),
            Goal::CpuAtMost(4.0),
        ),
    ]
}

fn growing(carts: u32) -> Vec<Path> {
    let grown = |what: &str, script, limit| Path {
        name: format!("{what} among {carts} carts"),
        server: api(Size::Larger, script),
        beside_name: "the same among few",
        beside: api(Size::Smaller, script),
        goal: Goal::TimeAtMost(limit),
    };
    vec![
        grown("where=anonymousId=\"…\"", "query_carts.lua", 1.5),
        grown("GET", "get_cart.lua", 1.5),
        grown("update", "update_cart.lua", 1.75),
        Path {
            name: format!("GET while {carts} carts are scanned"),
            server: Contender::Api {
                size: Size::Larger,
                script: "get_cart.lua",
                beside_scan: true,
            },
            beside_name: "without the scan",
            beside: api(Size::Larger, "get_cart.lua"),
            goal: Goal::TimeAtMost(3.0),
        },
    ]
}
