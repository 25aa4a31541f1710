//! The groups of a project's settings and their defaults.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::{
        field_definition::LocalizedEnumValue,
        shape::{check_range, without_repetitions},
    },
    context::Author,
    error::DomainError,
    money::RoundingMode,
    timestamp::Timestamp,
};

/// Days after which carts and shopping lists may vanish.
pub const EXPIRY_DAYS: std::ops::RangeInclusive<i64> = 1..=365_250;
/// Days for which messages may be kept.
pub const MESSAGE_DAYS: std::ops::RangeInclusive<i64> = 1..=90;
/// Minutes for which a reservation may last.
pub const RESERVATION_MINUTES: std::ops::RangeInclusive<i64> = 1..=44_640;

const DEFAULT_CART_DAYS: i64 = 90;
const DEFAULT_SHOPPING_LIST_DAYS: i64 = 360;
const DEFAULT_MESSAGE_DAYS: i64 = 15;

/// Whether and how long messages are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagesConfiguration {
    pub enabled: bool,
    /// 1–90 days.
    #[serde(default = "default_message_days")]
    pub delete_days_after_creation: i64,
}

/// How carts are computed and when they vanish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartsConfiguration {
    /// 1–365250 days; copied to a cart when it is created.
    #[serde(default = "default_cart_days")]
    pub delete_days_after_last_modification: i64,
    /// Whether an address with a state falls back to the country's tax rate.
    #[serde(default)]
    pub country_tax_rate_fallback_enabled: bool,
    #[serde(default = "half_even")]
    pub price_rounding_mode: RoundingMode,
    #[serde(default = "half_even")]
    pub tax_rounding_mode: RoundingMode,
}

/// When shopping lists vanish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShoppingListsConfiguration {
    /// 1–365250 days; copied to a shopping list when it is created.
    #[serde(default = "default_shopping_list_days")]
    pub delete_days_after_last_modification: i64,
}

/// How long reservations last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_expiration_in_minutes: Option<i64>,
    pub release_expired_reservations: bool,
}

/// How discounts act together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountsConfiguration {
    pub discount_combination_mode: DiscountCombinationMode,
}

/// Whether all discounts apply or the best group only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiscountCombinationMode {
    BestDeal,
    Stacking,
}

/// Whether variants are part of the product or resources of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductCatalogModel {
    Classic,
    Modular,
}

/// What selects a tier of a shipping rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingRateInputType {
    #[serde(rename = "type")]
    pub input: ShippingRateTierType,
    /// The classes of `CartClassification`, absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<LocalizedEnumValue>>,
}

/// The kinds of shipping rate tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShippingRateTierType {
    CartValue,
    CartClassification,
    CartScore,
}

/// An external token introspection endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalOAuth {
    pub url: String,
    pub authorization_header: String,
}

/// Which search indexes are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchIndexing {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<SearchIndex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products_search: Option<SearchIndex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<SearchIndex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<SearchIndex>,
}

/// One search index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchIndex {
    pub status: SearchStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
}

/// Whether a search index is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SearchStatus {
    Activated,
    Deactivated,
}

/// Which product search an action switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductSearchMode {
    #[default]
    ProductProjectionsSearch,
    ProductsSearch,
}

const fn default_message_days() -> i64 {
    DEFAULT_MESSAGE_DAYS
}

const fn default_cart_days() -> i64 {
    DEFAULT_CART_DAYS
}

const fn default_shopping_list_days() -> i64 {
    DEFAULT_SHOPPING_LIST_DAYS
}

const fn half_even() -> RoundingMode {
    RoundingMode::HalfEven
}

impl Default for MessagesConfiguration {
    fn default() -> Self {
        Self {
            enabled: true,
            delete_days_after_creation: DEFAULT_MESSAGE_DAYS,
        }
    }
}

impl Default for CartsConfiguration {
    fn default() -> Self {
        Self {
            delete_days_after_last_modification: DEFAULT_CART_DAYS,
            country_tax_rate_fallback_enabled: false,
            price_rounding_mode: RoundingMode::HalfEven,
            tax_rounding_mode: RoundingMode::HalfEven,
        }
    }
}

impl Default for ShoppingListsConfiguration {
    fn default() -> Self {
        Self {
            delete_days_after_last_modification: DEFAULT_SHOPPING_LIST_DAYS,
        }
    }
}

impl Default for InventoryConfiguration {
    fn default() -> Self {
        Self {
            reservation_expiration_in_minutes: None,
            release_expired_reservations: true,
        }
    }
}

impl Default for DiscountsConfiguration {
    fn default() -> Self {
        Self {
            discount_combination_mode: DiscountCombinationMode::Stacking,
        }
    }
}

pub(super) fn checked_messages(
    configuration: MessagesConfiguration,
) -> Result<MessagesConfiguration, DomainError> {
    check_range(
        "messagesConfiguration.deleteDaysAfterCreation",
        configuration.delete_days_after_creation,
        MESSAGE_DAYS,
    )?;
    Ok(configuration)
}

pub(super) fn checked_carts(
    configuration: CartsConfiguration,
) -> Result<CartsConfiguration, DomainError> {
    check_range(
        "cartsConfiguration.deleteDaysAfterLastModification",
        configuration.delete_days_after_last_modification,
        EXPIRY_DAYS,
    )?;
    Ok(configuration)
}

pub(super) fn checked_shopping_lists(
    configuration: ShoppingListsConfiguration,
) -> Result<ShoppingListsConfiguration, DomainError> {
    check_range(
        "shoppingListsConfiguration.deleteDaysAfterLastModification",
        configuration.delete_days_after_last_modification,
        EXPIRY_DAYS,
    )?;
    Ok(configuration)
}

pub(super) fn checked_minutes(minutes: i64) -> Result<i64, DomainError> {
    check_range(
        "reservationExpirationInMinutes",
        minutes,
        RESERVATION_MINUTES,
    )?;
    Ok(minutes)
}

pub(super) fn checked_model(
    model: ProductCatalogModel,
) -> Result<ProductCatalogModel, DomainError> {
    match model {
        ProductCatalogModel::Classic => Ok(model),
        ProductCatalogModel::Modular => Err(DomainError::operation(
            "The product catalog model 'Modular' is not supported.",
        )),
    }
}

pub(super) fn checked_input_type(
    input: Option<ShippingRateInputType>,
) -> Result<Option<ShippingRateInputType>, DomainError> {
    let Some(input) = input else { return Ok(None) };
    match (input.input, &input.values) {
        (ShippingRateTierType::CartClassification, None) => {
            Err(DomainError::required("shippingRateInputType.values"))
        }
        (ShippingRateTierType::CartClassification, Some(values))
            if without_repetitions(values.iter().map(|value| &value.key)).len() < values.len() =>
        {
            Err(DomainError::input(
                "`shippingRateInputType.values` must have different keys",
            ))
        }
        (
            ShippingRateTierType::CartClassification
            | ShippingRateTierType::CartValue
            | ShippingRateTierType::CartScore,
            _,
        ) => Ok(Some(input)),
    }
}

impl SearchStatus {
    pub(super) const fn of(enabled: bool) -> Self {
        if enabled {
            Self::Activated
        } else {
            Self::Deactivated
        }
    }
}

impl ProductSearchMode {
    pub(super) const fn index(self) -> fn(&mut SearchIndexing) -> &mut Option<SearchIndex> {
        match self {
            Self::ProductProjectionsSearch => |indexing| &mut indexing.products,
            Self::ProductsSearch => |indexing| &mut indexing.products_search,
        }
    }
}
