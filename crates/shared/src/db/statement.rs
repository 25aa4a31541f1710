//! SQL with bound values, put together from parts.
//!
//! For statements diesel's query builder cannot express on both databases. Unlike `diesel::sql_query` it is prepared
//! once per connection and text; values are always bound, never part of the text.

use std::{
    borrow::Cow,
    collections::HashSet,
    marker::PhantomData,
    sync::{LazyLock, RwLock},
};

use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Nullable, Text},
};

use super::{DbConnection, connection::MultiBackend};

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// SQL text.
    Sql(Cow<'static, str>),
    /// A bound text.
    Text(String),
    /// A bound text or NULL.
    OptionalText(Option<String>),
    /// A bound 64-bit integer.
    BigInt(i64),
    /// A bound 64-bit integer or NULL.
    OptionalBigInt(Option<i64>),
}

/// A statement, or a fragment of one, in the making.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    parts: Vec<Part>,
}

impl Statement {
    /// Starts with SQL text.
    #[must_use]
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            parts: vec![Part::Sql(sql.into())],
        }
    }

    /// Appends SQL text. Never pass a client's value here.
    #[must_use]
    pub fn sql(mut self, sql: impl Into<Cow<'static, str>>) -> Self {
        self.parts.push(Part::Sql(sql.into()));
        self
    }

    /// Appends a bound text.
    #[must_use]
    pub fn text(mut self, value: impl Into<String>) -> Self {
        self.parts.push(Part::Text(value.into()));
        self
    }

    /// Appends a bound text or NULL.
    #[must_use]
    pub fn optional_text(mut self, value: Option<impl Into<String>>) -> Self {
        self.parts.push(Part::OptionalText(value.map(Into::into)));
        self
    }

    /// Appends a bound integer.
    #[must_use]
    pub fn big_int(mut self, value: i64) -> Self {
        self.parts.push(Part::BigInt(value));
        self
    }

    /// Appends a bound integer or NULL.
    #[must_use]
    pub fn optional_big_int(mut self, value: Option<i64>) -> Self {
        self.parts.push(Part::OptionalBigInt(value));
        self
    }

    /// Appends another fragment.
    #[must_use]
    pub fn append(mut self, fragment: Self) -> Self {
        self.parts.extend(fragment.parts);
        self
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Runs it; answers the number of rows it touched.
    ///
    /// # Errors
    /// What the database answers.
    pub fn run(self, connection: &mut DbConnection) -> QueryResult<usize> {
        diesel::RunQueryDsl::execute(self, connection)
    }

    /// Reads it as a query with rows of the SQL type `ST`, for `load`, `get_result` and `first`-like calls of diesel.
    #[must_use]
    pub const fn rows<ST>(self) -> Rows<ST> {
        Rows(self, PhantomData)
    }

    fn walk<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if !self.is_worth_preparing() {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::OptionalText(value) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                Part::BigInt(value) => out.push_bind_param::<BigInt, _>(value)?,
                Part::OptionalBigInt(value) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
            }
        }
        Ok(())
    }

    /// Predicates of clients make ever new texts; only the first few are kept prepared, or memory would grow for ever.
    fn is_worth_preparing(&self) -> bool {
        static KNOWN: LazyLock<RwLock<HashSet<u64>>> = LazyLock::new(RwLock::default);
        const MOST: usize = 500;
        if self
            .parts
            .iter()
            .all(|part| !matches!(part, Part::Sql(Cow::Owned(_))))
            && self.parts.len() < 64
        {
            return true;
        }
        let text = self.text_hash();
        let known = KNOWN
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.contains(&text) {
            return true;
        }
        if known.len() >= MOST {
            return false;
        }
        drop(known);
        KNOWN
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(text);
        true
    }

    fn text_hash(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        for part in &self.parts {
            match part {
                Part::Sql(sql) => sql.hash(&mut hasher),
                Part::Text(_) | Part::OptionalText(_) => 1_u8.hash(&mut hasher),
                Part::BigInt(_) | Part::OptionalBigInt(_) => 2_u8.hash(&mut hasher),
            }
        }
        hasher.finish()
    }
}

impl QueryFragment<MultiBackend> for Statement {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.walk(out)
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<DbConnection> for Statement {}

/// A [`Statement`] whose rows have the SQL type `ST`.
#[derive(Clone, Debug)]
pub struct Rows<ST>(Statement, PhantomData<ST>);

impl<ST> QueryFragment<MultiBackend> for Rows<ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk(out)
    }
}

impl<ST> QueryId for Rows<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Rows<ST> {
    type SqlType = ST;
}

impl<ST> RunQueryDsl<DbConnection> for Rows<ST> {}
