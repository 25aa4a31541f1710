//! Products and their projections.

use super::{
    ANY_NAMES, Field, Fields, Namespace, OTHERS, any, boolean, localized, number, object, objects,
    reference, references, shared::*, text, variants,
};

/// The members of a product that its projections share.
const COMMON: &[Field] = &[
    reference("productType"),
    reference("taxCategory"),
    reference("state"),
    object("reviewRatingStatistics", RATING),
    text("priceMode"),
];
const RATING: Fields = &[&[
    number("averageRating"),
    number("highestRating"),
    number("lowestRating"),
    number("count"),
    object("ratingsDistribution", ANY_NAMES),
]];

pub(super) const PRODUCT: Fields = &[ENVELOPE, KEY, COMMON, &[object("masterData", CATALOG_DATA)]];
const CATALOG_DATA: Fields = &[&[
    boolean("published"),
    boolean("hasStagedChanges"),
    object("current", DATA),
    object("staged", DATA),
]];
const DATA: Fields = &[&[
    localized("name"),
    localized("description"),
    object("slug", SLUG),
    localized("metaTitle"),
    localized("metaDescription"),
    localized("metaKeywords"),
    references("categories"),
    localized("categoryOrderHints"),
    object("searchKeywords", KEYWORDS),
    objects("attributes", ATTRIBUTE),
    object("masterVariant", PRODUCT_VARIANT),
    variants("variants", PRODUCT_VARIANT),
]];
const SLUG: Fields = &[&[text(OTHERS).unique(Namespace::PerName("product-slug"))]];
const KEYWORDS: Fields = &[&[objects(OTHERS, KEYWORD)]];
const KEYWORD: Fields = &[&[text("text"), any("suggestTokenizer")]];

const PUBLICATION: &[Field] = &[
    boolean("published").at(&["masterData", "published"]),
    boolean("hasStagedChanges").at(&["masterData", "hasStagedChanges"]),
];

/// The fields of product data, lying in `masterData.current` or `masterData.staged` of the product.
macro_rules! lifted {
    ($data:literal) => {
        &[
            localized("name").at(&["masterData", $data, "name"]),
            localized("description").at(&["masterData", $data, "description"]),
            object("slug", SLUG).at(&["masterData", $data, "slug"]),
            localized("metaTitle").at(&["masterData", $data, "metaTitle"]),
            localized("metaDescription").at(&["masterData", $data, "metaDescription"]),
            localized("metaKeywords").at(&["masterData", $data, "metaKeywords"]),
            references("categories").at(&["masterData", $data, "categories"]),
            localized("categoryOrderHints").at(&["masterData", $data, "categoryOrderHints"]),
            object("searchKeywords", KEYWORDS).at(&["masterData", $data, "searchKeywords"]),
            objects("attributes", ATTRIBUTE).at(&["masterData", $data, "attributes"]),
            object("masterVariant", PRODUCT_VARIANT).at(&["masterData", $data, "masterVariant"]),
            variants("variants", PRODUCT_VARIANT).at(&["masterData", $data, "variants"]),
        ]
    };
}

pub(super) const CURRENT_PROJECTION: Fields =
    &[ENVELOPE, KEY, COMMON, PUBLICATION, lifted!("current")];
pub(super) const STAGED_PROJECTION: Fields =
    &[ENVELOPE, KEY, COMMON, PUBLICATION, lifted!("staged")];
