//! The names of scopes: the one table, and what a name implies.

/// Whether a name also has a form for one store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    PerProject,
    PerStore,
}

macro_rules! scope_names {
    ($($(#[doc = $comment:literal])* $name:ident = $text:literal, $reach:ident, $implied:expr;)+) => {
        /// What a scope allows, without saying where.
        ///
        /// Source: <https://docs.commercetools.com/api/scopes>.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the texts of the table are the documentation")]
        pub enum ScopeName { $($name,)+ }

        impl ScopeName {
            /// Every name, in the order of the table.
            pub const ALL: &'static [ScopeName] = &[$(ScopeName::$name,)+];

            /// The name as it is written in a scope.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The name that is written so, if there is one. Names are lower case and compared byte by byte.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }

            const fn reach(self) -> Reach {
                match self { $(Self::$name => Reach::$reach,)+ }
            }

            /// The next weaker name that this name includes.
            const fn next_weaker(self) -> Option<Self> {
                use ScopeName::*;
                match self { $($name => $implied,)+ }
            }
        }
    };
}

scope_names! {
    ViewApiClients = "view_api_clients", PerProject, None;
    ManageApiClients = "manage_api_clients", PerProject, Some(ViewApiClients);
    ViewApprovalFlows = "view_approval_flows", PerProject, None;
    ManageApprovalFlows = "manage_approval_flows", PerProject, Some(ViewApprovalFlows);
    ViewApprovalRules = "view_approval_rules", PerProject, None;
    ManageApprovalRules = "manage_approval_rules", PerProject, Some(ViewApprovalRules);
    ViewAssociateRoles = "view_associate_roles", PerProject, None;
    ManageAssociateRoles = "manage_associate_roles", PerProject, Some(ViewAssociateRoles);
    ViewAttributeGroups = "view_attribute_groups", PerProject, None;
    ManageAttributeGroups = "manage_attribute_groups", PerProject, Some(ViewAttributeGroups);
    ViewBusinessUnits = "view_business_units", PerStore, None;
    ManageBusinessUnits = "manage_business_units", PerStore, Some(ViewBusinessUnits);
    ViewCartDiscounts = "view_cart_discounts", PerStore, None;
    ManageCartDiscounts = "manage_cart_discounts", PerStore, Some(ViewCartDiscounts);
    ViewCategories = "view_categories", PerProject, None;
    ManageCategories = "manage_categories", PerProject, Some(ViewCategories);
    ViewChannels = "view_channels", PerProject, None;
    ManageChannels = "manage_channels", PerProject, Some(ViewChannels);
    ViewCustomerGroups = "view_customer_groups", PerProject, None;
    ManageCustomerGroups = "manage_customer_groups", PerProject, Some(ViewCustomerGroups);
    ViewCustomers = "view_customers", PerStore, None;
    ManageCustomers = "manage_customers", PerStore, Some(ViewCustomers);
    ViewDiscountCodes = "view_discount_codes", PerProject, None;
    ManageDiscountCodes = "manage_discount_codes", PerProject, Some(ViewDiscountCodes);
    ViewKeyValueDocuments = "view_key_value_documents", PerProject, None;
    ManageKeyValueDocuments = "manage_key_value_documents", PerProject, Some(ViewKeyValueDocuments);
    ViewMcpServers = "view_mcp_servers", PerProject, None;
    ManageMcpServers = "manage_mcp_servers", PerProject, Some(ViewMcpServers);
    ViewOrderEdits = "view_order_edits", PerProject, None;
    ManageOrderEdits = "manage_order_edits", PerProject, Some(ViewOrderEdits);
    ViewOrders = "view_orders", PerStore, None;
    ManageOrders = "manage_orders", PerStore, Some(ViewOrders);
    ViewPaymentMethods = "view_payment_methods", PerProject, None;
    ManagePaymentMethods = "manage_payment_methods", PerProject, Some(ViewPaymentMethods);
    ViewPayments = "view_payments", PerProject, None;
    ManagePayments = "manage_payments", PerProject, Some(ViewPayments);
    ViewProductDiscounts = "view_product_discounts", PerProject, None;
    ManageProductDiscounts = "manage_product_discounts", PerProject, Some(ViewProductDiscounts);
    ViewProductSelections = "view_product_selections", PerProject, None;
    ManageProductSelections = "manage_product_selections", PerProject, Some(ViewProductSelections);
    ViewProductTypes = "view_product_types", PerProject, None;
    ManageProductTypes = "manage_product_types", PerProject, Some(ViewProductTypes);
    ViewProducts = "view_products", PerProject, Some(ViewPublishedProducts);
    ManageProducts = "manage_products", PerProject, Some(ViewProducts);
    ViewProjectSettings = "view_project_settings", PerProject, None;
    ManageProjectSettings = "manage_project_settings", PerProject, Some(ViewProjectSettings);
    ViewQuoteRequests = "view_quote_requests", PerStore, None;
    ManageQuoteRequests = "manage_quote_requests", PerStore, Some(ViewQuoteRequests);
    ViewQuotes = "view_quotes", PerStore, None;
    ManageQuotes = "manage_quotes", PerStore, Some(ViewQuotes);
    ViewRecurrencePolicies = "view_recurrence_policies", PerProject, None;
    ManageRecurrencePolicies = "manage_recurrence_policies", PerProject, Some(ViewRecurrencePolicies);
    ViewRecurringOrders = "view_recurring_orders", PerProject, None;
    ManageRecurringOrders = "manage_recurring_orders", PerProject, Some(ViewRecurringOrders);
    ViewShippingMethods = "view_shipping_methods", PerProject, None;
    ManageShippingMethods = "manage_shipping_methods", PerProject, Some(ViewShippingMethods);
    ViewShoppingLists = "view_shopping_lists", PerStore, None;
    ManageShoppingLists = "manage_shopping_lists", PerStore, Some(ViewShoppingLists);
    ViewStagedQuotes = "view_staged_quotes", PerStore, None;
    ManageStagedQuotes = "manage_staged_quotes", PerStore, Some(ViewStagedQuotes);
    ViewStandalonePrices = "view_standalone_prices", PerProject, None;
    ManageStandalonePrices = "manage_standalone_prices", PerProject, Some(ViewStandalonePrices);
    ViewStates = "view_states", PerProject, None;
    ManageStates = "manage_states", PerProject, Some(ViewStates);
    ViewStores = "view_stores", PerProject, None;
    ManageStores = "manage_stores", PerProject, Some(ViewStores);
    ViewTaxCategories = "view_tax_categories", PerProject, None;
    ManageTaxCategories = "manage_tax_categories", PerProject, Some(ViewTaxCategories);
    ViewTypes = "view_types", PerProject, None;
    ManageTypes = "manage_types", PerProject, Some(ViewTypes);
    ViewZones = "view_zones", PerProject, None;
    ManageZones = "manage_zones", PerProject, Some(ViewZones);
    ViewAuditLog = "view_audit_log", PerProject, None;
    ViewMessages = "view_messages", PerProject, None;
    ViewPublishedProducts = "view_published_products", PerProject, None;
    ManageProject = "manage_project", PerProject, None;
    ManageExtensions = "manage_extensions", PerProject, None;
    ManageLockedCarts = "manage_locked_carts", PerProject, None;
    ManageSubscriptions = "manage_subscriptions", PerProject, None;
    ManageMyProfile = "manage_my_profile", PerStore, None;
    ManageMyOrders = "manage_my_orders", PerStore, None;
    ManageMyPayments = "manage_my_payments", PerProject, None;
    ManageMyShoppingLists = "manage_my_shopping_lists", PerStore, None;
    ManageMyQuotes = "manage_my_quotes", PerProject, None;
    ManageMyQuoteRequests = "manage_my_quote_requests", PerProject, None;
    ManageMyBusinessUnits = "manage_my_business_units", PerProject, None;
    CreateAnonymousToken = "create_anonymous_token", PerProject, None;
    IntrospectOauthTokens = "introspect_oauth_tokens", PerProject, None;
    // Of neighbouring products: stored on a client and echoed, of no effect here.
    ViewImportContainers = "view_import_containers", PerProject, None;
    ManageImportContainers = "manage_import_containers", PerProject, Some(ViewImportContainers);
    ViewSessions = "view_sessions", PerProject, None;
    ManageSessions = "manage_sessions", PerProject, Some(ViewSessions);
    ViewCheckoutApplications = "view_checkout_applications", PerProject, None;
    ManageCheckoutApplications = "manage_checkout_applications", PerProject, Some(ViewCheckoutApplications);
    ViewCheckoutPaymentIntegrations = "view_checkout_payment_integrations", PerProject, None;
    ManageCheckoutPaymentIntegrations = "manage_checkout_payment_integrations", PerProject, Some(ViewCheckoutPaymentIntegrations);
    ViewCheckoutTransactions = "view_checkout_transactions", PerProject, None;
    ManageCheckoutTransactions = "manage_checkout_transactions", PerProject, Some(ViewCheckoutTransactions);
    ManageCheckoutPaymentIntents = "manage_checkout_payment_intents", PerProject, None;
    ViewConnectors = "view_connectors", PerProject, None;
    ManageConnectors = "manage_connectors", PerProject, Some(ViewConnectors);
    ViewConnectorsDeployments = "view_connectors_deployments", PerProject, None;
    ManageConnectorsDeployments = "manage_connectors_deployments", PerProject, Some(ViewConnectorsDeployments);
    ViewDeployments = "view_deployments", PerProject, None;
    ManageDeployments = "manage_deployments", PerProject, Some(ViewDeployments);
}

impl ScopeName {
    /// Whether there is a form `name:{projectKey}:{storeKey}`.
    #[must_use]
    pub fn has_store_form(self) -> bool {
        self.reach() == Reach::PerStore
    }

    /// Whether the scope is about the caller's own things: without effect unless the token speaks for a guest or a
    /// customer.
    #[must_use]
    pub const fn is_my_scope(self) -> bool {
        matches!(
            self,
            Self::ManageMyProfile
                | Self::ManageMyOrders
                | Self::ManageMyPayments
                | Self::ManageMyShoppingLists
                | Self::ManageMyQuotes
                | Self::ManageMyQuoteRequests
                | Self::ManageMyBusinessUnits
        )
    }

    /// Whether a shopper's device may have the scope: the shopper's own things, and reading what every visitor of the shop
    /// sees. Discount codes are not among that, because whoever may view them may list them all; nor is `view_products`,
    /// which opens products that are not published yet, stock and channels.
    #[must_use]
    pub const fn is_safe_on_devices(self) -> bool {
        self.is_my_scope()
            || matches!(
                self,
                Self::ViewPublishedProducts
                    | Self::ViewCategories
                    | Self::ViewProductSelections
                    | Self::ViewTypes
                    | Self::ViewStates
                    | Self::ViewStores
                    | Self::ViewShippingMethods
                    | Self::ViewProjectSettings
            )
    }

    /// Whether whoever holds `self` may do what `other` allows, in the same place.
    ///
    /// `manage_project` includes everything but the administration of API clients, which would let it mint stronger
    /// clients than itself.
    #[must_use]
    pub fn implies(self, other: Self) -> bool {
        if self == Self::ManageProject {
            return !matches!(other, Self::ViewApiClients | Self::ManageApiClients);
        }
        let mut held = Some(self);
        while let Some(name) = held {
            if name == other {
                return true;
            }
            held = name.next_weaker();
        }
        false
    }
}

impl std::fmt::Display for ScopeName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}
