//! What tokens for shoppers' devices may do.

use auth_server::{app_state::Behaviour, device_scopes::DeviceScopePolicy};

use crate::support::{Answer, Credentials, TestApp, on_every_database_with, with_two_instances};

/// A client as a careless developer makes it.
const CARELESS: &str = "manage_project:shop create_anonymous_token:shop manage_my_orders:shop view_products:shop \
     view_discount_codes:shop";

const EVENTS: &str = "audit_events WHERE event = 'scope_policy_warning'";

fn behaviour(policy: DeviceScopePolicy) -> Behaviour {
    Behaviour {
        device_scopes: policy,
        ..Behaviour::default()
    }
}

async fn guest(app: &TestApp, client: &Credentials, scope: &str) -> Answer {
    let form = format!("grant_type=client_credentials&scope={scope}");
    app.post(client, "/oauth/shop/anonymous/token", &form).await
}

async fn customer(app: &TestApp, client: &Credentials, scope: &str) -> Answer {
    let form = format!("grant_type=password&username=a@b.example&password=secret&scope={scope}");
    app.post(client, "/oauth/shop/customers/token", &form).await
}

/// The scope without the identity at its end.
fn permissions(answer: &Answer) -> String {
    let scope = answer.member("scope");
    let (permissions, identity) = scope.rsplit_once(' ').expect("an identity");
    assert!(identity.starts_with("anonymous_id:") || identity.starts_with("customer_id:"));
    permissions.to_owned()
}

/// Events are written beside the request.
async fn wait_for_events(app: &TestApp, number: i64) {
    while app.count(EVENTS).await < number {
        actix_web::rt::task::yield_now().await;
    }
    assert_eq!(app.count(EVENTS).await, number);
}

#[actix_web::test]
async fn by_default_unsafe_scopes_are_granted_counted_and_written_down_once_an_hour() {
    with_two_instances(async |one, two| {
        let careless = one.client(CARELESS).await;
        let careful = one
            .client(
                "create_anonymous_token:shop view_published_products:shop manage_my_orders:shop",
            )
            .await;
        one.customer("c1", None, "a@b.example", "secret").await;
        one.guest(&careful).await;
        guest(&one, &careful, "view_published_products:shop").await;
        let granted = guest(&one, &careless, "").await;
        assert_eq!(
            permissions(&granted),
            "manage_project:shop manage_my_orders:shop view_products:shop view_discount_codes:shop"
        );
        wait_for_events(&one, 1).await;
        let named = customer(&one, &careless, "manage_project:shop").await;
        assert_eq!(permissions(&named), "manage_project:shop");
        one.clock.advance_seconds(3_599);
        guest(&one, &careless, "view_orders:shop").await;
        guest(&one, &careless, "view_published_products:shop").await;
        assert_eq!(one.state.metrics.device_scope_warnings.get(), 3);
        wait_for_events(&one, 1).await;
        one.clock.advance_seconds(1);
        guest(&one, &careless, "").await;
        wait_for_events(&one, 2).await;
        // Each instance writes for itself.
        guest(&two, &careless, "").await;
        guest(&two, &careless, "").await;
        wait_for_events(&one, 3).await;
        assert_eq!(two.state.metrics.device_scope_warnings.get(), 2);
        let told = "audit_events WHERE event = 'scope_policy_warning' AND detail LIKE \
             '%manage_project:shop view_products:shop view_discount_codes:shop\"%'";
        assert_eq!(one.count(told).await, 3);
    })
    .await;
}

#[actix_web::test]
async fn a_refused_request_warns_of_nothing() {
    on_every_database_with(behaviour(DeviceScopePolicy::Warn), async |app| {
        let careless = app.client(CARELESS).await;
        let form = "grant_type=client_credentials&anonymous_id=mine";
        let path = "/oauth/shop/anonymous/token";
        assert_eq!(app.post(&careless, path, form).await.status, 200);
        assert_eq!(app.post(&careless, path, form).await.status, 400);
        assert_eq!(app.state.metrics.device_scope_warnings.get(), 1);
    })
    .await;
}

#[actix_web::test]
async fn unsafe_scopes_can_be_denied() {
    on_every_database_with(behaviour(DeviceScopePolicy::Deny), async |app| {
        let careless = app.client(CARELESS).await;
        app.customer("c1", None, "a@b.example", "secret").await;
        for answer in [
            guest(&app, &careless, "").await,
            customer(&app, &careless, "").await,
        ] {
            assert_eq!(permissions(&answer), "manage_my_orders:shop");
        }
        for scope in [
            "manage_project:shop",
            "view_products:shop",
            "view_published_products:shop view_discount_codes:shop",
            "create_anonymous_token:shop",
        ] {
            for refused in [
                guest(&app, &careless, scope).await,
                customer(&app, &careless, scope).await,
            ] {
                assert_eq!(refused.status, 400);
                assert_eq!(refused.error(), "invalid_scope");
                assert_eq!(refused.json()["message"], "Permissions exceeded.");
            }
        }
        // The client's own token is on no device.
        let own = app.client_token(&careless, "manage_project:shop").await;
        assert_eq!(own.status, 200);
        let useless = app
            .client("create_anonymous_token:shop manage_orders:shop")
            .await;
        assert_eq!(guest(&app, &useless, "").await.error(), "invalid_scope");
        assert_eq!(app.count(EVENTS).await, 0);
    })
    .await;
}

#[actix_web::test]
async fn unsafe_scopes_can_be_granted_without_a_word() {
    on_every_database_with(behaviour(DeviceScopePolicy::Allow), async |app| {
        let careless = app.client(CARELESS).await;
        assert_eq!(guest(&app, &careless, "").await.status, 200);
        assert_eq!(app.state.metrics.device_scope_warnings.get(), 0);
        assert_eq!(app.count(EVENTS).await, 0);
    })
    .await;
}
