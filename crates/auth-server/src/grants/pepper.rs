//! Whether `SECRET_PEPPER` is the one that this database's client secrets were made with. With another one every secret is
//! wrong, and nothing else would say why.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::db::{
    DbError, ReadTx, WriteTx,
    server_secret::{find_secret, keep_first, replace_secret},
};

use crate::model::client_secret::SecretPepper;

/// The row that knows the pepper by a keyed hash of nothing.
const MARK: &str = "secret_pepper_mark";

/// What is wrong with another pepper, and what to do.
pub const ANOTHER_PEPPER: &str = "SECRET_PEPPER is not the one that this database's client secrets were made with, so all of \
    them would be refused: set that one. If it is lost, `auth-server client adopt-pepper` takes this one from now on, and \
    every client needs another secret (`client rotate-secret`)";

/// What is known of a pepper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquaintance {
    /// No pepper was used yet.
    None,
    /// It is this one.
    Same,
    /// It is another one.
    Other,
}

/// Whether the database knows this pepper.
///
/// # Errors
/// [`DbError`].
pub fn acquaintance(tx: &mut ReadTx<'_>, pepper: &SecretPepper) -> Result<Acquaintance, DbError> {
    Ok(match find_secret(tx, MARK)? {
        None => Acquaintance::None,
        Some(known) if known == mark(pepper) => Acquaintance::Same,
        Some(_) => Acquaintance::Other,
    })
}

/// The first pepper is the database's from then on. Answers whether this one is it.
///
/// # Errors
/// [`DbError`].
pub fn introduce(tx: &mut WriteTx<'_>, pepper: &SecretPepper) -> Result<bool, DbError> {
    if acquaintance(tx, pepper)? == Acquaintance::None {
        keep_first(tx, MARK, &mark(pepper))?;
    }
    Ok(acquaintance(tx, pepper)? == Acquaintance::Same)
}

/// Takes this pepper for the database's, whatever it was.
///
/// # Errors
/// [`DbError`].
pub fn adopt(tx: &mut WriteTx<'_>, pepper: &SecretPepper) -> Result<(), DbError> {
    replace_secret(tx, MARK, &mark(pepper))
}

fn mark(pepper: &SecretPepper) -> String {
    URL_SAFE_NO_PAD.encode(pepper.keyed(MARK, &[]))
}
