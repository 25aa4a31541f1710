//! What several kinds have in common.

use super::{
    Column, Field, Fields, Namespace, OTHERS, any, boolean, date_time, key_reference, localized,
    money, moneys, number, object, objects, reference, text, texts,
};

pub(super) const REFERENCE: Fields = &[&[text("typeId"), text("id")]];
pub(super) const KEY_REFERENCE: Fields = &[&[text("typeId"), text("key")]];

/// `customer` where the database has the customer's id as a column.
pub(super) const OWNER: Fields = &[&[text("typeId"), text("id").column(Column::CustomerId)]];
/// `store` where the database has the store's key as a column.
pub(super) const OWN_STORE: Fields = &[&[text("typeId"), text("key").column(Column::StoreKey)]];

const AUTHOR: Fields = &[&[
    boolean("isPlatformClient"),
    text("clientId"),
    text("externalUserId"),
    reference("customer"),
    text("anonymousId"),
    reference("associate"),
    object("attributedTo", ATTRIBUTION),
]];
const ATTRIBUTION: Fields = &[&[text("clientId"), text("source")]];

/// What every resource has.
pub(super) const ENVELOPE: &[Field] = &[
    text("id").column(Column::Id),
    number("version").column(Column::Version),
    date_time("createdAt").column(Column::CreatedAt),
    date_time("lastModifiedAt").column(Column::LastModifiedAt),
    object("createdBy", AUTHOR),
    object("lastModifiedBy", AUTHOR),
];

/// The user-defined key of a resource.
pub(super) const KEY: &[Field] = &[text("key").column(Column::Key)];

/// `custom`.
pub(super) const CUSTOM: &[Field] = &[object("custom", CUSTOM_FIELDS)];
pub(super) const CUSTOM_FIELDS: Fields = &[&[reference("type"), object("fields", CUSTOM_VALUES)]];
const CUSTOM_VALUES: Fields = &[&[any(OTHERS).instants()]];

pub(super) const MONEY: Fields = &[&[
    text("type"),
    text("currencyCode"),
    number("centAmount"),
    number("fractionDigits"),
    number("preciseAmount"),
]];

pub(super) const ADDRESS: Fields = &[
    &[
        text("id"),
        text("key"),
        text("externalId"),
        text("country"),
        text("title"),
        text("salutation"),
        text("firstName"),
        text("lastName"),
        text("streetName"),
        text("streetNumber"),
        text("additionalStreetInfo"),
        text("postalCode"),
        text("city"),
        text("region"),
        text("state"),
        text("company"),
        text("department"),
        text("building"),
        text("apartment"),
        text("pOBox"),
        text("phone"),
        text("mobile"),
        text("email"),
        text("fax"),
        text("additionalAddressInfo"),
    ],
    CUSTOM,
];

pub(super) const TAX_RATE: Fields = &[&[
    text("id"),
    text("key"),
    text("name"),
    number("amount"),
    boolean("includedInPrice"),
    text("country"),
    text("state"),
    objects("subRates", SUB_RATE),
]];
const SUB_RATE: Fields = &[&[text("name"), number("amount")]];

pub(super) const TAXED_PRICE: Fields = &[&[
    money("totalNet"),
    money("totalGross"),
    money("totalTax"),
    objects("taxPortions", TAX_PORTION),
]];
const TAX_PORTION: Fields = &[&[text("name"), number("rate"), money("amount")]];

/// One entry of an array of attributes.
pub(super) const ATTRIBUTE: Fields = &[&[text("name"), any("value").instants()]];

pub(super) const PRICE: Fields = &[
    &[
        text("id"),
        text("key"),
        money("value"),
        text("country"),
        reference("customerGroup"),
        reference("channel"),
        date_time("validFrom"),
        date_time("validUntil"),
        object("discounted", DISCOUNTED_PRICE),
        objects("tiers", PRICE_TIER),
        reference("recurrencePolicy"),
    ],
    CUSTOM,
];
pub(super) const DISCOUNTED_PRICE: Fields = &[&[money("value"), reference("discount")]];
pub(super) const PRICE_TIER: Fields = &[&[number("minimumQuantity"), money("value")]];

const DIMENSIONS: Fields = &[&[number("w"), number("h")]];
const IMAGE: Fields = &[&[text("url"), text("label"), object("dimensions", DIMENSIONS)]];

pub(super) const ASSET: Fields = &[
    &[
        text("id"),
        text("key"),
        localized("name"),
        localized("description"),
        texts("tags"),
        objects("sources", ASSET_SOURCE),
    ],
    CUSTOM,
];
const ASSET_SOURCE: Fields = &[&[
    text("uri"),
    text("key"),
    text("contentType"),
    object("dimensions", DIMENSIONS),
]];

const AVAILABILITY: &[Field] = &[
    text("id"),
    number("version"),
    boolean("isOnStock"),
    number("restockableInDays"),
    number("availableQuantity"),
];
const CHANNEL_AVAILABILITY: Fields = &[AVAILABILITY];
const AVAILABILITY_BY_CHANNEL: Fields = &[&[object(OTHERS, CHANNEL_AVAILABILITY)]];
const VARIANT_AVAILABILITY: Fields =
    &[AVAILABILITY, &[object("channels", AVAILABILITY_BY_CHANNEL)]];

/// A variant as a line item keeps it.
pub(super) const LINE_VARIANT: Fields = &[&[text("sku")], VARIANT];

/// A variant of a product.
pub(super) const PRODUCT_VARIANT: Fields =
    &[&[text("sku").unique(Namespace::Only("sku"))], VARIANT];

const VARIANT: &[Field] = &[
    number("id"),
    text("key"),
    objects("prices", PRICE),
    object("price", PRICE),
    objects("attributes", ATTRIBUTE),
    objects("images", IMAGE),
    objects("assets", ASSET),
    object("availability", VARIANT_AVAILABILITY),
];

/// What a cart discount takes off, of any type.
pub(super) const CART_DISCOUNT_VALUE: Fields = &[&[
    text("type"),
    number("permyriad"),
    moneys("money"),
    text("applicationMode"),
    reference("product"),
    number("variantId"),
    reference("supplyChannel"),
    reference("distributionChannel"),
]];

/// What a cart discount applies to, of any type.
pub(super) const CART_DISCOUNT_TARGET: Fields = &[&[
    text("type"),
    text("predicate"),
    number("triggerQuantity"),
    number("discountedQuantity"),
    number("maxOccurrence"),
    text("selectionMode"),
]];

/// The members of carts, orders and shopping lists that say whose they are.
pub(super) const OWNED: &[Field] = &[
    text("anonymousId").column(Column::AnonymousId),
    object("store", OWN_STORE),
    key_reference("businessUnit"),
];

pub(super) const SHIPPING_RATE: Fields = &[&[
    money("price"),
    money("freeAbove"),
    boolean("isMatching"),
    objects("tiers", SHIPPING_RATE_TIER),
]];
const SHIPPING_RATE_TIER: Fields = &[&[
    text("type"),
    number("minimumCentAmount"),
    text("value"),
    number("score"),
    money("price"),
    boolean("isMatching"),
]];
