//! Customers and what belongs to them: shopping lists, payments, custom objects.

use super::{
    Column, Fields, Namespace, any, boolean, date, date_time, key_references, localized, money,
    number, object, objects, reference, shared::*, text, texts,
};

pub(super) const CUSTOMER: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        text("customerNumber").unique(Namespace::Only("customer-number")),
        text("externalId"),
        text("email").unique(EMAILS),
        text("lowercaseEmail")
            .at(&["email"])
            .lowercase()
            .column(Column::EmailKey)
            .unique(EMAILS),
        text("firstName"),
        text("lastName"),
        text("middleName"),
        text("title"),
        text("salutation"),
        date("dateOfBirth"),
        text("companyName"),
        text("vatId"),
        text("locale"),
        objects("addresses", ADDRESS),
        text("defaultShippingAddressId"),
        texts("shippingAddressIds"),
        text("defaultBillingAddressId"),
        texts("billingAddressIds"),
        boolean("isEmailVerified"),
        reference("customerGroup"),
        objects("customerGroupAssignments", GROUP_ASSIGNMENT),
        key_references("stores"),
        text("authenticationMode"),
    ],
];
const EMAILS: Namespace = Namespace::EmailsUnder("customer-email:");
const GROUP_ASSIGNMENT: Fields = &[&[reference("customerGroup")]];

pub(super) const SHOPPING_LIST: Fields = &[
    ENVELOPE,
    KEY,
    OWNED,
    CUSTOM,
    &[
        localized("name"),
        localized("slug"),
        localized("description"),
        object("customer", OWNER),
        objects("lineItems", LIST_LINE),
        objects("textLineItems", TEXT_LINE),
        number("deleteDaysAfterLastModification"),
    ],
];
const LIST_LINE: Fields = &[
    &[
        text("id"),
        text("key"),
        text("productId"),
        number("variantId"),
        reference("productType"),
        localized("name"),
        number("quantity"),
        boolean("published"),
        date_time("addedAt"),
        date_time("deactivatedAt"),
    ],
    CUSTOM,
];
const TEXT_LINE: Fields = &[
    &[
        text("id"),
        text("key"),
        localized("name"),
        localized("description"),
        number("quantity"),
        date_time("addedAt"),
    ],
    CUSTOM,
];

pub(super) const PAYMENT: Fields = &[
    ENVELOPE,
    KEY,
    CUSTOM,
    &[
        object("customer", OWNER),
        text("anonymousId").column(Column::AnonymousId),
        text("externalId"),
        text("interfaceId"),
        money("amountPlanned"),
        money("amountAuthorized"),
        text("authorizedUntil"),
        money("amountPaid"),
        money("amountRefunded"),
        object("paymentMethodInfo", PAYMENT_METHOD_INFO),
        object("paymentStatus", PAYMENT_STATUS),
        objects("transactions", TRANSACTION),
        objects("interfaceInteractions", CUSTOM_FIELDS),
    ],
];
const PAYMENT_METHOD_INFO: Fields = &[
    &[
        text("paymentInterface"),
        text("method"),
        localized("name"),
        object("token", PAYMENT_METHOD_TOKEN),
        text("interfaceAccount"),
    ],
    CUSTOM,
];
const PAYMENT_METHOD_TOKEN: Fields = &[&[text("value")]];
const PAYMENT_STATUS: Fields = &[&[
    text("interfaceCode"),
    text("interfaceText"),
    reference("state"),
]];
const TRANSACTION: Fields = &[
    &[
        text("id"),
        date_time("timestamp"),
        text("type"),
        money("amount"),
        text("interactionId"),
        text("interfaceId"),
        text("state"),
    ],
    CUSTOM,
];

/// The key of a custom object is its own only together with the container, so it is no column.
pub(super) const CUSTOM_OBJECT: Fields =
    &[ENVELOPE, &[text("container"), text("key"), any("value")]];
