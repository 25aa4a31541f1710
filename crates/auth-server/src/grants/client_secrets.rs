//! Another secret for an API client, while the old one is still good: a change without an outage.

use domain::{identity::ids::ClientId, timestamp::Timestamp};
use serde_json::json;
use shared::{
    db::{DbError, WriteTx},
    random::secret,
    token::audit::{self, About, Event},
};

use super::access_token::Mint;
use crate::{
    model::{
        client::Client,
        client_secret::SecretPepper,
        secret_rotation::{OldSecrets, TooManySecrets, rotated},
    },
    store::{client_secrets, clients},
};

/// Why a client gets no other secret.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// There is no such client, or its time is over.
    #[error("there is no API client `{0}`")]
    NoClient(ClientId),
    /// It runs where no secret can be kept.
    #[error("API client `{0}` is public and has no secret")]
    Public(ClientId),
    /// It has as many as it may have.
    #[error("API client `{id}` gets no other secret: {cause}")]
    TooMany {
        /// The client.
        id: ClientId,
        /// Why.
        cause: TooManySecrets,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Gives the client another secret; answers the client as it is now, and the secret, which nobody can find out again.
/// Sessions and tokens live on.
///
/// # Errors
/// [`RotationError`].
pub fn rotate(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    pepper: &SecretPepper,
    id: &ClientId,
    old: OldSecrets,
) -> Result<(Client, String), RotationError> {
    let now = mint.now();
    let no_client = || RotationError::NoClient(id.clone());
    // Two rotations at once would each leave one old secret, and together three.
    if !clients::hold_alone(tx, id)? {
        return Err(no_client());
    }
    let found = clients::find(tx, id)?.filter(|client| !client.is_expired(now));
    let mut client = found.ok_or_else(no_client)?;
    if client.is_public {
        return Err(RotationError::Public(id.clone()));
    }
    let text = secret(mint.randomness.as_ref());
    client.secrets = rotated(&client.secrets, pepper.tag(&text), old, now).map_err(|cause| {
        RotationError::TooMany {
            id: id.clone(),
            cause,
        }
    })?;
    client_secrets::replace(tx, id, &client.secrets)?;
    let old_end: Option<Timestamp> = client.secrets.iter().find_map(|one| one.expires_at);
    let about = About {
        project: Some(&client.project),
        client: Some(id),
        detail: json!({ "oldSecretUntil": old_end }),
        ..About::default()
    };
    audit::record(
        tx,
        Event::ClientSecretRotated,
        &about,
        now,
        mint.randomness.as_ref(),
    )?;
    Ok((client, text))
}
