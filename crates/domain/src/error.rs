//! Every rule that can be broken, with the data a client needs to mend the request.

use serde_json::Value;

use crate::{kind::Kind, reference::ResourceIdentifier};

/// What a rule answers when it refuses.
///
/// Texts and members follow the error catalogue of the commercetools HTTP API
/// (<https://docs.commercetools.com/api/errors>); each dialect renders them in its own shape.
#[derive(Debug, thiserror::Error)]
pub enum DomainError {
    /// A parameter or value is malformed or out of its range.
    #[error("{message}")]
    InvalidInput { message: String },
    /// The JSON is not of the expected shape.
    #[error("Request body does not contain valid JSON.")]
    InvalidJson { detail: String },
    /// An update action that does not exist, or not for this caller.
    #[error("The update action at actions[{at}] cannot be applied: {problem}.")]
    UnknownAction { at: usize, problem: String },
    /// A field has a value it cannot have.
    #[error("The value '{}' is not valid for field '{field}'.{}", plain(.value), allowed_text(.allowed))]
    InvalidField {
        field: String,
        value: Value,
        allowed: Vec<Value>,
    },
    /// A required field is missing.
    #[error("A value is required for field '{field}'.")]
    RequiredField { field: String },
    /// Another resource has this value.
    #[error("A duplicate value '{}' exists for field '{field}'.", plain(.value))]
    DuplicateField { field: String, value: Value },
    /// Another customer has this e-mail address.
    #[error("There is already an existing customer with the provided email.")]
    DuplicateEmail { email: String },
    /// The resource the request addresses does not exist for this caller.
    #[error("The Resource with {} was not found.", identifier_text(.identifier))]
    ResourceNotFound { identifier: ResourceIdentifier },
    /// A resource the request refers to does not exist for this caller.
    #[error(
        "The referenced object of type '{}' {} was not found. It either doesn't exist, or it can't be accessed from this endpoint (e.g., if the endpoint filters by store or customer account).",
        .kind.type_id(), reference_text(.identifier)
    )]
    ReferencedResourceNotFound {
        kind: Kind,
        identifier: ResourceIdentifier,
    },
    /// The resource is still referenced.
    #[error("Can not delete a {} while it is referenced by at least one {}.", .kind.type_id(), .referenced_by.type_id())]
    ReferenceExists { kind: Kind, referenced_by: Kind },
    /// The resource is not in a state that allows the operation.
    #[error("{message}")]
    InvalidOperation { message: String },
    /// The version the request names is not the resource's.
    #[error(
        "Object {id} has a different version than expected. Expected: {expected} - Actual: {actual}."
    )]
    ConcurrentModification {
        id: String,
        expected: i64,
        actual: i64,
    },
    /// No account has this e-mail and password. One text for every cause.
    #[error("Account with the given credentials not found.")]
    InvalidCredentials,
    /// The given current password is wrong.
    #[error("The given current password does not match.")]
    InvalidCurrentPassword,
    /// The e-mail token is past its time.
    #[error("The given email token has expired.")]
    ExpiredCustomerEmailToken,
    /// The password token is past its time.
    #[error("The given password token has expired.")]
    ExpiredCustomerPasswordToken,
    /// The anonymous id belongs to another session.
    #[error("The given anonymous ID is already in use.")]
    AnonymousIdAlreadyInUse,
    /// No price of the variant fits the cart.
    #[error(
        "The variant '{variant_id}' of product '{product_id}' does not contain a price for currency '{currency}', {}, {}, {}.",
        scope_text("country", .country), scope_text("customer group", .customer_group), scope_text("channel", .channel)
    )]
    MatchingPriceNotFound {
        product_id: String,
        variant_id: i64,
        currency: String,
        country: Option<String>,
        customer_group: Option<String>,
        channel: Option<String>,
    },
    /// The tax category has no rate for the place.
    #[error(
        "Tax category '{tax_category_id}' is missing a tax rate for country '{country}'{}.",
        .state.as_ref().map(|state| format!(" and state '{state}'")).unwrap_or_default()
    )]
    MissingTaxRateForCountry {
        tax_category_id: String,
        country: String,
        state: Option<String>,
    },
    /// A discount code cannot be used.
    #[error("The discount code '{code}' cannot be applied to the cart.")]
    DiscountCodeNonApplicable {
        code: String,
        reason: Option<&'static str>,
        id: Option<String>,
    },
    /// The shipping method's predicate does not hold for the cart.
    #[error("The predicate does not match the cart.")]
    ShippingMethodDoesNotMatchCart,
    /// Shipping targets and quantity of an item disagree.
    #[error(
        "Inconsistent shipping details for {subject} with ID '{item_id}'. {subject} quantity is {quantity} and shippingTargets quantity sum is {sum}."
    )]
    InvalidItemShippingDetails {
        subject: &'static str,
        item_id: String,
        quantity: i64,
        sum: i64,
    },
    /// Items are not in stock.
    #[error("Some line items are out of stock at the time of placing the order: {}.", .skus.join(", "))]
    OutOfStock {
        line_items: Vec<String>,
        skus: Vec<String>,
    },
    /// Prices or taxes are no longer those of the cart.
    #[error(
        "The price or tax of some line items changed at the time of placing the order: {}.",
        .line_items.join(", ")
    )]
    PriceChanged {
        line_items: Vec<String>,
        shipping: bool,
    },
    /// The store does not sell to the country.
    #[error("The country '{country}' is not configured for the store '{store}'.")]
    CountryNotConfiguredInStore {
        store: String,
        store_countries: Vec<String>,
        country: String,
    },
    /// More than the inventory entry allows in one cart.
    #[error("Quantity '{quantity}' greater than maximum '{maximum}'.")]
    LineItemQuantityAboveLimit { quantity: i64, maximum: i64 },
    /// Less than the inventory entry demands in one cart.
    #[error("Quantity '{quantity}' less than minimum '{minimum}'.")]
    LineItemQuantityBelowLimit { quantity: i64, minimum: i64 },
    /// Two prices of a variant have the same scope.
    #[error(
        "Duplicate price scope: {scope}. The combination of currency, country, customerGroup and channel must be unique for each price of a product variant."
    )]
    DuplicatePriceScope {
        scope: String,
        conflicting_price: Value,
    },
    /// Two prices of a variant have the same key.
    #[error("Duplicate price key: {key}. The price key must be unique per variant.")]
    DuplicatePriceKey {
        key: String,
        conflicting_price: Value,
    },
    /// Two prices of one scope are valid at the same time.
    #[error("Two prices have overlapping validity periods.")]
    OverlappingPriceValidity { conflicting_price: Value },
    /// A product or product type constraint, named by its commercetools error code.
    #[error("{message}")]
    Constraint {
        code: &'static str,
        message: String,
        members: Vec<(&'static str, Value)>,
    },
    /// A channel lacks a role.
    #[error("Given channel with '{channel}' does not have the required role '{role}'.")]
    MissingRoleOnChannel { channel: String, role: &'static str },
    /// The project does not have these languages.
    #[error("The project is not configured for the languages {}.", .languages.join(", "))]
    ProjectNotConfiguredForLanguages { languages: Vec<String> },
    /// A store still uses the language.
    #[error("Language(s) are in use by a store and cannot be deleted from the project. Remove them from all the stores first. Affected languages: {}.", .languages.join(", "))]
    LanguageUsedInStores { languages: Vec<String> },
    /// A predicate of a discount or shipping method does not parse.
    #[error("{message}")]
    PredicateSyntax { message: String },
    /// A predicate of a discount or shipping method names an unknown field.
    #[error("{message}")]
    PredicateSemantics { message: String },
    /// An amount left the signed 64-bit range.
    #[error("A Money operation resulted in an overflow.")]
    MoneyOverflow,
    /// A limit on the number of things is reached.
    #[error("Maximum number of {exceeded} has been reached: {limit}.")]
    MaxResourceLimitExceeded { exceeded: &'static str, limit: i64 },
    /// A document, or something in it, is too large to be stored.
    #[error("The {} is too large: {} more than {limit}.", .kind.type_id(), place_text(.place))]
    ResourceSizeLimitExceeded {
        kind: Kind,
        /// Where in the document; `None` if it is the document itself.
        place: Option<String>,
        limit: SizeLimit,
    },
    /// The world could not be asked.
    #[error(transparent)]
    World(#[from] WorldError),
}

impl DomainError {
    /// A member of the API that this server knows and does not offer.
    #[must_use]
    pub fn unsupported(member: &str) -> Self {
        Self::operation(format!("`{member}` is not supported"))
    }

    /// Shorthand for [`DomainError::InvalidOperation`].
    pub fn operation(message: impl Into<String>) -> Self {
        Self::InvalidOperation {
            message: message.into(),
        }
    }

    /// Shorthand for [`DomainError::InvalidInput`].
    pub fn input(message: impl Into<String>) -> Self {
        Self::InvalidInput {
            message: message.into(),
        }
    }

    /// Shorthand for [`DomainError::InvalidJson`].
    pub fn json(detail: impl Into<String>) -> Self {
        Self::InvalidJson {
            detail: detail.into(),
        }
    }

    /// Shorthand for [`DomainError::InvalidField`] without a list of allowed values.
    pub fn field(field: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::InvalidField {
            field: field.into(),
            value: value.into(),
            allowed: Vec::new(),
        }
    }

    /// Shorthand for [`DomainError::RequiredField`].
    pub fn required(field: impl Into<String>) -> Self {
        Self::RequiredField {
            field: field.into(),
        }
    }
}

/// The most that something in a document may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeLimit {
    /// Bytes in UTF-8.
    Bytes(usize),
    /// Elements of a list.
    Elements(usize),
}

impl std::fmt::Display for SizeLimit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(count) => write!(out, "{count} bytes"),
            Self::Elements(count) => write!(out, "{count} elements"),
        }
    }
}

/// Asking the world failed: not a broken rule but a broken database or a broken document.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WorldError(pub Box<dyn std::error::Error + Send + Sync>);

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn place_text(place: &Option<String>) -> String {
    place
        .as_ref()
        .map_or_else(|| "it has".to_owned(), |place| format!("'{place}' has"))
}

fn allowed_text(allowed: &[Value]) -> String {
    if allowed.is_empty() {
        return String::new();
    }
    let list: Vec<String> = allowed.iter().map(plain).collect();
    format!(" Allowed values are: {}.", list.join(", "))
}

fn identifier_text(identifier: &ResourceIdentifier) -> String {
    match (&identifier.id, &identifier.key) {
        (Some(id), _) => format!("ID '{id}'"),
        (None, Some(key)) => format!("key '{key}'"),
        (None, None) => "the given criteria".to_owned(),
    }
}

fn reference_text(identifier: &ResourceIdentifier) -> String {
    match (&identifier.id, &identifier.key) {
        (Some(id), _) => format!("with identifier '{id}'"),
        (None, Some(key)) => format!("with key '{key}'"),
        (None, None) => "without identifier".to_owned(),
    }
}

fn scope_text(name: &str, value: &Option<String>) -> String {
    value.as_ref().map_or_else(
        || format!("any {name}"),
        |value| format!("{name} '{value}'"),
    )
}
