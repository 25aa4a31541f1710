//! Signing access tokens.

use jsonwebtoken::Header;

use super::{
    claims::AccessTokenClaims,
    keys::{KeyError, SigningKey},
};

/// The `typ` of an access token (RFC 9068 §2.1): other JWTs of the same issuer are none.
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// Signs `claims`.
///
/// # Errors
/// [`KeyError::Unusable`] if the key cannot sign.
pub fn sign(claims: &AccessTokenClaims, key: &SigningKey) -> Result<String, KeyError> {
    let mut header = Header::new(key.algorithm.algorithm());
    header.typ = Some(ACCESS_TOKEN_TYPE.to_owned());
    header.kid = Some(key.kid.clone());
    jsonwebtoken::encode(&header, claims, &key.key).map_err(|error| {
        log::error!("signing with key {} failed: {error}", key.kid);
        KeyError::Unusable
    })
}
