//! Every draft and every action is walked by its type, member by member: wherever it expects an object, an array is refused.

use std::{
    any::type_name,
    cell::{Cell, RefCell},
    collections::VecDeque,
};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess,
        VariantAccess, Visitor,
        value::{Error, StrDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, json};

use crate::{
    cart::{Cart, CartDraft, MyCartAction, MyCartDraft},
    catalog::{
        category::Category, channel::Channel, customer_group::CustomerGroup,
        inventory::InventoryEntry, product_type::ProductType, shipping_method::ShippingMethod,
        state::State, store::Store, tax_category::TaxCategory, type_definition::TypeDefinition,
        zone::Zone,
    },
    custom_object::CustomObject,
    customer::{Customer, MyCustomerAction, MyCustomerDraft},
    error::DomainError,
    money::Money,
    order::{MyOrderFromCartDraft, Order, OrderFromCartDraft},
    payment::{MyPaymentAction, MyPaymentDraft, Payment},
    product::Product,
    project::ProjectAction,
    resource::{Resource, decode_actions, decode_draft},
    shopping_list::{MyShoppingListAction, MyShoppingListDraft, ShoppingList},
};

/// A step of the way from a type to one of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Member(&'static str),
    Variant(&'static str),
    Element,
    Entry,
}

/// What a walk found where its route ended.
enum Found {
    /// An object of these members; the name is that of the type.
    Object(&'static str, &'static [&'static str]),
    /// One of these variants.
    OneOf(&'static [&'static str]),
    /// Any JSON, or something that serde keeps for later; the name is that of whatever reads it.
    Anything(&'static str),
}

/// One run along the choices of a route.
struct Walk {
    choices: Vec<Step>,
    taken: Cell<usize>,
    steps: RefCell<Vec<Step>>,
    names: RefCell<Vec<&'static str>>,
    found: RefCell<Option<Found>>,
}

impl Walk {
    fn of<D: DeserializeOwned>(choices: Vec<Step>) -> Self {
        let walk = Self {
            choices,
            taken: Cell::new(0),
            steps: RefCell::default(),
            names: RefCell::default(),
            found: RefCell::default(),
        };
        // It always stops with an error: what it found is what it is for.
        let _stopped = D::deserialize(Probe(&walk));
        walk
    }

    fn choice(&self, found: Found) -> Result<&'static str, Error> {
        let taken = self.taken.get();
        self.taken.set(taken + 1);
        match self.choices.get(taken) {
            Some(step @ (Step::Member(name) | Step::Variant(name))) => {
                self.step(*step);
                Ok(name)
            }
            _ => self.end(found),
        }
    }

    fn step(&self, step: Step) {
        self.steps.borrow_mut().push(step);
    }

    fn end<T>(&self, found: Found) -> Result<T, Error> {
        self.found.borrow_mut().get_or_insert(found);
        Err(Error::custom("the end"))
    }

    fn object(
        &self,
        name: &'static str,
        members: &'static [&'static str],
    ) -> Result<&'static str, Error> {
        let member = self.choice(Found::Object(name, members))?;
        self.names.borrow_mut().push(name);
        Ok(member)
    }

    /// The JSON that leads along the route to this value.
    fn json(&self, end: Value) -> Value {
        let steps = self.steps.borrow();
        steps.iter().rev().fold(end, |inner, step| match step {
            Step::Member(name) | Step::Variant(name) => json!({ *name: inner }),
            Step::Element => json!([inner]),
            Step::Entry => json!({ "en": inner }),
        })
    }
}

struct Probe<'w>(&'w Walk);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        self.0.end(Found::Anything(type_name::<V>()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.step(Step::Element);
        visitor.visit_seq(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.step(Step::Entry);
        visitor.visit_map(Entry(self.0, "en"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let member = self.0.object(type_name::<V::Value>(), members)?;
        visitor.visit_map(Entry(self.0, member))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let variant = self.0.choice(Found::OneOf(variants))?;
        visitor.visit_enum(Entry(self.0, variant))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    // Scalars: nothing to go into.
    fn deserialize_str<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a scalar"))
    }

    fn deserialize_string<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a scalar"))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a scalar"))
    }

    fn deserialize_i64<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a scalar"))
    }

    fn deserialize_u32<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a scalar"))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple_struct identifier
    }
}

impl<'de> SeqAccess<'de> for Probe<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        seed.deserialize(Probe(self.0)).map(Some)
    }
}

/// One member, entry or variant.
struct Entry<'w>(&'w Walk, &'static str);

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Error;

    fn next_key_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        seed.deserialize(StrDeserializer::new(self.1)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(Probe(self.0))?;
        Err(Error::custom("one is enough"))
    }
}

impl<'de> EnumAccess<'de> for Entry<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(StrDeserializer::new(self.1))?, self))
    }
}

impl<'de> VariantAccess<'de> for Entry<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Err(Error::custom("nothing in it"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(Probe(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        Probe(self.0).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let member = self.0.object(type_name::<V::Value>(), members)?;
        visitor.visit_map(Entry(self.0, member))
    }
}

/// Checks each place of a type where an object belongs; answers how many there are.
fn check<D: DeserializeOwned>(refusal: fn(Value) -> String) -> usize {
    let (mut places, mut routes) = (0, VecDeque::from([Vec::new()]));
    while let Some(route) = routes.pop_front() {
        let walk = Walk::of::<D>(route.clone());
        let on = |steps: Vec<Step>| {
            steps
                .into_iter()
                .map(|step| [route.clone(), vec![step]].concat())
        };
        match walk.found.take() {
            Some(Found::Object(name, members)) => {
                let is_inside = !walk.steps.borrow().is_empty();
                let is_variant = matches!(walk.steps.borrow().last(), Some(Step::Variant(_)));
                if is_inside && !is_variant {
                    places += 1;
                    let body = walk.json(json!([]));
                    let detail = refusal(body.clone());
                    assert!(
                        detail.contains("invalid type: sequence"),
                        "{body} for {name}: {detail}"
                    );
                }
                // A type inside of itself has been seen.
                if is_variant || !walk.names.borrow().contains(&name) {
                    let members = members.iter().map(|member| Step::Member(member));
                    routes.extend(on(members.collect()));
                }
            }
            Some(Found::OneOf(variants)) => {
                let variants = variants.iter().map(|variant| Step::Variant(variant));
                routes.extend(on(variants.collect()));
            }
            Some(Found::Anything(reader)) => assert!(
                !reader.to_lowercase().contains("content"),
                "{}: {reader} keeps JSON for later, where arrays are taken for objects",
                walk.json(Value::Null)
            ),
            None => {}
        }
    }
    places
}

fn detail<T>(decoded: Result<T, DomainError>) -> String {
    match decoded {
        Err(DomainError::InvalidJson { detail }) => detail,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was read"),
    }
}

fn draft<D: DeserializeOwned>() -> usize {
    check::<D>(|body| detail(decode_draft::<D>(body)))
}

fn actions<A: DeserializeOwned>() -> usize {
    check::<A>(|body| {
        let (action, members) = body.as_object().unwrap().iter().next().unwrap();
        let mut members = members.clone();
        members["action"] = json!(action);
        detail(decode_actions::<A>(vec![members]))
    })
}

fn resource<R: Resource>() -> (usize, usize) {
    (draft::<R::Draft>(), actions::<R::Action>())
}

#[test]
fn an_array_is_no_object_anywhere_in_a_draft_or_an_action() {
    let mut places = [
        resource::<Cart>(),
        resource::<Category>(),
        resource::<Channel>(),
        resource::<CustomObject>(),
        resource::<Customer>(),
        resource::<CustomerGroup>(),
        resource::<InventoryEntry>(),
        resource::<Order>(),
        resource::<Payment>(),
        resource::<Product>(),
        resource::<ProductType>(),
        resource::<ShippingMethod>(),
        resource::<ShoppingList>(),
        resource::<State>(),
        resource::<Store>(),
        resource::<TaxCategory>(),
        resource::<TypeDefinition>(),
        resource::<Zone>(),
    ]
    .into_iter()
    .fold(0, |sum, (drafts, actions)| sum + drafts + actions);
    places += draft::<MyCartDraft>() + actions::<MyCartAction>();
    places += draft::<MyCustomerDraft>() + actions::<MyCustomerAction>();
    places += draft::<MyPaymentDraft>() + actions::<MyPaymentAction>();
    places += draft::<MyShoppingListDraft>() + actions::<MyShoppingListAction>();
    places += draft::<OrderFromCartDraft>() + draft::<MyOrderFromCartDraft>();
    places += actions::<ProjectAction>();
    // Otherwise the walk does not get far.
    assert!(places > 500, "{places}");
}

#[test]
fn the_place_of_an_array_is_named() {
    let body = json!({ "currency": "EUR", "lineItems": [[null, null, null, "SKU", 2]] });
    assert_eq!(
        detail(decode_draft::<CartDraft>(body)),
        "`lineItems[0]`: invalid type: sequence, expected struct LineItemDraft"
    );
    let action = json!({ "action": "setShippingAddress", "address": ["DE"] });
    assert!(
        detail(decode_actions::<MyCartAction>(vec![action]))
            .starts_with("actions[0] (`setShippingAddress`): `address`: invalid type: sequence")
    );
    for money in [json!(["EUR", 5]), json!([]), json!([[]])] {
        assert!(super::from_value::<Money>(money).is_err());
    }
}

#[test]
fn what_is_no_array_is_read_as_ever() {
    let body = json!({
        "currency": "EUR",
        "lineItems": [{ "sku": "SKU-1", "quantity": 2, "custom": {
            "type": { "key": "t" }, "fields": { "list": [[1, "a", null, 0.10, { "b": [] }]] } } }],
        "taxMode": "External", "unknown": [[{}]],
    });
    let read = decode_draft::<CartDraft>(body.clone()).unwrap();
    let same: CartDraft = serde_json::from_value(body).unwrap();
    assert_eq!(read, same);
}
