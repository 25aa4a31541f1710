//! What predicates may ask about a cart and its lines, gathered as far as one asks.

use serde_json::{Map, Value, json};

use super::{ast::Condition, evaluate::as_value};
use crate::{
    cart::{Cart, CustomLineItem, LineItem},
    catalog::{
        category::Category, channel::Channel, customer_group::CustomerGroup,
        product_type::ProductType, shipping_method::ShippingMethod,
    },
    context::Context,
    customer::Customer,
    error::DomainError,
    money::{CentAmount, Currency, TypedMoney},
    product::Product,
    reference::Reference,
    resource::Resource,
    world::By,
};

/// A cart as predicates see it.
pub(super) struct Facts {
    pub currency: Currency,
    pub cart: Value,
    pub line_items: Vec<Line>,
    pub custom_line_items: Vec<Line>,
}

/// A line as predicates see it.
pub(super) struct Line {
    pub facts: Value,
    pub quantity: i64,
    pub total: CentAmount,
}

/// What the condition needs to know.
pub(super) fn gather(
    condition: &Condition,
    cart: &Cart,
    context: &mut Context<'_>,
) -> Result<Facts, DomainError> {
    let mut line_items = Vec::new();
    let mut custom_line_items = Vec::new();
    if asks_about_lines(condition) {
        for line in &cart.line_items {
            line_items.push(Line {
                facts: line_item(condition, line, context)?,
                quantity: line.quantity,
                total: line.total_price.cent_amount,
            });
        }
        custom_line_items.extend(cart.custom_line_items.iter().map(|line| Line {
            facts: custom_line_item(line),
            quantity: line.quantity,
            total: line.total_price.cent_amount,
        }));
    }
    Ok(Facts {
        currency: cart.total_price.currency_code,
        cart: cart_facts(condition, cart, context)?,
        line_items,
        custom_line_items,
    })
}

fn any_part(condition: &Condition, wanted: &impl Fn(&Condition) -> bool) -> bool {
    wanted(condition)
        || match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().any(|part| any_part(part, wanted))
            }
            Condition::Not(inner) | Condition::Lines(_, inner, _) => any_part(inner, wanted),
            Condition::Constant(_) | Condition::Field(..) => false,
        }
}

fn asks_about_lines(condition: &Condition) -> bool {
    any_part(condition, &|part| matches!(part, Condition::Lines(..)))
}

/// Whether a field is named that begins so.
fn asks_about(condition: &Condition, head: &str) -> bool {
    any_part(
        condition,
        &|part| matches!(part, Condition::Field(path, _) if path.first().is_some_and(|name| name == head)),
    )
}

fn cart_facts(
    condition: &Condition,
    cart: &Cart,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let currency = cart.total_price.currency_code;
    let lines = cart.line_items.iter().map(|line| &line.total_price);
    let custom = cart.custom_line_items.iter().map(|line| &line.total_price);
    let goods = CentAmount::sum(lines.chain(custom).map(|price| price.cent_amount))?;
    let mut facts = json!({
        "totalPrice": TypedMoney::cents(currency, goods),
        "currency": currency.code(),
        "country": cart.country,
        "locale": cart.locale,
        "store": cart.store,
        "shippingAddress": cart.shipping_address,
        "billingAddress": cart.billing_address,
        "custom": cart.custom.as_ref().map(|custom| &custom.fields),
    });
    let mut put = |name: &str, value: Value| {
        if let Some(members) = facts.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    if let Some(taxed) = &cart.taxed_price {
        let shipping = cart.taxed_shipping_price.as_ref();
        let without = |all: &TypedMoney, part: Option<&TypedMoney>| {
            let part = part.map_or(CentAmount::ZERO, |part| part.cent_amount);
            Ok::<_, DomainError>(TypedMoney::cents(currency, all.cent_amount.sub(part)?))
        };
        let net = without(&taxed.total_net, shipping.map(|part| &part.total_net))?;
        let gross = without(&taxed.total_gross, shipping.map(|part| &part.total_gross))?;
        put("taxedPrice", json!({ "net": net, "gross": gross }));
    }
    if asks_about(condition, "customer") {
        put("customer", customer(cart, context)?);
    }
    if let Some(info) = &cart.shipping_info
        && asks_about(condition, "shippingInfo")
    {
        let method = named::<ShippingMethod>(info.shipping_method.as_ref(), context)?;
        let name = &info.shipping_method_name;
        put(
            "shippingInfo",
            json!({ "shippingMethodName": name, "shippingMethod": method }),
        );
    }
    Ok(facts)
}

/// Id and key of what is referred to.
fn named<R: Resource>(
    reference: Option<&Reference>,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let Some(reference) = reference else {
        return Ok(Value::Null);
    };
    let found = context.world.get::<R>(By::Id(&reference.id))?;
    let key = found.as_ref().and_then(|found| found.key());
    Ok(json!({ "id": reference.id, "key": key }))
}

/// The e-mail address is the cart's, which a guest's cart may have, too.
fn customer(cart: &Cart, context: &mut Context<'_>) -> Result<Value, DomainError> {
    let known = match &cart.customer_id {
        Some(id) => context.world.get::<Customer>(By::Id(id))?,
        None => None,
    };
    let group = named::<CustomerGroup>(cart.customer_group.as_ref(), context)?;
    let mut facts = Map::new();
    if let Some(known) = known
        && let Value::Object(members) = as_value(known.as_ref())
    {
        let told = [
            "id",
            "firstName",
            "lastName",
            "customerNumber",
            "companyName",
            "isEmailVerified",
        ];
        facts.extend(
            members
                .into_iter()
                .filter(|(name, _)| told.contains(&name.as_str())),
        );
    }
    facts.insert("email".to_owned(), json!(cart.customer_email));
    facts.insert("customerGroup".to_owned(), group);
    Ok(Value::Object(facts))
}

fn line_item(
    condition: &Condition,
    line: &LineItem,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let attributes: Map<String, Value> = line
        .variant
        .attributes
        .iter()
        .map(|attribute| (attribute.name.clone(), attribute.value.clone()))
        .collect();
    let mut facts = json!({
        "sku": line.variant.sku,
        "quantity": line.quantity,
        "product": { "id": line.product_id, "key": line.product_key },
        "variant": { "id": line.variant.id, "key": line.variant.key },
        "price": price(line),
        "attributes": attributes,
        "custom": line.custom.as_ref().map(|custom| &custom.fields),
        "taxRate": line.tax_rate,
    });
    let mut put = |name: &str, value: Value| {
        if let Some(members) = facts.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    if asks_about(condition, "productType") {
        let product_type = Some(&line.product_type);
        put("productType", named::<ProductType>(product_type, context)?);
    }
    for (name, channel) in [
        ("distributionChannel", &line.distribution_channel),
        ("supplyChannel", &line.supply_channel),
    ] {
        if asks_about(condition, name) {
            put(name, named::<Channel>(channel.as_ref(), context)?);
        }
    }
    for name in ["categories", "categoriesWithAncestors"] {
        if asks_about(condition, name) {
            let ancestors = name == "categoriesWithAncestors";
            put(name, categories(line, ancestors, context)?);
        }
    }
    Ok(facts)
}

/// The price of one unit with the scope it was chosen by.
fn price(line: &LineItem) -> Value {
    let unit = line.unit_price();
    let mut facts = as_value(unit);
    if let Some(members) = facts.as_object_mut() {
        let amount: Value = serde_json::from_str(&decimal(unit)).unwrap_or_default();
        members.insert("amount".to_owned(), amount);
        members.insert("currency".to_owned(), json!(unit.currency_code.code()));
        members.insert("country".to_owned(), json!(line.price.country));
        members.insert("customerGroup".to_owned(), json!(line.price.customer_group));
        members.insert("channel".to_owned(), json!(line.price.channel));
        let discount = line.price.discounted.as_ref();
        let discount = discount.map(|discounted| &discounted.discount);
        members.insert("discount".to_owned(), json!(discount));
    }
    facts
}

fn decimal(money: &TypedMoney) -> String {
    let amount = money.precise_amount.unwrap_or(money.cent_amount.get());
    format!("{amount}e-{}", money.fraction_digits)
}

/// Ids and keys of the categories that the product is in now.
fn categories(
    line: &LineItem,
    with_ancestors: bool,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let product = context.world.get::<Product>(By::Id(&line.product_id))?;
    let mut references: Vec<Reference> = product
        .map(|product| product.master_data.current.categories.clone())
        .unwrap_or_default();
    let (mut ids, mut keys) = (Vec::new(), Vec::new());
    while let Some(reference) = references.pop() {
        if ids.contains(&reference.id) {
            continue;
        }
        if let Some(category) = context.world.get::<Category>(By::Id(&reference.id))? {
            keys.extend(category.key.clone());
            if with_ancestors {
                references.extend(category.ancestors.iter().cloned());
            }
        }
        ids.push(reference.id);
    }
    Ok(json!({ "id": ids, "key": keys }))
}

fn custom_line_item(line: &CustomLineItem) -> Value {
    json!({
        "slug": line.slug,
        "money": line.money,
        "quantity": line.quantity,
        "custom": line.custom.as_ref().map(|custom| &custom.fields),
        "taxRate": line.tax_rate,
    })
}
