//! Pages of resources: `where`, `sort`, `limit`, `offset`, `withTotal`.

use domain::{
    error::DomainError,
    identity::ids::ProjectKey,
    kind::Kind,
    predicate::{Table, Variables, parse_sorts_in, resolve_all},
};
use shared::db::{Dialect, Reach, statement::Statement};

use super::{references, session::require_live};
use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{
        listing::{self, Listing, Page},
        predicate_sql,
        visibility::Visibility,
    },
};

/// What a client asks of a collection, not yet checked against its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Predicates, all of which must hold.
    pub filters: Vec<String>,
    /// Values of input variables.
    pub variables: Variables,
    /// Sort expressions.
    pub sorts: Vec<String>,
    /// Page size, 0 to 500.
    pub limit: i64,
    /// How many to skip, 0 to 10 000.
    pub offset: i64,
    /// Whether to count all matches.
    pub with_total: bool,
}

impl Query {
    /// The query that finds out whether anything matches.
    #[must_use]
    pub fn for_existence(self) -> Self {
        Self {
            limit: 1,
            with_total: false,
            ..self
        }
    }
}

/// Checks a query against the fields of a kind and compiles it.
///
/// # Errors
/// [`DomainError::InvalidInput`].
pub fn compile(
    query: &Query,
    kind: Kind,
    project: &ProjectKey,
    dialect: Dialect,
) -> Result<Listing, DomainError> {
    compile_in(query, Table::of(kind), project, dialect)
}

/// [`compile`] against a field table that is not that of a kind.
///
/// # Errors
/// [`DomainError::InvalidInput`].
pub fn compile_in(
    query: &Query,
    table: Table,
    project: &ProjectKey,
    dialect: Dialect,
) -> Result<Listing, DomainError> {
    let (filter, filter_reach) = if query.filters.is_empty() {
        (Statement::default(), Reach::Wide)
    } else {
        let resolved = resolve_all(&query.filters, table, &query.variables)?;
        (
            predicate_sql::compile_in(&resolved, dialect, project),
            predicate_sql::reach(&resolved, dialect, project),
        )
    };
    let sorts = parse_sorts_in(&query.sorts, table)?;
    Ok(Listing {
        filter,
        order: predicate_sql::order_by(&sorts, dialect),
        limit: query.limit,
        offset: query.offset,
        with_total: query.with_total,
        filter_reach,
        by_creation: query.sorts.is_empty(),
    })
}

/// How far the database must look; a query that is refused needs no look.
pub fn reach(wanted: &Result<Listing, DomainError>, seen: &Visibility, kind: Kind) -> Reach {
    wanted
        .as_ref()
        .map_or(Reach::Narrow, |listing| listing.reach(seen, kind))
}

/// One page of what the request can see.
///
/// # Errors
/// [`DomainError::InvalidInput`] for a bad query, [`CommerceError::TokenInvalid`].
pub async fn page(
    state: &AppState,
    request: &RequestContext,
    kind: Kind,
    query: &Query,
) -> Result<Page, CommerceError> {
    // A bad query is only for those to know whose token lives.
    let listing = compile(query, kind, &request.project, state.database.dialect());
    let (request, memory) = (request.clone(), state.memory.clone());
    state
        .database
        .read_within(reach(&listing, &request.visibility(), kind), move |tx| {
            require_live(tx, &request)?;
            references::require_known_store(tx, &request)?;
            listing::page(tx, &request.visibility(), kind, &listing?, &memory)
        })
        .await
}

#[cfg(test)]
mod tests {
    use domain::{
        identity::{
            ids::{AnonymousId, ProjectKey, StoreKey},
            principal::Subject,
        },
        kind::Kind,
        timestamp::Timestamp,
    };
    use shared::db::{Dialect, Reach};

    use super::{Query, Visibility, compile};

    fn reach(kind: Kind, query: &Query, change: impl Fn(&mut Visibility)) -> Reach {
        let project = ProjectKey::new("shop");
        let mut seen = Visibility::project(project.clone(), Timestamp::from_millis(0));
        change(&mut seen);
        let both = [Dialect::Sqlite, Dialect::Postgres].map(|dialect| {
            let listing = compile(query, kind, &project, dialect).unwrap();
            listing.reach(&seen, kind)
        });
        assert_eq!(both[0], both[1]);
        both[0]
    }

    fn of(kind: Kind, predicate: &str) -> Reach {
        let query = Query {
            filters: vec![predicate.to_owned()],
            limit: 20,
            with_total: true,
            ..Query::default()
        };
        reach(kind, &query, |_| ())
    }

    #[test]
    fn what_an_index_leads_to_is_narrow() {
        for (kind, predicate) in [
            (Kind::Cart, r#"id = "a""#),
            (Kind::Cart, r#"id in ("a", "b")"#),
            (Kind::Cart, r#"customerId = "a" and country = "DE""#),
            (Kind::Cart, r#"anonymousId = "a" or customerId = "b""#),
            (Kind::Product, r#"key = "a""#),
            (Kind::Customer, r#"email = "a@example.com""#),
            (Kind::Order, r#"orderNumber = "a""#),
            (Kind::Product, r#"masterData(current(slug(en = "a")))"#),
            (
                Kind::Product,
                r#"masterData(current(masterVariant(sku = "a")))"#,
            ),
        ] {
            assert_eq!(of(kind, predicate), Reach::Narrow, "{predicate}");
        }
    }

    #[test]
    fn what_may_be_anywhere_is_wide() {
        for (kind, predicate) in [
            (Kind::Cart, r#"country = "DE""#),
            (Kind::Cart, r#"cartState = "Active""#),
            (Kind::Cart, r#"not(id = "a")"#),
            (Kind::Cart, r#"id <> "a""#),
            (Kind::Cart, r#"id > "a""#),
            (Kind::Cart, r#"customerId is not defined"#),
            (Kind::Cart, r#"id = "a" or country = "DE""#),
            (Kind::Cart, r#"createdAt > "2026-01-01T00:00:00.000Z""#),
            (Kind::Customer, r#"not(email = "a@example.com")"#),
            (Kind::Order, r#"orderNumber = "a" or orderState = "Open""#),
        ] {
            assert_eq!(of(kind, predicate), Reach::Wide, "{predicate}");
        }
    }

    #[test]
    fn one_of_several_predicates_is_enough() {
        let query = Query {
            filters: vec![
                r#"country = "DE""#.to_owned(),
                r#"customerId = "a""#.to_owned(),
            ],
            ..Query::default()
        };
        assert_eq!(reach(Kind::Cart, &query, |_| ()), Reach::Narrow);
    }

    #[test]
    fn what_a_shopper_owns_is_narrow_and_what_a_store_has_is_not() {
        let query = Query {
            filters: vec![r#"country = "DE""#.to_owned()],
            ..Query::default()
        };
        let owned = |seen: &mut Visibility| {
            seen.owner = Subject::Anonymous(AnonymousId::new("a"));
        };
        assert_eq!(reach(Kind::Cart, &query, owned), Reach::Narrow);
        let all = Query::default();
        let in_store = |seen: &mut Visibility| seen.store = Some(StoreKey::new("a"));
        assert_eq!(reach(Kind::Cart, &all, in_store), Reach::Wide);
    }

    #[test]
    fn a_page_in_the_order_of_creation_is_narrow_unless_very_many_are_counted() {
        let all = |kind, with_total, sort: &[&str]| {
            let query = Query {
                sorts: sort.iter().map(|sort| (*sort).to_owned()).collect(),
                limit: 20,
                with_total,
                ..Query::default()
            };
            reach(kind, &query, |_| ())
        };
        assert_eq!(all(Kind::Category, true, &[]), Reach::Narrow);
        assert_eq!(all(Kind::Cart, false, &[]), Reach::Narrow);
        assert_eq!(all(Kind::Cart, true, &[]), Reach::Wide);
        assert_eq!(all(Kind::Category, true, &["name.en asc"]), Reach::Wide);
    }
}
