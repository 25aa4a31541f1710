//! Behaviour of payments.

use serde_json::{Value, json};

use super::{MyPayment, MyPaymentAction, MyPaymentDraft, Payment, PaymentAction, PaymentDraft};
use crate::{
    catalog::{state::State, type_definition::TypeDefinition},
    error::DomainError,
    identity::{
        ids::{AnonymousId, CustomerId},
        principal::Subject,
    },
    kind::Kind,
    message::Message,
    resource::{Resource, decode_actions, decode_draft},
    test_world::{Surroundings, shown},
};

fn guest() -> Subject {
    Subject::Anonymous(AnonymousId::new("guest"))
}

fn surroundings() -> Surroundings {
    let mut surroundings = Surroundings::new();
    surroundings
        .world
        .put_bare(Kind::Customer, "c1", Some("alice"));
    surroundings
}

fn charged(surroundings: &mut Surroundings) -> Payment {
    surroundings.created(json!({
        "amountPlanned": { "currencyCode": "EUR", "centAmount": 1000 },
        "transactions": [
            { "type": "Charge", "amount": { "currencyCode": "EUR", "centAmount": 1000 } }
        ],
    }))
}

/// Type and payload of a message.
type Told = (&'static str, Value);

fn after(
    surroundings: &mut Surroundings,
    payment: &Payment,
    actions: Value,
) -> Result<(Payment, Vec<Told>), DomainError> {
    let Value::Array(actions) = actions else {
        panic!("actions must be an array");
    };
    let mut changed = payment.clone();
    let mut context = surroundings.context();
    for action in decode_actions::<PaymentAction>(actions)? {
        changed.apply(action, &mut context)?;
    }
    Ok((changed, told(context.messages)))
}

fn told(messages: Vec<Message>) -> Vec<Told> {
    let told = messages.into_iter();
    told.map(|message| (message.message_type, Value::Object(message.payload)))
        .collect()
}

#[test]
fn a_new_payment_has_the_shape_of_the_api() {
    let mut surroundings = surroundings();
    let payment = surroundings.created::<Payment>(json!({
        "key": "pay-1", "customer": { "key": "alice" }, "anonymousId": "guest", "interfaceId": "i1",
        "amountPlanned": { "currencyCode": "EUR", "centAmount": 1000 },
        "paymentMethodInfo": { "paymentInterface": "psp", "method": "CARD", "name": { "en": "Card" }, "token": { "value": "t" } },
        "paymentStatus": { "interfaceCode": "200", "interfaceText": "ok" },
        "transactions": [{
            "type": "Authorization", "amount": { "currencyCode": "EUR", "centAmount": 1000 },
            "timestamp": "2026-01-01T00:00:00+01:00", "interactionId": "a", "interfaceId": "b", "state": "Pending",
        }],
    }));
    let eur = json!({ "type": "centPrecision", "currencyCode": "EUR", "centAmount": 1000, "fractionDigits": 2 });
    assert_eq!(
        shown(&payment),
        json!({
            "customer": { "typeId": "customer", "id": "c1" }, "anonymousId": "guest", "interfaceId": "i1",
            "amountPlanned": eur,
            "paymentMethodInfo": { "paymentInterface": "psp", "method": "CARD", "name": { "en": "Card" }, "token": { "value": "t" } },
            "paymentStatus": { "interfaceCode": "200", "interfaceText": "ok" },
            "transactions": [{
                "id": "00000000-0000-4000-8000-000000000001", "timestamp": "2025-12-31T23:00:00.000Z",
                "type": "Authorization", "amount": eur, "interactionId": "a", "state": "Pending", "interfaceId": "b",
            }],
            "interfaceInteractions": [], "key": "pay-1",
        })
    );
    let index = payment.index();
    assert_eq!(index.customer_id.as_deref(), Some("c1"));
    assert_eq!(index.anonymous_id.as_deref(), Some("guest"));
    let least = surroundings
        .create::<Payment>(json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 } }))
        .unwrap();
    let least = shown(&least);
    assert_eq!(least["paymentMethodInfo"], json!({}));
    assert_eq!(least["paymentStatus"], json!({}));
    assert_eq!(least["transactions"], json!([]));
}

#[test]
fn the_interface_id_is_unique_with_its_interface() {
    let mut surroundings = surroundings();
    let mut value = |interface: Value| {
        let payment = surroundings
            .create::<Payment>(json!({
                "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 }, "interfaceId": "c",
                "paymentMethodInfo": { "paymentInterface": interface },
            }))
            .unwrap();
        let unique = payment.index().unique.remove(0);
        assert_eq!(
            (
                unique.namespace.as_str(),
                unique.field,
                unique.shown.as_str()
            ),
            ("payment-interface-id", "interfaceId", "c")
        );
        unique.value
    };
    assert_eq!(value(json!("psp")), "psp\u{1f}c");
    assert_eq!(value(Value::Null), "\u{1f}c");
}

#[test]
fn amounts_are_whole_minor_units() {
    let fine = json!({ "type": "highPrecision", "currencyCode": "EUR", "preciseAmount": 12345, "fractionDigits": 3 });
    let refused = surroundings().create::<Payment>(json!({ "amountPlanned": fine }));
    assert!(
        matches!(refused, Err(DomainError::InvalidInput { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_payment_belongs_to_whoever_the_request_is_made_for() {
    let mut surroundings = surroundings();
    let body = json!({
        "amountPlanned": { "currencyCode": "EUR", "centAmount": 1000 }, "customer": { "id": "c1" },
        "anonymousId": "other", "key": "k-1", "interfaceId": "i", "paymentStatus": { "interfaceCode": "200" },
        "transaction": { "type": "Charge", "state": "Success", "amount": { "currencyCode": "EUR", "centAmount": 1000 } },
    });
    for (subject, customer, anonymous_id) in [
        (guest(), None, Some("guest")),
        (Subject::Customer(CustomerId::new("c9")), Some("c9"), None),
    ] {
        surroundings.acting_for = subject;
        let mine: MyPaymentDraft = decode_draft(body.clone()).unwrap();
        let payment =
            Payment::create(PaymentDraft::from(mine), &mut surroundings.context()).unwrap();
        let index = payment.index();
        assert_eq!(index.customer_id.as_deref(), customer);
        assert_eq!(index.anonymous_id.as_deref(), anonymous_id);
        assert_eq!((&payment.key, &payment.interface_id), (&None, &None));
        assert_eq!(
            shown(&payment)["transactions"][0]["state"],
            json!("Initial")
        );
    }
}

#[test]
fn payers_do_not_see_what_is_between_shop_and_provider() {
    let mut surroundings = surroundings();
    let payment = surroundings.created::<Payment>(json!({
        "amountPlanned": { "currencyCode": "JPY", "centAmount": 5 }, "anonymousId": "guest", "interfaceId": "i",
        "paymentStatus": { "interfaceCode": "200" }, "key": "k-1",
    }));
    assert_eq!(
        serde_json::to_value(MyPayment::from(&payment)).unwrap(),
        json!({
            "id": payment.id, "version": 1, "anonymousId": "guest",
            "amountPlanned": { "type": "centPrecision", "currencyCode": "JPY", "centAmount": 5, "fractionDigits": 0 },
            "paymentMethodInfo": {}, "transactions": [],
        })
    );
}

#[test]
fn payers_change_and_delete_a_payment_only_before_money_moved() {
    let mut surroundings = surroundings();
    let paid = charged(&mut surroundings);
    let open = surroundings
        .created::<Payment>(json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 } }));
    let method = json!({ "action": "setMethodInfoMethod", "method": "CARD" });
    let charge = json!({
        "action": "addTransaction",
        "transaction": { "type": "Charge", "amount": { "currencyCode": "EUR", "centAmount": 1 } },
    });
    assert!(surroundings.apply(&paid, json!([method])).is_ok());
    assert!(paid.check_delete(&mut surroundings.context()).is_ok());
    surroundings.acting_for = guest();
    for refused in [
        surroundings.apply(&paid, json!([method])).map(drop),
        surroundings.apply(&paid, json!([charge])).map(drop),
        paid.check_delete(&mut surroundings.context()),
    ] {
        assert!(matches!(refused, Err(DomainError::InvalidOperation { .. })));
    }
    let both = surroundings.apply(&open, json!([charge, method, charge]));
    assert_eq!(both.unwrap().transactions.len(), 2);
    assert!(open.check_delete(&mut surroundings.context()).is_ok());
}

#[test]
fn payers_cannot_decide_on_states() {
    let body = json!({
        "action": "addTransaction",
        "transaction": { "type": "Charge", "state": "Success", "amount": { "currencyCode": "EUR", "centAmount": 1 } },
    });
    let mine = decode_actions::<MyPaymentAction>(vec![body]).unwrap();
    let action = PaymentAction::from(mine.into_iter().next().unwrap());
    let PaymentAction::AddTransaction { transaction } = action else {
        panic!("another action");
    };
    assert_eq!(transaction.state, super::TransactionState::Initial);
    for forbidden in [
        json!({ "action": "changeTransactionState", "transactionId": "t", "state": "Success" }),
        json!({ "action": "setCustomer" }),
        json!({ "action": "setInterfaceId", "interfaceId": "i" }),
    ] {
        assert!(decode_actions::<MyPaymentAction>(vec![forbidden]).is_err());
    }
}

#[test]
fn transactions_are_added_and_go_on() {
    let mut surroundings = surroundings();
    let payment = charged(&mut surroundings);
    let id = payment.transactions[0].id.clone();
    let actions = json!([
        { "action": "changeTransactionState", "transactionId": id, "state": "Success" },
        { "action": "changeTransactionState", "transactionId": id, "state": "Success" },
        { "action": "changeTransactionTimestamp", "transactionId": id, "timestamp": "2026-02-01T00:00:00Z" },
        { "action": "changeTransactionInteractionId", "transactionId": id, "interactionId": "x" },
        { "action": "setTransactionInterfaceId", "transactionId": id, "interfaceId": "y" },
        { "action": "addTransaction", "transaction": { "type": "Refund", "amount": { "currencyCode": "EUR", "centAmount": 5 } } },
    ]);
    let (changed, told) = after(&mut surroundings, &payment, actions).unwrap();
    let transactions = &shown(&changed)["transactions"];
    assert_eq!(
        transactions[0],
        json!({
            "id": id, "timestamp": "2026-02-01T00:00:00.000Z", "type": "Charge",
            "amount": { "type": "centPrecision", "currencyCode": "EUR", "centAmount": 1000, "fractionDigits": 2 },
            "interactionId": "x", "state": "Success", "interfaceId": "y",
        })
    );
    assert_eq!(
        told,
        [
            (
                "PaymentTransactionStateChanged",
                json!({ "transactionId": id, "state": "Success" })
            ),
            (
                "PaymentTransactionInterfaceIdSet",
                json!({ "transactionId": id, "newInterfaceId": "y" })
            ),
            (
                "PaymentTransactionAdded",
                json!({ "transaction": transactions[1] })
            ),
        ]
    );
    let unknown =
        json!([{ "action": "changeTransactionState", "transactionId": "t", "state": "Failure" }]);
    let refused = surroundings.apply(&payment, unknown);
    assert!(
        matches!(&refused, Err(DomainError::InvalidField { field, .. }) if field == "transactionId"),
        "{refused:?}"
    );
}

#[test]
fn what_names_the_payment_at_the_provider_is_set_once() {
    let mut surroundings = surroundings();
    let payment = charged(&mut surroundings);
    let set = |interface: &str, id: &str| {
        json!([
            { "action": "setMethodInfoInterface", "interface": interface },
            { "action": "setInterfaceId", "interfaceId": id },
        ])
    };
    let (named, told) = after(&mut surroundings, &payment, set("psp", "i")).unwrap();
    assert_eq!(
        told,
        [
            (
                "PaymentMethodInfoInterfaceSet",
                json!({ "interface": "psp" })
            ),
            ("PaymentInterfaceIdSet", json!({ "interfaceId": "i" })),
        ]
    );
    let (again, told) = after(&mut surroundings, &named, set("psp", "i")).unwrap();
    assert_eq!((&again, told), (&named, vec![]));
    for other in [
        set("other", "i"),
        set("psp", "j"),
        json!([{ "action": "setMethodInfo", "method": "CARD" }]),
    ] {
        assert!(matches!(
            surroundings.apply(&named, other),
            Err(DomainError::InvalidOperation { .. })
        ));
    }
}

#[test]
fn the_anonymous_session_cannot_be_set_once_there_is_a_customer() {
    let mut surroundings = surroundings();
    let payment = charged(&mut surroundings);
    let session = json!([{ "action": "setAnonymousId", "anonymousId": "guest" }]);
    let of_guest = surroundings.apply(&payment, session.clone()).unwrap();
    assert_eq!(of_guest.anonymous_id.as_deref(), Some("guest"));
    let customer = json!([{ "action": "setCustomer", "customer": { "id": "c1" } }]);
    let of_both = surroundings.apply(&of_guest, customer).unwrap();
    assert_eq!(of_both.anonymous_id.as_deref(), Some("guest"));
    assert!(matches!(
        surroundings.apply(&of_both, session),
        Err(DomainError::InvalidOperation { .. })
    ));
    let none = json!([{ "action": "setCustomer" }, { "action": "setAnonymousId" }]);
    let of_nobody = surroundings.apply(&of_both, none).unwrap();
    assert_eq!((of_nobody.customer, of_nobody.anonymous_id), (None, None));
    let unknown = json!([{ "action": "setCustomer", "customer": { "id": "nobody" } }]);
    assert!(matches!(
        surroundings.apply(&payment, unknown),
        Err(DomainError::ReferencedResourceNotFound { .. })
    ));
}

#[test]
fn the_method_and_status_are_changed_and_told() {
    let mut surroundings = surroundings();
    let payment = charged(&mut surroundings);
    let actions = json!([
        { "action": "setMethodInfoMethod", "method": "CARD" },
        { "action": "setMethodInfoMethod", "method": "IBAN" },
        { "action": "setMethodInfoName", "name": { "de": "Karte" } },
        { "action": "setMethodInfoToken", "token": { "value": "t" } },
        { "action": "setMethodInfoInterfaceAccount", "interfaceAccount": "a" },
        { "action": "setStatusInterfaceCode", "interfaceCode": "201" },
        { "action": "setStatusInterfaceText", "interfaceText": "fine" },
        { "action": "changeAmountPlanned", "amount": { "currencyCode": "USD", "centAmount": 7 } },
        { "action": "setKey", "key": "p-1" },
        { "action": "setExternalId", "externalId": "e" },
        { "action": "setAmountPaid", "amount": { "currencyCode": "USD", "centAmount": 7 } },
    ]);
    let (changed, told) = after(&mut surroundings, &payment, actions).unwrap();
    let changed = shown(&changed);
    assert_eq!(
        changed["paymentMethodInfo"],
        json!({ "method": "IBAN", "name": { "de": "Karte" }, "token": { "value": "t" }, "interfaceAccount": "a" })
    );
    assert_eq!(
        changed["paymentStatus"],
        json!({ "interfaceCode": "201", "interfaceText": "fine" })
    );
    assert_eq!(changed["amountPlanned"]["currencyCode"], json!("USD"));
    assert_eq!(changed["amountPaid"]["centAmount"], json!(7));
    assert_eq!(changed["externalId"], json!("e"));
    assert_eq!(
        told,
        [
            ("PaymentMethodInfoMethodSet", json!({ "method": "CARD" })),
            (
                "PaymentMethodInfoMethodSet",
                json!({ "method": "IBAN", "oldMethod": "CARD" })
            ),
            (
                "PaymentMethodInfoNameSet",
                json!({ "name": { "de": "Karte" } })
            ),
            (
                "PaymentMethodInfoTokenSet",
                json!({ "token": { "value": "t" } })
            ),
            (
                "PaymentMethodInfoInterfaceAccountSet",
                json!({ "interfaceAccount": "a" })
            ),
            (
                "PaymentStatusInterfaceCodeSet",
                json!({ "paymentId": payment.id, "interfaceCode": "201" })
            ),
        ]
    );
}

#[test]
fn custom_fields_of_every_part_can_be_set() {
    let mut surroundings = surroundings();
    let definition = surroundings.created::<TypeDefinition>(json!({
        "key": "extra", "name": { "en": "Extra" },
        "resourceTypeIds": ["payment", "payment-method-info", "transaction", "payment-interface-interaction"],
        "fieldDefinitions": [
            { "name": "note", "label": { "en": "Note" }, "required": false, "type": { "name": "String" } }
        ],
    }));
    let payment = charged(&mut surroundings);
    let id = payment.transactions[0].id.clone();
    let extra = json!({ "key": "extra" });
    let actions = json!([
        { "action": "setCustomType", "type": extra },
        { "action": "setCustomField", "name": "note", "value": "a" },
        { "action": "setMethodInfoCustomType", "type": extra },
        { "action": "setMethodInfoCustomField", "name": "note", "value": "b" },
        { "action": "setTransactionCustomType", "transactionId": id, "type": extra },
        { "action": "setTransactionCustomField", "transactionId": id, "name": "note", "value": "c" },
        { "action": "addInterfaceInteraction", "type": extra, "fields": { "note": "d" } },
    ]);
    let (changed, told) = after(&mut surroundings, &payment, actions).unwrap();
    let custom = |note: &str| json!({ "type": { "typeId": "type", "id": definition.id }, "fields": { "note": note } });
    let changed = shown(&changed);
    assert_eq!(changed["custom"], custom("a"));
    assert_eq!(changed["paymentMethodInfo"]["custom"], custom("b"));
    assert_eq!(changed["transactions"][0]["custom"], custom("c"));
    assert_eq!(changed["interfaceInteractions"], json!([custom("d")]));
    let types: Vec<_> = told.iter().map(|(message_type, _)| *message_type).collect();
    assert_eq!(
        types,
        [
            "PaymentMethodInfoCustomTypeSet",
            "PaymentMethodInfoCustomFieldAdded",
            "PaymentInteractionAdded"
        ]
    );
}

#[test]
fn states_lead_where_their_transitions_say_unless_forced() {
    let mut surroundings = surroundings();
    let mut state = |key: &str, state_type: &str, initial: bool, transitions: Value| {
        surroundings
            .created::<State>(
                json!({ "key": key, "type": state_type, "initial": initial, "transitions": transitions }),
            )
            .id
    };
    let end = state("end", "PaymentState", false, Value::Null);
    state("start", "PaymentState", true, json!([{ "key": "end" }]));
    state("other", "PaymentState", true, Value::Null);
    state("order", "OrderState", true, Value::Null);
    let payment = charged(&mut surroundings);
    let mut go = |payment: &Payment, key: &str, force: bool| {
        let action =
            json!([{ "action": "transitionState", "state": { "key": key }, "force": force }]);
        after(&mut surroundings, payment, action)
    };
    for (key, force) in [("end", false), ("order", true)] {
        let refused = go(&payment, key, force);
        assert!(
            matches!(&refused, Err(DomainError::InvalidOperation { .. })),
            "{key}: {refused:?}"
        );
    }
    let (started, _) = go(&payment, "start", false).unwrap();
    assert!(go(&started, "other", false).is_err());
    assert!(go(&started, "other", true).is_ok());
    let (ended, told) = go(&started, "end", false).unwrap();
    let reference = json!({ "typeId": "state", "id": end });
    assert_eq!(shown(&ended)["paymentStatus"]["state"], reference);
    assert_eq!(
        told,
        [(
            "PaymentStatusStateTransition",
            json!({ "state": reference, "force": false })
        )]
    );
}

#[test]
fn creation_is_told_with_the_payment() {
    let mut surroundings = surroundings();
    let draft: PaymentDraft =
        decode_draft(json!({ "amountPlanned": { "currencyCode": "EUR", "centAmount": 1 } }))
            .unwrap();
    let mut context = surroundings.context();
    let payment = Payment::create(draft, &mut context).unwrap();
    assert_eq!(
        told(context.messages),
        [(
            "PaymentCreated",
            json!({ "payment": serde_json::to_value(&payment).unwrap() })
        )]
    );
}
