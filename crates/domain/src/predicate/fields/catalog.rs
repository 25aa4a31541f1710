//! What products stand on, what is in stock, and what is taken off.

use super::{
    Field, Fields, Namespace, OTHERS, any, boolean, date_time, key_references, localized, money,
    moneys, number, object, objects, reference, references, shared::*, text, texts,
};

pub(super) const PRODUCT_TYPE: Fields = &[
    ENVELOPE,
    KEY,
    &[
        text("name"),
        text("description"),
        objects("attributes", ATTRIBUTE_DEFINITION),
    ],
];
const ATTRIBUTE_DEFINITION: Fields = &[&[
    object("type", ATTRIBUTE_TYPE),
    text("name"),
    localized("label"),
    boolean("isRequired"),
    text("level"),
    text("attributeConstraint"),
    localized("inputTip"),
    text("inputHint"),
    boolean("isSearchable"),
]];
/// Sets and nested types hold further types, so their parts are taken as they come.
const ATTRIBUTE_TYPE: Fields = &[&[
    text("name"),
    text("referenceTypeId"),
    any("values"),
    any("elementType"),
    reference("typeReference"),
]];

pub(super) const CATEGORY: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        localized("name"),
        object("slug", CATEGORY_SLUG),
        localized("description"),
        localized("metaTitle"),
        localized("metaDescription"),
        localized("metaKeywords"),
        references("ancestors"),
        reference("parent"),
        text("orderHint"),
        text("externalId"),
        objects("assets", ASSET),
    ],
];

const CATEGORY_SLUG: Fields = &[&[text(OTHERS).unique(Namespace::PerName("category-slug"))]];

pub(super) const INVENTORY_ENTRY: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        text("sku"),
        reference("supplyChannel"),
        number("quantityOnStock"),
        number("availableQuantity"),
        number("minCartQuantity"),
        number("maxCartQuantity"),
        number("restockableInDays"),
        date_time("expectedDelivery"),
        number("reservationExpirationInMinutes"),
        object("stockLevels", STOCK_LEVELS),
    ],
];
const STOCK_LEVELS: Fields = &[&[number("reorderPoint"), number("safetyStock")]];

pub(super) const STANDALONE_PRICE: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        text("sku"),
        money("value"),
        text("country"),
        reference("customerGroup"),
        reference("channel"),
        reference("recurrencePolicy"),
        objects("tiers", PRICE_TIER),
        object("discounted", DISCOUNTED_PRICE),
        object("staged", STAGED_PRICE),
        boolean("active"),
    ],
    VALIDITY,
];
const STAGED_PRICE: Fields = &[&[money("value"), object("discounted", DISCOUNTED_PRICE)]];

const VALIDITY: &[Field] = &[date_time("validFrom"), date_time("validUntil")];

pub(super) const CART_DISCOUNT: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    VALIDITY,
    &[
        localized("name"),
        localized("description"),
        object("value", CART_DISCOUNT_VALUE),
        text("cartPredicate"),
        object("target", CART_DISCOUNT_TARGET),
        text("sortOrder"),
        key_references("stores"),
        boolean("isActive"),
        boolean("requiresDiscountCode"),
        references("references"),
        text("stackingMode"),
        reference("discountGroup"),
        any("recurringOrderScope"),
    ],
];

pub(super) const DISCOUNT_CODE: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    VALIDITY,
    &[
        localized("name"),
        localized("description"),
        text("code"),
        references("cartDiscounts"),
        key_references("stores"),
        text("cartPredicate"),
        boolean("isActive"),
        references("references"),
        number("maxApplications"),
        number("maxApplicationsPerCustomer"),
        texts("groups"),
        number("applicationVersion"),
    ],
];

pub(super) const PRODUCT_DISCOUNT: Fields = &[
    ENVELOPE,
    KEY,
    VALIDITY,
    &[
        localized("name"),
        localized("description"),
        object("value", PRODUCT_DISCOUNT_VALUE),
        text("predicate"),
        text("sortOrder"),
        boolean("isActive"),
        references("references"),
    ],
];
const PRODUCT_DISCOUNT_VALUE: Fields = &[&[text("type"), number("permyriad"), moneys("money")]];
