//! Whether the session of a token lives, for transactions that only read.

use shared::{db::ReadTx, token::liveness};

use crate::{error::CommerceError, request::RequestContext};

/// Refuses a token whose session is over. Tokens without session were checked when the request came in.
///
/// # Errors
/// [`CommerceError::TokenInvalid`].
pub fn require_live(tx: &mut ReadTx<'_>, request: &RequestContext) -> Result<(), CommerceError> {
    match request.session() {
        Some((claims, _)) if !liveness::is_live(tx, claims)? => Err(CommerceError::TokenInvalid),
        Some(_) | None => Ok(()),
    }
}
