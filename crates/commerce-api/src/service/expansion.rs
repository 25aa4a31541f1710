//! Reference expansion: `expand=lineItems[*].productType` puts the target into `obj`.
//!
//! Unknown paths and dangling references are ignored. Expansion never widens what a request sees: what the token could not
//! read by itself stays a reference, at any depth. On `/me` endpoints it reads what is its own, below a store what is the
//! store's.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use domain::{
    error::DomainError,
    identity::principal::Subject,
    kind::Kind,
    payment::{MyPayment, Payment},
    product::Product,
    world::By,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use shared::{
    db::{DbError, ReadTx},
    http::memory::Hold,
};

use super::products::published_side;
use crate::{
    access::is_shared,
    app_state::AppState,
    error::CommerceError,
    request::{Products, RequestContext},
    store::documents::{self, Row},
};

/// Most references one path may pass through.
const MAX_DEPTH: usize = 5;
/// Most distinct paths of a request.
const MAX_PATHS: usize = 100;
/// Most documents that are looked up for one request; references beyond stay as they are.
const MAX_LOOKUPS: usize = 5_000;
/// Most bytes that expansion adds to one answer; references beyond stay as they are.
const MAX_ADDED_BYTES: usize = 8 * 1024 * 1024;
/// What a document takes in memory while it is taken apart, for each of its bytes.
const TREE_FACTOR: usize = 8;

/// The paths a request wants expanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths(BTreeSet<String>);

impl Paths {
    /// Distinct paths.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] for more than [`MAX_PATHS`].
    pub fn new<'a>(given: impl Iterator<Item = &'a str>) -> Result<Self, DomainError> {
        let paths: BTreeSet<String> = given.map(str::to_owned).collect();
        if paths.len() > MAX_PATHS {
            return Err(DomainError::input(format!(
                "Malformed parameter: expand: at most {MAX_PATHS} paths are allowed, found {}",
                paths.len()
            )));
        }
        Ok(Self(paths))
    }

    /// Whether there is nothing to expand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Expands documents; without paths they come back untouched.
///
/// # Errors
/// [`CommerceError`] from the database.
pub async fn expand_all(
    state: &AppState,
    request: &RequestContext,
    bodies: Vec<String>,
    paths: &Paths,
) -> Result<Vec<String>, CommerceError> {
    if paths.is_empty() {
        return Ok(bodies);
    }
    let (request, paths) = (request.clone(), paths.clone());
    let largest = bodies.iter().map(String::len).max().unwrap_or_default();
    let mut hold = state.memory.hold();
    if !hold.grow(largest.saturating_mul(TREE_FACTOR)) {
        return Err(CommerceError::OverCapacity);
    }
    state
        .database
        .read(move |tx| {
            let mut expander = Expander {
                tx,
                request: &request,
                known: BTreeMap::new(),
                products: BTreeMap::new(),
                budget: Budget::new(hold),
            };
            let paths: Vec<Vec<&str>> = paths
                .0
                .iter()
                .map(|path| path.split('.').collect())
                .collect();
            bodies
                .into_iter()
                .map(|body| {
                    let mut document: Value = parsed(&body)?;
                    drop(body);
                    for path in &paths {
                        expander.expand(&mut document, path, 0)?;
                    }
                    Ok(document.to_string())
                })
                .collect()
        })
        .await
}

/// Puts targets into references.
struct Expander<'a, 'tx> {
    tx: &'a mut ReadTx<'tx>,
    request: &'a RequestContext,
    /// Targets that were asked for already: references on a page often lead to the same few.
    known: BTreeMap<(Kind, String), Option<Target>>,
    /// The same for products of shopping lists.
    products: BTreeMap<String, Option<Rc<Product>>>,
    budget: Budget,
}

/// A document that references lead to.
#[derive(Clone)]
struct Target {
    shown: Rc<Value>,
    bytes: usize,
}

/// What one request may still look up and add.
struct Budget {
    lookups: usize,
    bytes: usize,
    hold: Hold,
}

impl Budget {
    const fn new(hold: Hold) -> Self {
        Self {
            lookups: MAX_LOOKUPS,
            bytes: MAX_ADDED_BYTES,
            hold,
        }
    }

    /// Whether one more document may be looked up.
    fn look_up(&mut self) -> bool {
        match self.lookups.checked_sub(1) {
            Some(left) => {
                self.lookups = left;
                true
            }
            None => false,
        }
    }

    /// Whether so many bytes more may be added.
    fn add(&mut self, bytes: usize) -> bool {
        match self.bytes.checked_sub(bytes) {
            Some(left) if self.hold.grow(bytes.saturating_mul(TREE_FACTOR)) => {
                self.bytes = left;
                true
            }
            Some(_) | None => false,
        }
    }
}

impl Expander<'_, '_> {
    fn expand(&mut self, at: &mut Value, path: &[&str], depth: usize) -> Result<(), DbError> {
        let Some((step, rest)) = path.split_first() else {
            return self.resolve(at).map(|_| ());
        };
        if is_reference(at) {
            let depth = depth.saturating_add(1);
            if depth <= MAX_DEPTH
                && self.resolve(at)?
                && let Some(target) = at.get_mut("obj")
            {
                return self.expand(target, path, depth);
            }
            return Ok(());
        }
        let (name, index) = step.split_once('[').map_or((*step, None), |(name, rest)| {
            (name, Some(rest.trim_end_matches(']')))
        });
        self.show_product(at, name)?;
        match (index, at.get_mut(name)) {
            (Some("*"), Some(Value::Array(elements))) => elements
                .iter_mut()
                .try_for_each(|element| self.expand(element, rest, depth)),
            (Some(number), Some(Value::Array(elements))) => {
                let position = number.parse::<usize>().ok();
                match position.and_then(|position| elements.get_mut(position)) {
                    Some(element) => self.expand(element, rest, depth),
                    None => Ok(()),
                }
            }
            (None, Some(member)) => self.expand(member, rest, depth),
            (Some(_), Some(_)) | (_, None) => Ok(()),
        }
    }

    /// Puts the target of a reference into `obj`; answers whether it is there.
    fn resolve(&mut self, at: &mut Value) -> Result<bool, DbError> {
        if at.get("obj").is_some() {
            return Ok(true);
        }
        let text = |member| at.get(member).and_then(Value::as_str);
        let (Some(kind), Some(id)) = (text("typeId").and_then(Kind::from_type_id), text("id"))
        else {
            return Ok(false);
        };
        let Some(target) = self.target(kind, id)? else {
            return Ok(false);
        };
        if !self.budget.add(target.bytes) {
            return Ok(false);
        }
        if let Value::Object(members) = at {
            members.insert("obj".to_owned(), Value::clone(&target.shown));
        }
        Ok(true)
    }

    fn target(&mut self, kind: Kind, id: &str) -> Result<Option<Target>, DbError> {
        let name = (kind, id.to_owned());
        if let Some(known) = self.known.get(&name) {
            return Ok(known.clone());
        }
        if !self.budget.look_up() {
            return Ok(None);
        }
        let target = match self.find(kind, id)? {
            Some(row) if row.body.len() > self.budget.bytes => {
                // What does not fit is not kept either: this is the last one.
                self.budget.lookups = 0;
                return Ok(None);
            }
            Some(row) => shown(self.request, kind, &row.body)?.map(|shown| Target {
                bytes: row.body.len(),
                shown: Rc::new(shown),
            }),
            None => None,
        };
        self.known.insert(name, target.clone());
        Ok(target)
    }

    /// The target, where the request could read it without the reference.
    fn find(&mut self, kind: Kind, id: &str) -> Result<Option<Row>, DbError> {
        let parts = match kind {
            Kind::Product if self.request.readable_products() == Products::None => Vec::new(),
            Kind::Product => vec![self.request.whole_project()],
            _ if is_shared(kind) => vec![self.request.whole_project()],
            _ => self.request.readable_here(kind),
        };
        for seen in parts {
            let found = documents::find(self.tx, &seen, kind, By::Id(id))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The product of a line.
    fn product(&mut self, id: &str) -> Result<Option<Rc<Product>>, DbError> {
        if let Some(known) = self.products.get(id) {
            return Ok(known.clone());
        }
        if !self.budget.look_up() {
            return Ok(None);
        }
        let seen = self.request.whole_project();
        let product = match documents::find(self.tx, &seen, Kind::Product, By::Id(id))? {
            // Products that are kept take memory, too.
            Some(row) if self.budget.hold.grow(row.body.len()) => Some(Rc::new(row.parse()?)),
            Some(_) | None => None,
        };
        self.products.insert(id.to_owned(), product.clone());
        Ok(product)
    }

    /// Lines of shopping lists have `variant` and `productSlug` only if they are asked for: what they are is the
    /// published product's to say, now. Lines of carts keep their own.
    fn show_product(&mut self, line: &mut Value, member: &str) -> Result<(), DbError> {
        let Value::Object(line) = line else {
            return Ok(());
        };
        let wanted = matches!(member, "variant" | "productSlug") && !line.contains_key(member);
        let Some(product) = line
            .get("productId")
            .and_then(Value::as_str)
            .filter(|_| wanted)
        else {
            return Ok(());
        };
        let Some(product) = self.product(product)? else {
            return Ok(());
        };
        let current = &product.master_data.current;
        let value = if !product.master_data.published {
            None
        } else if member == "productSlug" {
            Some(json(&current.slug)?)
        } else {
            let variant = match line.get("variantId").and_then(Value::as_i64) {
                Some(id) => current.find_variant(id),
                None => Some(&current.master_variant),
            };
            variant.map(json).transpose()?
        };
        if let Some(value) = value
            && self.budget.add(value.to_string().len())
        {
            line.insert(member.to_owned(), value);
        }
        Ok(())
    }
}

fn is_reference(value: &Value) -> bool {
    value.get("typeId").is_some_and(Value::is_string)
        && value.get("id").is_some_and(Value::is_string)
}

/// Shoppers see less of their payments than backends, and who may see what is published sees no more of a product, here as
/// at the endpoints of these.
fn shown(request: &RequestContext, kind: Kind, body: &str) -> Result<Option<Value>, DbError> {
    match kind {
        Kind::Payment if request.acting_for != Subject::Client => {
            json(&MyPayment::from(&parsed::<Payment>(body)?)).map(Some)
        }
        Kind::Product if request.readable_products() != Products::All => {
            let product = published_side(parsed::<Product>(body)?);
            product.map(|product| json(&product)).transpose()
        }
        _ => parsed(body).map(Some),
    }
}

fn parsed<T: DeserializeOwned>(body: &str) -> Result<T, DbError> {
    serde_json::from_str(body).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn json<T: Serialize>(value: &T) -> Result<Value, DbError> {
    serde_json::to_value(value).map_err(|error| DbError::Corrupt(error.to_string()))
}
