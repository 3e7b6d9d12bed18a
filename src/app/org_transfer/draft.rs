//! A document that was read, whatever its form: what it wants made, not yet
//! compared with what there is.
use super::problem::Problems;
use crate::federation::mapper::Mapper;
use crate::federation::provider::Settings;
use crate::invitation::content::InvitationContent;
use crate::kernel::alias::Alias;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{MapperId, ProviderUuid, UserId};
use crate::kernel::secret::Secret;
use crate::kernel::time::Timestamp;
use crate::org::content::GroupContent;
use crate::org::member::Source;
use crate::org::role::OrganizationRole;
use crate::realm::registry::{Attributes, Registration};
use crate::realm::stored_role::RoleName;
use crate::realm::user::Username;
use crate::scim::content::{ConfigContent, ScimUserContent};
use crate::scim::group_content::ScimGroupContent;

/// In whose words a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Ours.
    Guildhall,
    /// As Phase Two's servers write and read it.
    PhaseTwo,
    /// As Phase Two's `OpenAPI` document describes it.
    OpenApi,
}

/// A document.
#[derive(Debug)]
pub struct Draft {
    /// Its form.
    pub form: Form,
    /// What it wants.
    pub organizations: Vec<OrgDraft>,
    /// Identity providers that it brings along.
    pub providers: Vec<ProviderDraft>,
    /// What it says that cannot be.
    pub problems: Problems,
}

impl Draft {
    /// Whether it wants nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.organizations.is_empty() && self.providers.is_empty() && self.problems.0.is_empty()
    }
}

/// An organization.
#[derive(Debug)]
pub struct OrgDraft {
    /// What the registry is to list.
    pub registration: Registration,
    /// Whether the document says which id it is to have.
    pub has_id: bool,
    /// Its logo.
    pub logo_url: Option<String>,
    /// Domains that it owned where it comes from.
    pub owned: Vec<String>,
    /// Roles, built-in ones only where they are to be as they were.
    pub roles: Vec<OrganizationRole>,
    /// Which of them includes which, by name.
    pub composites: Vec<(String, String)>,
    /// Those that every member is to hold, by name.
    pub defaults: Vec<String>,
    /// Members.
    pub members: Vec<MemberDraft>,
    /// Groups, with people by the ids of the document.
    pub groups: Vec<GroupDraft>,
    /// Invitations.
    pub invitations: Vec<InvitationDraft>,
    /// The identity providers it uses.
    pub uses: Vec<UseDraft>,
    /// How its directory may talk to us.
    pub scim: Option<ConfigContent>,
    /// What its directory pushed.
    pub scim_users: Vec<ScimUserDraft>,
}

/// A group.
#[derive(Debug)]
pub struct GroupDraft {
    /// All that it is, but for what is mapped to it.
    pub content: GroupContent,
    /// The roles of the realm and of its clients that are to be mapped to it.
    pub mapped: Vec<RoleName>,
    /// What the directory said of it.
    pub scim: Option<ScimGroupContent>,
}

/// Somebody, as a document names them: the first of these that the realm knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: Option<UserId>,
    /// Their username.
    pub username: Option<Username>,
    /// Their address.
    pub email: Option<EmailAddress>,
}

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let username = self.username.as_ref().map(Username::as_str);
        let email = self.email.as_ref().map(EmailAddress::as_str);
        let id = self.id.as_ref().map(UserId::as_str);
        f.write_str(username.or(email).or(id).unwrap_or("somebody"))
    }
}

/// A member.
#[derive(Debug)]
pub struct MemberDraft {
    /// Who.
    pub person: Person,
    /// How they became one, where that is known.
    pub source: Option<Source>,
    /// Whether the membership gives access.
    pub active: bool,
    /// Whether the organization manages their account.
    pub managed: bool,
    /// Since when; from now on, where that is not known.
    pub joined_at: Option<Timestamp>,
    /// What is noted about them.
    pub attributes: Attributes,
    /// Their roles, by name.
    pub roles: Vec<String>,
}

/// An invitation.
#[derive(Debug)]
pub enum InvitationDraft {
    /// One to be made now.
    New(NewInvitationDraft),
    /// One that was made, with people by the ids of the document.
    Carried(Box<InvitationContent>),
}

/// An invitation to be made now.
#[derive(Debug)]
pub struct NewInvitationDraft {
    /// Who is invited.
    pub email: EmailAddress,
    /// Who invites, by username.
    pub inviter: Option<String>,
    /// The roles that come with it.
    pub roles: Vec<String>,
    /// Where to go after accepting.
    pub redirect_uri: Option<String>,
    /// What is noted about it.
    pub attributes: Attributes,
}

/// An identity provider that an organization uses.
#[derive(Debug)]
pub struct UseDraft {
    /// Which.
    pub alias: String,
    /// The e-mail domains that lead to it.
    pub domains: Vec<String>,
    /// Whether one that is there is taken off the realm's login page, as when it
    /// is linked.
    pub hide: bool,
}

/// A SCIM resource.
#[derive(Debug)]
pub struct ScimUserDraft {
    /// Of whom it is a view.
    pub person: Person,
    /// The resource.
    pub content: ScimUserContent,
}

/// An identity provider.
#[derive(Debug)]
pub struct ProviderDraft {
    /// What people and URLs call it.
    pub alias: Alias,
    /// The key that it had.
    pub id: Option<ProviderUuid>,
    /// Its kind.
    pub kind: String,
    /// Its settings.
    pub settings: Settings,
    /// Its secret.
    pub secret: SecretDraft,
    /// When it was made; now, where that is not known.
    pub created_at: Option<Timestamp>,
    /// What is made of its claims, each with the key that it had.
    pub mappers: Vec<(Option<MapperId>, Mapper)>,
    /// Whether it becomes what an organization's new provider is.
    pub adopt: bool,
}

/// What a document says of a secret.
#[derive(Clone, Debug)]
pub enum SecretDraft {
    /// There is none.
    None,
    /// There is one, and it is not in the document.
    Missing,
    /// It is this.
    Given(Secret),
}
