//! The auth server through a client library that others wrote from the RFCs.

use oauth2::{
    AccessToken, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IntrospectionUrl, RefreshToken, RequestTokenError, ResourceOwnerPassword,
    ResourceOwnerUsername, RevocationUrl, Scope, StandardRevocableToken,
    TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl,
    basic::{
        BasicClient, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse,
        BasicTokenType,
    },
};
use ureq::Agent;

use crate::support::{Credentials, PASSWORD, Shop, on_each_database};

type Client = BasicClient<EndpointNotSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

/// The library speaks to some endpoints by TLS only; it ends in front of the server, as at a gateway.
fn send(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let (mut parts, body) = request.into_parts();
    let plain = parts.uri.to_string().replacen("https://", "http://", 1);
    parts.uri = plain.parse().expect("a URI");
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into();
    let answer = agent.run(HttpRequest::from_parts(parts, body))?;
    let (parts, mut body) = answer.into_parts();
    Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
}

/// A client of the library; tokens come from the endpoint at `path`.
fn client(shop: &Shop, credentials: &Credentials, path: &str) -> Client {
    let url = |path: &str| shop.auth_url(path).replacen("http://", "https://", 1);
    BasicClient::new(ClientId::new(credentials.id.clone()))
        .set_client_secret(ClientSecret::new(credentials.secret.clone()))
        .set_token_uri(TokenUrl::new(url(path)).expect("a URL"))
        .set_introspection_url(IntrospectionUrl::new(url("/oauth/introspect")).expect("a URL"))
        .set_revocation_url(RevocationUrl::new(url("/oauth/token/revoke")).expect("a URL"))
}

fn admin(shop: &Shop) -> Client {
    client(shop, &shop.clients.admin, "/oauth/token")
}

fn phone(shop: &Shop) -> Client {
    client(shop, &shop.clients.mobile, "/oauth/token")
}

fn guest(shop: &Shop) -> BasicTokenResponse {
    client(shop, &shop.clients.mobile, "/oauth/demo/anonymous/token")
        .exchange_client_credentials()
        .request(&send)
        .expect("a guest")
}

fn refresh(
    shop: &Shop,
    token: &RefreshToken,
) -> Result<BasicTokenResponse, BasicRequestTokenError<ureq::Error>> {
    phone(shop).exchange_refresh_token(token).request(&send)
}

fn is_active(shop: &Shop, token: &AccessToken) -> bool {
    let asked = admin(shop).introspect(token).request(&send);
    asked.expect("an answer").active()
}

/// The error code of an answer that the library understood as a refusal.
fn code<T: std::fmt::Debug>(
    outcome: Result<T, BasicRequestTokenError<ureq::Error>>,
) -> BasicErrorResponseType {
    match outcome {
        Err(RequestTokenError::ServerResponse(refusal)) => refusal.error().clone(),
        other => panic!("no refusal: {other:?}"),
    }
}

#[test]
fn a_client_gets_the_part_of_its_scope_that_it_asks_for() {
    on_each_database(|shop| {
        let token = admin(shop)
            .exchange_client_credentials()
            .add_scope(Scope::new("view_products:demo".to_owned()))
            .request(&send)
            .expect("a token");
        assert_eq!(token.token_type(), &BasicTokenType::Bearer);
        assert_eq!(token.expires_in().map(|time| time.as_secs()), Some(172_800));
        let scopes = token.scopes().expect("a scope");
        assert_eq!(scopes, &[Scope::new("view_products:demo".to_owned())]);
        assert!(token.refresh_token().is_none());
    });
}

#[test]
fn refusals_are_understood() {
    on_each_database(|shop| {
        let too_much = phone(shop)
            .exchange_client_credentials()
            .add_scope(Scope::new("manage_project:demo".to_owned()))
            .request(&send);
        assert_eq!(code(too_much), BasicErrorResponseType::InvalidScope);
        let nobody = Credentials {
            id: "no-body_".to_owned(),
            secret: "wrong%+".to_owned(),
        };
        let unknown = client(shop, &nobody, "/oauth/token");
        let unknown = unknown.exchange_client_credentials().request(&send);
        assert_eq!(code(unknown), BasicErrorResponseType::InvalidClient);
        let made_up = refresh(shop, &RefreshToken::new("demo:made-up".to_owned()));
        assert_eq!(code(made_up), BasicErrorResponseType::InvalidGrant);
    });
}

#[test]
fn a_guest_is_refreshed_and_keeps_the_cart() {
    on_each_database(|shop| {
        let first = guest(shop);
        let cart = shop
            .api_with(first.access_token().secret())
            .my_cart_with("SKU-1", 2);
        let spent = first.refresh_token().expect("a refresh token");
        let second = refresh(shop, spent).expect("a refresh");
        assert_eq!(second.scopes(), first.scopes());
        assert!(
            second
                .refresh_token()
                .is_some_and(|next| next.secret() != spent.secret())
        );
        let again = shop
            .api_with(second.access_token().secret())
            .my_cart_again(&cart);
        assert_eq!(again, cart);
    });
}

#[test]
fn a_customer_signs_in_with_a_password() {
    on_each_database(|shop| {
        let customer = shop.customer("alice@example.com");
        let client = client(shop, &shop.clients.mobile, "/oauth/demo/customers/token");
        let sign_in = |password: &str| {
            client
                .exchange_password(
                    &ResourceOwnerUsername::new("alice@example.com".to_owned()),
                    &ResourceOwnerPassword::new(password.to_owned()),
                )
                .request(&send)
        };
        let token = sign_in(PASSWORD).expect("a token");
        let me = shop
            .api_with(token.access_token().secret())
            .get("/me")
            .expect(200);
        assert_eq!(me["id"], customer.id);
        let wrong = code(sign_in("wrong"));
        assert_eq!(
            wrong,
            BasicErrorResponseType::Extension("invalid_customer_account_credentials".to_owned())
        );
    });
}

#[test]
fn introspection_tells_whose_a_token_is_until_it_is_revoked() {
    on_each_database(|shop| {
        let token = guest(shop);
        let told = admin(shop)
            .introspect(token.access_token())
            .request(&send)
            .expect("an answer");
        assert!(told.active());
        assert_eq!(
            told.client_id().map(|id| id.as_str()),
            Some(shop.clients.mobile.id.as_str())
        );
        assert_eq!(told.scopes(), token.scopes());
        assert_eq!(told.token_type(), Some(&BasicTokenType::Bearer));
        assert!(told.sub().is_some_and(|sub| sub.starts_with("anonymous:")));
        assert!(told.exp() > told.iat());
        let access_token = token.access_token().clone();
        phone(shop)
            .revoke_token(StandardRevocableToken::AccessToken(access_token))
            .expect("a request")
            .request(&send)
            .expect("revoked");
        assert!(!is_active(shop, token.access_token()));
        assert!(!is_active(shop, &AccessToken::new("made-up".to_owned())));
    });
}

#[test]
fn a_revoked_refresh_token_ends_the_session() {
    on_each_database(|shop| {
        let token = guest(shop);
        let refresh_token = token.refresh_token().expect("a refresh token").clone();
        for _again in 0..2 {
            phone(shop)
                .revoke_token(StandardRevocableToken::RefreshToken(refresh_token.clone()))
                .expect("a request")
                .request(&send)
                .expect("revoked");
        }
        assert!(!is_active(shop, token.access_token()));
        let refused = code(refresh(shop, &refresh_token));
        assert_eq!(refused, BasicErrorResponseType::InvalidGrant);
    });
}
