//! Exporting: the registry says which organizations, each object what it holds, in
//! one round trip each, and the directory who the people are and which providers
//! they sign in through. Bounded: more than one document holds is an error.
use super::content::{Content, Depth, ExportOrg};
use super::error::TransferError;
use super::limits::{AT_ONCE, MAX_DOCUMENT_BYTES, MAX_ORGANIZATIONS, MAX_PEOPLE, MAX_ROWS};
use super::people::People;
use super::wire_guildhall::{self, FORMAT, ProviderEntryJson, UseOf, VERSION};
use super::wire_phasetwo::{
    self, EntryJson, InvitationJson, MemberJson, OrganizationJson, RoleJson,
};
use crate::federation::mapper::Mapper;
use crate::federation::provider::Provider;
use crate::federation::store::{mapper, provider};
use crate::invitation::content::InvitationContent;
use crate::kernel::id::{OrgId, ProviderUuid, RoleId, UserId};
use crate::kernel::route::ObjectName;
use crate::org::content::TooMany;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::registry::Registration;
use crate::realm::search::Wanted;
use crate::realm::store::{organization, role_within, user};
use crate::realm::stored_role::RoleName;
use futures::future::try_join_all;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Which organizations to export.
#[derive(Debug)]
pub enum Which {
    /// A page of all of them, by name.
    Page(Page),
    /// These.
    Some(Vec<OrgId>),
}

/// What a document in Phase Two's form holds.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// Members and invitations.
    pub people: bool,
    /// Roles.
    pub roles: bool,
    /// The identity provider.
    pub idps: bool,
}

/// A part of the export: what some objects hold, and what the directory says of
/// it.
struct Haul {
    contents: Vec<Content>,
    people: People,
    providers: Vec<Provider>,
}

/// The document in Phase Two's form.
///
/// # Errors
/// `Limit` when it would hold too much; `Unknown`; `Store`.
pub async fn phase_two(
    inquiry: &Inquiry<'_>,
    which: &Which,
    parts: Parts,
) -> Result<wire_phasetwo::DocumentJson, TransferError> {
    let depth = if parts.people { Depth::People } else { Depth::Roles };
    let mut scale = Scale::default();
    let mut organizations = Vec::new();
    for some in list(inquiry, which).await?.chunks(AT_ONCE) {
        let haul = fetch(inquiry, some, depth).await?;
        for content in haul.contents {
            scale.count(&content)?;
            let entry = entry_of(content, &haul.people, &haul.providers, parts);
            organizations.push(scale.weigh(entry)?);
        }
    }
    Ok(wire_phasetwo::DocumentJson { organizations })
}

/// The document in our form, as JSON.
///
/// # Errors
/// As [`phase_two`].
pub async fn guildhall(
    inquiry: &Inquiry<'_>,
    which: &Which,
) -> Result<serde_json::Value, TransferError> {
    let mut scale = Scale::default();
    let (mut organizations, mut providers) = (Vec::new(), HashMap::new());
    for some in list(inquiry, which).await?.chunks(AT_ONCE) {
        let haul = fetch(inquiry, some, Depth::Whole).await?;
        let roles = names_of_mapped(inquiry, &haul.contents).await?;
        for content in haul.contents {
            scale.count(&content)?;
            let uses = uses_of(&haul.providers, &content.org.registration.id);
            let json = wire_guildhall::OrganizationJson::new(content, &haul.people, &roles, uses);
            organizations.push(scale.weigh(json)?);
        }
        providers.extend(haul.providers.into_iter().map(|one| (one.alias.to_string(), one)));
    }
    let mut providers: Vec<Provider> = providers.into_values().collect();
    providers.sort_by(|one, other| one.alias.cmp(&other.alias));
    let mappers = mappers_of(inquiry, &providers).await?;
    let none = Vec::new();
    let mut entries = Vec::new();
    for provider in &providers {
        let mappers = mappers.get(&provider.id).unwrap_or(&none);
        entries.push(scale.weigh(ProviderEntryJson::new(provider, mappers))?);
    }
    let document = wire_guildhall::DocumentJson {
        format: FORMAT,
        version: VERSION,
        identity_providers: entries,
        organizations,
    };
    serde_json::to_value(&document).map_err(|error| StoreError::Refused(error.to_string()).into())
}

/// The organizations that are wanted, by name.
async fn list(inquiry: &Inquiry<'_>, which: &Which) -> Result<Vec<Registration>, TransferError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let most = i64::try_from(MAX_ORGANIZATIONS).unwrap_or(i64::MAX);
    let listed = match which {
        Which::Page(page) => {
            let page = Page { max: page.max.min(most + 1), ..*page };
            let wanted = Wanted::all(page);
            organization::list(directory, realm, &wanted).await?
        }
        Which::Some(ids) if ids.len() > MAX_ORGANIZATIONS => return Err(too_many_organizations()),
        Which::Some(ids) => {
            let listed = organization::list_by_id(directory, realm, ids).await?;
            let known: BTreeSet<&OrgId> = listed.iter().map(|one| &one.id).collect();
            if let Some(unknown) = ids.iter().find(|id| !known.contains(id)) {
                return Err(TransferError::Unknown(unknown.to_string()));
            }
            listed
        }
    };
    if listed.len() > MAX_ORGANIZATIONS { Err(too_many_organizations()) } else { Ok(listed) }
}

fn too_many_organizations() -> TransferError {
    TransferError::Limit(format!(
        "one export holds at most {MAX_ORGANIZATIONS} organizations (MAX_ORGANIZATIONS): ask for pages with first and max"
    ))
}

async fn fetch(
    inquiry: &Inquiry<'_>,
    some: &[Registration],
    depth: Depth,
) -> Result<Haul, TransferError> {
    let contents = try_join_all(some.iter().map(|one| fetch_one(inquiry, one, depth))).await?;
    // One that is gone meanwhile is none.
    let contents: Vec<Content> = contents.into_iter().flatten().collect();
    let orgs: Vec<OrgId> = some.iter().map(|one| one.id.clone()).collect();
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let providers = provider::list_of_orgs(directory, realm, &orgs).await?;
    let ids: BTreeSet<&UserId> = contents.iter().flat_map(people_of).collect();
    let ids: Vec<UserId> = ids.into_iter().cloned().collect();
    let users =
        if ids.is_empty() { Vec::new() } else { user::list(directory, realm, &ids).await? };
    Ok(Haul { contents, people: People::new(users), providers })
}

/// What the roles are called that are mapped to groups.
async fn names_of_mapped(
    inquiry: &Inquiry<'_>,
    contents: &[Content],
) -> Result<HashMap<RoleId, RoleName>, StoreError> {
    let groups = contents.iter().flat_map(|content| &content.org.groups);
    let mapped: BTreeSet<&RoleId> =
        groups.flat_map(|group| &group.mapped).map(|role| &role.id).collect();
    let mapped: Vec<&RoleId> = mapped.into_iter().collect();
    role_within::list_names(inquiry.directory(), inquiry.realm_id(), &mapped).await
}

async fn fetch_one(
    inquiry: &Inquiry<'_>,
    one: &Registration,
    depth: Depth,
) -> Result<Option<Content>, TransferError> {
    let object = ObjectName::Org(inquiry.realm_id().clone(), one.id.clone());
    match ask(&*inquiry.context.ports.objects, &object, &ExportOrg { depth }).await? {
        None => Ok(None),
        Some(Ok(content)) => Ok(Some(content)),
        Some(Err(TooMany { what, most })) => Err(TransferError::Limit(format!(
            "organization {} has more than {most} {what} ({}), more than one document holds",
            one.name,
            if most == MAX_ROWS { "MAX_ROWS" } else { "MAX_PEOPLE" }
        ))),
    }
}

fn people_of(content: &Content) -> impl Iterator<Item = &UserId> {
    let members = content.org.members.iter().map(|member| &member.user);
    let pushed = content.scim_users.iter().map(|one| &one.user);
    let inviters = content.invitations.iter().filter_map(|one| one.inviter.as_ref());
    members.chain(pushed).chain(inviters)
}

async fn mappers_of(
    inquiry: &Inquiry<'_>,
    providers: &[Provider],
) -> Result<HashMap<ProviderUuid, Vec<Mapper>>, TransferError> {
    let ids: Vec<&ProviderUuid> = providers.iter().map(|one| &one.id).collect();
    let found = mapper::list_of_many(inquiry.directory(), &ids, TooMany::limit(MAX_ROWS)).await?;
    if found.len() > MAX_ROWS {
        let why = format!("the providers have more than {MAX_ROWS} mappers (MAX_ROWS)");
        return Err(TransferError::Limit(why));
    }
    let mut mappers: HashMap<ProviderUuid, Vec<Mapper>> = HashMap::new();
    for (provider, mapper) in found {
        mappers.entry(provider).or_default().push(mapper);
    }
    Ok(mappers)
}

fn uses_of(providers: &[Provider], org: &OrgId) -> Vec<UseOf> {
    let used = providers.iter().filter_map(|provider| {
        let link = provider.links.iter().find(|link| link.org == *org)?;
        Some(UseOf { alias: provider.alias.to_string(), domains: link.domains.clone() })
    });
    used.collect()
}

/// Phase Two's form loses the rest (reference phasetwo.md §7).
fn entry_of(content: Content, people: &People, providers: &[Provider], parts: Parts) -> EntryJson {
    let listed = content.org.registration;
    let uses = uses_of(providers, &listed.id);
    let people = people.of(&listed.id);
    let called = |user: &UserId| people.username(user).map(|name| name.as_str().to_owned());
    let invitation = |one: InvitationContent| InvitationJson {
        email: one.email.as_str().to_owned(),
        inviter_username: one.inviter.as_ref().and_then(called),
        roles: one.roles,
        redirect_uri: one.redirect_uri,
        attributes: one.attributes,
    };
    let roles = content.org.roles.into_iter().filter(|_| parts.roles);
    EntryJson {
        idp_link: uses.into_iter().next().map(|used| used.alias).filter(|_| parts.idps),
        roles: roles
            .map(|role| RoleJson { name: role.name, description: role.description })
            .collect(),
        members: content
            .org
            .members
            .into_iter()
            .filter_map(|one| Some(MemberJson { username: called(&one.user)?, roles: one.roles }))
            .collect(),
        invitations: content
            .invitations
            .into_iter()
            .filter(InvitationContent::is_open)
            .map(invitation)
            .collect(),
        organization: OrganizationJson {
            name: listed.name,
            display_name: listed.display_name,
            url: listed.url,
            domains: listed.domains,
            attributes: listed.attributes,
        },
    }
}

/// How much the document holds so far.
#[derive(Default)]
struct Scale {
    bytes: usize,
    people: usize,
}

impl Scale {
    /// Passes an organization while an import would take its people, too.
    fn count(&mut self, content: &Content) -> Result<(), TransferError> {
        self.people += content.org.members.len() + content.scim_users.len();
        if self.people <= MAX_PEOPLE {
            return Ok(());
        }
        Err(TransferError::Limit(format!(
            "the export has more than {MAX_PEOPLE} members and SCIM resources (MAX_PEOPLE), more than one import takes: ask for fewer organizations with first and max"
        )))
    }

    /// Passes a part of the document while there is room for it.
    fn weigh<T: Serialize>(&mut self, part: T) -> Result<T, TransferError> {
        self.bytes += serde_json::to_vec(&part).map_or(usize::MAX / 2, |text| text.len() + 1);
        // A little remains for the document's own members.
        if self.bytes + ENVELOPE_BYTES <= MAX_DOCUMENT_BYTES {
            return Ok(part);
        }
        Err(TransferError::Limit(format!(
            "the export has more than {MAX_DOCUMENT_BYTES} bytes (MAX_DOCUMENT_BYTES), more than one import takes: ask for fewer organizations with first and max"
        )))
    }
}

/// Room for what stands around the organizations.
const ENVELOPE_BYTES: usize = 1024;
