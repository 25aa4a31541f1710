//! What an endpoint shows of stored documents. Most show them as they are.

use actix_web::http::StatusCode;
use domain::{
    error::DomainError,
    kind::Kind,
    payment::{MyPayment, Payment},
    pricing::PriceScope,
    resource::Resource,
};

use super::{
    call::{Answer, Call},
    endpoint::Endpoint,
    price_selection::price_scope,
    render,
};
use crate::{
    access::Audience, error::CommerceError, http::extract::query::Parameters, service::products,
};

/// The shape in which documents go out.
pub enum View {
    /// As stored.
    Stored,
    /// Shoppers see less of a payment than backends.
    MyPayment,
    /// Products show the stock of their variants, and the prices that the request selects.
    Product(Option<PriceScope>),
}

impl View {
    /// The shape an endpoint has for a request.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] for parameters of the shape that are malformed.
    pub fn of(endpoint: Endpoint, parameters: &Parameters) -> Result<Self, DomainError> {
        Ok(match (endpoint.audience, endpoint.kind) {
            (Audience::Shopper, Kind::Payment) => Self::MyPayment,
            (Audience::Backend, Kind::Product) => Self::Product(price_scope(parameters)?),
            _ => Self::Stored,
        })
    }

    /// Brings stored documents into this shape.
    ///
    /// # Errors
    /// [`CommerceError`] from the database.
    pub async fn show(
        &self,
        call: &Call,
        bodies: Vec<String>,
    ) -> Result<Vec<String>, CommerceError> {
        match self {
            Self::Stored => Ok(bodies),
            Self::MyPayment => bodies.iter().map(|body| my_payment(body)).collect(),
            Self::Product(scope) => {
                let scope = scope.clone();
                call.read(move |tx, request| products::shown(tx, request, &bodies, scope.as_ref()))
                    .await
            }
        }
    }

    /// [`Self::show`] of one document.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn show_one(&self, call: &Call, body: String) -> Result<String, CommerceError> {
        match self {
            Self::Stored => Ok(body),
            Self::MyPayment | Self::Product(_) => {
                let mut shown = self.show(call, vec![body]).await?;
                Ok(shown.pop().unwrap_or_default())
            }
        }
    }

    /// Answers with a resource in this shape.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn answer<R: Resource>(
        &self,
        call: &Call,
        status: StatusCode,
        resource: &R,
    ) -> Answer {
        match self {
            Self::Stored => call.resource(status, resource).await,
            Self::MyPayment | Self::Product(_) => {
                let body = self.show_one(call, render::json(resource)?).await?;
                call.document(status, body).await
            }
        }
    }
}

fn my_payment(body: &str) -> Result<String, CommerceError> {
    let broken = |error: serde_json::Error| CommerceError::Internal(error.to_string());
    let payment: Payment = serde_json::from_str(body).map_err(broken)?;
    serde_json::to_string(&MyPayment::from(&payment)).map_err(broken)
}
