//! How the project is set up: taxes, shipping, stores, types, states; and its messages.

use super::{
    Column, Fields, OTHERS, any, boolean, date, date_time, key_references, localized, number,
    object, objects, point, reference, references, shared::*, text, texts,
};

pub(super) const API_CLIENT: Fields = &[&[
    text("id"),
    text("name"),
    text("scope"),
    date_time("createdAt"),
    date("lastUsedAt"),
    date_time("deleteAt"),
    number("accessTokenValiditySeconds"),
    number("refreshTokenValiditySeconds"),
    text("refreshTokenMode"),
    text("accessTokenFormat"),
    number("graceSeconds"),
    texts("allowedOrigins"),
]];

pub(super) const TAX_CATEGORY: Fields = &[
    ENVELOPE,
    KEY,
    &[
        text("name"),
        text("description"),
        objects("rates", TAX_RATE),
    ],
];

pub(super) const TYPE: Fields = &[
    ENVELOPE,
    KEY,
    &[
        localized("name"),
        localized("description"),
        texts("resourceTypeIds"),
        objects("fieldDefinitions", FIELD_DEFINITION),
    ],
];
const FIELD_DEFINITION: Fields = &[&[
    object("type", FIELD_TYPE),
    text("name"),
    localized("label"),
    boolean("required"),
    text("inputHint"),
]];
const FIELD_TYPE: Fields = &[&[
    text("name"),
    text("referenceTypeId"),
    any("values"),
    any("elementType"),
]];

pub(super) const STORE: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        localized("name"),
        texts("languages"),
        objects("countries", STORE_COUNTRY),
        references("distributionChannels"),
        references("supplyChannels"),
        objects("productSelections", PRODUCT_SELECTION),
        any("storefront"),
    ],
];
const STORE_COUNTRY: Fields = &[&[text("code")]];
const PRODUCT_SELECTION: Fields = &[&[reference("productSelection"), boolean("active")]];

pub(super) const CHANNEL: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        texts("roles"),
        localized("name"),
        localized("description"),
        object("address", ADDRESS),
        object("reviewRatingStatistics", RATING),
        point("geoLocation"),
    ],
];
const RATING: Fields = &[&[
    number("averageRating"),
    number("highestRating"),
    number("lowestRating"),
    number("count"),
]];

pub(super) const CUSTOMER_GROUP: Fields = &[ENVELOPE, KEY, CUSTOM, &[text("name")]];

pub(super) const SHIPPING_METHOD: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        text("name"),
        localized("localizedName"),
        text("description"),
        localized("localizedDescription"),
        reference("taxCategory"),
        objects("zoneRates", ZONE_RATE),
        boolean("active"),
        boolean("isDefault"),
        text("predicate"),
        key_references("stores"),
        text("carrier"),
    ],
];
const ZONE_RATE: Fields = &[&[reference("zone"), objects("shippingRates", SHIPPING_RATE)]];

pub(super) const ZONE: Fields = &[
    ENVELOPE,
    KEY,
    &[
        text("name"),
        text("description"),
        objects("locations", LOCATION),
    ],
];
const LOCATION: Fields = &[&[text("country"), text("state")]];

pub(super) const STATE: Fields = &[
    ENVELOPE,
    KEY,
    &[
        text("type"),
        localized("name"),
        localized("description"),
        boolean("initial"),
        boolean("builtIn"),
        texts("roles"),
        references("transitions"),
    ],
];

/// A message's payload depends on its type, so any further name is taken.
///
/// Messages lie in a table of their own, which has but two of the columns.
pub(super) const MESSAGE: Fields = &[&[
    text("id").column(Column::Id),
    number("version"),
    date_time("createdAt").column(Column::CreatedAt),
    date_time("lastModifiedAt"),
    number("sequenceNumber"),
    reference("resource"),
    number("resourceVersion"),
    text("type"),
    object("resourceUserProvidedIdentifiers", PROVIDED_IDENTIFIERS),
    any(OTHERS),
]];
const PROVIDED_IDENTIFIERS: Fields = &[&[
    text("key"),
    text("externalId"),
    text("orderNumber"),
    text("customerNumber"),
    text("sku"),
    localized("slug"),
    object("containerAndKey", CONTAINER_AND_KEY),
]];
const CONTAINER_AND_KEY: Fields = &[&[text("container"), text("key")]];

pub(super) const PROJECT: Fields = &[&[
    text("key"),
    number("version"),
    date_time("createdAt"),
    text("name"),
    texts("countries"),
    texts("currencies"),
    texts("languages"),
]];
