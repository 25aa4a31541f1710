//! Country, language, key, freezing and life time of a cart.

use crate::{
    cart::{
        Cart, CartState, FreezeStrategy, MAX_DELETE_DAYS, pending::replace, pricing, recalculate,
    },
    catalog::shape::{check_country, check_optional_key, check_range},
    context::Context,
    error::DomainError,
    message::Message,
};

/// Another country means other prices.
pub(super) fn set_country(
    cart: &mut Cart,
    country: Option<String>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if let Some(country) = &country {
        check_country("country", country)?;
        check_store_sells_to(cart, country, context)?;
    }
    if replace(&mut cart.country, country) {
        cart.pending.reprice();
    }
    Ok(())
}

/// A store that names countries sells to no other.
pub(in crate::cart) fn check_store_sells_to(
    cart: &Cart,
    country: &str,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(reference) = &cart.store else {
        return Ok(());
    };
    let Some(store) = pricing::store(&reference.key, context)? else {
        return Ok(());
    };
    let countries = &store.countries;
    if countries.is_empty() || countries.iter().any(|known| known.code == country) {
        return Ok(());
    }
    Err(DomainError::CountryNotConfiguredInStore {
        store: store.key.clone(),
        store_countries: countries.iter().map(|known| known.code.clone()).collect(),
        country: country.to_owned(),
    })
}

/// The `locale` of a cart or an order is a language of the project.
pub(crate) fn check_language(
    locale: Option<&str>,
    context: &Context<'_>,
) -> Result<(), DomainError> {
    let languages = &context.project.languages;
    match locale.filter(|locale| !languages.iter().any(|known| known == locale)) {
        None => Ok(()),
        Some(unknown) => Err(DomainError::InvalidField {
            field: "locale".to_owned(),
            value: unknown.into(),
            allowed: languages
                .iter()
                .map(|language| language.as_str().into())
                .collect(),
        }),
    }
}

pub(super) fn set_locale(
    cart: &mut Cart,
    locale: Option<String>,
    context: &Context<'_>,
) -> Result<(), DomainError> {
    check_language(locale.as_deref(), context)?;
    cart.pending.note(replace(&mut cart.locale, locale));
    Ok(())
}

pub(super) fn set_key(cart: &mut Cart, key: Option<String>) -> Result<(), DomainError> {
    check_optional_key("key", key.as_deref())?;
    cart.pending.note(replace(&mut cart.key, key));
    Ok(())
}

/// Keeps prices and lines as they are from now on. Freezing is an update as any other: the prices are those of now, after
/// the actions before.
pub(super) fn freeze(
    cart: &mut Cart,
    strategy: FreezeStrategy,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if cart.line_items.is_empty() && cart.custom_line_items.is_empty() {
        return Err(DomainError::operation("an empty cart cannot be frozen"));
    }
    if cart.cart_state == CartState::Frozen {
        cart.pending
            .note(replace(&mut cart.freeze_strategy, Some(strategy)));
        return Ok(());
    }
    cart.pending.touch();
    recalculate::recalculate(cart, context)?;
    cart.cart_state = CartState::Frozen;
    cart.freeze_strategy = Some(strategy);
    cart.pending.change();
    context.emit(Message::new("CartFrozen"));
    Ok(())
}

/// Opens the cart again and brings its prices up to date.
pub(super) fn unfreeze(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    if cart.cart_state != CartState::Frozen {
        return Err(DomainError::operation("only a frozen cart can be unfrozen"));
    }
    cart.cart_state = CartState::Active;
    cart.freeze_strategy = None;
    cart.pending.refresh(false);
    context.emit(Message::new("CartUnfrozen"));
    Ok(())
}

/// Without days: the project's.
pub(super) fn set_delete_days(
    cart: &mut Cart,
    days: Option<i64>,
    context: &Context<'_>,
) -> Result<(), DomainError> {
    let days = days.unwrap_or(context.project.carts.delete_days_after_last_modification);
    check_range("deleteDaysAfterLastModification", days, 1..=MAX_DELETE_DAYS)?;
    cart.pending.note(replace(
        &mut cart.delete_days_after_last_modification,
        Some(days),
    ));
    Ok(())
}
