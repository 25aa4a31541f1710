//! The same of the API client endpoints.

use super::rendered;
use crate::model::api_error::ApiError;

#[actix_web::test]
async fn every_error_of_the_client_endpoints_has_the_shape_of_the_resource_api() {
    let value = serde_json::json!(5);
    for (error, status, body) in [
        (
            ApiError::ClientNotFound { id: "x".to_owned() },
            404,
            r#"{"statusCode":404,"message":"The Resource with ID 'x' was not found.","errors":[{"code":"ResourceNotFound","message":"The Resource with ID 'x' was not found."}]}"#,
        ),
        (
            ApiError::PathNotFound {
                path: "/x".to_owned(),
            },
            404,
            r#"{"statusCode":404,"message":"URI not found: /x","errors":[{"code":"ResourceNotFound","message":"URI not found: /x"}]}"#,
        ),
        (
            ApiError::MethodNotAllowed {
                method: "PUT".to_owned(),
                allowed: "GET",
            },
            405,
            r#"{"statusCode":405,"message":"The method PUT is not allowed here. Allowed: GET.","errors":[{"code":"MethodNotAllowed","message":"The method PUT is not allowed here. Allowed: GET."}]}"#,
        ),
        (
            ApiError::InvalidJson {
                detail: "at 1".to_owned(),
            },
            400,
            r#"{"statusCode":400,"message":"Request body does not contain valid JSON.","errors":[{"code":"InvalidJsonInput","message":"Request body does not contain valid JSON.","detailedErrorMessage":"at 1"}]}"#,
        ),
        (
            ApiError::RequiredField { field: "name" },
            400,
            r#"{"statusCode":400,"message":"A value is required for field 'name'.","errors":[{"code":"RequiredField","message":"A value is required for field 'name'.","field":"name"}]}"#,
        ),
        (
            ApiError::InvalidField {
                field: "name",
                value,
                expected: "A text.".to_owned(),
            },
            400,
            r#"{"statusCode":400,"message":"The value '5' is not valid for field 'name'. A text.","errors":[{"code":"InvalidField","message":"The value '5' is not valid for field 'name'. A text.","field":"name","invalidValue":5}]}"#,
        ),
        (
            ApiError::InvalidInput {
                message: "Bad.".to_owned(),
            },
            400,
            r#"{"statusCode":400,"message":"Bad.","errors":[{"code":"InvalidInput","message":"Bad."}]}"#,
        ),
    ] {
        let (found, _, text) = rendered(error.into()).await;
        assert_eq!((found, text.as_str()), (status, body));
    }
}
