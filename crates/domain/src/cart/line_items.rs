//! Finding lines, and what lines have to respect.

use crate::{
    cart::{Cart, CustomLineItem, LineItem, draft_parts::ItemShippingDetailsDraft, pricing},
    catalog::channel::{ChannelRole, channel_with_role},
    context::Context,
    error::DomainError,
    reference::{Reference, ResourceIdentifier},
};

/// How an action names a line: by id or by key.
#[derive(Clone, Debug)]
pub(super) struct ItemName {
    pub id: Option<String>,
    pub key: Option<String>,
}

impl ItemName {
    pub(super) const fn new(id: Option<String>, key: Option<String>) -> Self {
        Self { id, key }
    }

    /// The position of the one item that has this id or key.
    fn position<T>(
        &self,
        items: &[T],
        member: &str,
        identity: impl Fn(&T) -> (&str, Option<&str>),
    ) -> Result<usize, DomainError> {
        let (found, field, value) = match (&self.id, &self.key) {
            (Some(id), None) => (
                items.iter().position(|item| identity(item).0 == id),
                format!("{member}Id"),
                id,
            ),
            (None, Some(key)) => (
                items.iter().position(|item| identity(item).1 == Some(key)),
                format!("{member}Key"),
                key,
            ),
            _ => {
                return Err(DomainError::input(format!(
                    "exactly one of `{member}Id` and `{member}Key` must be given"
                )));
            }
        };
        found.ok_or_else(|| DomainError::field(field, value.as_str()))
    }

    /// The position of a line item.
    pub(super) fn line_item(&self, lines: &[LineItem]) -> Result<usize, DomainError> {
        self.position(lines, "lineItem", |line| (&line.id, line.key.as_deref()))
    }

    /// The position of a custom line item.
    pub(super) fn custom_line_item(&self, lines: &[CustomLineItem]) -> Result<usize, DomainError> {
        self.position(lines, "customLineItem", |line| {
            (&line.id, line.key.as_deref())
        })
    }
}

/// The line item an action names.
pub(super) fn line_mut<'a>(
    lines: &'a mut [LineItem],
    name: &ItemName,
) -> Result<&'a mut LineItem, DomainError> {
    let at = name.line_item(lines)?;
    lines.get_mut(at).ok_or_else(missing)
}

/// The custom line item an action names.
pub(super) fn custom_line_mut<'a>(
    lines: &'a mut [CustomLineItem],
    name: &ItemName,
) -> Result<&'a mut CustomLineItem, DomainError> {
    let at = name.custom_line_item(lines)?;
    lines.get_mut(at).ok_or_else(missing)
}

pub(super) fn missing() -> DomainError {
    DomainError::operation("the line item is not in the cart")
}

/// A quantity of at least one.
pub(super) fn positive(quantity: i64) -> Result<i64, DomainError> {
    if quantity >= 1 {
        Ok(quantity)
    } else {
        Err(DomainError::field("quantity", quantity))
    }
}

/// Keys are unique among the lines of a cart.
pub(super) fn refuse_used_key(cart: &Cart, key: Option<&str>) -> Result<(), DomainError> {
    let Some(key) = key else { return Ok(()) };
    let used = cart
        .line_items
        .iter()
        .map(|line| line.key.as_deref())
        .chain(
            cart.custom_line_items
                .iter()
                .map(|line| line.key.as_deref()),
        )
        .any(|used| used == Some(key));
    if used {
        return Err(DomainError::DuplicateField {
            field: "key".to_owned(),
            value: key.into(),
        });
    }
    Ok(())
}

/// The channel that is named, if one is; it must have the role.
pub(super) fn channel(
    identifier: Option<&ResourceIdentifier>,
    role: ChannelRole,
    context: &mut Context<'_>,
) -> Result<Option<Reference>, DomainError> {
    identifier
        .map(|identifier| channel_with_role(identifier, role, context))
        .transpose()
}

/// A store that sells through channels sells through no other.
pub(super) fn check_distribution(
    cart: &Cart,
    channel: Option<&Reference>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let (Some(store), Some(channel)) = (&cart.store, channel) else {
        return Ok(());
    };
    let Some(store) = pricing::store(&store.key, context)? else {
        return Ok(());
    };
    let allowed = &store.distribution_channels;
    if allowed.is_empty() || allowed.contains(channel) {
        return Ok(());
    }
    Err(DomainError::operation(format!(
        "the distribution channel `{}` does not belong to the store `{}` of the cart",
        channel.id, store.key
    )))
}

/// As [`ItemShippingDetailsDraft::check`], for the addresses of the cart.
pub(super) fn check_targets(
    cart: &Cart,
    details: Option<&ItemShippingDetailsDraft>,
) -> Result<(), DomainError> {
    details.map_or(Ok(()), |details| {
        details.check(&cart.item_shipping_addresses)
    })
}
