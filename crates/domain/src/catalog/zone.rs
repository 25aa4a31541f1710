//! Zones: the places that shipping rates are for.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::shape::{check_country, check_optional_key, without_repetitions},
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    resource::{Index, Resource, Unique, unborn},
    timestamp::Timestamp,
};

/// A country, or one state of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// A state of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// Places that are shipped to alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Zone {
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its places; no other zone has them.
    pub locations: Vec<Location>,
}

crate::envelope!(Zone, optional_key);

/// What a client sends to create a zone.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneDraft {
    /// User-defined identifier.
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its places.
    #[serde(default)]
    pub locations: Vec<Location>,
}

/// What a client may do to a zone.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ZoneAction {
    /// Adds a place; nothing happens if the zone has it.
    AddLocation { location: Location },
    /// Renames it.
    ChangeName { name: String },
    /// Removes a place.
    RemoveLocation { location: Location },
    /// Sets or removes the description.
    SetDescription { description: Option<String> },
    /// Sets or removes the key.
    SetKey { key: Option<String> },
}

impl Resource for Zone {
    const KIND: Kind = Kind::Zone;
    type Draft = ZoneDraft;
    type Action = ZoneAction;

    fn create(draft: Self::Draft, _context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_optional_key("key", draft.key.as_deref())?;
        for location in &draft.locations {
            check_country("locations.country", &location.country)?;
        }
        Ok(Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: draft.name,
            description: draft.description,
            locations: without_repetitions(draft.locations),
        })
    }

    fn apply(
        &mut self,
        action: Self::Action,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        match action {
            ZoneAction::AddLocation { location } => {
                check_country("location.country", &location.country)?;
                if !self.locations.contains(&location) {
                    self.locations.push(location);
                }
            }
            ZoneAction::ChangeName { name } => self.name = name,
            ZoneAction::RemoveLocation { location } => {
                let before = self.locations.len();
                self.locations.retain(|other| *other != location);
                if self.locations.len() == before {
                    return Err(DomainError::operation(format!(
                        "the zone does not have the location {}",
                        shown(&location)
                    )));
                }
            }
            ZoneAction::SetDescription { description } => self.description = description,
            ZoneAction::SetKey { key } => {
                check_optional_key("key", key.as_deref())?;
                self.key = key;
            }
        }
        Ok(())
    }

    fn index(&self) -> Index {
        Index {
            unique: self
                .locations
                .iter()
                .map(|location| Unique::new("zone-location", "locations", &shown(location)))
                .collect(),
            ..Index::default()
        }
    }
}

fn shown(location: &Location) -> String {
    format!(
        "{}/{}",
        location.country,
        location.state.as_deref().unwrap_or_default()
    )
}

/// The zone of an address: the one with exactly its country and state, else the one with the country as a whole.
pub fn zone_of<'a>(
    zones: impl IntoIterator<Item = &'a Zone>,
    country: &str,
    state: Option<&str>,
) -> Option<&'a Zone> {
    let has = |zone: &Zone, state: Option<&str>| {
        zone.locations
            .iter()
            .any(|location| location.country == country && location.state.as_deref() == state)
    };
    let mut whole_country = None;
    for zone in zones {
        if has(zone, state) {
            return Some(zone);
        }
        if whole_country.is_none() && has(zone, None) {
            whole_country = Some(zone);
        }
    }
    whole_country
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Zone, zone_of};
    use crate::{
        error::DomainError,
        resource::{Resource, Unique},
        test_world::{Surroundings, shown},
    };

    fn zone(locations: Value) -> Zone {
        let draft = json!({ "name": "z", "locations": locations });
        Surroundings::new().create(draft).unwrap()
    }

    #[test]
    fn the_exact_state_wins_over_the_whole_country() {
        let zones = [
            zone(json!([{ "country": "US" }])),
            zone(json!([{ "country": "US", "state": "NY" }, { "country": "CA", "state": "ON" }])),
        ];
        let at = |country, state| {
            let found = zone_of(&zones, country, state);
            zones.iter().position(|zone| Some(zone) == found)
        };
        assert_eq!(at("US", Some("NY")), Some(1));
        assert_eq!(at("US", Some("TX")), Some(0));
        assert_eq!(at("US", None), Some(0));
        assert_eq!(at("CA", Some("QC")), None);
        assert_eq!(at("CA", None), None);
    }

    #[test]
    fn locations_are_unique_in_the_project() {
        let zone = zone(json!([{ "country": "DE" }, { "country": "US", "state": "NY" }]));
        assert_eq!(
            zone.index().unique,
            [
                Unique::new("zone-location", "locations", "DE/"),
                Unique::new("zone-location", "locations", "US/NY"),
            ]
        );
    }

    #[test]
    fn every_action_changes_what_it_names() {
        let mut surroundings = Surroundings::new();
        let before = zone(json!([{ "country": "DE" }]));
        let after = surroundings
            .apply(
                &before,
                json!([
                    { "action": "addLocation", "location": { "country": "US", "state": "NY" } },
                    { "action": "addLocation", "location": { "country": "DE" } },
                    { "action": "removeLocation", "location": { "country": "DE" } },
                    { "action": "changeName", "name": "New" },
                    { "action": "setDescription", "description": "d" },
                    { "action": "setKey", "key": "new-key" },
                ]),
            )
            .unwrap();
        assert_eq!(
            shown(&after),
            json!({
                "key": "new-key", "name": "New", "description": "d",
                "locations": [{ "country": "US", "state": "NY" }],
            })
        );
        assert_eq!(after.version, 2);
    }

    #[test]
    fn a_location_the_zone_does_not_have_cannot_be_removed() {
        let mut surroundings = Surroundings::new();
        let error = surroundings
            .apply(
                &zone(json!([{ "country": "US" }])),
                json!([{ "action": "removeLocation", "location": { "country": "US", "state": "NY" } }]),
            )
            .unwrap_err();
        assert!(matches!(error, DomainError::InvalidOperation { .. }));
    }
}
