//! What came of each thing of an import, in Keycloak's words.
use serde::Serialize;
use serde_json::{Value, json};

/// What was done with a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// It was made.
    Added,
    /// It was there, and stays as it was.
    Skipped,
    /// It took the place of what was there.
    Overwritten,
}

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResourceType {
    /// A client.
    Client,
    /// A role of the realm.
    RealmRole,
    /// A role of a client.
    ClientRole,
    /// An identity provider.
    Idp,
    /// A mapper of one.
    IdpMapper,
    /// A group at the top, with what is below.
    Group,
    /// A user.
    User,
}

/// What came of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// What was done.
    pub action: Action,
    /// With what.
    pub resource_type: ResourceType,
    /// What it is called.
    pub resource_name: String,
    /// Its key.
    pub id: String,
}

/// The answer of an import.
#[must_use]
pub fn answer(outcomes: &[Outcome]) -> Value {
    let count = |action| outcomes.iter().filter(|one| one.action == action).count();
    json!({
        "overwritten": count(Action::Overwritten),
        "added": count(Action::Added),
        "skipped": count(Action::Skipped),
        "results": outcomes,
    })
}
