//! States: what an order, a line item or a payment can be in, as the merchant defines it.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::shape::{add_missing, check_localized, check_text, without_repetitions},
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    reference::{Reference, ResourceIdentifier},
    resource::{Resource, unborn},
    timestamp::Timestamp,
};

/// What a state is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StateType {
    /// Orders.
    OrderState,
    /// Recurring orders.
    RecurringOrderState,
    /// Line items.
    LineItemState,
    /// Products.
    ProductState,
    /// Reviews.
    ReviewState,
    /// Payments.
    PaymentState,
    /// Quote requests.
    QuoteRequestState,
    /// Staged quotes.
    StagedQuoteState,
    /// Quotes.
    QuoteState,
}

/// What being in a state means to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StateRole {
    /// The review counts.
    ReviewIncludedInStatistics,
    /// The line item was returned.
    Return,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Server-made id.
    pub id: String,
    /// Starts at 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Who created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    /// Who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// User-defined identifier.
    pub key: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub state_type: StateType,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedString>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    /// Whether something can start in it.
    pub initial: bool,
    /// Whether it comes with the project and must stay.
    pub built_in: bool,
    /// What it means to the platform.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<StateRole>,
    /// Where one can go from here: anywhere if absent, nowhere if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transitions: Option<Vec<Reference>>,
}

crate::envelope!(State, required_key);

/// What a client sends to create a state.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateDraft {
    /// User-defined identifier.
    pub key: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub state_type: StateType,
    /// Its name.
    pub name: Option<LocalizedString>,
    /// What it means.
    pub description: Option<LocalizedString>,
    /// Whether something can start in it; yes if absent.
    pub initial: Option<bool>,
    /// What it means to the platform.
    #[serde(default)]
    pub roles: Vec<StateRole>,
    /// Where one can go from here: anywhere if absent.
    pub transitions: Option<Vec<ResourceIdentifier>>,
}

/// What a client may do to a state.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum StateAction {
    /// Adds roles.
    AddRoles { roles: Vec<StateRole> },
    /// Lets something start in it, or not.
    ChangeInitial { initial: bool },
    /// Changes the key.
    ChangeKey { key: String },
    /// Changes what it is for.
    ChangeType {
        #[serde(rename = "type")]
        state_type: StateType,
    },
    /// Removes roles.
    RemoveRoles { roles: Vec<StateRole> },
    /// Sets the description.
    SetDescription { description: LocalizedString },
    /// Sets the name.
    SetName { name: LocalizedString },
    /// Replaces the roles.
    SetRoles { roles: Vec<StateRole> },
    /// Sets where one can go from here; anywhere if absent.
    SetTransitions {
        transitions: Option<Vec<ResourceIdentifier>>,
    },
}

impl Resource for State {
    const KIND: Kind = Kind::State;
    type Draft = StateDraft;
    type Action = StateAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_text("key", &draft.key)?;
        if let Some(name) = &draft.name {
            check_localized("name", name)?;
        }
        if let Some(description) = &draft.description {
            check_localized("description", description)?;
        }
        let state = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            state_type: draft.state_type,
            name: draft.name,
            description: draft.description,
            initial: draft.initial.unwrap_or(true),
            built_in: false,
            roles: without_repetitions(draft.roles),
            transitions: targets(draft.transitions, context)?,
        };
        state.check_roles()?;
        Ok(state)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        match action {
            StateAction::AddRoles { roles } => add_missing(&mut self.roles, roles),
            StateAction::RemoveRoles { roles } => self.roles.retain(|role| !roles.contains(role)),
            StateAction::SetRoles { roles } => self.roles = without_repetitions(roles),
            StateAction::ChangeInitial { initial } => self.initial = initial,
            StateAction::ChangeKey { key } => {
                check_text("key", &key)?;
                self.key = key;
            }
            StateAction::ChangeType { state_type } => self.state_type = state_type,
            StateAction::SetDescription { description } => {
                check_localized("description", &description)?;
                self.description = Some(description).filter(|text| !text.is_empty());
            }
            StateAction::SetName { name } => {
                check_localized("name", &name)?;
                self.name = Some(name).filter(|text| !text.is_empty());
            }
            StateAction::SetTransitions { transitions } => {
                self.transitions = targets(transitions, context)?;
            }
        }
        Ok(())
    }

    fn settle(&mut self, _context: &mut Context<'_>) -> Result<(), DomainError> {
        self.check_roles()
    }

    fn check_delete(&self, _context: &mut Context<'_>) -> Result<(), DomainError> {
        if self.built_in {
            return Err(DomainError::operation(format!(
                "the built-in state `{}` cannot be deleted",
                self.key
            )));
        }
        Ok(())
    }
}

impl State {
    /// Whether one can go from this state to the state `id`.
    #[must_use]
    pub fn leads_to(&self, id: &str) -> bool {
        self.transitions
            .as_ref()
            .is_none_or(|targets| targets.iter().any(|target| target.id == id))
    }

    fn check_roles(&self) -> Result<(), DomainError> {
        let misplaced = self.roles.iter().find(|role| {
            let owner = match role {
                StateRole::ReviewIncludedInStatistics => StateType::ReviewState,
                StateRole::Return => StateType::LineItemState,
            };
            self.state_type != owner
        });
        match misplaced {
            Some(role) => Err(DomainError::operation(format!(
                "a state of type `{:?}` cannot have the role `{role:?}`",
                self.state_type
            ))),
            None => Ok(()),
        }
    }
}

fn targets(
    transitions: Option<Vec<ResourceIdentifier>>,
    context: &mut Context<'_>,
) -> Result<Option<Vec<Reference>>, DomainError> {
    let Some(transitions) = transitions else {
        return Ok(None);
    };
    let mut targets = Vec::with_capacity(transitions.len());
    for target in &transitions {
        targets.push(context.world.reference(Kind::State, target)?);
    }
    Ok(Some(without_repetitions(targets)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::State;
    use crate::{
        error::DomainError,
        resource::{Envelope, Resource},
        test_world::{Surroundings, shown},
    };

    fn draft(key: &str) -> Value {
        json!({ "key": key, "type": "LineItemState" })
    }

    #[test]
    fn a_new_state_is_initial_and_leads_anywhere() {
        let mut surroundings = Surroundings::new();
        let state: State = surroundings.create(draft("new")).unwrap();
        assert_eq!(
            shown(&state),
            json!({ "key": "new", "type": "LineItemState", "initial": true, "builtIn": false })
        );
        assert!(state.leads_to("anywhere"));
    }

    #[test]
    fn every_action_changes_what_it_names() {
        let mut surroundings = Surroundings::new();
        let target = surroundings.created::<State>(draft("target"));
        let state = surroundings.created::<State>(draft("state"));
        let changed = surroundings
            .apply(
                &state,
                json!([
                    { "action": "changeKey", "key": "changed" },
                    { "action": "changeInitial", "initial": false },
                    { "action": "addRoles", "roles": ["Return", "Return"] },
                    { "action": "removeRoles", "roles": ["Return"] },
                    { "action": "changeType", "type": "ReviewState" },
                    { "action": "setRoles", "roles": ["ReviewIncludedInStatistics"] },
                    { "action": "setName", "name": { "en": "n" } },
                    { "action": "setDescription", "description": { "en": "d" } },
                    { "action": "setTransitions", "transitions": [{ "key": "target" }, { "id": target.id() }] },
                ]),
            )
            .unwrap();
        assert_eq!(
            shown(&changed),
            json!({
                "key": "changed", "type": "ReviewState", "initial": false, "builtIn": false,
                "roles": ["ReviewIncludedInStatistics"], "name": { "en": "n" }, "description": { "en": "d" },
                "transitions": [{ "typeId": "state", "id": target.id() }],
            })
        );
        assert!(changed.leads_to(target.id()));
        assert!(!changed.leads_to(state.id()));
        let free = surroundings
            .apply(&changed, json!([{ "action": "setTransitions" }]))
            .unwrap();
        assert!(free.leads_to(state.id()));
    }

    #[test]
    fn an_empty_list_of_transitions_leads_nowhere() {
        let mut surroundings = Surroundings::new();
        let mut body = draft("end");
        body["transitions"] = json!([]);
        let state: State = surroundings.create(body).unwrap();
        assert!(!state.leads_to("anywhere"));
        assert_eq!(shown(&state)["transitions"], json!([]));
    }

    #[test]
    fn a_role_must_fit_the_type() {
        let mut surroundings = Surroundings::new();
        let mut body = draft("wrong");
        body["roles"] = json!(["ReviewIncludedInStatistics"]);
        assert!(matches!(
            surroundings.create::<State>(body),
            Err(DomainError::InvalidOperation { .. })
        ));
        let state = surroundings.created::<State>(draft("right"));
        let add = json!([{ "action": "addRoles", "roles": ["ReviewIncludedInStatistics"] }]);
        assert!(surroundings.apply(&state, add).is_err());
    }

    #[test]
    fn a_built_in_state_cannot_be_deleted() {
        let mut surroundings = Surroundings::new();
        let mut state: State = surroundings.create(draft("initial")).unwrap();
        assert!(state.check_delete(&mut surroundings.context()).is_ok());
        state.built_in = true;
        assert!(state.check_delete(&mut surroundings.context()).is_err());
    }
}
