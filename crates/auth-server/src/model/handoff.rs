//! Handing a guest's session over to another device.
//!
//! Every device has a family of refresh tokens of its own, so that rotation on one never looks like theft to another. The
//! families of a session form a tree: whoever holds the tokens of a device could hand the session on, so closing a device
//! closes what came of it too: on theft, revocation, and when its client is deleted. Only a device that makes room for another one
//! is closed alone; nobody distrusts it. The root is the device that started the session: closing that one revokes the session.

use domain::identity::scope::ScopeSet;

use super::error::OAuthError;

/// How long a code can be redeemed, in seconds.
pub const CODE_SECONDS: i64 = 60;
/// Most devices with live tokens of one session; one more takes the place of the one that was unused for longest.
pub const MOST_DEVICES: i64 = 5;

/// What the new device may do: what it asks for, or all that the code stands for, as far as its client holds it.
///
/// `offered` is what the device that made the code may do, identity included; so is the answer.
///
/// # Errors
/// [`OAuthError::ScopeMalformed`] and [`OAuthError::ScopeExceeded`].
pub fn scope(
    offered: &ScopeSet,
    held: &ScopeSet,
    requested: Option<&str>,
) -> Result<ScopeSet, OAuthError> {
    let Some(text) = requested else {
        return identified(offered.permissions_within(held), offered);
    };
    let requested = ScopeSet::parse(text)
        .ok()
        .ok_or(OAuthError::ScopeMalformed)?;
    let wanted = offered.narrowed(&requested)?;
    let granted = wanted.permissions_within(held);
    let number = |scopes: &ScopeSet| scopes.iter().filter(|scope| !scope.is_identity()).count();
    if number(&granted) < number(&wanted) {
        return Err(OAuthError::ScopeExceeded);
    }
    identified(granted, offered)
}

fn identified(granted: ScopeSet, offered: &ScopeSet) -> Result<ScopeSet, OAuthError> {
    if granted.is_empty() {
        return Err(OAuthError::ScopeExceeded);
    }
    Ok(granted.for_subject(&offered.subject()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ScopeSet {
        ScopeSet::parse(text).expect("scopes")
    }

    fn granted(offered: &str, held: &str, requested: Option<&str>) -> Result<String, OAuthError> {
        scope(&set(offered), &set(held), requested).map(|granted| granted.to_string())
    }

    #[test]
    fn a_new_device_gets_what_both_the_old_one_and_its_own_client_may_do() {
        assert_eq!(
            granted(
                "view_products:p manage_my_orders:p anonymous_id:g",
                "manage_my_orders:p manage_my_profile:p",
                None
            ),
            Ok("manage_my_orders:p anonymous_id:g".to_owned())
        );
        assert_eq!(
            granted("view_orders:p anonymous_id:g", "manage_orders:p", None),
            Ok("view_orders:p anonymous_id:g".to_owned())
        );
    }

    #[test]
    fn a_new_device_cannot_ask_for_more_than_either() {
        let offered = "view_products:p manage_my_orders:p anonymous_id:g";
        let exceeded = Err(OAuthError::ScopeExceeded);
        assert_eq!(
            granted(offered, "manage_project:p", Some("manage_orders:p")),
            exceeded
        );
        assert_eq!(
            granted(
                offered,
                "view_products:p",
                Some("view_products:p manage_my_orders:p")
            ),
            exceeded
        );
        assert_eq!(granted(offered, "view_stores:p", None), exceeded);
        assert_eq!(
            granted(offered, "view_products:p", Some("anonymous_id:other")),
            Err(OAuthError::ScopeMalformed)
        );
        assert_eq!(
            granted(
                offered,
                "view_products:p",
                Some("view_published_products:p")
            ),
            Ok("view_published_products:p anonymous_id:g".to_owned())
        );
    }
}
