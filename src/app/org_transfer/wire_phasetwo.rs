//! Phase Two's forms: the one that its servers write and read (reference
//! phasetwo.md §7), and on input also the flat one of its `OpenAPI` document.
//! Members that nobody knows are passed over, as there.
use super::draft::{
    Draft, Form, InvitationDraft, MemberDraft, NewInvitationDraft, OrgDraft, Person, ProviderDraft,
    SecretDraft, UseDraft,
};
use super::options::Options;
use super::problem::Problems;
use crate::federation::wire::{ProviderRequest, SecretRequest};
use crate::invitation::routes::check_redirect;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::RoleId;
use crate::org::define;
use crate::org::role::{BuiltIn, OrganizationRole};
use crate::org::routes_realm::registration_of;
use crate::org::wire::NewOrganizationJson;
use crate::realm::context::RealmContext;
use crate::realm::registry::Attributes;
use crate::realm::user::Username;
use serde::{Deserialize, Serialize};

/// A document, as it is received.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DocumentRequest {
    organizations: Option<Vec<EntryRequest>>,
}

/// An organization with what belongs to it. In the flat form its own members
/// stand where `organization` is missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EntryRequest {
    organization: Option<OrganizationRequest>,
    #[serde(flatten)]
    flat: OrganizationRequest,
    roles: Option<Vec<RoleRequest>>,
    idp_link: Option<String>,
    identity_providers: Option<Vec<ProviderRequest>>,
    members: Option<Vec<MemberRequest>>,
    invitations: Option<Vec<InvitationRequest>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OrganizationRequest {
    id: Option<String>,
    name: Option<String>,
    display_name: Option<String>,
    url: Option<String>,
    domains: Option<Vec<Option<String>>>,
    attributes: Option<Attributes>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RoleRequest {
    name: Option<String>,
    description: Option<String>,
}

/// `id` or `username`; in the flat form `userId` or `email`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct MemberRequest {
    id: Option<String>,
    username: Option<String>,
    user_id: Option<String>,
    email: Option<String>,
    roles: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InvitationRequest {
    email: Option<String>,
    inviter_username: Option<String>,
    roles: Option<Vec<String>>,
    redirect_uri: Option<String>,
    attributes: Option<Attributes>,
}

impl DocumentRequest {
    /// What the document wants.
    #[must_use]
    pub fn draft(self, context: &RealmContext<'_>, options: Options) -> Draft {
        let entries = self.organizations.unwrap_or_default();
        let nested = entries.first().is_none_or(|entry| entry.organization.is_some());
        let mut draft = Draft {
            form: if nested { Form::PhaseTwo } else { Form::OpenApi },
            organizations: Vec::new(),
            providers: Vec::new(),
            problems: Problems::default(),
        };
        for entry in entries {
            entry.add_to(&mut draft, context, options);
        }
        draft
    }
}

impl EntryRequest {
    fn add_to(self, draft: &mut Draft, context: &RealmContext<'_>, options: Options) {
        let is_flat = self.organization.is_none();
        let asked = self.organization.unwrap_or(self.flat);
        let name = asked.name.clone().unwrap_or_else(|| "without a name".to_owned());
        let has_id = asked.id.as_ref().is_some_and(|id| !id.is_empty());
        let registration = match registration_of(context, asked.json(), None) {
            Ok(registration) => registration,
            Err(error) => return draft.problems.bad(&name, error),
        };
        let problems = &mut draft.problems;
        let mut uses: Vec<UseDraft> =
            self.idp_link.filter(|alias| !alias.is_empty()).map_or_else(Vec::new, |alias| {
                vec![UseDraft { alias, domains: Vec::new(), hide: true }]
            });
        for provider in self.identity_providers.unwrap_or_default() {
            if let Some((provider, used)) = read_provider(provider, &name, problems) {
                let known = draft.providers.iter().any(|one| one.alias == provider.alias);
                if !known {
                    draft.providers.push(provider);
                }
                uses.push(used);
            }
        }
        let takes_members = !is_flat || options.import_members;
        let members = self.members.filter(|_| takes_members).unwrap_or_default();
        draft.organizations.push(OrgDraft {
            has_id,
            logo_url: None,
            owned: Vec::new(),
            composites: Vec::new(),
            defaults: Vec::new(),
            roles: read_roles(self.roles.unwrap_or_default(), context, &name, problems),
            members: members
                .into_iter()
                .filter_map(|member| member.read(&name, problems))
                .collect(),
            groups: Vec::new(),
            invitations: self
                .invitations
                .unwrap_or_default()
                .into_iter()
                .filter_map(|invitation| invitation.read(&name, problems))
                .collect(),
            uses,
            scim: None,
            scim_users: Vec::new(),
            registration,
        });
    }
}

impl OrganizationRequest {
    fn json(self) -> NewOrganizationJson {
        NewOrganizationJson {
            id: self.id,
            name: self.name,
            display_name: self.display_name,
            url: self.url,
            realm: None,
            domains: self.domains,
            attributes: self.attributes,
        }
    }
}

/// The organization's own roles: the eleven that every one has are skipped
/// (reference phasetwo.md §7).
fn read_roles(
    asked: Vec<RoleRequest>,
    context: &RealmContext<'_>,
    org: &str,
    problems: &mut Problems,
) -> Vec<OrganizationRole> {
    let mut roles = Vec::new();
    for role in asked {
        if BuiltIn::names().any(|name| role.name.as_ref() == Some(&name)) {
            continue;
        }
        let read = define::usable_name(role.name)
            .and_then(|name| Ok((name, define::usable_description(role.description)?)));
        match read {
            Ok((name, description)) => {
                let id = RoleId::from(context.ports.random.uuid());
                roles.push(OrganizationRole { id, name, description });
            }
            Err(error) => problems.bad(org, error),
        }
    }
    roles
}

impl MemberRequest {
    fn read(self, org: &str, problems: &mut Problems) -> Option<MemberDraft> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (id, username) = (given(self.id), given(self.username));
        let (user_id, email) = (given(self.user_id), given(self.email));
        if id.is_some() && username.is_some() {
            problems.bad(org, "a member has id or username, not both");
            return None;
        }
        let named = [&id, &username, &user_id, &email].into_iter().flatten().next().cloned();
        let Some(named) = named else {
            problems.bad(org, "a member has neither id nor username");
            return None;
        };
        let person = Person {
            id: id.or(user_id).and_then(|id| id.parse().ok()),
            username: username.and_then(|name| name.parse::<Username>().ok()),
            email: email.and_then(|email| email.parse::<EmailAddress>().ok()),
        };
        if person == Person::default() {
            problems.bad(org, format_args!("{named} names no member"));
            return None;
        }
        Some(MemberDraft {
            person,
            source: None,
            active: true,
            managed: false,
            joined_at: None,
            attributes: Attributes::new(),
            roles: self.roles.unwrap_or_default(),
        })
    }
}

impl InvitationRequest {
    fn read(self, org: &str, problems: &mut Problems) -> Option<InvitationDraft> {
        let given = self.email.unwrap_or_default();
        let Ok(email) = given.parse::<EmailAddress>() else {
            problems.bad(org, format_args!("Invalid email: {given}"));
            return None;
        };
        if let Err(error) = check_redirect(self.redirect_uri.as_deref()) {
            problems.bad(org, format_args!("the invitation of {email}: {error}"));
            return None;
        }
        Some(InvitationDraft::New(NewInvitationDraft {
            email,
            inviter: self.inviter_username.filter(|name| !name.is_empty()),
            roles: self.roles.unwrap_or_default(),
            redirect_uri: self.redirect_uri.filter(|uri| !uri.is_empty()),
            attributes: self.attributes.unwrap_or_default(),
        }))
    }
}

fn read_provider(
    asked: ProviderRequest,
    org: &str,
    problems: &mut Problems,
) -> Option<(ProviderDraft, UseDraft)> {
    let text = asked.alias.clone().unwrap_or_default();
    let Ok(alias) = text.parse() else {
        problems.bad(org, format_args!("{text:?} is no alias of an identity provider"));
        return None;
    };
    // The organizations that it names are those of another server.
    let domains = asked.links().ok().flatten().map(|links| links.domains).unwrap_or_default();
    let kind = asked.provider_id.clone().unwrap_or_default();
    let id = asked.internal_id();
    let (settings, secret) = asked.settings();
    let provider = ProviderDraft {
        alias,
        id,
        kind,
        settings,
        secret: SecretDraft::from(secret),
        created_at: None,
        mappers: Vec::new(),
        adopt: true,
    };
    Some((provider, UseDraft { alias: text, domains, hide: true }))
}

impl From<SecretRequest> for SecretDraft {
    fn from(asked: SecretRequest) -> Self {
        match asked {
            SecretRequest::None => Self::None,
            SecretRequest::Keep => Self::Missing,
            SecretRequest::Set(secret) => Self::Given(secret),
        }
    }
}

/// A document, as it is sent.
#[derive(Debug, Serialize)]
pub struct DocumentJson {
    /// The organizations, by name.
    pub organizations: Vec<EntryJson>,
}

/// An organization, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryJson {
    /// The organization; without its id.
    pub organization: OrganizationJson,
    /// All of its roles, the eleven included.
    pub roles: Vec<RoleJson>,
    /// The alias of its first identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp_link: Option<String>,
    /// Its members; none unless they are asked for.
    pub members: Vec<MemberJson>,
    /// Its open invitations, likewise.
    pub invitations: Vec<InvitationJson>,
}

/// What an organization is called and says of itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationJson {
    /// Its name.
    pub name: String,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its own site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The e-mail domains it names.
    pub domains: Vec<String>,
    /// What is noted about it.
    pub attributes: Attributes,
}

/// A role.
#[derive(Debug, Serialize)]
pub struct RoleJson {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A member.
#[derive(Debug, Serialize)]
pub struct MemberJson {
    /// Their username.
    pub username: String,
    /// The roles they hold, by name.
    pub roles: Vec<String>,
}

/// An invitation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationJson {
    /// Who is invited.
    pub email: String,
    /// Who invites; absent when that user is gone, or of another realm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inviter_username: Option<String>,
    /// The roles that come with it.
    pub roles: Vec<String>,
    /// Where to go after accepting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// What is noted about it.
    pub attributes: Attributes,
}

/// The answer that Phase Two's `OpenAPI` document promises whoever imports in its
/// form.
#[derive(Debug, Serialize)]
pub struct ResultJson {
    /// How many were made.
    pub imported: usize,
    /// None: an import changes nothing that is there.
    pub updated: usize,
    /// How many were there already.
    pub skipped: usize,
    /// None: an import with errors makes nothing.
    pub errors: [(); 0],
}
