//! The kinds of resources and their spellings.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

macro_rules! kinds {
    ($($variant:ident $type_id:literal $collection:literal;)+) => {
        /// Every kind of stored resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $(#[doc = $type_id] $variant,)+ }

        impl Kind {
            /// All kinds, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The `typeId` of references to this kind; also its name in the database.
            #[must_use]
            pub const fn type_id(self) -> &'static str {
                match self { $(Self::$variant => $type_id,)+ }
            }

            /// The path segment of the collection.
            #[must_use]
            pub const fn collection(self) -> &'static str {
                match self { $(Self::$variant => $collection,)+ }
            }

            /// The kind with this `typeId`.
            #[must_use]
            pub fn from_type_id(text: &str) -> Option<Self> {
                match text { $($type_id => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

kinds! {
    Cart "cart" "carts";
    Order "order" "orders";
    Customer "customer" "customers";
    ShoppingList "shopping-list" "shopping-lists";
    Payment "payment" "payments";
    Product "product" "products";
    ProductType "product-type" "product-types";
    Category "category" "categories";
    TaxCategory "tax-category" "tax-categories";
    Type "type" "types";
    Store "store" "stores";
    Channel "channel" "channels";
    CustomerGroup "customer-group" "customer-groups";
    ShippingMethod "shipping-method" "shipping-methods";
    Zone "zone" "zones";
    CartDiscount "cart-discount" "cart-discounts";
    DiscountCode "discount-code" "discount-codes";
    ProductDiscount "product-discount" "product-discounts";
    InventoryEntry "inventory-entry" "inventory";
    State "state" "states";
    StandalonePrice "standalone-price" "standalone-prices";
    CustomObject "key-value-document" "custom-objects";
    Message "message" "messages";
    Project "project" "";
}

impl Kind {
    /// Whether carts compute with resources of this kind, so that they are worth caching.
    ///
    /// Writing one moves the project's catalog version, which every cart calculation checks. Of inventory entries only
    /// the limits are: taking stock does not move the version, and asks the database.
    #[must_use]
    pub const fn is_reference_data(self) -> bool {
        !matches!(
            self,
            Self::Cart
                | Self::Order
                | Self::Customer
                | Self::ShoppingList
                | Self::Payment
                | Self::CustomObject
                | Self::Message
        )
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.type_id())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_type_id(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is not a known type id")))
    }
}
