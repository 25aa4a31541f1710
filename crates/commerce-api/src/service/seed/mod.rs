//! A small catalog to try things with, and the built-in resources that every project has.

use domain::{
    catalog::{
        category::Category, product_type::ProductType, shipping_method::ShippingMethod,
        state::State, store::Store, tax_category::TaxCategory, zone::Zone,
    },
    context::Author,
    identity::{ids::ProjectKey, principal::Subject},
    kind::Kind,
    order::INITIAL_STATE_ID,
    product::Product,
    resource::{Resource, decode_draft},
    world::By,
};
use serde_json::Value;
use shared::{db::WriteTx, random::uuid};

use super::work::Work;
use crate::{app_state::AppState, error::CommerceError, request::RequestContext, store::documents};

const DEMO: &str = include_str!("demo.json");

/// Who seeds, in `createdBy`.
const SEEDER: &str = "seed";

/// Creates the demo catalog in a project, unless it is there. Answers how many resources were made.
///
/// # Errors
/// An unknown project, or a rule that the catalog breaks.
pub fn demo(
    tx: &mut WriteTx<'_>,
    state: &AppState,
    project: &ProjectKey,
) -> Result<usize, CommerceError> {
    let drafts: Value = serde_json::from_str(DEMO)
        .map_err(|error| CommerceError::Internal(format!("demo.json: {error}")))?;
    let request = seeder(state, project);
    let mut made = 0_usize;
    let mut work = Work::new(tx, &state.bench, &request);
    made = made.saturating_add(all::<TaxCategory>(&mut work, &drafts)?);
    made = made.saturating_add(all::<ProductType>(&mut work, &drafts)?);
    made = made.saturating_add(all::<Category>(&mut work, &drafts)?);
    made = made.saturating_add(all::<Product>(&mut work, &drafts)?);
    made = made.saturating_add(all::<Zone>(&mut work, &drafts)?);
    made = made.saturating_add(all::<ShippingMethod>(&mut work, &drafts)?);
    made = made.saturating_add(all::<Store>(&mut work, &drafts)?);
    Ok(made)
}

/// Creates what every project has: the state that new line items are in.
///
/// # Errors
/// An unknown project.
pub fn built_in(
    tx: &mut WriteTx<'_>,
    state: &AppState,
    project: &ProjectKey,
) -> Result<(), CommerceError> {
    let request = seeder(state, project);
    let mut work = Work::new(tx, &state.bench, &request);
    let seen = request.whole_project();
    if documents::identify(work.tx, &seen, Kind::State, By::Id(INITIAL_STATE_ID))?.is_some() {
        return Ok(());
    }
    let draft = decode_draft(serde_json::json!({
        "key": "Initial", "type": "LineItemState", "initial": true,
        "name": { "en": "Initial" },
    }))?;
    let (mut initial, _) = work.rules(Kind::State, |context| State::create(draft, context))?;
    initial.built_in = true;
    work.insert(initial, INITIAL_STATE_ID.to_owned(), Vec::new())?;
    Ok(())
}

fn all<R: Resource>(work: &mut Work<'_, '_>, drafts: &Value) -> Result<usize, CommerceError> {
    let mut made = 0_usize;
    let drafts = drafts.get(R::KIND.collection()).and_then(Value::as_array);
    for draft in drafts.into_iter().flatten() {
        let key = draft.get("key").and_then(Value::as_str).unwrap_or_default();
        let seen = work.request.whole_project();
        if documents::identify(work.tx, &seen, R::KIND, By::Key(key))?.is_some() {
            continue;
        }
        let draft = decode_draft::<R::Draft>(draft.clone())?;
        let (resource, messages) = work.rules(R::KIND, |context| R::create(draft, context))?;
        let id = uuid(work.bench.randomness.as_ref());
        work.insert(resource, id, messages)?;
        made = made.saturating_add(1);
    }
    Ok(made)
}

/// A request that comes from the command line.
fn seeder(state: &AppState, project: &ProjectKey) -> RequestContext {
    RequestContext {
        token: None,
        project: project.clone(),
        store: None,
        confined_to: None,
        acting_for: Subject::Client,
        author: Author::of(SEEDER, &Subject::Client),
        now: state.clock.now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_takes_no_attribute_name_that_a_shop_may_want() {
        // A name has one type across all product types of a project.
        let drafts: Value = serde_json::from_str(DEMO).expect("JSON");
        let types = drafts["product-types"].as_array().expect("product types");
        let names: Vec<&str> = types
            .iter()
            .flat_map(|one| one["attributes"].as_array().expect("attributes"))
            .map(|one| one["name"].as_str().expect("a name"))
            .collect();
        assert_eq!(names, ["demo-color"]);
    }
}
