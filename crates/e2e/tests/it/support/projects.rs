//! More than one project in one database.

use commerce_api::{
    error::CommerceError,
    service::{seed::built_in, workbench::ShoppingListMigration},
};
use domain::{identity::ids::ProjectKey, money::Currency, project::Project};
use serde_json::json;
use shared::{
    clock::{Clock as _, SharedClock},
    db::DbError,
};

use super::{
    client::{Api, Credentials, text},
    servers::{auth_server, commerce_api},
    shop::Shop,
};
use auth_server::{grants::clients as administration, model::client_draft::ClientDraft};

/// A project beside the shop's own, and an API client of it.
pub struct OtherProject<'a> {
    shop: &'a Shop,
    key: &'static str,
    client: Credentials,
}

impl Shop {
    /// Makes a project in the same database, with an API client that has all of `scopes` there.
    pub fn other_project(&self, key: &'static str, scopes: &[&str]) -> OtherProject<'_> {
        let clock: SharedClock = self.clock.clone();
        let project_key = ProjectKey::new(key);
        let project = Project::new(
            key,
            key,
            vec![Currency::parse("EUR").unwrap()],
            vec!["DE".to_owned()],
            vec!["en".to_owned()],
            clock.now(),
        );
        // Only for what they know: nobody calls these two.
        let (_auth, auth) = auth_server(
            self.database.second_instance(),
            clock.clone(),
            ShoppingListMigration::Manual,
        );
        let (_api, api) = commerce_api(
            self.database.second_instance(),
            clock,
            "http://localhost",
            ShoppingListMigration::Manual,
        );
        let database = &self.database.database;
        let scope: Vec<String> = scopes.iter().map(|name| format!("{name}:{key}")).collect();
        let client = database.write_blocking::<_, DbError>(|tx| {
            auth_server::store::projects::insert_if_missing(tx, &project)?;
            let draft = json!({ "name": key, "scope": scope.join(" ") }).to_string();
            let draft = ClientDraft::from_json(&project_key, draft.as_bytes()).expect("a draft");
            administration::create(tx, &auth.mint, &auth.pepper, &project_key, draft)
        });
        let (client, secret) = client.expect("an API client");
        let built_in =
            database.write_blocking::<_, CommerceError>(|tx| built_in(tx, &api, &project_key));
        built_in.expect("what every project has");
        OtherProject {
            shop: self,
            key,
            client: Credentials {
                id: client.id.to_string(),
                secret: secret.expect("a secret"),
            },
        }
    }

    /// The API of any project, known or not, as the bearer of any text.
    pub fn api_of(&self, project: &str, token: &str) -> Api {
        let mut api = self.api_with(token);
        let (host, _) = api.base.rsplit_once('/').expect("a project");
        api.base = format!("{host}/{project}");
        api
    }
}

impl OtherProject<'_> {
    /// The API client's own token, at this project.
    #[track_caller]
    pub fn backend(&self) -> Api {
        let form = [("grant_type", "client_credentials")];
        let answer = self.shop.ask_auth(&self.client, "/oauth/token", &form);
        self.shop
            .api_of(self.key, &text(&answer.expect(200), "/access_token"))
    }

    /// A guest of this project.
    #[track_caller]
    pub fn guest(&self, anonymous_id: &str) -> Api {
        let form = [
            ("grant_type", "client_credentials"),
            ("anonymous_id", anonymous_id),
        ];
        let path = format!("/oauth/{}/anonymous/token", self.key);
        let answer = self.shop.ask_auth(&self.client, &path, &form);
        self.shop
            .api_of(self.key, &text(&answer.expect(200), "/access_token"))
    }
}
