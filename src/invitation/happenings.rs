//! What is told of people who come to an organization and go, where a realm wants
//! it (reference phasetwo.md §6.2).
use crate::account::session::NewSession;
use crate::account::session_organization::IsActive;
use crate::event::user_event::Kind;
use crate::kernel::id::{InvitationId, OrgId, UserId};
use crate::kernel::route::ObjectName;
use crate::org::visit::Visit;
use crate::platform::object::ask;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::user::{User, Username};

/// An invitation, as events name it.
#[derive(Clone, Copy)]
pub struct Invited<'a> {
    /// The organization.
    pub org: &'a OrgId,
    /// The invitation.
    pub invitation: &'a InvitationId,
}

impl Invited<'_> {
    /// An event of the invited person, whom the caller names.
    #[must_use]
    pub fn accepted(&self) -> Happening {
        self.about(Kind::CustomRequiredAction)
    }

    /// The same in Keycloak's words (reference keycloak.md §1.9).
    #[must_use]
    pub fn joined(&self, username: &Username) -> Happening {
        let happening = Happening::of(Kind::InviteOrg).detail("username", username.as_str());
        happening.detail("org_id", self.org.as_str())
    }

    /// Likewise. Phase Two's words.
    #[must_use]
    pub fn rejected(&self) -> Happening {
        self.about(Kind::CustomRequiredActionError).error("User invitation revoked.")
    }

    fn about(&self, kind: Kind) -> Happening {
        let happening = Happening::of(kind).detail("org_id", self.org.as_str());
        happening.detail("invitation_id", self.invitation.as_str())
    }
}

/// Somebody made an account to accept an invitation.
pub async fn registered(context: &RealmContext<'_>, user: &User) {
    let email = user.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let happening = Happening::of(Kind::Register).user(&user.id).detail("register_method", "form");
    let happening = happening.detail("email", &email).detail("username", user.username.as_str());
    happening.tell(context).await;
}

/// Somebody chose the first password of their account.
pub async fn chose_password(context: &RealmContext<'_>, user: &UserId) {
    Happening::of(Kind::UpdatePassword).user(user).tell(context).await;
}

/// Somebody brought the ticket that went to their address.
pub async fn confirmed(context: &RealmContext<'_>, user: &User) {
    let email = user.email.as_ref().map(ToString::to_string).unwrap_or_default();
    Happening::of(Kind::VerifyEmail).user(&user.id).detail("email", &email).tell(context).await;
}

/// Somebody signed in on the invitation's page.
pub async fn logged_in(context: &RealmContext<'_>, user: &UserId, session: &NewSession) {
    Happening::of(Kind::Login).user(user).session(&session.id).tell(context).await;
}

/// Somebody could not show on the invitation's page that they are `user`.
pub async fn login_failed(context: &RealmContext<'_>, user: &User) {
    let happening = Happening::of(Kind::LoginError).user(&user.id);
    let happening = happening.detail("username", user.username.as_str());
    happening.error("invalid_user_credentials").tell(context).await;
}

/// Writes down that `gone`, who was just removed, has lost the organization that
/// was active in a session of theirs. Asks their account only where the realm
/// wants to know. What cannot be found out is logged: the removal counts.
///
/// The event is about the person who was removed. Phase Two's names the caller,
/// whose profile did not change (reference phasetwo.md §6.2).
pub async fn removed(visit: &Visit<'_>, gone: &UserId) {
    let context = visit.realm_context();
    if !context.realm.settings.events.wants(Kind::UpdateProfile.as_str()) {
        return;
    }
    let org = &visit.organization.id;
    let account = ObjectName::Account(context.realm.id.clone(), gone.clone());
    match ask(&*context.ports.objects, &account, &IsActive { org: org.clone() }).await {
        Ok(true) => {
            let happening = Happening::of(Kind::UpdateProfile).user(gone);
            let happening = happening.detail("removed_active_organization_id", org.as_str());
            let client = visit.visitor.caller.as_ref().map(|caller| caller.client_id.as_str());
            happening.client_of(client).tell(&context).await;
        }
        Ok(false) => {}
        Err(error) => tracing::error!("An event of a person was lost: {error}"),
    }
}
