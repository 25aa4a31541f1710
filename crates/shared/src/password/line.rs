//! Who waits, and who is next: fair queueing by party. Parties are served in turn, each its own requests in their order.
//! Pure: no clock, no thread.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

/// On whose behalf somebody waits. Requests of one party queue behind each other, and never push out another party's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// A shopper, by address.
    Address(IpAddr),
    /// A shopper for whom a server asks: by the account.
    Account(String),
    /// An operator's own work.
    Operator,
}

/// Names one entry of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// Those who wait.
pub(super) struct Line<T> {
    /// Every party that waits, once, in the order in which they are served.
    ring: VecDeque<Party>,
    entries: HashMap<Party, VecDeque<(Ticket, T)>>,
    waiting: usize,
    tickets: u64,
}

/// Somebody joined.
#[derive(Debug)]
pub(super) struct Joined<T> {
    pub(super) ticket: Ticket,
    /// Who had to leave for it: the last of the party that had most.
    pub(super) pushed_out: Option<T>,
}

impl<T> Line<T> {
    pub(super) fn new() -> Self {
        Self {
            ring: VecDeque::new(),
            entries: HashMap::new(),
            waiting: 0,
            tickets: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.waiting
    }

    /// How many are served before one more of `party`, if nobody else comes.
    fn ahead_of(&self, party: &Party) -> usize {
        let own = self.entries.get(party).map_or(0, VecDeque::len);
        // Of every party as many as have their turn until then.
        let turns = own.saturating_add(1);
        let of_others = self
            .entries
            .iter()
            .filter(|(other, _)| *other != party)
            .map(|(_, entries)| entries.len().min(turns));
        of_others.fold(own, usize::saturating_add)
    }

    /// Lets one more of `party` wait, unless so many as there are `places` would be served before it. In a line that is full
    /// the last one of the party that has most makes room.
    pub(super) fn join(&mut self, party: &Party, places: usize, entry: T) -> Option<Joined<T>> {
        if self.ahead_of(party) >= places {
            return None;
        }
        let pushed_out = if self.waiting >= places {
            self.push_out()
        } else {
            None
        };
        self.tickets = self.tickets.wrapping_add(1);
        let ticket = Ticket(self.tickets);
        let entries = self.entries.entry(party.clone()).or_default();
        if entries.is_empty() {
            self.ring.push_back(party.clone());
        }
        entries.push_back((ticket, entry));
        self.waiting = self.waiting.saturating_add(1);
        Some(Joined { ticket, pushed_out })
    }

    /// Whose turn it is.
    pub(super) fn next(&mut self) -> Option<T> {
        let party = self.ring.pop_front()?;
        let entries = self.entries.get_mut(&party)?;
        let (_, entry) = entries.pop_front()?;
        self.waiting = self.waiting.saturating_sub(1);
        if entries.is_empty() {
            self.entries.remove(&party);
        } else {
            self.ring.push_back(party);
        }
        Some(entry)
    }

    /// Takes an entry out that is still there.
    pub(super) fn leave(&mut self, party: &Party, ticket: Ticket) {
        let Some(entries) = self.entries.get_mut(party) else {
            return;
        };
        let before = entries.len();
        entries.retain(|(other, _)| *other != ticket);
        let left = before.saturating_sub(entries.len());
        self.waiting = self.waiting.saturating_sub(left);
        if entries.is_empty() {
            self.forget(party);
        }
    }

    fn push_out(&mut self) -> Option<T> {
        let longest = self.entries.iter().max_by_key(|(_, entries)| entries.len());
        let party = longest.map(|(party, _)| party.clone())?;
        let entries = self.entries.get_mut(&party)?;
        let (_, entry) = entries.pop_back()?;
        self.waiting = self.waiting.saturating_sub(1);
        if entries.is_empty() {
            self.forget(&party);
        }
        Some(entry)
    }

    fn forget(&mut self, party: &Party) {
        self.entries.remove(party);
        self.ring.retain(|other| other != party);
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
