//! What must hold after every step, looked at from outside and in the tables.

use std::collections::BTreeMap;

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Text},
};
use shared::db::{DbError, statement::Statement};

use super::{
    model::{Owner, SessionState},
    play::{Play, Surprise, expect, same},
};
use crate::support::{Reply, number, text};

/// The tokens of a session that are looked at after every step; all of them at the end.
const NEWEST: usize = 3;

/// Id, state, reason, number of live refresh tokens.
type SessionRow = (String, String, String, i64);

impl Play<'_> {
    /// After each step.
    pub fn check(&mut self, touched: Option<usize>) -> Result<(), Surprise> {
        self.last = touched.unwrap_or(self.last);
        self.check_tables()?;
        touched.map_or(Ok(()), |session| self.check_session(session, NEWEST))
    }

    /// At the end of a story.
    pub fn check_all(&self) -> Result<(), Surprise> {
        (0..self.sessions.len()).try_for_each(|session| self.check_session(session, usize::MAX))?;
        self.check_everything_dead()?;
        self.check_nothing_left_behind()
    }

    /// Every token of every session that is over, at both instances of both servers; presenting them changes nothing.
    pub fn check_everything_dead(&self) -> Result<(), Surprise> {
        for (session, known) in self.model.sessions.iter().enumerate() {
            if matches!(known.state, SessionState::Active | SessionState::Expired) {
                continue;
            }
            for at in 0..2 {
                self.check_access_tokens(at, session, usize::MAX)?;
            }
            if self.model.clients[known.client].is_deleted {
                continue;
            }
            for token in 0..known.refresh.len() {
                let reply = self.present(token % 2, known.client, session, token);
                expect(&reply, 400, "invalid_grant").map_err(|surprise| {
                    format!("refresh token {token} of dead session {session}: {surprise}")
                })?;
            }
        }
        self.check_tables()
    }

    fn check_session(&self, session: usize, newest: usize) -> Result<(), Surprise> {
        for at in 0..2 {
            self.check_access_tokens(at, session, newest)?;
        }
        let known = &self.model.sessions[session];
        if self.model.clients[known.client].is_deleted {
            return Ok(());
        }
        let client = &self.clients[known.client];
        for token in (0..known.refresh.len()).rev().take(newest) {
            let secret = &self.sessions[session].refresh[token];
            let reply =
                self.shop
                    .ask_auth(self.at, client, "/oauth/introspect", &[("token", secret)]);
            expect(&reply, 200, "")?;
            let what = format!("refresh token {token} of session {session} is active");
            let expected = known.would_refresh(token, self.model.now);
            same(&what, reply.body["active"] == true, expected)?;
        }
        Ok(())
    }

    fn check_access_tokens(
        &self,
        at: usize,
        session: usize,
        newest: usize,
    ) -> Result<(), Surprise> {
        let known = &self.model.sessions[session];
        for token in (0..known.access.len()).rev().take(newest) {
            let is_good = known.accepts(token, self.model.now);
            let secret = &self.sessions[session].access[token];
            let form = [("token", secret.as_str())];
            let reply =
                self.shop
                    .ask_auth(at, &self.shop.clients.admin, "/oauth/introspect", &form);
            expect(&reply, 200, "")?;
            let what =
                format!("access token {token} of session {session} is active at auth server {at}");
            same(&what, reply.body["active"] == true, is_good)?;
            let carts = self.shop.api(at, secret).get("/me/carts?limit=100");
            let checked = if is_good {
                self.check_carts(known.owner, &carts)
            } else {
                expect(&carts, 401, "invalid_token")
            };
            checked.map_err(|surprise| {
                format!("access token {token} of session {session}, API {at}: {surprise}")
            })?;
        }
        Ok(())
    }

    /// A bearer sees the owner's carts, all of them and no others.
    fn check_carts(&self, owner: Owner, listed: &Reply) -> Result<(), Surprise> {
        expect(listed, 200, "")?;
        let found: BTreeMap<String, (String, i64)> = listed.body["results"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|cart| {
                let quantity = number(cart, "/totalLineItemQuantity");
                (text(cart, "/id"), (text(cart, "/cartState"), quantity))
            })
            .collect();
        let own = self
            .model
            .carts
            .iter()
            .zip(&self.carts)
            .filter(|(cart, _)| cart.owner == owner);
        let expected = own.map(|(cart, id)| {
            let state = match (cart.is_active, cart.is_ordered) {
                (true, _) => "Active",
                (false, true) => "Ordered",
                (false, false) => "Merged",
            };
            (id.clone(), (state.to_owned(), cart.quantity))
        });
        same("the carts", found, expected.collect())
    }

    /// Every session's row is what the model says; above all, it has at most one live refresh token, and nobody was called
    /// a thief who is none.
    fn check_tables(&self) -> Result<(), Surprise> {
        let found: BTreeMap<String, (String, bool, i64)> = self
            .rows()
            .into_iter()
            .map(|(id, state, reason, live)| (id, (state, reason == "reuse", live)))
            .collect();
        for (number, known) in self.model.sessions.iter().enumerate() {
            let row = found.get(&self.sessions[number].id).cloned();
            let state = match known.state {
                SessionState::Active => "active",
                SessionState::Ended => "ended",
                SessionState::Revoked => "revoked",
                SessionState::Expired => "expired",
                SessionState::Gone => {
                    same(&format!("the row of session {number}"), row, None)?;
                    continue;
                }
            };
            let live = known.live_tokens();
            let live = i64::try_from(live).unwrap_or(i64::MAX);
            let expected = (state.to_owned(), known.was_reused, live);
            let what = format!("state, reuse and live refresh tokens of session {number}");
            same(&what, row, Some(expected))?;
            same(
                &format!("session {number} has one live refresh token at most"),
                live > 1,
                false,
            )?;
        }
        Ok(())
    }

    fn rows(&self) -> Vec<SessionRow> {
        let mut statement = Statement::new(
            "SELECT s.id, s.state, COALESCE(s.state_reason, ''), (SELECT count(*) FROM refresh_tokens t \
             WHERE t.session_id = s.id AND t.state = 'live') FROM sessions s WHERE s.id IN (''",
        );
        for held in &self.sessions {
            statement = statement.sql(", ").text(&held.id);
        }
        let statement = statement.sql(")").rows::<(Text, Text, Text, BigInt)>();
        let database = &self.shop.database.database;
        let read = database.read_blocking::<_, DbError>(|tx| Ok(statement.load(tx.connection())?));
        read.expect("the sessions")
    }

    pub fn id_of_session(&self, refresh_hash: &str) -> String {
        let statement = Statement::new("SELECT session_id FROM refresh_tokens WHERE hash = ")
            .text(refresh_hash)
            .rows::<(Text,)>();
        let database = &self.shop.database.database;
        let read = database.read_blocking::<_, DbError>(|tx| {
            let rows: Vec<(String,)> = statement.load(tx.connection())?;
            Ok(rows)
        });
        read.expect("the refresh token").swap_remove(0).0
    }

    /// No cart and no order of a guest who became a customer is without that customer.
    pub fn check_nothing_left_behind(&self) -> Result<(), Surprise> {
        let orphans = self.shop.count(
            "documents WHERE kind IN ('cart', 'order') AND customer_id IS NULL AND anonymous_id IN \
             (SELECT anonymous_id FROM sessions WHERE state = 'ended')",
        );
        same(
            "carts and orders of ended guests without customer",
            orphans,
            0,
        )
    }
}
