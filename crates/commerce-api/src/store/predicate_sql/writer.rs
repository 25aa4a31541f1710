//! Puts a fragment together from text and bound values.

use shared::db::{Dialect, statement::Statement};

/// A fragment in the making.
pub(super) struct Writer {
    pub(super) dialect: Dialect,
    done: Statement,
    pending: String,
    aliases: usize,
}

impl Writer {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            done: Statement::default(),
            pending: String::new(),
            aliases: 0,
        }
    }

    /// Appends SQL text. Never a client's value.
    pub(super) fn sql(&mut self, sql: &str) {
        self.pending.push_str(sql);
    }

    /// Appends the text of the database at hand.
    pub(super) fn either(&mut self, sqlite: &str, postgres: &str) {
        self.sql(match self.dialect {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        });
    }

    /// Appends a bound text.
    pub(super) fn text(&mut self, value: impl Into<String>) {
        self.flush();
        self.done = std::mem::take(&mut self.done).text(value);
    }

    /// Appends a bound integer.
    pub(super) fn big_int(&mut self, value: i64) {
        self.flush();
        self.done = std::mem::take(&mut self.done).big_int(value);
    }

    /// Appends another fragment.
    pub(super) fn append(&mut self, fragment: Statement) {
        self.flush();
        self.done = std::mem::take(&mut self.done).append(fragment);
    }

    /// A name for a sub-select that no other has.
    pub(super) fn alias(&mut self) -> usize {
        self.aliases += 1;
        self.aliases
    }

    /// Writes all parts joined by `operator`, as a tree of even depth: SQLite refuses expressions deeper than 1000.
    pub(super) fn joined<T>(
        &mut self,
        parts: &[T],
        operator: &str,
        write: &mut dyn FnMut(&mut Self, &T),
    ) {
        if let [only] = parts {
            return write(self, only);
        }
        let (left, right) = parts.split_at(parts.len() / 2);
        self.sql("(");
        self.joined(left, operator, write);
        self.sql(operator);
        self.joined(right, operator, write);
        self.sql(")");
    }

    pub(super) fn finish(mut self) -> Statement {
        self.flush();
        self.done
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let sql = std::mem::take(&mut self.pending);
            self.done = std::mem::take(&mut self.done).sql(sql);
        }
    }
}
