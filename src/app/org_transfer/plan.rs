//! What an import makes of a document in this realm, checked against all that is
//! there. Making the plan changes nothing.
use super::content::Content;
use super::draft::{Draft, OrgDraft};
use super::error::TransferError;
use super::knowledge::{Knowledge, look_up};
use super::options::Options;
use super::plan_providers::NewProvider;
use super::problem::{DUPLICATE, Kind, Problems};
use super::report::{OrganizationReport, Report};
use crate::kernel::alias::Alias;
use crate::kernel::id::{MapperId, ProviderUuid, RoleId};
use crate::org::admin_user;
use crate::org::composite;
use crate::org::content::{OrgContent, OwnedDomain};
use crate::org::role::BuiltIn;
use crate::realm::context::RealmContext;
use crate::realm::error::AdminError;
use crate::realm::hand_out::require_reach;
use crate::realm::inquiry::Inquiry;
use crate::realm::user::User;
use crate::scim::content::ConfigContent;
use std::collections::HashSet;

/// What is to be made.
#[derive(Debug)]
pub struct Plan {
    /// The organizations.
    pub organizations: Vec<NewOrganization>,
    /// The identity providers.
    pub providers: Vec<NewProvider>,
    /// The same in words.
    pub report: Report,
    /// What stands in the way.
    pub problems: Problems,
}

/// An organization that is made.
#[derive(Debug)]
pub struct NewOrganization {
    /// All that its object gets.
    pub content: Content,
    /// The administrator that comes with it, if one does.
    pub admin: Option<User>,
    /// The identity providers that it uses.
    pub uses: Vec<Use>,
}

/// The use of an identity provider.
#[derive(Debug)]
pub struct Use {
    /// Which.
    pub alias: Alias,
    /// The e-mail domains that lead to it.
    pub domains: Vec<String>,
    /// The provider, when it leaves the realm's login page.
    pub hide: Option<ProviderUuid>,
}

/// Who makes a plan.
pub struct Planner<'a> {
    /// Who asks, where.
    pub inquiry: &'a Inquiry<'a>,
    /// The document.
    pub draft: &'a Draft,
    /// How to import it.
    pub options: Options,
    /// What is there.
    pub knowledge: &'a Knowledge,
    /// What stands in the way.
    pub problems: Problems,
    /// What is made.
    pub report: Report,
    /// Keys of providers that are given away.
    pub ids: HashSet<ProviderUuid>,
    /// Keys of mappers that are given away.
    pub mapper_ids: HashSet<MapperId>,
    /// Providers that an organization of the document uses.
    pub used: HashSet<String>,
    names: HashSet<(&'static str, String)>,
    owned: HashSet<String>,
}

/// Plans the import of `draft`.
///
/// # Errors
/// `Limit` when the document holds too much; `Store`.
pub async fn plan(
    inquiry: &Inquiry<'_>,
    draft: &Draft,
    options: Options,
) -> Result<Plan, TransferError> {
    let knowledge = look_up(inquiry.context, draft).await?;
    let mut planner = Planner {
        inquiry,
        draft,
        options,
        knowledge: &knowledge,
        problems: draft.problems.clone(),
        report: Report::default(),
        ids: HashSet::new(),
        mapper_ids: HashSet::new(),
        used: HashSet::new(),
        names: HashSet::new(),
        owned: HashSet::new(),
    };
    planner.check_reach().await?;
    let providers = planner.providers()?;
    let mut organizations = Vec::new();
    for org in &draft.organizations {
        organizations.extend(planner.organization(org)?);
    }
    let Planner { report, problems, .. } = planner;
    Ok(Plan { organizations, providers, report, problems })
}

impl<'a> Planner<'a> {
    /// The realm, the time, the machine.
    #[must_use]
    pub fn context(&self) -> &'a RealmContext<'a> {
        self.inquiry.context
    }

    /// Notes that something of the organization called `org` is passed over.
    pub fn skip(&mut self, org: &str, why: impl std::fmt::Display) {
        self.report.skipped.push(format!("organization {org}: {why}"));
    }

    /// Nobody maps a role to a group that they could not map there themselves.
    async fn check_reach(&mut self) -> Result<(), TransferError> {
        let roles: Vec<RoleId> =
            self.knowledge.roles.values().map(|role| role.id.clone()).collect();
        if roles.is_empty() {
            return Ok(());
        }
        match require_reach(self.inquiry, &roles).await {
            Ok(()) => Ok(()),
            Err(AdminError::Store(error)) => Err(error.into()),
            Err(_) => {
                let why = "a role that is mapped to a group is not the caller's to give";
                self.problems.add(Kind::Forbidden, why.to_owned());
                Ok(())
            }
        }
    }

    fn organization(
        &mut self,
        org: &'a OrgDraft,
    ) -> Result<Option<NewOrganization>, TransferError> {
        let name = org.registration.name.clone();
        if self.options.skip_existing && self.exists(org) {
            self.skip(&name, "it is there already");
            return Ok(None);
        }
        self.check_names(org);
        self.check_roles(org);
        let admin = self.admin(org)?;
        let mut roster = self.roster(org);
        let groups = self.groups(org, &roster);
        let scim_users = self.scim_users(org, &mut roster);
        let invitations = self.invitations(org, &roster);
        let uses = self.uses(org);
        if org.scim.as_ref().is_some_and(ConfigContent::lacks_secret) {
            self.report.missing.push(format!("organization {name}: the secret of SCIM"));
        }
        let content = Content {
            org: OrgContent {
                registration: org.registration.clone(),
                logo_url: org.logo_url.clone(),
                owned: self.owned(org),
                roles: org.roles.clone(),
                composites: org.composites.clone(),
                defaults: org.defaults.clone(),
                members: roster.members,
                groups,
            },
            invitations,
            scim: org.scim.clone(),
            scim_users,
            scim_groups: org.groups.iter().filter_map(|group| group.scim.clone()).collect(),
        };
        let made = NewOrganization { content, admin, uses };
        self.report.organizations.push(self.told(org, &made));
        Ok(Some(made))
    }

    fn exists(&self, org: &OrgDraft) -> bool {
        let wanted = &org.registration;
        self.knowledge
            .taken
            .iter()
            .any(|taken| taken.name == wanted.name || taken.id == wanted.id.as_str())
    }

    /// Id, name and alias are free in the realm, and each is there once.
    fn check_names(&mut self, org: &OrgDraft) {
        let wanted = &org.registration;
        let (id, alias) = (wanted.id.as_str(), wanted.alias.as_str());
        let taken = |same: &dyn Fn(&str, &str, &str) -> bool| {
            self.knowledge.taken.iter().any(|one| same(&one.id, &one.name, &one.alias))
        };
        let by_name = taken(&|_, name, _| name == wanted.name);
        let by_id = taken(&|taken, _, _| taken == id);
        let by_alias = taken(&|_, _, taken| taken == alias);
        let mut once = |what, text: &str| self.names.insert((what, text.to_owned()));
        let (name_once, id_once, alias_once) =
            (once("name", &wanted.name), once("id", id), once("alias", alias));
        if by_name || !name_once {
            self.problems.add(Kind::Taken, DUPLICATE);
        } else if by_id || !id_once {
            self.problems.taken(&wanted.name, format_args!("an organization has the id {id}"));
        } else if by_alias || !alias_once {
            let why = format_args!("an organization has the alias {alias}");
            self.problems.taken(&wanted.name, why);
        }
    }

    fn check_roles(&mut self, org: &OrgDraft) {
        let (mut names, mut ids) = (HashSet::new(), HashSet::new());
        for role in &org.roles {
            if !names.insert(role.name.as_str()) | !ids.insert(&role.id) {
                let why = format_args!("the role {} is there twice", role.name);
                self.problems.bad(&org.registration.name, why);
            }
        }
        names.extend(BuiltIn::ALL.map(|(_, name, _)| name));
        let pairs = org.composites.iter().flat_map(|(parent, child)| [parent, child]);
        for name in pairs.chain(&org.defaults).filter(|name| !names.contains(name.as_str())) {
            let why = format_args!("there is no role {name} to include or be included");
            self.problems.bad(&org.registration.name, why);
        }
        if let Err(error) = composite::check(&org.composites) {
            self.problems.bad(&org.registration.name, error);
        }
    }

    /// The administrator that comes with `org` where the realm wants one.
    fn admin(&mut self, org: &OrgDraft) -> Result<Option<User>, TransferError> {
        let Some(id) = admin_user::new_id(self.context()) else { return Ok(None) };
        let admin = admin_user::of(id, &org.registration)?;
        if self.knowledge.find_called(admin.username.as_str()).is_some() {
            let why = format_args!("a user is called {} already", admin.username.as_str());
            self.problems.taken(&org.registration.name, why);
        }
        Ok(Some(admin))
    }

    /// The domains that `org` goes on owning. The document is believed, and the
    /// daily check begins at once.
    fn owned(&mut self, org: &OrgDraft) -> Vec<OwnedDomain> {
        let shared = self.context().realm.settings.shared_domains;
        let mut owned = Vec::new();
        for name in &org.owned {
            let free = !self.knowledge.owned.contains(name) && self.owned.insert(name.clone());
            if !shared && !free {
                let why = format_args!("another organization has verified the domain {name}");
                self.problems.taken(&org.registration.name, why);
            }
            let claim = self.context().ports.random.uuid().to_string();
            owned.push(OwnedDomain { name: name.clone(), claim });
        }
        owned
    }

    fn told(&self, org: &OrgDraft, made: &NewOrganization) -> OrganizationReport {
        let content = &made.content;
        let id = content.org.registration.id.to_string();
        let built_in = |name: &str| BuiltIn::names().any(|known| known == name);
        OrganizationReport {
            id: Some(id).filter(|_| org.has_id || !self.options.dry_run),
            name: content.org.registration.name.clone(),
            alias: content.org.registration.alias.to_string(),
            administrator: made.admin.is_some(),
            roles: content.org.roles.iter().filter(|role| !built_in(&role.name)).count(),
            members: content.org.members.len(),
            groups: content.org.groups.len(),
            invitations: content.invitations.len(),
            scim_users: content.scim_users.len(),
            identity_providers: made.uses.iter().map(|used| used.alias.to_string()).collect(),
        }
    }
}
