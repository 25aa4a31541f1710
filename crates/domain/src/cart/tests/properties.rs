//! What holds for every cart.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Shop, berlin, drafts};
use crate::cart::{Cart, MergeRule, ProductData, merge};

const SKUS: [&str; 6] = ["SKU-1", "SKU-2", "SKU-14", "SKU-25", "SKU-1015", "SKU-T"];

fn line() -> impl Strategy<Value = (&'static str, i64)> {
    (prop::sample::select(SKUS.as_slice()), 1..200_i64)
}

fn rounding() -> impl Strategy<Value = &'static str> {
    prop::sample::select(["HalfEven", "HalfUp", "HalfDown"].as_slice())
}

fn calculation() -> impl Strategy<Value = &'static str> {
    prop::sample::select(["LineItemLevel", "UnitPriceLevel"].as_slice())
}

fn assert_adds_up(cart: &Cart) {
    let cents = |amounts: Vec<i64>| amounts.into_iter().sum::<i64>();
    let items = cents(
        cart.line_items
            .iter()
            .map(|line| line.total_price.cent_amount.get())
            .collect(),
    );
    let custom = cents(
        cart.custom_line_items
            .iter()
            .map(|line| line.total_price.cent_amount.get())
            .collect(),
    );
    let shipping = cart
        .shipping_info
        .as_ref()
        .map_or(0, |info| info.effective_price().cent_amount.get());
    assert_eq!(
        cart.total_price.cent_amount.get(),
        items + custom + shipping
    );
    for line in &cart.line_items {
        let portions = &line.discounted_price_per_quantity;
        if !portions.is_empty() {
            let quantity: i64 = portions.iter().map(|portion| portion.quantity).sum();
            let total: i64 = portions
                .iter()
                .map(|portion| portion.quantity * portion.discounted_price.value.cent_amount.get())
                .sum();
            assert_eq!(quantity, line.quantity);
            assert_eq!(total, line.total_price.cent_amount.get());
        }
        assert_eq!(
            line.state.iter().map(|state| state.quantity).sum::<i64>(),
            line.quantity
        );
    }
    for taxed in cart.taxed_price.iter().chain(&cart.taxed_shipping_price) {
        let tax = taxed.total_gross.cent_amount.get() - taxed.total_net.cent_amount.get();
        assert_eq!(taxed.total_tax.as_ref().unwrap().cent_amount.get(), tax);
        let portions = taxed
            .tax_portions
            .iter()
            .map(|portion| portion.amount.cent_amount.get());
        assert_eq!(portions.sum::<i64>(), tax);
    }
}

fn quantity_of(cart: &Cart, sku: &str) -> i64 {
    cart.line_items
        .iter()
        .filter(|line| line.variant.sku.as_deref() == Some(sku))
        .map(|line| line.quantity)
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_parts_of_a_cart_add_up(
        lines in prop::collection::vec(line(), 0..8),
        custom in prop::collection::vec(-500..5_000_i64, 0..3),
        rounding in rounding(),
        calculation in calculation(),
        ships in any::<bool>(),
        changes in prop::collection::vec((0..8_usize, 0..50_i64), 0..6),
    ) {
        let mut shop = Shop::new();
        shop.by_backend();
        let custom: Vec<Value> = custom.iter().enumerate().map(|(at, cents)| json!({
            "name": { "en": "x" }, "slug": format!("custom-{at}"), "taxCategory": { "key": "std" },
            "money": { "currencyCode": "EUR", "centAmount": cents }, "quantity": 3
        })).collect();
        let mut draft = json!({
            "currency": "EUR", "country": "DE", "lineItems": drafts(&lines), "customLineItems": custom,
            "taxRoundingMode": rounding, "taxCalculationMode": calculation, "shippingAddress": berlin()
        });
        if ships {
            draft["shippingMethod"] = json!({ "key": "standard" });
        }
        let mut cart = shop.cart(draft);
        assert_adds_up(&cart);
        prop_assert_eq!(cart.taxed_price.is_some(), !(lines.is_empty() && custom.is_empty() && !ships));
        for (at, quantity) in changes {
            let Some(line) = cart.line_items.get(at) else { continue };
            let before = cart.version;
            let changed = shop.applied(&cart, json!([{
                "action": "changeLineItemQuantity", "lineItemId": line.id, "quantity": quantity
            }]));
            assert_adds_up(&changed);
            let same = line.quantity == quantity;
            prop_assert_eq!(changed.version, if same { before } else { before + 1 });
            cart = changed;
        }
        let text = serde_json::to_string(&cart).unwrap();
        prop_assert_eq!(serde_json::from_str::<Cart>(&text).unwrap(), cart);
    }

    #[test]
    fn merging_loses_nothing(
        source in prop::collection::vec(line(), 0..6),
        target in prop::collection::vec(line(), 0..6),
        sums in any::<bool>(),
    ) {
        let mut shop = Shop::new();
        let mine = shop.alices_cart(json!({ "currency": "EUR", "country": "DE", "lineItems": drafts(&target) }));
        let guests = shop.euro_cart(&source);
        let rule = if sums { MergeRule::Sum } else { MergeRule::Max };
        let merged = merge(&guests, mine.clone(), rule, ProductData::Keep, &mut shop.around.context()).unwrap();
        assert_adds_up(&merged.target);
        for sku in SKUS {
            let (had, brought) = (quantity_of(&mine, sku), quantity_of(&guests, sku));
            let expected = if sums { had + brought } else { had.max(brought) };
            prop_assert_eq!(quantity_of(&merged.target, sku), expected);
        }
        for line in &mine.line_items {
            let kept = merged.target.line_items.iter().find(|kept| kept.id == line.id).unwrap();
            prop_assert!(kept.quantity >= line.quantity);
        }
        prop_assert_eq!(merged.source.line_items, guests.line_items);
    }
}
