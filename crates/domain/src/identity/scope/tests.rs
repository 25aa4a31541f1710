use proptest::prelude::*;

use super::*;

fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("a scope")
}

fn project(key: &str) -> ProjectKey {
    ProjectKey::new(key)
}

#[test]
fn names_are_the_published_ones() {
    // 36 view/manage pairs, 3 view only, 4 manage only, 7 my scopes, 2 of the authorization server, 17 of neighbours.
    assert_eq!(ScopeName::ALL.len(), 105);
    assert_eq!(
        ScopeName::ALL.iter().filter(|n| n.has_store_form()).count(),
        19
    );
    for name in ScopeName::ALL {
        assert_eq!(ScopeName::parse(name.as_str()), Some(*name));
    }
    assert_eq!(ScopeName::ManageMyOrders.as_str(), "manage_my_orders");
    assert_eq!(ScopeName::parse("Manage_project"), None);
}

#[test]
fn parses_a_scope_string_in_its_order_without_repeats() {
    let parsed = set(
        "manage_my_orders:shop view_products:shop manage_my_orders:shop view_orders:shop:berlin anonymous_id:a:b",
    );
    assert_eq!(
        parsed.to_string(),
        "manage_my_orders:shop view_products:shop view_orders:shop:berlin anonymous_id:a:b"
    );
    assert_eq!(
        parsed.subject(),
        Subject::Anonymous(AnonymousId::new("a:b"))
    );
}

#[test]
fn refuses_what_is_no_scope_and_names_it() {
    for text in [
        "manage_project",
        "manage_project:",
        "manage_projects:shop",
        "view_products:shop:berlin",
        "view_orders:shop:",
        "view_orders:shop:a:b",
        "view_orders:sh\"op",
        "customer_id:",
        "anonymous_id:",
        "external_user_id:x",
        "MANAGE_PROJECT:shop",
    ] {
        let error = ScopeSet::parse(&format!("view_types:shop {text}"))
            .expect_err(text)
            .to_string();
        assert!(error.contains(&format!("`{text}`")), "{error}");
    }
}

#[test]
fn manage_project_includes_everything_but_api_clients() {
    let held = set("manage_project:shop");
    for name in ScopeName::ALL {
        let expected = !matches!(
            name,
            ScopeName::ViewApiClients | ScopeName::ManageApiClients
        );
        assert_eq!(held.allows(*name, &project("shop"), None), expected);
        assert!(!held.allows(*name, &project("other"), None));
    }
}

#[test]
fn manage_includes_view_and_products_include_their_projections() {
    let shop = project("shop");
    assert!(set("manage_products:shop").allows(ScopeName::ViewPublishedProducts, &shop, None));
    assert!(set("manage_orders:shop").allows(ScopeName::ViewOrders, &shop, None));
    assert!(!set("view_orders:shop").allows(ScopeName::ManageOrders, &shop, None));
    assert!(!set("manage_my_orders:shop").allows(ScopeName::ViewOrders, &shop, None));
    assert!(!set("customer_id:1").allows(ScopeName::ManageMyOrders, &shop, None));
}

#[test]
fn a_store_scope_is_good_in_its_store_only() {
    let shop = project("shop");
    let berlin = StoreKey::new("berlin");
    let paris = StoreKey::new("paris");
    let held = set("manage_orders:shop:berlin");
    assert!(held.allows(ScopeName::ViewOrders, &shop, Some(&berlin)));
    assert!(!held.allows(ScopeName::ViewOrders, &shop, Some(&paris)));
    assert!(!held.allows(ScopeName::ViewOrders, &shop, None));
    assert!(set("manage_orders:shop").allows(ScopeName::ViewOrders, &shop, Some(&paris)));
}

#[test]
fn without_a_requested_scope_a_device_gets_all_but_the_dangerous_ones() {
    let held = set(
        "manage_my_orders:shop create_anonymous_token:shop introspect_oauth_tokens:shop manage_api_clients:shop view_products:shop",
    );
    let shop = project("shop");
    let granted = |holder| {
        held.granted(&shop, None, holder, Narrowing::Implied)
            .map(|set| set.to_string())
    };
    assert_eq!(
        granted(Holder::Device(DeviceScopes::Any)).as_deref(),
        Ok("manage_my_orders:shop view_products:shop")
    );
    assert_eq!(granted(Holder::Client), Ok(held.to_string()));
    assert_eq!(
        ScopeSet::default().granted(&shop, None, Holder::Client, Narrowing::Implied),
        Err(ScopeRefusal::Empty)
    );
}

#[test]
fn a_requested_scope_must_be_held_requestable_and_of_the_project() {
    let held = set("manage_project:shop create_anonymous_token:shop");
    let shop = project("shop");
    let ask = |text: &str, narrowing| {
        held.granted(
            &shop,
            Some(&set(text)),
            Holder::Device(DeviceScopes::Any),
            narrowing,
        )
        .map(|set| set.to_string())
    };
    assert_eq!(
        ask("view_orders:shop", Narrowing::Implied).as_deref(),
        Ok("view_orders:shop")
    );
    assert_eq!(
        ask("view_orders:shop", Narrowing::Literal),
        Err(ScopeRefusal::Exceeded)
    );
    assert_eq!(
        ask("create_anonymous_token:shop", Narrowing::Implied).as_deref(),
        Ok("create_anonymous_token:shop")
    );
    assert_eq!(
        ask("manage_api_clients:shop", Narrowing::Implied),
        Err(ScopeRefusal::Exceeded)
    );
    assert_eq!(
        ask("view_orders:other", Narrowing::Implied),
        Err(ScopeRefusal::NotRequestable)
    );
    assert_eq!(
        ask("anonymous_id:me", Narrowing::Implied),
        Err(ScopeRefusal::NotRequestable)
    );
}

#[test]
fn a_refresh_may_narrow_but_keeps_the_identity_last() {
    let session = set("manage_my_orders:shop view_products:shop anonymous_id:guest");
    let narrowed = |text: &str| session.narrowed(&set(text)).map(|set| set.to_string());
    assert_eq!(
        narrowed("anonymous_id:guest view_published_products:shop").as_deref(),
        Ok("view_published_products:shop anonymous_id:guest")
    );
    assert_eq!(
        narrowed("anonymous_id:other view_products:shop"),
        Err(ScopeRefusal::NotRequestable)
    );
    assert_eq!(
        narrowed("manage_products:shop"),
        Err(ScopeRefusal::Exceeded)
    );
    assert_eq!(narrowed("anonymous_id:guest"), Err(ScopeRefusal::Empty));
}

#[test]
fn a_store_session_keeps_project_scopes_but_owns_things_of_its_store_only() {
    let held = set(
        "manage_my_orders:shop manage_my_payments:shop view_products:shop view_orders:shop:paris manage_my_profile:shop:berlin",
    );
    assert_eq!(
        held.in_store(&StoreKey::new("berlin")).to_string(),
        "manage_my_orders:shop:berlin manage_my_payments:shop view_products:shop manage_my_profile:shop:berlin"
    );
}

fn any_scope() -> impl Strategy<Value = Scope> {
    let keys = || prop::sample::select(vec!["a", "b", "c-1"]);
    prop_oneof![
        8 => (prop::sample::select(ScopeName::ALL), keys(), prop::option::of(keys())).prop_map(
            |(name, project, store)| Scope::Permission {
                name,
                project: ProjectKey::new(project),
                store: store.filter(|_| name.has_store_form()).map(StoreKey::new),
            }
        ),
        1 => "[!#-\\[\\]-~]{1,20}".prop_map(|id| Scope::Anonymous(AnonymousId::new(id))),
        1 => "[0-9a-f-]{1,36}".prop_map(|id| Scope::Customer(CustomerId::new(id))),
    ]
}

fn any_set() -> impl Strategy<Value = ScopeSet> {
    prop::collection::vec(any_scope(), 0..8).prop_map(ScopeSet::new)
}

proptest! {
    #[test]
    fn printing_and_parsing_gives_the_same_set(scopes in any_set()) {
        prop_assert_eq!(ScopeSet::parse(&scopes.to_string()), Ok(scopes));
    }

    #[test]
    fn any_text_that_parses_prints_to_a_text_that_parses_to_the_same(text in "\\PC{0,60}") {
        if let Ok(parsed) = ScopeSet::parse(&text) {
            prop_assert_eq!(ScopeSet::parse(&parsed.to_string()), Ok(parsed));
        }
    }

    #[test]
    fn implication_is_reflexive_and_transitive(a in any_scope(), b in any_scope(), c in any_scope()) {
        prop_assert!(a.implies(&a));
        prop_assert!(!(a.implies(&b) && b.implies(&c)) || a.implies(&c));
    }

    #[test]
    fn implication_never_crosses_projects_stores_or_identities(a in any_scope(), b in any_scope()) {
        if a.implies(&b) {
            match (&a, &b) {
                (Scope::Permission { project: p, store: s, .. }, Scope::Permission { project: q, store: t, .. }) => {
                    prop_assert_eq!(p, q);
                    prop_assert!(s.is_none() || s == t);
                }
                _ => prop_assert_eq!(&a, &b),
            }
        }
    }

    #[test]
    fn what_is_granted_is_always_held(held in any_set(), requested in prop::option::of(any_set()), device: bool, literal: bool) {
        let holder = if device { Holder::Device(DeviceScopes::Any) } else { Holder::Client };
        let narrowing = if literal { Narrowing::Literal } else { Narrowing::Implied };
        if let Ok(granted) = held.granted(&project("a"), requested.as_ref(), holder, narrowing) {
            for scope in &granted {
                prop_assert!(!scope.is_identity());
                prop_assert!(held.implies(scope));
            }
        }
    }

    #[test]
    fn narrowing_never_widens(held in any_set(), requested in any_set()) {
        if let Ok(narrowed) = held.narrowed(&requested) {
            for scope in &narrowed {
                prop_assert!(held.implies(scope));
            }
            prop_assert_eq!(narrowed.subject(), held.subject());
        }
    }

    #[test]
    fn a_store_session_is_never_stronger(held in any_set()) {
        for scope in &held.in_store(&StoreKey::new("b")) {
            prop_assert!(held.implies(scope));
        }
    }
}

#[test]
fn a_guarded_device_gets_what_is_safe_by_default_and_nothing_else_by_name() {
    let shop = ProjectKey::new("shop");
    let held = set(
        "manage_project:shop view_products:shop manage_my_orders:shop:berlin view_discount_codes:shop create_anonymous_token:shop",
    );
    let granted = |requested: Option<&str>| {
        let holder = Holder::Device(DeviceScopes::SafeOnly);
        held.granted(
            &shop,
            requested.map(set).as_ref(),
            holder,
            Narrowing::Implied,
        )
        .map(|granted| granted.to_string())
    };
    assert_eq!(granted(None).as_deref(), Ok("manage_my_orders:shop:berlin"));
    // Included in manage_project and view_products, and safe.
    for name in ["view_stores:shop", "view_published_products:shop"] {
        assert_eq!(granted(Some(name)).as_deref(), Ok(name));
    }
    for name in [
        "manage_project",
        "view_products",
        "view_discount_codes",
        "create_anonymous_token",
        "view_orders",
    ] {
        let text = format!("manage_my_orders:shop:berlin {name}:shop");
        assert_eq!(granted(Some(&text)), Err(ScopeRefusal::Exceeded), "{name}");
    }
    let unsafe_ones = held.unsafe_on_devices().to_string();
    assert_eq!(
        unsafe_ones,
        "manage_project:shop view_products:shop view_discount_codes:shop create_anonymous_token:shop"
    );
}

#[test]
fn a_scope_reaches_the_project_or_the_stores_that_are_named() {
    let shop = ProjectKey::new("shop");
    let held = set(
        "manage_orders:shop:rome view_orders:shop:bern view_customers:shop manage_orders:other \
         manage_customers:shop:bern manage_my_orders:shop:oslo",
    );
    let reach = |names: &[ScopeName]| held.reach(names, &shop);
    let stores =
        |keys: &[&str]| Reach::Stores(keys.iter().map(|key| StoreKey::new(*key)).collect());
    assert_eq!(reach(&[ScopeName::ViewOrders]), stores(&["bern", "rome"]));
    assert_eq!(reach(&[ScopeName::ManageOrders]), stores(&["rome"]));
    assert_eq!(reach(&[ScopeName::ViewCustomers]), Reach::Project);
    assert_eq!(
        reach(&[ScopeName::ManageOrders, ScopeName::ViewCustomers]),
        Reach::Project
    );
    assert_eq!(reach(&[ScopeName::ViewPayments]), stores(&[]));
    assert_eq!(reach(&[]), stores(&[]));
}

#[test]
fn beyond_is_what_no_held_scope_includes() {
    let held = set("manage_orders:shop manage_api_clients:shop");
    let wanted =
        set("view_orders:shop view_orders:shop:berlin manage_project:shop view_api_clients:shop");
    assert_eq!(wanted.beyond(&held).to_string(), "manage_project:shop");
}
