//! Errors of the API client endpoints, in the shape of the resource API.

use serde_json::{Value, json};

/// Why a request about API clients was refused.
///
/// Codes and texts follow <https://docs.commercetools.com/api/errors>.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApiError {
    /// There is no such client in the project.
    #[error("The Resource with ID '{id}' was not found.")]
    ClientNotFound { id: String },
    /// There is nothing at this path.
    #[error("URI not found: {path}")]
    PathNotFound { path: String },
    /// The path exists, but not for this method.
    #[error("The method {method} is not allowed here. Allowed: {allowed}.")]
    MethodNotAllowed {
        method: String,
        allowed: &'static str,
    },
    /// The body is no JSON object, or a member has another type.
    #[error("Request body does not contain valid JSON.")]
    InvalidJson { detail: String },
    /// A member is missing.
    #[error("A value is required for field '{field}'.")]
    RequiredField { field: &'static str },
    /// A member has a value it cannot have.
    #[error("The value '{}' is not valid for field '{field}'. {expected}", shown(.value))]
    InvalidField {
        field: &'static str,
        value: Value,
        expected: String,
    },
    /// A query parameter is malformed or out of range.
    #[error("{message}")]
    InvalidInput { message: String },
}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::ClientNotFound { .. } | Self::PathNotFound { .. } => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::InvalidJson { .. }
            | Self::RequiredField { .. }
            | Self::InvalidField { .. }
            | Self::InvalidInput { .. } => 400,
        }
    }

    /// The error code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ClientNotFound { .. } | Self::PathNotFound { .. } => "ResourceNotFound",
            Self::MethodNotAllowed { .. } => "MethodNotAllowed",
            Self::InvalidJson { .. } => "InvalidJsonInput",
            Self::RequiredField { .. } => "RequiredField",
            Self::InvalidField { .. } => "InvalidField",
            Self::InvalidInput { .. } => "InvalidInput",
        }
    }

    /// The element of `errors`.
    #[must_use]
    pub fn detail(&self) -> Value {
        let message = self.to_string();
        let code = self.code();
        match self {
            Self::InvalidJson { detail } => {
                json!({ "code": code, "message": message, "detailedErrorMessage": detail })
            }
            Self::RequiredField { field } => {
                json!({ "code": code, "message": message, "field": field })
            }
            Self::InvalidField { field, value, .. } => {
                json!({ "code": code, "message": message, "field": field, "invalidValue": value })
            }
            Self::ClientNotFound { .. }
            | Self::PathNotFound { .. }
            | Self::MethodNotAllowed { .. }
            | Self::InvalidInput { .. } => json!({ "code": code, "message": message }),
        }
    }
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
