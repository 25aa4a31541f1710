//! Behaviour of customers.

use serde_json::{Value, json};

use super::{
    Customer, CustomerAction, CustomerDraft, IssuedToken, MyCustomerAction, MyCustomerDraft,
    PasswordChange, PlainPassword,
};
use crate::{
    catalog::type_definition::TypeDefinition,
    error::DomainError,
    identity::ids::StoreKey,
    kind::Kind,
    message::Message,
    resource::{Resource, decode_actions, decode_draft},
    test_world::{NOW, Surroundings, shown},
};

fn surroundings() -> Surroundings {
    let mut surroundings = Surroundings::new();
    for (kind, id, key) in [
        (Kind::CustomerGroup, "g1", "vip"),
        (Kind::CustomerGroup, "g2", "staff"),
        (Kind::Store, "s1", "berlin"),
        (Kind::Store, "s2", "bonn"),
    ] {
        surroundings.world.put_bare(kind, id, Some(key));
    }
    surroundings
}

fn alice() -> (Surroundings, Customer) {
    let mut surroundings = surroundings();
    let customer = surroundings.created::<Customer>(json!({
        "email": "Alice@Example.com", "password": "secret",
        "addresses": [
            { "country": "DE", "key": "home", "city": "Berlin" },
            { "country": "DE", "key": "work", "city": "Bonn" },
        ],
        "defaultShippingAddress": 0, "billingAddresses": [1],
    }));
    (surroundings, customer)
}

/// The customer after the actions, and the messages they left.
fn after(
    surroundings: &mut Surroundings,
    customer: &Customer,
    actions: Value,
) -> Result<(Customer, Vec<Message>), DomainError> {
    let Value::Array(actions) = actions else {
        panic!("actions must be an array");
    };
    let mut changed = customer.clone();
    let mut context = surroundings.context();
    for action in decode_actions::<CustomerAction>(actions)? {
        changed.apply(action, &mut context)?;
    }
    Ok((changed, context.messages))
}

fn told(messages: &[Message]) -> Vec<(&str, Value)> {
    messages
        .iter()
        .map(|message| (message.message_type, Value::Object(message.payload.clone())))
        .collect()
}

#[test]
fn a_new_customer_has_the_shape_of_the_api() {
    let (_, customer) = alice();
    assert_eq!(
        shown(&customer),
        json!({
            "email": "Alice@Example.com", "password": "****",
            "addresses": [
                { "id": "short001", "key": "home", "city": "Berlin", "country": "DE" },
                { "id": "short002", "key": "work", "city": "Bonn", "country": "DE" },
            ],
            "defaultShippingAddressId": "short001", "shippingAddressIds": ["short001"],
            "billingAddressIds": ["short002"],
            "isEmailVerified": false, "customerGroupAssignments": [], "stores": [],
            "authenticationMode": "Password",
        })
    );
}

#[test]
fn every_member_of_a_draft_is_kept() {
    let mut surroundings = surroundings();
    let customer = surroundings.created::<Customer>(json!({
        "key": "alice", "customerNumber": "1", "externalId": "x", "email": "a@b", "firstName": "F",
        "lastName": "L", "middleName": "M", "title": "Dr.", "dateOfBirth": "1990-02-28",
        "companyName": "C", "vatId": "DE1", "isEmailVerified": true,
        "customerGroup": { "typeId": "customer-group", "key": "vip" },
        "customerGroupAssignments": [{ "customerGroup": { "id": "g2" } }],
        "locale": "de-AT", "salutation": "Mrs.", "stores": [{ "key": "berlin" }, { "id": "s1" }],
        "authenticationMode": "ExternalAuth", "password": "not stored", "anonymousId": "guest",
    }));
    let text = serde_json::to_string(&customer).unwrap();
    let expected = concat!(
        r#"},"key":"alice","customerNumber":"1","externalId":"x","email":"a@b","firstName":"F","lastName":"L","#,
        r#""middleName":"M","title":"Dr.","dateOfBirth":"1990-02-28","companyName":"C","vatId":"DE1","addresses":[],"#,
        r#""shippingAddressIds":[],"billingAddressIds":[],"isEmailVerified":true,"#,
        r#""customerGroup":{"typeId":"customer-group","id":"g1"},"#,
        r#""customerGroupAssignments":[{"customerGroup":{"typeId":"customer-group","id":"g2"}}],"#,
        r#""locale":"de-AT","salutation":"Mrs.","stores":[{"typeId":"store","key":"berlin"}],"#,
        r#""authenticationMode":"ExternalAuth"}"#
    );
    assert!(text.ends_with(expected), "{text}");
    assert_eq!(serde_json::from_str::<Customer>(&text).unwrap(), customer);
}

#[test]
fn a_password_is_required_unless_somebody_else_checks_it() {
    let create = |draft: Value| surroundings().create::<Customer>(draft);
    let missing = create(json!({ "email": "a@b" }));
    assert!(
        matches!(&missing, Err(DomainError::RequiredField { field }) if field == "password"),
        "{missing:?}"
    );
    assert!(create(json!({ "email": "a@b", "authenticationMode": "ExternalAuth" })).is_ok());
    let email = create(json!({ "email": " ", "password": "p" }));
    assert!(
        matches!(&email, Err(DomainError::InvalidField { field, .. }) if field == "email"),
        "{email:?}"
    );
}

#[test]
fn passwords_have_1_to_256_characters_and_are_never_shown() {
    let length = |text: &str| PlainPassword::new(text).check_length("newPassword");
    assert!(length("ä").is_ok());
    assert!(length(&"ä".repeat(256)).is_ok());
    assert_eq!(
        length(&"ä".repeat(257)).unwrap_err().to_string(),
        "newPassword: must have between 1 and 256 characters, found 257"
    );
    assert!(length("").is_err());
    let draft: CustomerDraft =
        decode_draft(json!({ "email": "a@b", "password": "hunter2" })).unwrap();
    assert!(!format!("{draft:?}").contains("hunter2"));
    assert_eq!(
        draft.password_to_hash().unwrap().map(PlainPassword::expose),
        Some("hunter2")
    );
}

#[test]
fn emails_are_compared_whatever_their_case_per_store_or_globally() {
    let (mut surroundings, customer) = alice();
    let keys = |customer: &Customer| {
        let unique = customer.index().unique;
        unique
            .into_iter()
            .map(|one| (one.namespace, one.value, one.field, one.shown))
            .collect::<Vec<_>>()
    };
    let entry = |namespace: &str| {
        (
            namespace.to_owned(),
            "alice@example.com".to_owned(),
            "email",
            "Alice@Example.com".to_owned(),
        )
    };
    assert_eq!(keys(&customer), [entry("customer-email:*")]);
    let actions =
        json!([{ "action": "setStores", "stores": [{ "key": "berlin" }, { "key": "bonn" }] }]);
    let moved = surroundings.apply(&customer, actions).unwrap();
    assert_eq!(
        keys(&moved),
        [entry("customer-email:berlin"), entry("customer-email:bonn")]
    );
    assert!(moved.belongs_to(Some("bonn")) && !moved.belongs_to(None));
    let actions = json!([{ "action": "setStores", "stores": [{ "key": "global" }] }]);
    surroundings
        .world
        .put_bare(Kind::Store, "s3", Some("global"));
    let moved = surroundings.apply(&customer, actions).unwrap();
    assert_eq!(keys(&moved), [entry("customer-email:global")]);
}

#[test]
fn an_email_is_kept_without_white_space_around_and_is_visible() {
    let (mut surroundings, customer) = alice();
    let draft = json!({ "email": " Bob@Example.com\n", "password": "p" });
    let bob = surroundings.created::<Customer>(draft);
    assert_eq!(bob.email, "Bob@Example.com");
    let change = |email: &str| json!([{ "action": "changeEmail", "email": email }]);
    let changed = surroundings
        .apply(&bob, change("\tBob@Example.org "))
        .unwrap();
    assert_eq!(changed.email, "Bob@Example.org");
    let same = surroundings
        .apply(&customer, change(" Alice@Example.com"))
        .unwrap();
    assert_eq!(same, customer);
    for refused in ["", " ", "a@x\u{200b}.de", "a\u{7}@x"] {
        let draft = json!({ "email": refused, "password": "p" });
        for outcome in [
            surroundings.create::<Customer>(draft).err(),
            surroundings.apply(&bob, change(refused)).err(),
        ] {
            assert!(
                matches!(&outcome, Some(DomainError::InvalidField { field, .. }) if field == "email"),
                "{refused:?}: {outcome:?}"
            );
        }
    }
}

#[test]
fn positions_of_a_draft_must_exist() {
    for (member, value) in [
        ("defaultShippingAddress", json!(1)),
        ("defaultBillingAddress", json!(-1)),
        ("shippingAddresses", json!([0, 1])),
        ("billingAddresses", json!([7])),
    ] {
        let mut draft =
            json!({ "email": "a@b", "password": "p", "addresses": [{ "country": "DE" }] });
        draft[member] = value;
        let refused = surroundings().create::<Customer>(draft);
        assert!(
            matches!(&refused, Err(DomainError::InvalidInput { message }) if message.starts_with(member)),
            "{refused:?}"
        );
    }
}

#[test]
fn an_in_store_customer_belongs_to_that_store_whatever_else_is_said() {
    let mut surroundings = surroundings();
    surroundings.store = Some(StoreKey::new("berlin"));
    let stores = |customer: Customer| {
        let keys = customer.stores.into_iter().map(|store| store.key);
        keys.collect::<Vec<_>>()
    };
    let draft = json!({ "email": "a@b", "password": "p" });
    assert_eq!(stores(surroundings.create(draft).unwrap()), ["berlin"]);
    let draft = json!({ "email": "a@b", "password": "p", "stores": [{ "key": "bonn" }] });
    assert_eq!(
        stores(surroundings.create(draft).unwrap()),
        ["berlin", "bonn"]
    );
    let draft = json!({ "email": "a@b", "password": "p", "stores": [] });
    assert_eq!(stores(surroundings.create(draft).unwrap()), ["berlin"]);
}

#[test]
fn signing_up_keeps_what_customers_may_say_and_drops_the_rest() {
    let mine: MyCustomerDraft = decode_draft(json!({
        "email": "a@b", "password": "p", "firstName": "F", "isEmailVerified": true,
        "customerGroup": { "key": "vip" }, "key": "k", "customerNumber": "1",
        "addresses": [{ "country": "DE" }], "defaultBillingAddress": 0,
    }))
    .unwrap();
    let customer =
        Customer::create(CustomerDraft::from(mine), &mut surroundings().context()).unwrap();
    assert_eq!(customer.first_name.as_deref(), Some("F"));
    assert_eq!(customer.billing_address_ids, ["short001"]);
    assert!(!customer.is_email_verified);
    assert_eq!(
        (
            customer.customer_group,
            customer.key,
            customer.customer_number
        ),
        (None, None, None)
    );
}

#[test]
fn address_keys_are_unique_within_the_customer() {
    let (mut surroundings, customer) = alice();
    let taken = json!([{ "action": "addAddress", "address": { "country": "DE", "key": "home" } }]);
    assert!(matches!(
        surroundings.apply(&customer, taken),
        Err(DomainError::DuplicateField { .. })
    ));
    let itself = json!([{
        "action": "changeAddress", "addressKey": "home",
        "address": { "id": "ignored", "country": "AT", "key": "home" },
    }]);
    let changed = surroundings.apply(&customer, itself).unwrap();
    assert_eq!(
        serde_json::to_value(&changed.addresses[0]).unwrap(),
        json!({ "id": "short001", "key": "home", "country": "AT" })
    );
}

#[test]
fn removing_an_address_removes_its_id_everywhere() {
    let (mut surroundings, customer) = alice();
    let actions = json!([
        { "action": "setDefaultBillingAddress", "addressKey": "home" },
        { "action": "removeAddress", "addressId": "short001" },
    ]);
    let (changed, messages) = after(&mut surroundings, &customer, actions).unwrap();
    assert_eq!(changed.addresses.len(), 1);
    assert_eq!(changed.default_shipping_address_id, None);
    assert_eq!(changed.default_billing_address_id, None);
    assert_eq!(changed.shipping_address_ids, Vec::<String>::new());
    assert_eq!(changed.billing_address_ids, ["short002"]);
    let home = json!({ "id": "short001", "key": "home", "city": "Berlin", "country": "DE" });
    assert_eq!(
        told(&messages),
        [
            (
                "CustomerDefaultBillingAddressSet",
                json!({ "address": home })
            ),
            (
                "CustomerAddressRemoved",
                json!({ "address": home, "addressRoles": ["Shipping", "Billing"] })
            ),
        ]
    );
}

#[test]
fn a_default_address_serves_in_its_role_until_the_role_is_taken() {
    let (mut surroundings, customer) = alice();
    let to_work = json!([{ "action": "setDefaultShippingAddress", "addressKey": "work" }]);
    let changed = surroundings.apply(&customer, to_work).unwrap();
    assert_eq!(changed.shipping_address_ids, ["short001", "short002"]);
    assert_eq!(
        changed.default_shipping_address_id.as_deref(),
        Some("short002")
    );
    let taken = json!([{ "action": "removeShippingAddressId", "addressId": "short002" }]);
    let changed = surroundings.apply(&changed, taken).unwrap();
    assert_eq!(changed.shipping_address_ids, ["short001"]);
    assert_eq!(changed.default_shipping_address_id, None);
    let none = json!([{ "action": "setDefaultShippingAddress" }]);
    let customer = surroundings.apply(&customer, none).unwrap();
    assert_eq!(customer.default_shipping_address_id, None);
    assert_eq!(customer.shipping_address_ids, ["short001"]);
}

#[test]
fn an_address_is_named_by_exactly_one_of_id_and_key_and_must_exist() {
    let (mut surroundings, customer) = alice();
    let remove = |surroundings: &mut Surroundings, named: Value| {
        let mut action = named;
        action["action"] = json!("removeAddress");
        surroundings.apply(&customer, json!([action]))
    };
    for named in [
        json!({}),
        json!({ "addressId": "short001", "addressKey": "home" }),
    ] {
        assert!(matches!(
            remove(&mut surroundings, named),
            Err(DomainError::InvalidInput { .. })
        ));
    }
    let unknown = remove(&mut surroundings, json!({ "addressKey": "short001" }));
    assert!(
        matches!(&unknown, Err(DomainError::InvalidField { field, .. }) if field == "addressKey"),
        "{unknown:?}"
    );
}

#[test]
fn another_email_is_unverified_and_the_same_one_changes_nothing() {
    let (mut surroundings, mut customer) = alice();
    customer.is_email_verified = true;
    let same = json!([{ "action": "changeEmail", "email": "Alice@Example.com" }]);
    let (unchanged, messages) = after(&mut surroundings, &customer, same).unwrap();
    assert_eq!((unchanged, messages), (customer.clone(), vec![]));
    let other = json!([{ "action": "changeEmail", "email": "alice@example.com" }]);
    let (changed, messages) = after(&mut surroundings, &customer, other).unwrap();
    assert!(!changed.is_email_verified);
    assert_eq!(
        told(&messages),
        [(
            "CustomerEmailChanged",
            json!({ "email": "alice@example.com", "oldEmail": "Alice@Example.com" })
        )]
    );
}

#[test]
fn a_customer_number_is_set_once() {
    let (mut surroundings, customer) = alice();
    let number = |value: Value| json!([{ "action": "setCustomerNumber", "customerNumber": value }]);
    let numbered = surroundings.apply(&customer, number(json!("7"))).unwrap();
    assert_eq!(numbered.version, 2);
    assert!(
        numbered.index().unique.iter().any(|one| {
            (one.namespace.as_str(), one.value.as_str()) == ("customer-number", "7")
        })
    );
    assert_eq!(
        surroundings.apply(&numbered, number(json!("7"))).unwrap(),
        numbered
    );
    for other in [json!("8"), Value::Null] {
        assert!(matches!(
            surroundings.apply(&numbered, number(other)),
            Err(DomainError::InvalidOperation { .. })
        ));
    }
}

#[test]
fn details_are_set_and_told() {
    let (mut surroundings, customer) = alice();
    let actions = json!([
        { "action": "setFirstName", "firstName": "F" },
        { "action": "setLastName", "lastName": "L" },
        { "action": "setMiddleName", "middleName": "M" },
        { "action": "setTitle", "title": "T" },
        { "action": "setSalutation", "salutation": "S" },
        { "action": "setCompanyName", "companyName": "C" },
        { "action": "setVatId", "vatId": "V" },
        { "action": "setDateOfBirth", "dateOfBirth": "2000-02-29" },
        { "action": "setLocale", "locale": "de" },
        { "action": "setKey", "key": "alice" },
        { "action": "setExternalId", "externalId": "x" },
        { "action": "setFirstName" },
    ]);
    let (changed, messages) = after(&mut surroundings, &customer, actions).unwrap();
    let mut expected = shown(&customer);
    for (member, value) in [
        ("lastName", "L"),
        ("middleName", "M"),
        ("title", "T"),
        ("salutation", "S"),
        ("companyName", "C"),
        ("vatId", "V"),
        ("dateOfBirth", "2000-02-29"),
        ("locale", "de"),
        ("key", "alice"),
        ("externalId", "x"),
    ] {
        expected[member] = json!(value);
    }
    assert_eq!(shown(&changed), expected);
    assert_eq!(
        told(&messages),
        [
            ("CustomerFirstNameSet", json!({ "firstName": "F" })),
            ("CustomerLastNameSet", json!({ "lastName": "L" })),
            ("CustomerTitleSet", json!({ "title": "T" })),
            ("CustomerCompanyNameSet", json!({ "companyName": "C" })),
            (
                "CustomerDateOfBirthSet",
                json!({ "dateOfBirth": "2000-02-29" })
            ),
            ("CustomerExternalIdSet", json!({ "externalId": "x" })),
            ("CustomerFirstNameSet", json!({})),
        ]
    );
}

#[test]
fn values_of_the_wrong_shape_are_refused() {
    let (mut surroundings, customer) = alice();
    for action in [
        json!({ "action": "setLocale", "locale": "german" }),
        json!({ "action": "setKey", "key": "a b" }),
        json!({ "action": "setDateOfBirth", "dateOfBirth": "2001-02-29" }),
        json!({ "action": "setCustomerGroup", "customerGroup": { "key": "unknown" } }),
        json!({ "action": "setCustomerGroup", "customerGroup": { "typeId": "store", "key": "vip" } }),
        json!({ "action": "addAddress", "address": { "country": "Germany" } }),
        json!({ "action": "setAuthenticationMode", "authMode": "Password" }),
        json!({ "action": "setPassword", "password": "p" }),
    ] {
        let refused = surroundings.apply(&customer, json!([action]));
        assert!(refused.is_err(), "{action}");
    }
}

#[test]
fn groups_and_stores_come_and_go_once() {
    let (mut surroundings, customer) = alice();
    let actions = json!([
        { "action": "setCustomerGroup", "customerGroup": { "key": "vip" } },
        { "action": "addCustomerGroupAssignment", "customerGroupAssignment": { "customerGroup": { "key": "vip" } } },
        { "action": "addCustomerGroupAssignment", "customerGroupAssignment": { "customerGroup": { "id": "g1" } } },
        { "action": "addStore", "store": { "id": "s2" } },
        { "action": "addStore", "store": { "key": "bonn" } },
    ]);
    let (changed, messages) = after(&mut surroundings, &customer, actions).unwrap();
    let vip = json!({ "typeId": "customer-group", "id": "g1" });
    assert_eq!(shown(&changed)["customerGroup"], vip);
    assert_eq!(
        shown(&changed)["customerGroupAssignments"],
        json!([{ "customerGroup": vip }])
    );
    assert_eq!(
        told(&messages),
        [
            ("CustomerGroupSet", json!({ "customerGroup": vip })),
            (
                "CustomerGroupAssignmentAdded",
                json!({ "customerGroupAssignment": { "customerGroup": vip } })
            ),
            (
                "CustomerStoresSet",
                json!({ "stores": [{ "typeId": "store", "key": "bonn" }], "oldStores": [] })
            ),
        ]
    );
    let back = json!([
        { "action": "setCustomerGroup" },
        { "action": "removeCustomerGroupAssignment", "customerGroup": { "key": "vip" } },
        { "action": "removeStore", "store": { "key": "bonn" } },
    ]);
    let (changed, _) = after(&mut surroundings, &changed, back).unwrap();
    assert_eq!(changed, customer);
}

#[test]
fn at_most_500_groups_can_be_assigned() {
    let (mut surroundings, customer) = alice();
    let mut assignments = Vec::new();
    for at in 0..501 {
        let id = format!("group-{at}");
        surroundings.world.put_bare(Kind::CustomerGroup, &id, None);
        assignments.push(json!({ "customerGroup": { "id": id } }));
    }
    let set = |assignments: &[Value]| json!([{ "action": "setCustomerGroupAssignments", "customerGroupAssignments": assignments }]);
    assert!(matches!(
        surroundings.apply(&customer, set(&assignments)),
        Err(DomainError::MaxResourceLimitExceeded { limit: 500, .. })
    ));
    let full = surroundings
        .apply(&customer, set(&assignments[..500]))
        .unwrap();
    let one_more = json!([{ "action": "addCustomerGroupAssignment", "customerGroupAssignment": assignments[500] }]);
    assert!(surroundings.apply(&full, one_more).is_err());
}

#[test]
fn custom_fields_of_customer_and_address_are_told() {
    let (mut surroundings, customer) = alice();
    let definition = surroundings.created::<TypeDefinition>(json!({
        "key": "extra", "name": { "en": "Extra" }, "resourceTypeIds": ["customer", "address"],
        "fieldDefinitions": [
            { "name": "note", "label": { "en": "Note" }, "required": false, "type": { "name": "String" } }
        ],
    }));
    let actions = json!([
        { "action": "setCustomType", "type": { "key": "extra" }, "fields": { "note": "a" } },
        { "action": "setCustomField", "name": "note", "value": "b" },
        { "action": "setCustomField", "name": "note" },
        { "action": "setAddressCustomType", "addressId": "short001", "type": { "key": "extra" } },
        { "action": "setAddressCustomField", "addressId": "short001", "name": "note", "value": "c" },
        { "action": "setCustomType" },
    ]);
    let (changed, messages) = after(&mut surroundings, &customer, actions).unwrap();
    let type_reference = json!({ "typeId": "type", "id": definition.id });
    assert_eq!(changed.custom, None);
    assert_eq!(
        shown(&changed)["addresses"][0]["custom"],
        json!({ "type": type_reference, "fields": { "note": "c" } })
    );
    assert_eq!(
        told(&messages),
        [
            (
                "CustomerCustomTypeSet",
                json!({ "customFields": { "type": type_reference, "fields": { "note": "a" } } })
            ),
            (
                "CustomerCustomFieldChanged",
                json!({ "name": "note", "value": "b", "previousValue": "a" })
            ),
            ("CustomerCustomFieldRemoved", json!({ "name": "note" })),
            (
                "CustomerAddressCustomTypeSet",
                json!({ "customFields": { "type": type_reference, "fields": {} }, "addressId": "short001" })
            ),
            (
                "CustomerAddressCustomFieldAdded",
                json!({ "name": "note", "value": "c", "addressId": "short001" })
            ),
            (
                "CustomerCustomTypeRemoved",
                json!({ "previousTypeId": definition.id })
            ),
        ]
    );
}

#[test]
fn the_authentication_mode_decides_on_the_password() {
    let (mut surroundings, customer) = alice();
    let outside = json!({ "action": "setAuthenticationMode", "authMode": "ExternalAuth" });
    let inside =
        json!({ "action": "setAuthenticationMode", "authMode": "Password", "password": "new" });
    let decoded = decode_actions::<CustomerAction>(vec![outside.clone(), inside.clone()]).unwrap();
    let changes: Vec<_> = decoded
        .iter()
        .map(|action| action.password_change().unwrap())
        .collect();
    assert_eq!(
        changes,
        [
            Some(PasswordChange::Remove),
            Some(PasswordChange::Set(PlainPassword::new("new")))
        ]
    );
    let external = surroundings.apply(&customer, json!([outside])).unwrap();
    assert_eq!(shown(&external).get("password"), None);
    let internal = surroundings.apply(&external, json!([inside])).unwrap();
    assert_eq!(shown(&internal)["password"], json!("****"));
    assert!(customer.check_has_password().is_ok() && internal.check_has_password().is_ok());
    assert!(matches!(
        external.check_has_password(),
        Err(DomainError::InvalidOperation { message }) if message.contains("ExternalAuth")
    ));
}

#[test]
fn customers_can_do_less_to_themselves_than_backends() {
    let allowed = json!({ "action": "setDefaultShippingAddress", "addressKey": "work" });
    let decoded = decode_actions::<MyCustomerAction>(vec![allowed]).unwrap();
    let action = CustomerAction::from(decoded.into_iter().next().unwrap());
    assert!(
        matches!(&action, CustomerAction::SetDefaultShippingAddress(named) if named.address_key.as_deref() == Some("work"))
    );
    for forbidden in [
        json!({ "action": "setCustomerGroup", "customerGroup": { "key": "vip" } }),
        json!({ "action": "setCustomerNumber", "customerNumber": "1" }),
        json!({ "action": "setStores", "stores": [] }),
        json!({ "action": "setKey", "key": "ab" }),
    ] {
        assert!(matches!(
            decode_actions::<MyCustomerAction>(vec![forbidden]),
            Err(DomainError::UnknownAction { .. })
        ));
    }
}

#[test]
fn life_events_leave_their_messages() {
    let (mut surroundings, mut customer) = alice();
    let mut context = surroundings.context();
    customer.verify_email(&mut context);
    customer.changed_password(true, &mut context);
    customer.check_delete(&mut context).unwrap();
    assert!(customer.is_email_verified);
    assert_eq!(
        told(&context.messages),
        [
            ("CustomerEmailVerified", json!({})),
            ("CustomerPasswordUpdated", json!({ "reset": true })),
            ("CustomerDeleted", json!({ "email": "Alice@Example.com" })),
        ]
    );
    let draft: CustomerDraft =
        decode_draft(json!({ "email": "a@b", "password": "topsecret" })).unwrap();
    let mut context = surroundings.context();
    let created = Customer::create(draft, &mut context).unwrap();
    assert_eq!(
        told(&context.messages),
        [(
            "CustomerCreated",
            json!({ "customer": serde_json::to_value(&created).unwrap() })
        )]
    );
    assert!(!format!("{:?}", context.messages).contains("topsecret"));
}

#[test]
fn the_value_of_a_token_is_told_only_if_it_may_be_and_lives_an_hour_or_less() {
    let (_, customer) = alice();
    let token = |minutes: i64| IssuedToken {
        value: Some("token"),
        created_at: NOW,
        expires_at: NOW.plus_seconds(minutes * 60),
        invalidate_older_tokens: false,
    };
    let short = customer.password_token_created(&token(60));
    assert_eq!(
        told(&[short]),
        [(
            "CustomerPasswordTokenCreated",
            json!({
                "customerId": customer.id, "expiresAt": "2026-01-31T10:15:00.000Z", "value": "token",
                "invalidateOlderTokens": false,
            })
        )]
    );
    let long = customer.email_token_created(&token(61));
    assert_eq!(long.message_type, "CustomerEmailTokenCreated");
    assert_eq!(long.payload.get("value"), None);
    let hidden = customer.email_token_created(&IssuedToken {
        value: None,
        ..token(60)
    });
    assert_eq!(hidden.payload.get("value"), None);
}
