//! What may happen next. Numbers are taken modulo what there is, so that a story stays a story when steps are left out.

use proptest::prelude::*;

/// How far back from the newest: 0 mostly.
type Back = u8;
/// Any of those there are.
type Any = u8;

/// A session.
#[derive(Clone, Copy, Debug)]
pub enum Who {
    /// The one that the last step was about.
    TheSame,
    Anybody(Any),
}

/// One of a session's tokens.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    pub session: Who,
    pub back: Back,
}

#[derive(Clone, Copy, Debug)]
pub enum GuestId {
    Generated,
    Chosen,
    /// Somebody had it before.
    Taken(Any),
}

#[derive(Clone, Copy, Debug)]
pub enum Step {
    StartGuest {
        client: Any,
        id: GuestId,
    },
    /// `is_lost`: the client never learns what was answered.
    Refresh {
        token: Which,
        is_lost: bool,
    },
    RefreshTogether {
        token: Which,
        callers: u8,
    },
    RefreshAsAnotherClient {
        token: Which,
        client: Any,
    },
    RevokeRefreshToken {
        token: Which,
        client: Any,
    },
    RevokeAccessToken {
        token: Which,
        client: Any,
    },
    SignUp {
        token: Which,
        is_new: bool,
    },
    SignIn {
        token: Which,
        customer: Any,
        is_right: bool,
    },
    BackendSignIn {
        session: Who,
        customer: Any,
        is_right: bool,
    },
    StartCustomer {
        client: Any,
        customer: Any,
        is_right: bool,
    },
    ChangePassword {
        token: Which,
        is_right: bool,
    },
    AddToCart {
        token: Which,
    },
    Order {
        token: Which,
    },
    DeleteClient {
        client: Any,
    },
    Wait {
        seconds: i64,
    },
    Housekeeping,
}

/// Steps, each at one of the instances.
pub fn story() -> impl Strategy<Value = Vec<(Step, bool)>> {
    prop::collection::vec((step(), any::<bool>()), 1..60)
}

fn which() -> impl Strategy<Value = Which> {
    let back = prop_oneof![10 => Just(0_u8), 6 => Just(1), 1 => Just(2), 1 => any::<u8>()];
    (who(), back).prop_map(|(session, back)| Which { session, back })
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![4 => Just(Who::TheSame), 1 => any::<u8>().prop_map(Who::Anybody)]
}

/// A customer: mostly the first, who will have a cart when the next guest becomes that customer.
fn regular() -> impl Strategy<Value = Any> {
    prop_oneof![3 => Just(0_u8), 1 => any::<u8>()]
}

fn mostly(value: bool) -> impl Strategy<Value = bool> {
    prop_oneof![3 => Just(value), 1 => Just(!value)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => of_guests(),
        16 => of_refresh_tokens(),
        8 => of_customers(),
        7 => of_carts(),
        1 => any::<u8>().prop_map(|client| Step::DeleteClient { client }),
        8 => time().prop_map(|seconds| Step::Wait { seconds }),
        2 => Just(Step::Housekeeping),
    ]
}

fn of_guests() -> impl Strategy<Value = Step> {
    let id = prop_oneof![
        Just(GuestId::Generated),
        Just(GuestId::Chosen),
        any::<u8>().prop_map(GuestId::Taken),
    ];
    (any::<u8>(), id).prop_map(|(client, id)| Step::StartGuest { client, id })
}

fn of_refresh_tokens() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (which(), mostly(false)).prop_map(|(token, is_lost)| Step::Refresh { token, is_lost }),
        3 => (which(), 2..5_u8).prop_map(|(token, callers)| Step::RefreshTogether { token, callers }),
        1 => (which(), any::<u8>())
            .prop_map(|(token, client)| Step::RefreshAsAnotherClient { token, client }),
        1 => (which(), any::<u8>()).prop_map(|(token, client)| Step::RevokeRefreshToken { token, client }),
        1 => (which(), any::<u8>()).prop_map(|(token, client)| Step::RevokeAccessToken { token, client }),
    ]
}

fn of_customers() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (which(), mostly(true)).prop_map(|(token, is_new)| Step::SignUp { token, is_new }),
        3 => (which(), regular(), mostly(true)).prop_map(|(token, customer, is_right)| Step::SignIn {
            token,
            customer,
            is_right
        }),
        2 => (who(), regular(), mostly(true)).prop_map(|(session, customer, is_right)| {
            Step::BackendSignIn {
                session,
                customer,
                is_right,
            }
        }),
        2 => (any::<u8>(), regular(), mostly(true)).prop_map(|(client, customer, is_right)| {
            Step::StartCustomer {
                client,
                customer,
                is_right,
            }
        }),
        2 => (which(), mostly(true))
            .prop_map(|(token, is_right)| Step::ChangePassword { token, is_right }),
    ]
}

fn of_carts() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => which().prop_map(|token| Step::AddToCart { token }),
        1 => which().prop_map(|token| Step::Order { token }),
    ]
}

/// Around every limit that the model knows.
fn time() -> impl Strategy<Value = i64> {
    prop_oneof![
        2 => Just(1_i64),
        7 => Just(299),
        7 => Just(300),
        1 => Just(7_229),
        1 => Just(7_230),
        2 => Just(90_000),
        1 => Just(172_799),
        1 => Just(172_800),
        2 => Just(31 * 86_400),
    ]
}
