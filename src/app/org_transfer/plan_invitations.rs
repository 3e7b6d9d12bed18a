//! Which invitations an imported organization has.
use super::draft::{InvitationDraft, NewInvitationDraft, OrgDraft};
use super::plan::Planner;
use super::plan_members::Roster;
use crate::invitation::content::InvitationContent;
use crate::kernel::id::InvitationId;
use crate::realm::user::{User, Username};
use std::collections::HashSet;

impl Planner<'_> {
    /// The invitations of `org`.
    pub fn invitations(&mut self, org: &OrgDraft, roster: &Roster<'_>) -> Vec<InvitationContent> {
        let name = &org.registration.name;
        let mut invitations: Vec<InvitationContent> = Vec::new();
        let (mut ids, mut open) = (HashSet::new(), HashSet::new());
        for draft in &org.invitations {
            let invitation = match draft {
                InvitationDraft::New(new) => self.new_invitation(name, new, roster),
                InvitationDraft::Carried(carried) => Some(carried_invitation(carried, roster)),
            };
            let Some(invitation) = invitation else { continue };
            let email = invitation.email.as_str();
            let is_first = !invitation.is_open() || open.insert(email.to_owned());
            if !is_first || !ids.insert(invitation.id.clone()) {
                self.problems.bad(name, format_args!("{email} is invited twice"));
            }
            invitations.push(invitation);
        }
        invitations
    }

    /// One that is made now. Roles that it names are not checked (reference
    /// phasetwo.md §7): whoever accepts it gets those that exist then.
    fn new_invitation(
        &mut self,
        org: &str,
        new: &NewInvitationDraft,
        roster: &Roster<'_>,
    ) -> Option<InvitationContent> {
        let email = new.email.as_str();
        if roster.users.iter().any(|user| user.email.as_ref() == Some(&new.email)) {
            self.problems.bad(org, format_args!("{email} is invited and a member already"));
            return None;
        }
        let Some(inviter) = inviter_of(new, roster) else {
            let called = new.inviter.as_deref().unwrap_or("nobody");
            let why = format!("{email} is invited by {called}, who is no member");
            if self.options.skip_missing_member {
                self.skip(org, why);
            } else {
                self.problems.bad(org, why);
            }
            return None;
        };
        let (now, context) = (self.context().now, self.context());
        Some(InvitationContent {
            id: InvitationId::from(context.ports.random.uuid()),
            email: new.email.clone(),
            roles: new.roles.clone(),
            inviter: Some(inviter.id.clone()),
            inviter_name: Some(inviter.display_name()),
            redirect_uri: new.redirect_uri.clone(),
            first_name: None,
            last_name: None,
            client_id: None,
            attributes: new.attributes.clone(),
            created_at: now,
            expires_at: now + context.realm.settings.invitation_lifespan,
            acceptor: None,
            accepted_at: None,
            revoked_at: None,
            history: Vec::new(),
        })
    }
}

fn inviter_of<'a>(new: &NewInvitationDraft, roster: &Roster<'a>) -> Option<&'a User> {
    let username: Username = new.inviter.as_deref()?.parse().ok()?;
    roster.users.iter().copied().find(|user| user.username == username)
}

fn carried_invitation(carried: &InvitationContent, roster: &Roster<'_>) -> InvitationContent {
    let meant = |user: &Option<_>| user.clone().map(|user| roster.meant(user));
    let mut invitation = InvitationContent {
        inviter: meant(&carried.inviter),
        acceptor: meant(&carried.acceptor),
        ..carried.clone()
    };
    for entry in &mut invitation.history {
        entry.user = meant(&entry.user);
    }
    invitation
}
