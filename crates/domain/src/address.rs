//! Postal addresses.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::shape::{check_country, check_optional_key},
    context::Context,
    custom_fields::{CustomFields, CustomFieldsDraft},
    error::DomainError,
};

macro_rules! addresses {
    ($($(#[$doc:meta])+ $field:ident;)+) => {
        /// An address as it is stored and shown.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct Address {
            $($(#[$doc])+
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<String>,)+
            /// ISO 3166-1 alpha-2.
            pub country: String,
            /// Custom fields.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub custom: Option<CustomFields>,
        }

        /// An address as a client sends it.
        #[derive(Clone, Debug, Default, PartialEq, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct AddressDraft {
            $($(#[$doc])+
            pub $field: Option<String>,)+
            /// ISO 3166-1 alpha-2.
            pub country: String,
            /// Custom fields.
            pub custom: Option<CustomFieldsDraft>,
        }

        impl AddressDraft {
            /// The address to store.
            ///
            /// # Errors
            /// [`DomainError::InvalidField`] for a `country` or `key` of the wrong shape, and whatever is wrong with
            /// the custom fields.
            pub fn resolve(self, context: &mut Context<'_>) -> Result<Address, DomainError> {
                let custom = self.custom.map(|custom| custom.resolve("address", context)).transpose()?;
                let address = Address { $($field: self.$field,)+ country: self.country, custom };
                address.check()?;
                Ok(address)
            }

            /// The address to store in a cart or an order in place of `before`. Without an id it gets one; the same address
            /// said again keeps that of `before`.
            ///
            /// Source: <https://docs.commercetools.com/api/types#address>: `id`.
            ///
            /// # Errors
            /// As [`Self::resolve`].
            pub fn resolve_in_place_of(
                self,
                before: Option<&Address>,
                context: &mut Context<'_>,
            ) -> Result<Address, DomainError> {
                let mut address = self.resolve(context)?;
                if address.id.is_none() {
                    let known = before.and_then(|before| before.id.clone());
                    address.id = known;
                    if before != Some(&address) || address.id.is_none() {
                        address.id = Some(context.ids.short());
                    }
                }
                Ok(address)
            }
        }
    };
}

addresses! {
    /// Identifier in the address book or list that holds the address.
    id;
    /// User-defined identifier.
    key;
    /// Title such as `Dr.`.
    title;
    /// Salutation such as `Ms`.
    salutation;
    /// Given name.
    first_name;
    /// Family name.
    last_name;
    /// Street.
    street_name;
    /// House number.
    street_number;
    /// Further information on the street.
    additional_street_info;
    /// Postal code.
    postal_code;
    /// City.
    city;
    /// Region.
    region;
    /// State of a federal country; decides on taxes and shipping zones.
    state;
    /// Company.
    company;
    /// Department.
    department;
    /// Building.
    building;
    /// Apartment.
    apartment;
    /// Post office box.
    #[serde(rename = "pOBox")]
    p_o_box;
    /// Telephone number.
    phone;
    /// Mobile number.
    mobile;
    /// E-mail address.
    email;
    /// Fax number.
    fax;
    /// Anything else.
    additional_address_info;
    /// Identifier in another system.
    external_id;
}

impl Address {
    /// Checks the shape of country and key.
    ///
    /// # Errors
    /// [`DomainError::InvalidField`].
    pub fn check(&self) -> Result<(), DomainError> {
        check_country("country", &self.country)?;
        check_optional_key("key", self.key.as_deref())
    }

    /// Whether both name the same place and person, whatever they are called in their lists.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        let unnamed = |address: &Self| Self {
            id: None,
            key: None,
            ..address.clone()
        };
        unnamed(self) == unnamed(other)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Address, AddressDraft};
    use crate::{error::DomainError, resource::decode_draft, test_world::Surroundings};

    #[test]
    fn every_member_is_kept_under_its_name() {
        let full = json!({
            "id": "a1", "key": "home", "title": "Dr.", "salutation": "Ms", "firstName": "Ada", "lastName": "L",
            "streetName": "Weg", "streetNumber": "1", "additionalStreetInfo": "rear", "postalCode": "10115",
            "city": "Berlin", "region": "BB", "state": "BE", "company": "C", "department": "D", "building": "B",
            "apartment": "A", "pOBox": "P", "phone": "1", "mobile": "2", "email": "a@example.com", "fax": "3",
            "additionalAddressInfo": "bell", "externalId": "x", "country": "DE",
        });
        let draft: AddressDraft = decode_draft(full.clone()).unwrap();
        let mut surroundings = Surroundings::new();
        let address = draft.resolve(&mut surroundings.context()).unwrap();
        assert_eq!(serde_json::to_value(&address).unwrap(), full);
        assert_eq!(serde_json::from_value::<Address>(full).unwrap(), address);
    }

    #[test]
    fn an_address_in_a_cart_has_an_id_and_keeps_it_while_it_is_the_same() {
        let mut surroundings = Surroundings::new();
        let mut resolved = |body: serde_json::Value, before: Option<&Address>| {
            let draft: AddressDraft = decode_draft(body).unwrap();
            draft
                .resolve_in_place_of(before, &mut surroundings.context())
                .unwrap()
        };
        let berlin = json!({ "country": "DE", "city": "Berlin" });
        let first = resolved(berlin.clone(), None);
        assert_eq!(first.id.as_deref(), Some("short001"));
        assert_eq!(resolved(berlin.clone(), Some(&first)), first);
        let other = resolved(json!({ "country": "DE", "city": "Bonn" }), Some(&first));
        assert_eq!(other.id.as_deref(), Some("short002"));
        let named = json!({ "country": "DE", "city": "Berlin", "id": "mine" });
        assert_eq!(resolved(named, Some(&first)).id.as_deref(), Some("mine"));
        // Stored before addresses had ids.
        let older = Address { id: None, ..first };
        assert_eq!(
            resolved(berlin, Some(&older)).id.as_deref(),
            Some("short003")
        );
    }

    #[test]
    fn country_and_key_must_have_their_shape() {
        let mut surroundings = Surroundings::new();
        for (body, wrong) in [
            (json!({ "country": "de" }), "country"),
            (json!({ "country": "DE", "key": "a b" }), "key"),
        ] {
            let draft: AddressDraft = decode_draft(body).unwrap();
            let error = draft.resolve(&mut surroundings.context()).unwrap_err();
            assert!(
                matches!(&error, DomainError::InvalidField { field, .. } if field == wrong),
                "{error:?}"
            );
        }
        assert!(matches!(
            decode_draft::<AddressDraft>(json!({ "city": "Berlin" })),
            Err(DomainError::InvalidJson { .. })
        ));
    }

    #[test]
    fn the_same_place_may_have_another_id_and_key() {
        let address = |id: &str, city: &str| Address {
            id: Some(id.to_owned()),
            city: Some(city.to_owned()),
            country: "DE".to_owned(),
            ..Address::default()
        };
        assert!(address("1", "Berlin").is_same_place(&address("2", "Berlin")));
        assert!(!address("1", "Berlin").is_same_place(&address("1", "Bonn")));
    }
}
