//! A proof is used once.

use domain::timestamp::Timestamp;

use super::{ProofError, guard::MAX_AGE_SECONDS, proof::Proof};
use crate::{
    db::{WriteTx, statement::Statement},
    random::fingerprint,
};

/// Notes that the proof was used. In the transaction of the work: a request that fails has used nothing, and strangers
/// cannot fill the table.
///
/// # Errors
/// [`ProofError::Replayed`] if it was used before, at any instance of any server.
pub fn spend(tx: &mut WriteTx<'_>, proof: &Proof) -> Result<(), ProofError> {
    // Kept until no instance would take its `iat`, whatever its clock shows.
    let expires_at = Timestamp::from_millis(0)
        .plus_seconds(proof.issued_at)
        .plus_seconds(2 * MAX_AGE_SECONDS);
    let is_new = Statement::new("INSERT INTO dpop_proofs (hash, expires_at) SELECT ")
        .text(fingerprint(&format!("{}.{}", proof.thumbprint, proof.id)))
        .sql(", ")
        .big_int(expires_at.millis())
        // SQLite takes `ON CONFLICT` after a SELECT for a join condition unless there is a WHERE.
        .sql(" WHERE 1 = 1 ON CONFLICT DO NOTHING")
        .run(tx.connection())
        .map_err(crate::db::DbError::from)?;
    if is_new > 0 {
        Ok(())
    } else {
        Err(ProofError::Replayed)
    }
}
