//! Which fields a predicate may name, per kind of resource.
//!
//! The tables follow the representations of the commercetools HTTP API
//! (<https://docs.commercetools.com/api/>). Adding a field is adding its line.

mod catalog;
mod checkout;
mod customers;
mod product;
mod settings;
mod shared;

use crate::kind::Kind;

/// A stored value that the database keeps as a column beside the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `id`
    Id,
    /// `key`
    Key,
    /// `version`
    Version,
    /// `createdAt`, in milliseconds.
    CreatedAt,
    /// `lastModifiedAt`, in milliseconds.
    LastModifiedAt,
    /// `customerId`, or `id` of `customer`.
    CustomerId,
    /// `anonymousId`
    AnonymousId,
    /// `cartState`, `orderState`
    State,
    /// `key` of `store`.
    StoreKey,
    /// The form in which the `email` of a customer is compared.
    EmailKey,
}

/// Where the database looks up documents by the value of a field, see [`Unique`](crate::resource::Unique).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// This one.
    Only(&'static str),
    /// One per name of the field: this, a colon and the name.
    PerName(&'static str),
    /// Any that begins so; values are e-mail addresses in the form they are compared in.
    EmailsUnder(&'static str),
}

/// The fields of one object, in groups so that objects can share some.
pub(super) type Fields = &'static [&'static [Field]];

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Type {
    Text,
    Number,
    Boolean,
    /// An instant, as [`Timestamp`](crate::timestamp::Timestamp) writes it.
    DateTime,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// An array of texts.
    Texts,
    /// Any JSON: the values of custom fields, attributes and custom objects.
    Any,
    /// A GeoJSON point.
    Point,
    Object(Fields),
    /// An array of objects.
    Objects(Fields),
    /// The array `variants`, with the object `masterVariant` beside it counted in.
    Variants(Fields),
}

/// The name of the field that stands for all names not listed.
const OTHERS: &str = "*";

#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) holds: Type,
    pub(super) column: Option<Column>,
    pub(super) unique: Option<Namespace>,
    /// Where the value lies in the document, if not under its name.
    pub(super) at: Option<&'static [&'static str]>,
    /// Whether the value is the form in which the stored e-mail address is compared.
    pub(super) lowercase: bool,
    /// Whether a text in it that is an instant is one as [`Timestamp`](crate::timestamp::Timestamp) writes it.
    pub(super) instants: bool,
}

impl Field {
    const fn new(name: &'static str, holds: Type) -> Self {
        Self {
            name,
            holds,
            column: None,
            unique: None,
            at: None,
            lowercase: false,
            instants: false,
        }
    }

    const fn column(mut self, column: Column) -> Self {
        self.column = Some(column);
        self
    }

    const fn unique(mut self, namespace: Namespace) -> Self {
        self.unique = Some(namespace);
        self
    }

    const fn at(mut self, path: &'static [&'static str]) -> Self {
        self.at = Some(path);
        self
    }

    const fn lowercase(mut self) -> Self {
        self.lowercase = true;
        self
    }

    const fn instants(mut self) -> Self {
        self.instants = true;
        self
    }

    /// Whether the table knows the name of this field, rather than taking the user's.
    pub(super) fn is_listed(&self) -> bool {
        self.name != OTHERS
    }
}

/// The field of an object with this name.
pub(super) fn find(fields: Fields, name: &str) -> Option<&'static Field> {
    let named = |wanted: &str| {
        fields
            .iter()
            .flat_map(|group| group.iter())
            .find(|field| field.name == wanted)
    };
    named(name)
        .filter(|field| field.is_listed())
        .or_else(|| named(OTHERS))
}

/// The fields of one kind of resource.
#[derive(Clone, Copy, Debug)]
pub struct Table(pub(super) Fields);

impl Table {
    /// The fields of resources of this kind.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self(match kind {
            Kind::Cart => checkout::CART,
            Kind::Order => checkout::ORDER,
            Kind::Customer => customers::CUSTOMER,
            Kind::ShoppingList => customers::SHOPPING_LIST,
            Kind::Payment => customers::PAYMENT,
            Kind::CustomObject => customers::CUSTOM_OBJECT,
            Kind::Product => product::PRODUCT,
            Kind::ProductType => catalog::PRODUCT_TYPE,
            Kind::Category => catalog::CATEGORY,
            Kind::InventoryEntry => catalog::INVENTORY_ENTRY,
            Kind::StandalonePrice => catalog::STANDALONE_PRICE,
            Kind::CartDiscount => catalog::CART_DISCOUNT,
            Kind::DiscountCode => catalog::DISCOUNT_CODE,
            Kind::ProductDiscount => catalog::PRODUCT_DISCOUNT,
            Kind::TaxCategory => settings::TAX_CATEGORY,
            Kind::Type => settings::TYPE,
            Kind::Store => settings::STORE,
            Kind::Channel => settings::CHANNEL,
            Kind::CustomerGroup => settings::CUSTOMER_GROUP,
            Kind::ShippingMethod => settings::SHIPPING_METHOD,
            Kind::Zone => settings::ZONE,
            Kind::State => settings::STATE,
            Kind::Message => settings::MESSAGE,
            Kind::Project => settings::PROJECT,
        })
    }

    /// The fields of API clients, which the auth server keeps.
    #[must_use]
    pub const fn api_client() -> Self {
        Self(settings::API_CLIENT)
    }

    /// The fields of product projections: those of a product's current or staged data lifted to the top.
    ///
    /// They resolve to places in the document of the *product*.
    #[must_use]
    pub const fn product_projection(staged: bool) -> Self {
        Self(if staged {
            product::STAGED_PROJECTION
        } else {
            product::CURRENT_PROJECTION
        })
    }
}

pub(super) const ANY_NAMES: Fields = &[&[any(OTHERS)]];
const TEXT_BY_NAME: Fields = &[&[text(OTHERS)]];

const fn text(name: &'static str) -> Field {
    Field::new(name, Type::Text)
}

const fn number(name: &'static str) -> Field {
    Field::new(name, Type::Number)
}

const fn boolean(name: &'static str) -> Field {
    Field::new(name, Type::Boolean)
}

const fn date_time(name: &'static str) -> Field {
    Field::new(name, Type::DateTime)
}

const fn date(name: &'static str) -> Field {
    Field::new(name, Type::Date)
}

const fn texts(name: &'static str) -> Field {
    Field::new(name, Type::Texts)
}

const fn any(name: &'static str) -> Field {
    Field::new(name, Type::Any)
}

const fn point(name: &'static str) -> Field {
    Field::new(name, Type::Point)
}

const fn object(name: &'static str, fields: Fields) -> Field {
    Field::new(name, Type::Object(fields))
}

const fn objects(name: &'static str, fields: Fields) -> Field {
    Field::new(name, Type::Objects(fields))
}

const fn variants(name: &'static str, fields: Fields) -> Field {
    Field::new(name, Type::Variants(fields))
}

/// A text per locale.
const fn localized(name: &'static str) -> Field {
    Field::new(name, Type::Object(TEXT_BY_NAME))
}

const fn reference(name: &'static str) -> Field {
    Field::new(name, Type::Object(shared::REFERENCE))
}

const fn references(name: &'static str) -> Field {
    Field::new(name, Type::Objects(shared::REFERENCE))
}

const fn key_reference(name: &'static str) -> Field {
    Field::new(name, Type::Object(shared::KEY_REFERENCE))
}

const fn key_references(name: &'static str) -> Field {
    Field::new(name, Type::Objects(shared::KEY_REFERENCE))
}

const fn money(name: &'static str) -> Field {
    Field::new(name, Type::Object(shared::MONEY))
}

const fn moneys(name: &'static str) -> Field {
    Field::new(name, Type::Objects(shared::MONEY))
}
