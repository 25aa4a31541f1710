//! What must happen: sessions, tokens, customers and carts as the rules say, without HTTP and without a database.
//!
//! Everything has a number, in the order of its making. Times are seconds since the story began.

use std::collections::BTreeSet;

/// Life of access tokens of the story's clients.
pub const ACCESS_SECONDS: i64 = 7_200;
/// A session that is not refreshed for so long cannot be refreshed any more.
pub const IDLE_SECONDS: i64 = 172_800;
/// A spent refresh token gets the same successor for so long.
pub const GRACE_SECONDS: i64 = 300;
/// Access tokens are accepted for so long after their end, because clocks differ.
const LEEWAY_SECONDS: i64 = 30;
/// Housekeeping deletes replaced refresh tokens after a day and the longest grace there may be.
const REPLACED_SECONDS: i64 = 86_400 + 900;
/// Housekeeping deletes sessions that have been over for so long.
const CLOSED_SECONDS: i64 = 30 * 86_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshState {
    Live,
    Spent {
        successor: usize,
        at: i64,
    },
    Retired {
        at: i64,
    },
    /// Housekeeping has deleted it.
    Gone,
}

#[derive(Clone, Copy, Debug)]
pub struct Access {
    pub expires_at: i64,
    pub is_revoked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Guest(usize),
    Customer(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    Active,
    Ended,
    Revoked,
    Expired,
    /// Housekeeping has deleted it.
    Gone,
}

pub struct Session {
    pub client: usize,
    pub owner: Owner,
    pub state: SessionState,
    /// Whether it was revoked because two parties held its tokens.
    pub was_reused: bool,
    pub idle_until: i64,
    pub closed_at: Option<i64>,
    pub refresh: Vec<RefreshState>,
    pub access: Vec<Access>,
}

pub struct Client {
    pub is_rotating: bool,
    pub is_deleted: bool,
}

pub struct Customer {
    /// Grows with every change.
    pub password: usize,
    pub version: i64,
}

#[derive(Clone, Debug)]
pub struct Cart {
    pub owner: Owner,
    pub is_active: bool,
    pub is_ordered: bool,
    pub quantity: i64,
}

/// What a refresh is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// A refresh token that was handed out before.
    Same(usize),
    /// One that nobody has seen.
    New(usize),
    Refused,
}

/// What stories are about: a run in which one of these never happened has shown nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    Repeated,
    Replaced,
    ReusedSpent,
    ReusedRetired,
    Revoked,
    ClientDeleted,
    PasswordChanged,
    CartAssigned,
    CartsMerged,
    OrderMoved,
    Expired,
    TokenForgotten,
    SessionForgotten,
}

impl Event {
    pub const ALL: [Self; 13] = [
        Self::Repeated,
        Self::Replaced,
        Self::ReusedSpent,
        Self::ReusedRetired,
        Self::Revoked,
        Self::ClientDeleted,
        Self::PasswordChanged,
        Self::CartAssigned,
        Self::CartsMerged,
        Self::OrderMoved,
        Self::Expired,
        Self::TokenForgotten,
        Self::SessionForgotten,
    ];
}

#[derive(Default)]
pub struct Model {
    pub now: i64,
    /// What has happened so far.
    pub events: BTreeSet<Event>,
    pub clients: Vec<Client>,
    pub sessions: Vec<Session>,
    pub customers: Vec<Customer>,
    pub carts: Vec<Cart>,
}

impl Session {
    fn is_refreshable(&self, now: i64) -> bool {
        self.state == SessionState::Active && now < self.idle_until
    }

    fn honours_access_tokens(&self) -> bool {
        matches!(self.state, SessionState::Active | SessionState::Expired)
    }

    pub fn accepts(&self, access: usize, now: i64) -> bool {
        let token = self.access[access];
        self.honours_access_tokens() && !token.is_revoked && now < token.expires_at + LEEWAY_SECONDS
    }

    /// What introspection says about a refresh token.
    pub fn would_refresh(&self, token: usize, now: i64) -> bool {
        let is_good = match self.refresh[token] {
            RefreshState::Live => true,
            RefreshState::Spent { successor, .. } => self.refresh[successor] == RefreshState::Live,
            RefreshState::Retired { .. } | RefreshState::Gone => false,
        };
        is_good && self.is_refreshable(now)
    }

    pub fn live_tokens(&self) -> usize {
        let live = self
            .refresh
            .iter()
            .filter(|token| **token == RefreshState::Live);
        live.count()
    }

    fn issue(&mut self, now: i64) {
        self.access.push(Access {
            expires_at: now + ACCESS_SECONDS,
            is_revoked: false,
        });
    }

    fn successor_of(&mut self, token: usize, now: i64) -> Refreshed {
        let successor = self.refresh.len();
        self.refresh[token] = RefreshState::Spent { successor, at: now };
        self.refresh.push(RefreshState::Live);
        Refreshed::New(successor)
    }

    fn close(&mut self, state: SessionState, now: i64) {
        if self.honours_access_tokens() {
            self.state = state;
            self.closed_at = Some(now);
        }
    }
}

impl Model {
    pub fn start(&mut self, client: usize, customer: Option<usize>) -> usize {
        let session = self.sessions.len();
        self.sessions.push(Session {
            client,
            owner: customer.map_or(Owner::Guest(session), Owner::Customer),
            state: SessionState::Active,
            was_reused: false,
            idle_until: self.now + IDLE_SECONDS,
            closed_at: None,
            refresh: vec![RefreshState::Live],
            access: Vec::new(),
        });
        self.sessions[session].issue(self.now);
        session
    }

    pub fn refresh(&mut self, session: usize, token: usize) -> Refreshed {
        let now = self.now;
        let is_rotating = self.clients[self.sessions[session].client].is_rotating;
        let session = &mut self.sessions[session];
        if !session.is_refreshable(now) {
            return Refreshed::Refused;
        }
        let answer = match session.refresh[token] {
            RefreshState::Gone => return Refreshed::Refused,
            RefreshState::Live if !is_rotating => Refreshed::Same(token),
            RefreshState::Live => session.successor_of(token, now),
            RefreshState::Spent { successor, at }
                if session.refresh[successor] == RefreshState::Live =>
            {
                if now < at + GRACE_SECONDS {
                    self.events.insert(Event::Repeated);
                    Refreshed::Same(successor)
                } else {
                    self.events.insert(Event::Replaced);
                    session.refresh[successor] = RefreshState::Retired { at: now };
                    session.successor_of(token, now)
                }
            }
            state @ (RefreshState::Spent { .. } | RefreshState::Retired { .. }) => {
                let was_spent = matches!(state, RefreshState::Spent { .. });
                self.events.insert(if was_spent {
                    Event::ReusedSpent
                } else {
                    Event::ReusedRetired
                });
                session.close(SessionState::Revoked, now);
                session.was_reused = true;
                return Refreshed::Refused;
            }
        };
        session.idle_until = now + IDLE_SECONDS;
        session.issue(now);
        answer
    }

    /// Its client hands a refresh token back, whatever became of it.
    pub fn revoke_session(&mut self, session: usize, token: usize) {
        let now = self.now;
        let session = &mut self.sessions[session];
        if session.refresh[token] != RefreshState::Gone {
            self.events.insert(Event::Revoked);
            session.close(SessionState::Revoked, now);
        }
    }

    pub fn delete_client(&mut self, client: usize) {
        self.clients[client].is_deleted = true;
        let now = self.now;
        for session in self
            .sessions
            .iter_mut()
            .filter(|session| session.client == client)
        {
            self.events.insert(Event::ClientDeleted);
            session.close(SessionState::Revoked, now);
        }
    }

    /// A password was changed: every session of the customer is over.
    pub fn change_password(&mut self, customer: usize) {
        self.customers[customer].password += 1;
        self.customers[customer].version += 1;
        let (owner, now) = (Owner::Customer(customer), self.now);
        for session in self
            .sessions
            .iter_mut()
            .filter(|session| session.owner == owner)
        {
            if session.honours_access_tokens() {
                self.events.insert(Event::PasswordChanged);
                session.close(SessionState::Revoked, now);
            }
        }
    }

    pub fn active_cart(&self, owner: Owner) -> Option<usize> {
        self.carts
            .iter()
            .position(|cart| cart.owner == owner && cart.is_active)
    }

    /// One unit more in the owner's active cart, or in a new one; answers the cart.
    pub fn add(&mut self, owner: Owner) -> usize {
        if let Some(cart) = self.active_cart(owner) {
            self.carts[cart].quantity += 1;
            return cart;
        }
        self.carts.push(Cart {
            owner,
            is_active: true,
            is_ordered: false,
            quantity: 1,
        });
        self.carts.len() - 1
    }

    /// The guest of a session becomes a customer: everything moves, the session ends.
    pub fn adopt(&mut self, guest: usize, customer: usize) {
        let (from, to) = (Owner::Guest(guest), Owner::Customer(customer));
        if let (Some(source), Some(target)) = (self.active_cart(from), self.active_cart(to)) {
            self.carts[target].quantity =
                self.carts[target].quantity.max(self.carts[source].quantity);
            self.carts[source].is_active = false;
            self.events.insert(Event::CartsMerged);
        }
        for cart in self.carts.iter_mut().filter(|cart| cart.owner == from) {
            cart.owner = to;
            self.events.insert(if cart.is_ordered {
                Event::OrderMoved
            } else {
                Event::CartAssigned
            });
        }
        self.sessions[guest].close(SessionState::Ended, self.now);
    }

    /// Housekeeping.
    pub fn tidy(&mut self) {
        let now = self.now;
        for session in &mut self.sessions {
            if session.state == SessionState::Active && session.idle_until <= now {
                self.events.insert(Event::Expired);
                session.close(SessionState::Expired, now);
            }
            if session.forget_replaced_tokens(now - REPLACED_SECONDS) {
                self.events.insert(Event::TokenForgotten);
            }
            if session.state != SessionState::Active
                && session.closed_at < Some(now - CLOSED_SECONDS)
            {
                self.events.insert(Event::SessionForgotten);
                session.state = SessionState::Gone;
                session.refresh.fill(RefreshState::Gone);
            }
        }
    }
}

impl Session {
    /// Answers whether there were any.
    fn forget_replaced_tokens(&mut self, end: i64) -> bool {
        let mut were_any = false;
        for token in 0..self.refresh.len() {
            let is_forgotten = match self.refresh[token] {
                RefreshState::Spent { successor, at } => {
                    at < end && self.refresh[successor] != RefreshState::Live
                }
                RefreshState::Retired { at } => at < end,
                RefreshState::Live | RefreshState::Gone => false,
            };
            if is_forgotten {
                self.refresh[token] = RefreshState::Gone;
                were_any = true;
            }
        }
        were_any
    }
}
