//! Carts and orders.

use super::{
    Column, Field, Fields, Namespace, boolean, date_time, localized, money, number, object,
    objects, reference, references, shared::*, text,
};

pub(super) const CART: Fields = &[
    ENVELOPE,
    KEY,
    OWNED,
    BASKET,
    CUSTOM,
    &[
        text("cartState").column(Column::State),
        number("totalLineItemQuantity"),
        text("freezeStrategy"),
        object("lock", LOCK),
        number("deleteDaysAfterLastModification"),
    ],
];
const LOCK: Fields = &[&[date_time("createdAt"), text("clientId")]];

pub(super) const ORDER: Fields = &[
    ENVELOPE,
    OWNED,
    BASKET,
    CUSTOM,
    &[
        text("orderNumber").unique(Namespace::Only("order-number")),
        text("orderState").column(Column::State),
        text("shipmentState"),
        text("paymentState"),
        reference("state"),
        reference("cart"),
        reference("quote"),
        reference("recurringOrder"),
        date_time("completedAt"),
        number("lastMessageSequenceNumber"),
        objects("syncInfo", SYNC_INFO),
        objects("returnInfo", RETURN_INFO),
    ],
];

/// What an order takes over from its cart.
const BASKET: &[Field] = &[
    text("customerId").column(Column::CustomerId),
    text("customerEmail"),
    reference("customerGroup"),
    objects("lineItems", LINE_ITEM),
    objects("customLineItems", CUSTOM_LINE_ITEM),
    money("totalPrice"),
    object("taxedPrice", TAXED_PRICE),
    object("taxedShippingPrice", TAXED_PRICE),
    object("discountOnTotalPrice", DISCOUNT_ON_TOTAL_PRICE),
    text("taxMode"),
    text("priceRoundingMode"),
    text("taxRoundingMode"),
    text("taxCalculationMode"),
    text("inventoryMode"),
    object("billingAddress", ADDRESS),
    object("shippingAddress", ADDRESS),
    text("shippingMode"),
    text("shippingKey"),
    object("shippingInfo", SHIPPING_INFO),
    object("shippingRateInput", SHIPPING_RATE_INPUT),
    object("shippingCustomFields", CUSTOM_FIELDS),
    objects("shipping", SHIPPING),
    objects("itemShippingAddresses", ADDRESS),
    objects("discountCodes", DISCOUNT_CODE_INFO),
    objects("directDiscounts", DIRECT_DISCOUNT),
    references("refusedGifts"),
    object("paymentInfo", PAYMENT_INFO),
    object("discountTypeCombination", DISCOUNT_TYPE_COMBINATION),
    text("country"),
    text("locale"),
    text("origin"),
    text("purchaseOrderNumber"),
];
const PAYMENT_INFO: Fields = &[&[references("payments")]];
const DISCOUNT_CODE_INFO: Fields = &[&[reference("discountCode"), text("state")]];
const DIRECT_DISCOUNT: Fields = &[&[
    text("id"),
    object("value", CART_DISCOUNT_VALUE),
    object("target", CART_DISCOUNT_TARGET),
]];
const DISCOUNT_TYPE_COMBINATION: Fields = &[&[text("type"), text("chosenDiscountType")]];
const SHIPPING_RATE_INPUT: Fields = &[&[
    text("type"),
    text("key"),
    localized("label"),
    number("score"),
]];

const LINE: &[Field] = &[
    text("id"),
    text("key"),
    localized("name"),
    number("quantity"),
    money("totalPrice"),
    text("priceMode"),
    objects("state", ITEM_STATE),
    object("taxRate", TAX_RATE),
    object("taxedPrice", TAXED_PRICE),
    objects("taxedPricePortions", METHOD_TAXED_PRICE),
    objects("perMethodTaxRate", METHOD_TAX_RATE),
    objects("discountedPricePerQuantity", DISCOUNTED_PER_QUANTITY),
    object("shippingDetails", SHIPPING_DETAILS),
];
const LINE_ITEM: Fields = &[
    LINE,
    CUSTOM,
    &[
        text("productId"),
        text("productKey"),
        localized("productSlug"),
        reference("productType"),
        object("variant", LINE_VARIANT),
        object("price", PRICE),
        reference("supplyChannel"),
        reference("distributionChannel"),
        text("lineItemMode"),
        text("inventoryMode"),
        reference("reservation"),
        date_time("addedAt"),
        date_time("lastModifiedAt"),
    ],
];
const CUSTOM_LINE_ITEM: Fields = &[
    LINE,
    CUSTOM,
    &[money("money"), text("slug"), reference("taxCategory")],
];

const ITEM_STATE: Fields = &[&[number("quantity"), reference("state")]];
const METHOD_TAXED_PRICE: Fields =
    &[&[text("shippingMethodKey"), object("taxedPrice", TAXED_PRICE)]];
const METHOD_TAX_RATE: Fields = &[&[text("shippingMethodKey"), object("taxRate", TAX_RATE)]];
const DISCOUNTED_PER_QUANTITY: Fields = &[&[
    number("quantity"),
    object("discountedPrice", DISCOUNTED_LINE_PRICE),
]];
const DISCOUNTED_LINE_PRICE: Fields = &[&[
    money("value"),
    objects("includedDiscounts", DISCOUNT_PORTION),
]];
const DISCOUNT_PORTION: Fields = &[&[reference("discount"), money("discountedAmount")]];
const DISCOUNT_ON_TOTAL_PRICE: Fields = &[&[
    money("discountedAmount"),
    money("discountedNetAmount"),
    money("discountedGrossAmount"),
    objects("includedDiscounts", DISCOUNT_PORTION),
]];
const SHIPPING_DETAILS: Fields = &[&[boolean("valid"), objects("targets", SHIPPING_TARGET)]];
const SHIPPING_TARGET: Fields = &[&[
    text("addressKey"),
    number("quantity"),
    text("shippingMethodKey"),
]];

const SHIPPING_INFO: Fields = &[&[
    text("shippingMethodName"),
    money("price"),
    object("shippingRate", SHIPPING_RATE),
    object("taxedPrice", TAXED_PRICE),
    object("taxRate", TAX_RATE),
    reference("taxCategory"),
    reference("shippingMethod"),
    objects("deliveries", DELIVERY),
    object("discountedPrice", DISCOUNTED_LINE_PRICE),
    text("shippingMethodState"),
    object("estimatedDelivery", ESTIMATED_DELIVERY),
]];
const ESTIMATED_DELIVERY: Fields = &[&[date_time("from"), date_time("until")]];
const SHIPPING: Fields = &[&[
    text("shippingKey"),
    object("shippingInfo", SHIPPING_INFO),
    object("shippingAddress", ADDRESS),
    object("shippingRateInput", SHIPPING_RATE_INPUT),
    object("shippingCustomFields", CUSTOM_FIELDS),
]];

const DELIVERY: Fields = &[
    &[
        text("id"),
        text("key"),
        date_time("createdAt"),
        objects("items", DELIVERY_ITEM),
        objects("parcels", PARCEL),
        object("address", ADDRESS),
    ],
    CUSTOM,
];
const DELIVERY_ITEM: Fields = &[&[text("id"), number("quantity")]];
const PARCEL: Fields = &[
    &[
        text("id"),
        text("key"),
        date_time("createdAt"),
        object("measurements", MEASUREMENTS),
        object("trackingData", TRACKING_DATA),
        objects("items", DELIVERY_ITEM),
    ],
    CUSTOM,
];
const MEASUREMENTS: Fields = &[&[
    number("heightInMillimeter"),
    number("lengthInMillimeter"),
    number("widthInMillimeter"),
    number("weightInGram"),
]];
const TRACKING_DATA: Fields = &[&[
    text("trackingId"),
    text("carrier"),
    text("provider"),
    text("providerTransaction"),
    boolean("isReturn"),
]];

const SYNC_INFO: Fields = &[&[
    reference("channel"),
    text("externalId"),
    date_time("syncedAt"),
]];
const RETURN_INFO: Fields = &[&[
    objects("items", RETURN_ITEM),
    text("returnTrackingId"),
    date_time("returnDate"),
]];
const RETURN_ITEM: Fields = &[
    &[
        text("id"),
        text("key"),
        number("quantity"),
        text("type"),
        text("lineItemId"),
        text("customLineItemId"),
        text("comment"),
        text("shipmentState"),
        text("paymentState"),
        date_time("createdAt"),
        date_time("lastModifiedAt"),
    ],
    CUSTOM,
];
