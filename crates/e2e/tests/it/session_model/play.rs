//! A story acted out on real servers, each answer held against the model's.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use shared::random::fingerprint;

use super::{
    model::{Client, Customer, GRACE_SECONDS, IDLE_SECONDS, Model, Owner, Refreshed},
    shopping::new_cart,
    step::{GuestId, Step, Which, Who},
};
use crate::support::{Cluster, Credentials, PROJECT, Reply, text, together};

/// Why a story is not as it should be.
pub type Surprise = String;

const SCOPE: &str = "create_anonymous_token:demo manage_my_orders:demo manage_my_profile:demo";
/// Carts are deleted after 90 days, which is not what this is about.
const LONGEST_STORY: i64 = 80 * 86_400;

/// What the parties of a session hold.
pub struct Held {
    pub id: String,
    pub anonymous_id: Option<String>,
    pub refresh: Vec<String>,
    pub access: Vec<String>,
    /// Refresh tokens that reached the client, in the order of their coming.
    pub known: Vec<usize>,
}

pub struct Play<'a> {
    pub shop: &'a Cluster,
    pub model: Model,
    pub clients: Vec<Credentials>,
    pub sessions: Vec<Held>,
    /// Ids and e-mail addresses.
    pub customers: Vec<(String, String)>,
    pub carts: Vec<String>,
    /// What happened, for people.
    pub story: Vec<String>,
    /// The instance that is asked first.
    pub at: usize,
    /// The session that the last step was about.
    pub last: usize,
}

/// A number that nobody else in this process gets.
pub fn unique() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The password of a customer after so many changes.
pub fn password(number: usize) -> String {
    format!("password-{number}")
}

/// Compares an answer's status and error code with what they should be; no code where it is no error.
pub fn expect(reply: &Reply, status: u16, code: &str) -> Result<(), Surprise> {
    let first = &reply.body["errors"][0]["code"];
    let found = reply.body["error"]
        .as_str()
        .or(first.as_str())
        .unwrap_or("");
    if reply.status == status && (status < 300 || found == code) {
        return Ok(());
    }
    Err(format!("expected {status} {code}, found {reply:?}"))
}

pub fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), Surprise> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

impl<'a> Play<'a> {
    /// API clients of every kind and two customers, the first with a cart, before the story begins.
    pub fn begin(shop: &'a Cluster) -> Self {
        let mut play = Self {
            shop,
            model: Model::default(),
            clients: Vec::new(),
            sessions: Vec::new(),
            customers: Vec::new(),
            carts: Vec::new(),
            story: Vec::new(),
            at: 0,
            last: 0,
        };
        let admin = shop.token_of(&shop.clients.admin);
        for (mode, format) in [
            ("rotating", "jwt"),
            ("rotating", "opaque"),
            ("reusable", "jwt"),
        ] {
            let draft = json!({
                "name": "model", "scope": SCOPE, "refreshTokenMode": mode,
                "accessTokenFormat": format, "graceSeconds": GRACE_SECONDS,
                "accessTokenValiditySeconds": super::model::ACCESS_SECONDS,
                "refreshTokenValiditySeconds": IDLE_SECONDS,
            });
            let made = shop
                .auth_api(0, &admin)
                .post("/api-clients", draft)
                .expect(201);
            play.clients.push(Credentials::of(&made));
            play.model.clients.push(Client {
                is_rotating: mode == "rotating",
                is_deleted: false,
            });
        }
        for _ in 0..2 {
            let email = format!("{}@example.com", unique());
            let draft = json!({ "email": email, "password": password(0) });
            let made = shop.api(0, &admin).post("/customers", draft).expect(201);
            play.customer(text(&made, "/customer/id"), email);
        }
        let mut cart = new_cart();
        cart["customerId"] = play.customers[0].0.clone().into();
        let made = shop.api(0, &admin).post("/carts", cart).expect(201);
        play.carts.push(text(&made, "/id"));
        play.model.add(Owner::Customer(0));
        play
    }

    pub fn customer(&mut self, id: String, email: String) {
        self.customers.push((id, email));
        self.model.customers.push(Customer {
            password: 0,
            version: 1,
        });
    }

    pub fn tell(&mut self, what: impl std::fmt::Display) {
        let number = self.story.len() + 1;
        self.story.push(format!("{number}. at {}: {what}", self.at));
    }

    /// Does one step; answers the session that it was about.
    pub fn take(&mut self, step: Step) -> Result<Option<usize>, Surprise> {
        match step {
            Step::StartGuest { client, id } => self.start_guest(client, id),
            Step::Refresh { token, is_lost } => self.refresh(token, is_lost),
            Step::RefreshTogether { token, callers } => self.refresh_together(token, callers),
            Step::RefreshAsAnotherClient { token, client } => self.refresh_as(token, client),
            Step::RevokeRefreshToken { token, client } => self.revoke_refresh(token, client),
            Step::RevokeAccessToken { token, client } => self.revoke_access(token, client),
            Step::SignUp { token, is_new } => self.sign_up(token, is_new),
            Step::SignIn {
                token,
                customer,
                is_right,
            } => self.sign_in(token, customer, is_right),
            Step::BackendSignIn {
                session,
                customer,
                is_right,
            } => self.backend_sign_in(session, customer, is_right),
            Step::StartCustomer {
                client,
                customer,
                is_right,
            } => self.start_customer(client, customer, is_right),
            Step::ChangePassword { token, is_right } => self.change_password(token, is_right),
            Step::AddToCart { token } => self.add_to_cart(token),
            Step::Order { token } => self.order(token),
            Step::DeleteClient { client } => self.delete_client(client),
            Step::Wait { seconds } => {
                let seconds = if self.model.now + seconds > LONGEST_STORY {
                    1
                } else {
                    seconds
                };
                self.tell(format!("{seconds} s pass"));
                self.wait(seconds);
                Ok(None)
            }
            Step::Housekeeping => {
                self.tell("housekeeping");
                self.shop.housekeep(self.at);
                self.model.tidy();
                Ok(None)
            }
        }
    }

    fn wait(&mut self, seconds: i64) {
        self.shop.clock.advance_seconds(seconds);
        self.model.now += seconds;
    }

    pub fn any<T>(all: &[T], any: u8) -> usize {
        usize::from(any) % all.len()
    }

    /// A session and a refresh token that its client knows.
    fn refresh_token(&self, which: Which) -> Option<(usize, usize)> {
        let (session, known) = self.session(which.session)?;
        let back = usize::from(which.back) % known.known.len();
        Some((session, known.known[known.known.len() - 1 - back]))
    }

    /// A session and one of its access tokens.
    pub fn access_token(&self, which: Which) -> Option<(usize, usize)> {
        let (session, held) = self.session(which.session)?;
        let back = usize::from(which.back) % held.access.len();
        Some((session, held.access.len() - 1 - back))
    }

    fn session(&self, who: Who) -> Option<(usize, &Held)> {
        let session = match who {
            Who::TheSame => self.last,
            Who::Anybody(any) => usize::from(any).checked_rem(self.sessions.len())?,
        };
        Some((session, self.sessions.get(session)?))
    }

    /// The session of a guest, with its anonymous id.
    pub fn guest(&self, who: Who) -> Option<(usize, String)> {
        let (session, held) = self.session(who)?;
        Some((session, held.anonymous_id.clone()?))
    }

    pub fn ask(&self, client: usize, path: &str, form: &[(&str, &str)]) -> Reply {
        self.shop
            .ask_auth(self.at, &self.clients[client], path, form)
    }

    fn start_guest(&mut self, client: u8, id: GuestId) -> Result<Option<usize>, Surprise> {
        let client = Self::any(&self.clients, client);
        let taken: Vec<&String> = self
            .sessions
            .iter()
            .filter_map(|held| held.anonymous_id.as_ref())
            .collect();
        let (id, is_taken) = match id {
            GuestId::Generated => (None, false),
            GuestId::Taken(any) if !taken.is_empty() => {
                (Some(taken[Self::any(&taken, any)].clone()), true)
            }
            GuestId::Chosen | GuestId::Taken(_) => (Some(format!("phone-{}", unique())), false),
        };
        self.tell(format!("a guest {id:?} comes through client {client}"));
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(id.iter().map(|id| ("anonymous_id", id.as_str())));
        let path = format!("/oauth/{PROJECT}/anonymous/token");
        let reply = self.ask(client, &path, &form);
        if self.model.clients[client].is_deleted {
            return expect(&reply, 401, "invalid_client").map(|()| None);
        }
        if is_taken {
            return expect(&reply, 400, "invalid_request").map(|()| None);
        }
        self.started(&reply, client, None).map(Some)
    }

    /// Notes a new session.
    pub fn started(
        &mut self,
        reply: &Reply,
        client: usize,
        customer: Option<usize>,
    ) -> Result<usize, Surprise> {
        expect(reply, 200, "")?;
        let refresh = text(&reply.body, "/refresh_token");
        let scope = text(&reply.body, "/scope");
        let guest = scope
            .split(' ')
            .find_map(|scope| scope.strip_prefix("anonymous_id:"));
        self.sessions.push(Held {
            id: self.id_of_session(&fingerprint(&refresh)),
            anonymous_id: guest.map(str::to_owned),
            refresh: vec![refresh],
            access: vec![text(&reply.body, "/access_token")],
            known: vec![0],
        });
        Ok(self.model.start(client, customer))
    }

    fn refresh(&mut self, which: Which, is_lost: bool) -> Result<Option<usize>, Surprise> {
        let Some((session, token)) = self.refresh_token(which) else {
            return Ok(None);
        };
        let fate = if is_lost { ", the answer is lost" } else { "" };
        self.tell(format!(
            "session {session} presents refresh token {token}{fate}"
        ));
        let client = self.model.sessions[session].client;
        let reply = self.present(self.at, client, session, token);
        self.refreshed(&reply, session, token, is_lost)?;
        Ok(Some(session))
    }

    pub fn present(&self, at: usize, client: usize, session: usize, token: usize) -> Reply {
        let token = self.sessions[session].refresh[token].as_str();
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.shop
            .ask_auth(at, &self.clients[client], "/oauth/token", &form)
    }

    pub fn refreshed(
        &mut self,
        reply: &Reply,
        session: usize,
        token: usize,
        is_lost: bool,
    ) -> Result<(), Surprise> {
        let client = self.model.sessions[session].client;
        if self.model.clients[client].is_deleted {
            return expect(reply, 401, "invalid_client");
        }
        let predicted = self.model.refresh(session, token);
        let (Refreshed::Same(token) | Refreshed::New(token)) = predicted else {
            return expect(reply, 400, "invalid_grant");
        };
        expect(reply, 200, "")?;
        let held = &mut self.sessions[session];
        let answered = text(&reply.body, "/refresh_token");
        match predicted {
            Refreshed::New(_) => {
                same(
                    "the successor was handed out before",
                    held.refresh.contains(&answered),
                    false,
                )?;
                held.refresh.push(answered);
            }
            _ => same("the refresh token", &answered, &held.refresh[token])?,
        }
        held.access.push(text(&reply.body, "/access_token"));
        if !is_lost && !held.known.contains(&token) {
            held.known.push(token);
        }
        Ok(())
    }

    fn refresh_together(&mut self, which: Which, callers: u8) -> Result<Option<usize>, Surprise> {
        let Some((session, token)) = self.refresh_token(which) else {
            return Ok(None);
        };
        self.tell(format!(
            "session {session} presents refresh token {token}, {callers} times at once"
        ));
        let client = self.model.sessions[session].client;
        let replies = together(usize::from(callers), |caller| {
            self.present((self.at + caller) % 2, client, session, token)
        });
        // In whatever order they were served: the answers are those of one after the other.
        for reply in self.first_successor_first(session, replies) {
            self.refreshed(&reply, session, token, false)?;
        }
        Ok(Some(session))
    }

    /// Several requests at once may be served in any order; the one with the new successor counts as the first.
    fn first_successor_first(&self, session: usize, mut replies: Vec<Reply>) -> Vec<Reply> {
        let known = &self.sessions[session].refresh;
        replies.sort_by_key(|reply| {
            let token = reply.body["refresh_token"].as_str();
            token.is_none_or(|token| known.iter().any(|known| known == token))
        });
        replies
    }

    fn refresh_as(&mut self, which: Which, client: u8) -> Result<Option<usize>, Surprise> {
        let client = Self::any(&self.clients, client);
        let Some((session, token)) = self.refresh_token(which) else {
            return Ok(None);
        };
        if self.model.sessions[session].client == client {
            return Ok(None);
        }
        self.tell(format!(
            "client {client} presents refresh token {token} of session {session}"
        ));
        let reply = self.present(self.at, client, session, token);
        if self.model.clients[client].is_deleted {
            expect(&reply, 401, "invalid_client")?;
        } else {
            expect(&reply, 400, "invalid_grant")?;
        }
        Ok(Some(session))
    }

    fn revoke(&mut self, client: usize, token: &str) -> Result<bool, Surprise> {
        let reply = self.ask(client, "/oauth/token/revoke", &[("token", token)]);
        if self.model.clients[client].is_deleted {
            return expect(&reply, 401, "invalid_client").map(|()| false);
        }
        expect(&reply, 200, "").map(|()| true)
    }

    fn revoke_refresh(&mut self, which: Which, client: u8) -> Result<Option<usize>, Surprise> {
        let client = Self::any(&self.clients, client);
        let Some((session, token)) = self.refresh_token(which) else {
            return Ok(None);
        };
        self.tell(format!(
            "client {client} revokes refresh token {token} of session {session}"
        ));
        let secret = self.sessions[session].refresh[token].clone();
        if self.revoke(client, &secret)? && self.model.sessions[session].client == client {
            self.model.revoke_session(session, token);
        }
        Ok(Some(session))
    }

    fn revoke_access(&mut self, which: Which, client: u8) -> Result<Option<usize>, Surprise> {
        let client = Self::any(&self.clients, client);
        let Some((session, token)) = self.access_token(which) else {
            return Ok(None);
        };
        self.tell(format!(
            "client {client} revokes access token {token} of session {session}"
        ));
        let secret = self.sessions[session].access[token].clone();
        if self.revoke(client, &secret)? && self.model.sessions[session].client == client {
            self.model.sessions[session].access[token].is_revoked = true;
        }
        Ok(Some(session))
    }

    fn delete_client(&mut self, client: u8) -> Result<Option<usize>, Surprise> {
        let client = Self::any(&self.clients, client);
        let left = self
            .model
            .clients
            .iter()
            .filter(|client| !client.is_deleted)
            .count();
        if self.model.clients[client].is_deleted || left == 1 {
            return Ok(None);
        }
        self.tell(format!("client {client} is deleted"));
        let admin = self.shop.token_of(&self.shop.clients.admin);
        let path = format!("/api-clients/{}", self.clients[client].id);
        let reply = self
            .shop
            .auth_api(self.at, &admin)
            .call("DELETE", &path, &[], None);
        expect(&reply, 200, "")?;
        self.model.delete_client(client);
        // Its tokens are dead now; that it is no client any more, other instances know within a second.
        self.check_everything_dead()?;
        self.wait(1);
        Ok(None)
    }

    pub fn owner_of(&self, session: usize) -> Owner {
        self.model.sessions[session].owner
    }
}
