//! Our own form: everything but secrets and the audit trail, and no word about the
//! realm. It names itself, so that an import knows it, and is strict: a member that
//! this version does not know would be lost. Times are Unix seconds.
use super::content::Content;
use super::draft::{
    Draft, Form, InvitationDraft, MemberDraft, OrgDraft, Person, ProviderDraft, ScimUserDraft,
    SecretDraft, UseDraft,
};
use super::people::People;
use super::problem::{Kind, Problems};
use super::wire_group::GroupJson;
use crate::federation::mapper::Mapper;
use crate::federation::provider::Provider;
use crate::federation::wire::{MapperJson, MapperRequest, ProviderJson, ProviderRequest};
use crate::invitation::content::InvitationContent;
use crate::invitation::history::{Entry, Status};
use crate::invitation::routes::check_redirect;
use crate::kernel::alias::Alias;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{GroupId, InvitationId, MapperId, OrgId, RoleId, ScimId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::content::MemberContent;
use crate::org::define;
use crate::org::error::OrgError;
use crate::org::member::Source;
use crate::org::profile;
use crate::org::role::OrganizationRole;
use crate::org::routes_realm::registration_of;
use crate::org::wire::NewOrganizationJson;
use crate::realm::context::RealmContext;
use crate::realm::registry::{Attributes, Registration};
use crate::realm::stored_role::RoleName;
use crate::realm::user::Username;
use crate::scim::content::{ConfigContent, ScimUserContent, check_config};
use crate::scim::group_content::ScimGroupContent;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// What the member `format` of our documents says, and the parameter `format` that
/// asks for one.
pub const FORMAT: &str = "guildhall";

/// The version that is written, and the only one so far.
pub const VERSION: u32 = 1;

/// Longest logo, in bytes: it stands on every login page of the organization.
const MAX_LOGO_BYTES: usize = 16 * 1024;

/// A document, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentJson<'a> {
    /// [`FORMAT`].
    pub format: &'static str,
    /// [`VERSION`].
    pub version: u32,
    /// The identity providers that the organizations use, by alias.
    pub identity_providers: Vec<ProviderEntryJson<'a>>,
    /// The organizations, by name.
    pub organizations: Vec<OrganizationJson>,
}

/// An identity provider, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderEntryJson<'a> {
    created_at: Timestamp,
    provider: ProviderJson<'a>,
    mappers: Vec<MapperJson<'a>>,
}

impl<'a> ProviderEntryJson<'a> {
    /// A provider with its mappers.
    #[must_use]
    pub fn new(provider: &'a Provider, mappers: &'a [Mapper]) -> Self {
        let alias = provider.alias.as_str();
        Self {
            created_at: provider.created_at,
            provider: ProviderJson::carried(provider),
            mappers: mappers.iter().map(|mapper| MapperJson::of(mapper, alias)).collect(),
        }
    }
}

/// A document, as it is received.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentRequest {
    #[expect(dead_code, reason = "read before the rest, to know the form")]
    format: String,
    version: u32,
    #[serde(default)]
    identity_providers: Vec<ProviderEntryRequest>,
    #[serde(default)]
    organizations: Vec<OrganizationJson>,
}

/// An identity provider, as it is received.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProviderEntryRequest {
    created_at: Option<Moment>,
    provider: ProviderRequest,
    #[serde(default)]
    mappers: Vec<MapperRequest>,
}

/// An organization with everything.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationJson {
    id: OrgId,
    name: String,
    alias: Alias,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logo_url: Option<String>,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default = "enabled_by_default")]
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<String>,
    created_at: Moment,
    #[serde(default)]
    domains: Vec<DomainJson>,
    #[serde(default)]
    roles: Vec<RoleJson>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    default_roles: Vec<String>,
    #[serde(default)]
    members: Vec<MemberJson>,
    #[serde(default)]
    groups: Vec<GroupJson>,
    #[serde(default)]
    invitations: Vec<InvitationJson>,
    #[serde(default)]
    identity_providers: Vec<UseJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim: Option<ConfigContent>,
    #[serde(default)]
    scim_users: Vec<ScimUserJson>,
}

/// Organizations of a document that an older version wrote.
const fn enabled_by_default() -> bool {
    true
}

/// A moment that our databases hold and our pages can write: up to the year 9999.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub(super) struct Moment(pub(super) Timestamp);

/// A number of seconds that is no moment.
#[derive(Debug, thiserror::Error)]
#[error("not a moment in Unix seconds: 0 to {LAST_MOMENT} are")]
pub(super) struct BadMoment;

/// The last second of the year 9999.
const LAST_MOMENT: i64 = 253_402_300_799;

impl TryFrom<i64> for Moment {
    type Error = BadMoment;

    fn try_from(seconds: i64) -> Result<Self, BadMoment> {
        if (0..=LAST_MOMENT).contains(&seconds) {
            Ok(Self(Timestamp::from_unix(seconds)))
        } else {
            Err(BadMoment)
        }
    }
}

impl From<Moment> for i64 {
    fn from(moment: Moment) -> Self {
        moment.0.as_unix()
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainJson {
    name: String,
    verified: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleJson {
    id: RoleId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    composites: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MemberJson {
    id: UserId,
    username: Username,
    source: Source,
    active: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    managed: bool,
    joined_at: Moment,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InvitationJson {
    id: InvitationId,
    email: EmailAddress,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inviter_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inviter_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default)]
    attributes: Attributes,
    created_at: Moment,
    expires_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    acceptor_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Moment>,
    #[serde(default)]
    history: Vec<EntryJson>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EntryJson {
    at: Moment,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UseJson {
    alias: String,
    #[serde(default)]
    domains: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScimUserJson {
    id: ScimId,
    user_id: UserId,
    username: Username,
    stage: String,
    version: u32,
    created_at: Moment,
    updated_at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    resource: Map<String, Value>,
}

impl OrganizationJson {
    /// An organization. Whoever is not among `people` is gone from the realm and
    /// left out, as is a role that is not among `roles`; so is the administrator that
    /// comes with the organization.
    #[must_use]
    pub fn new(
        content: Content,
        people: &People,
        roles: &HashMap<RoleId, RoleName>,
        uses: Vec<UseOf>,
    ) -> Self {
        let org = content.org;
        let scim_groups = content.scim_groups.into_iter();
        let mut scim_groups: HashMap<GroupId, ScimGroupContent> =
            scim_groups.map(|group| (group.group.clone(), group)).collect();
        let people = people.of(&org.registration.id);
        let username = |user: &UserId| people.username(user).cloned();
        let listed = org.registration;
        let is_owned = |name: &str| org.owned.iter().any(|owned| owned.name == name);
        Self {
            domains: listed
                .domains
                .into_iter()
                .map(|name| DomainJson { verified: is_owned(&name), name })
                .collect(),
            id: listed.id,
            name: listed.name,
            alias: listed.alias,
            display_name: listed.display_name,
            url: listed.url,
            logo_url: org.logo_url,
            attributes: listed.attributes,
            enabled: listed.enabled,
            description: listed.description,
            redirect_url: listed.redirect_url,
            created_at: Moment(listed.created_at),
            roles: org.roles.into_iter().map(|role| RoleJson::new(role, &org.composites)).collect(),
            default_roles: org.defaults,
            members: org
                .members
                .into_iter()
                .filter_map(|member| Some(MemberJson::new(username(&member.user)?, member)))
                .collect(),
            groups: org
                .groups
                .into_iter()
                .map(|group| {
                    let scim = scim_groups.remove(&group.id);
                    GroupJson::new(group, scim, &people, roles)
                })
                .collect(),
            invitations: content.invitations.into_iter().map(InvitationJson::from).collect(),
            identity_providers: uses
                .into_iter()
                .map(|used| UseJson { alias: used.alias, domains: used.domains })
                .collect(),
            scim: content.scim,
            scim_users: content
                .scim_users
                .into_iter()
                .filter_map(|one| Some(ScimUserJson::new(username(&one.user)?, one)))
                .collect(),
        }
    }
}

/// The use of an identity provider by an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseOf {
    /// The provider.
    pub alias: String,
    /// The e-mail domains that lead to it.
    pub domains: Vec<String>,
}

impl RoleJson {
    fn new(role: OrganizationRole, composites: &[(String, String)]) -> Self {
        let own = composites.iter().filter(|(parent, _)| *parent == role.name);
        Self {
            composites: own.map(|(_, child)| child.clone()).collect(),
            id: role.id,
            name: role.name,
            description: role.description,
        }
    }
}

impl MemberJson {
    fn new(username: Username, member: MemberContent) -> Self {
        Self {
            id: member.user,
            username,
            source: member.source,
            active: member.active,
            managed: member.managed,
            joined_at: Moment(member.joined_at),
            attributes: member.attributes,
            roles: member.roles,
        }
    }
}

impl ScimUserJson {
    fn new(username: Username, content: ScimUserContent) -> Self {
        Self {
            id: content.id,
            user_id: content.user,
            username,
            stage: content.stage,
            version: u32::try_from(content.version).unwrap_or(u32::MAX),
            created_at: Moment(content.created_at),
            updated_at: Moment(content.updated_at),
            active: content.active,
            resource: content.resource,
        }
    }
}

impl From<InvitationContent> for InvitationJson {
    fn from(content: InvitationContent) -> Self {
        Self {
            id: content.id,
            email: content.email,
            roles: content.roles,
            inviter_id: content.inviter,
            inviter_name: content.inviter_name,
            redirect_uri: content.redirect_uri,
            first_name: content.first_name,
            last_name: content.last_name,
            client_id: content.client_id,
            attributes: content.attributes,
            created_at: Moment(content.created_at),
            expires_at: Moment(content.expires_at),
            acceptor_id: content.acceptor,
            accepted_at: content.accepted_at.map(Moment),
            revoked_at: content.revoked_at.map(Moment),
            history: content
                .history
                .into_iter()
                .map(|entry| EntryJson {
                    at: Moment(entry.at),
                    status: entry.status,
                    user_id: entry.user,
                })
                .collect(),
        }
    }
}

impl DocumentRequest {
    /// What the document wants.
    ///
    /// # Errors
    /// A version that is not known.
    pub fn draft(self, context: &RealmContext<'_>) -> Result<Draft, String> {
        if self.version != VERSION {
            return Err(format!("version {} of {FORMAT} is not known: {VERSION} is", self.version));
        }
        let mut problems = Problems::default();
        let providers = self
            .identity_providers
            .into_iter()
            .filter_map(|entry| entry.draft(&mut problems))
            .collect();
        let organizations = self
            .organizations
            .into_iter()
            .filter_map(|one| one.draft(context, &mut problems))
            .collect();
        Ok(Draft { form: Form::Guildhall, organizations, providers, problems })
    }
}

impl ProviderEntryRequest {
    fn draft(self, problems: &mut Problems) -> Option<ProviderDraft> {
        let text = self.provider.alias.clone().unwrap_or_default();
        let Ok(alias) = text.parse() else {
            problems.add(Kind::Bad, format!("{text:?} is no alias of an identity provider"));
            return None;
        };
        let id = self.provider.internal_id();
        let kind = self.provider.provider_id.clone().unwrap_or_default();
        let (settings, secret) = self.provider.settings();
        let mut mappers: Vec<(Option<MapperId>, Mapper)> = Vec::new();
        for mapper in self.mappers {
            let known = mapper.id();
            // The real key is chosen when it is known which are free.
            let read = known.clone().map_or_else(|| "new".parse(), Ok);
            match read.map(|id| mapper.mapper(id)) {
                Ok(Ok(mapper)) => mappers.push((known, mapper)),
                Ok(Err(why)) => {
                    problems.add(Kind::Bad, format!("a mapper of identity provider {text}: {why}"));
                }
                Err(_) => {}
            }
        }
        Some(ProviderDraft {
            alias,
            id,
            kind,
            settings,
            secret: SecretDraft::from(secret),
            created_at: self.created_at.map(|at| at.0),
            mappers,
            adopt: false,
        })
    }
}

impl OrganizationJson {
    fn draft(self, context: &RealmContext<'_>, problems: &mut Problems) -> Option<OrgDraft> {
        let org = self.name.clone();
        if let Some(why) = self.logo_url.as_deref().and_then(logo_problem) {
            problems.bad(&org, why);
        }
        if let Some(Err(error)) = self.scim.as_ref().map(check_config) {
            problems.bad(&org, format_args!("SCIM: {error}"));
        }
        let owned = self.domains.iter().filter(|domain| domain.verified);
        let owned: BTreeSet<String> =
            owned.map(|domain| domain.name.trim().to_lowercase()).collect();
        let registration = match self.registration(context) {
            Ok(registration) => registration,
            Err(error) => {
                problems.bad(&org, error);
                return None;
            }
        };
        let included = |role: &RoleJson| {
            let pair = |child: &String| (role.name.clone(), child.clone());
            role.composites.iter().map(pair).collect::<Vec<_>>()
        };
        Some(OrgDraft {
            registration,
            composites: self.roles.iter().flat_map(included).collect(),
            defaults: self.default_roles,
            has_id: true,
            logo_url: self.logo_url,
            owned: owned.into_iter().filter(|name| !name.is_empty()).collect(),
            roles: self.roles.into_iter().filter_map(|role| role.draft(&org, problems)).collect(),
            members: self.members.into_iter().map(MemberJson::draft).collect(),
            groups: self.groups.into_iter().map(GroupJson::draft).collect(),
            invitations: self
                .invitations
                .into_iter()
                .filter_map(|invitation| invitation.draft(&org, problems))
                .collect(),
            uses: self
                .identity_providers
                .into_iter()
                .map(|used| UseDraft { alias: used.alias, domains: used.domains, hide: false })
                .collect(),
            scim: self.scim,
            scim_users: self.scim_users.into_iter().map(ScimUserJson::draft).collect(),
        })
    }

    fn registration(&self, context: &RealmContext<'_>) -> Result<Registration, OrgError> {
        let asked = NewOrganizationJson {
            id: Some(self.id.as_str().to_owned()),
            name: Some(self.name.clone()),
            display_name: self.display_name.clone(),
            url: self.url.clone(),
            realm: None,
            domains: Some(self.domains.iter().map(|domain| Some(domain.name.clone())).collect()),
            attributes: Some(self.attributes.clone()),
        };
        let registration = registration_of(context, asked, Some(self.alias.clone()))?;
        Ok(Registration {
            enabled: self.enabled,
            description: profile::checked_description(self.description.clone())?,
            redirect_url: profile::checked_redirect_url(self.redirect_url.clone())?,
            created_at: self.created_at.0,
            ..registration
        })
    }
}

/// Where a logo may come from: our pages show it.
fn logo_problem(url: &str) -> Option<String> {
    let begins = |start: &str| url.starts_with(start);
    let ours = begins("/") && !begins("//");
    if url.len() > MAX_LOGO_BYTES {
        Some(format!("logoUrl has more than {MAX_LOGO_BYTES} bytes (MAX_LOGO_BYTES)"))
    } else if ours || begins("https://") || begins("data:image/") {
        None
    } else {
        Some("logoUrl is no https URL, no path of ours and no image".to_owned())
    }
}

impl RoleJson {
    fn draft(self, org: &str, problems: &mut Problems) -> Option<OrganizationRole> {
        let id = self.id;
        let read = define::usable_name(Some(self.name)).and_then(|name| {
            let description = define::usable_description(self.description)?;
            Ok(OrganizationRole { id, name, description })
        });
        read.map_err(|error| problems.bad(org, error)).ok()
    }
}

impl MemberJson {
    fn draft(self) -> MemberDraft {
        MemberDraft {
            person: Person { id: Some(self.id), username: Some(self.username), email: None },
            source: Some(self.source),
            active: self.active,
            managed: self.managed,
            joined_at: Some(self.joined_at.0),
            attributes: self.attributes,
            roles: self.roles,
        }
    }
}

impl InvitationJson {
    fn draft(self, org: &str, problems: &mut Problems) -> Option<InvitationDraft> {
        if let Err(error) = check_redirect(self.redirect_uri.as_deref()) {
            problems.bad(org, format_args!("the invitation of {}: {error}", self.email.as_str()));
            return None;
        }
        Some(InvitationDraft::Carried(Box::new(InvitationContent {
            id: self.id,
            email: self.email,
            roles: self.roles,
            inviter: self.inviter_id,
            inviter_name: self.inviter_name,
            redirect_uri: self.redirect_uri,
            first_name: self.first_name,
            last_name: self.last_name,
            client_id: self.client_id,
            attributes: self.attributes,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
            acceptor: self.acceptor_id,
            accepted_at: self.accepted_at.map(|at| at.0),
            revoked_at: self.revoked_at.map(|at| at.0),
            history: self
                .history
                .into_iter()
                .map(|entry| Entry { at: entry.at.0, status: entry.status, user: entry.user_id })
                .collect(),
        })))
    }
}

impl ScimUserJson {
    fn draft(self) -> ScimUserDraft {
        let person =
            Person { id: Some(self.user_id.clone()), username: Some(self.username), email: None };
        ScimUserDraft {
            person,
            content: ScimUserContent {
                id: self.id,
                user: self.user_id,
                stage: self.stage,
                version: i64::from(self.version),
                created_at: self.created_at.0,
                updated_at: self.updated_at.0,
                active: self.active,
                resource: self.resource,
            },
        }
    }
}
