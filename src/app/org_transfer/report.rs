//! What an import made, or would make, as the caller and the audit trail are told.
use serde::Serialize;

/// Everything about an import that is worth telling.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The organizations that are made.
    pub organizations: Vec<OrganizationReport>,
    /// The identity providers that are made, by alias.
    pub identity_providers_created: Vec<String>,
    /// Those that are there and are used as they are.
    pub identity_providers_used: Vec<String>,
    /// What is passed over because the query says so.
    pub skipped: Vec<String>,
    /// Secrets that the document cannot hold: they are to be set.
    pub missing: Vec<String>,
}

/// An organization that is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationReport {
    /// Its id; absent while it is not chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its alias.
    pub alias: String,
    /// Whether an administrator of its own comes with it.
    pub administrator: bool,
    /// How many roles of its own it gets.
    pub roles: usize,
    /// How many members, its administrator aside.
    pub members: usize,
    /// How many groups.
    pub groups: usize,
    /// How many invitations, open or closed.
    pub invitations: usize,
    /// How many SCIM resources.
    pub scim_users: usize,
    /// The identity providers it uses, by alias.
    pub identity_providers: Vec<String>,
}

/// What a dry run answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRunJson<'a> {
    /// Always: nothing was changed.
    pub dry_run: bool,
    /// The status that the import would answer now.
    pub status: u16,
    /// What stands in its way, all of it.
    pub problems: Vec<&'a str>,
    /// What it would make.
    #[serde(flatten)]
    pub report: &'a Report,
}

/// What a refused import answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalJson<'a> {
    /// The first obstacle.
    pub error_message: &'a str,
    /// All of them.
    pub problems: Vec<&'a str>,
}
