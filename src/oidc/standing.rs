//! Who a token is about, and what they are in the realm and in its
//! organizations, now.
use super::choose::{self, ChooseError};
use super::scope::{BadScope, MAX_ORGS_PER_TOKEN};
use super::selection::Selection;
use crate::account::session_organization::FindOrganization;
use crate::account::session_rule::SessionRule;
use crate::kernel::id::{OrgId, SessionId, UserId};
use crate::kernel::route::ObjectName;
use crate::org::claims::OrgClaims;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::hand_out::is_administrative;
use crate::realm::person::{HeldRole, MAX_TOKEN_ROLES, Person};
use crate::realm::role::{ADMIN, CREATE_REALM};
use crate::realm::settings::Realm;
use crate::realm::store::person;
use futures::try_join;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Who, and what they are where.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The person, or the account of a client, with the roles that they hold in the one
    /// organization that the token speaks for.
    pub person: Rc<Person>,
    /// The same, whatever the token speaks for.
    pub alone: Rc<Person>,
    /// What they are in the organizations that the token speaks for.
    pub orgs: Vec<OrgClaims>,
    /// What they are in each of theirs, when a mapper tells it.
    pub every: Vec<OrgClaims>,
    /// What they are in the active one, when a mapper tells it.
    pub active: Option<OrgClaims>,
    /// The roles of the realm that they hold through their groups in organizations, as
    /// far as [`with_mapped`] asked.
    pub mapped: BTreeMap<OrgId, Vec<HeldRole>>,
}

impl Standing {
    /// Somebody of whom no organization is told.
    #[must_use]
    pub fn alone(person: Rc<Person>) -> Self {
        Self {
            alone: Rc::clone(&person),
            person,
            orgs: Vec::new(),
            every: Vec::new(),
            active: None,
            mapped: BTreeMap::new(),
        }
    }

    /// The same of a token that speaks for `orgs`. A single one is the active one. What
    /// was held in others is held no more; what is held in these, [`with_mapped`] asks.
    #[must_use]
    pub fn speaking_for(self, orgs: Vec<OrgClaims>) -> Self {
        let active = match orgs.as_slice() {
            [only] => Some(only.clone()),
            _ => self.active,
        };
        Self { person: Rc::clone(&self.alone), orgs, active, ..self }
    }

    /// Gives the person the roles of the one organization that the token speaks for:
    /// what somebody is in one is nobody's business in another.
    fn with_roles_of_the_only(mut self) -> Self {
        let more = match self.orgs.as_slice() {
            [only] => self.mapped.get(&only.id),
            _ => None,
        };
        self.person = Rc::clone(&self.alone);
        if let Some(more) = more {
            let person = Rc::make_mut(&mut self.person);
            for role in more {
                if person.roles.iter().all(|held| held.id != role.id) {
                    person.roles.push(role.clone());
                }
            }
        }
        self
    }
}

/// Whose standing is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The person.
    pub user: &'a UserId,
    /// The organizations that were granted.
    pub orgs: &'a [OrgId],
    /// The session.
    pub session: Option<&'a SessionId>,
}

/// What is true of the person now; `None` when they are gone or disabled. One
/// directory query and one call to each organization, at the same time; more only
/// for roles that come with the groups of an organization, and for mappers that tell
/// of other organizations than were granted.
///
/// # Errors
/// As [`ChooseError`] says.
pub async fn find(
    context: &RealmContext<'_>,
    selection: &Selection<'_>,
    question: Question<'_>,
) -> Result<Option<Standing>, ChooseError> {
    let (client, asked) = (selection.client, selection.asked());
    let Question { user, orgs, .. } = question;
    let (person, orgs, switched) = try_join!(
        person::find(&*context.ports.directory, &context.realm.id, user, &asked),
        claims_of_permitted(context, client, user, orgs),
        find_switched(context, selection, question),
    )?;
    let Some(person) = person.filter(|person| person.user.may_sign_in(&context.realm.settings))
    else {
        return Ok(None);
    };
    let standing = Standing { orgs, ..Standing::alone(Rc::new(person)) };
    let mut standing = with_mapped(context, selection, standing).await?;
    let person = Rc::clone(&standing.person);
    if selection.tells_of_all_orgs() {
        if person.orgs.len() > MAX_ORGS_PER_TOKEN {
            return Err(BadScope::TooManyOrganizations.into());
        }
        standing.every = claims_of_more(context, client, &standing, &person.orgs).await?;
    }
    if selection.tells_of_the_active_org() {
        let granted = match standing.orgs.as_slice() {
            [only] => Some(only.id.clone()),
            _ => None,
        };
        let active = granted.or(switched).or_else(|| person.orgs.first().cloned());
        let active = active.as_slice();
        standing.active = claims_of_more(context, client, &standing, active).await?.pop();
    }
    Ok(Some(standing))
}

/// Asks the directory for the roles that the person holds through their groups in the
/// organizations that the token speaks for (docs/decisions/0007): those of a single one
/// count as the person's, those of several only where a mapper tells them. One query for
/// all of them; none when nothing is mapped, or all is known.
///
/// Roles that administer are left out: held so, they give no power, and a token shall
/// not say they do.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn with_mapped(
    context: &RealmContext<'_>,
    selection: &Selection<'_>,
    mut standing: Standing,
) -> Result<Standing, StoreError> {
    if standing.orgs.len() == 1 || selection.tells_of_group_roles() {
        let of_orgs = standing.orgs.iter().map(|org| (&org.id, org.mapped.as_slice()));
        let unknown: BTreeMap<_, _> =
            of_orgs.filter(|(org, _)| !standing.mapped.contains_key(*org)).collect();
        let (directory, realm) = (&*context.ports.directory, &context.realm);
        let asked = selection.asked().roles;
        let mut found = person::list_within(directory, &realm.id, &unknown, &asked).await?;
        // More than a token may carry were not all read: those stay, to be refused.
        if found.values().map(Vec::len).sum::<usize>() <= MAX_TOKEN_ROLES {
            for roles in found.values_mut() {
                roles.retain(|role| !administers(realm, role));
            }
        }
        for org in unknown.into_keys() {
            standing.mapped.insert(org.clone(), found.remove(org).unwrap_or_default());
        }
    }
    Ok(standing.with_roles_of_the_only())
}

fn administers(realm: &Realm, role: &HeldRole) -> bool {
    match &role.client_id {
        Some(client_id) => is_administrative(realm, client_id),
        None => realm.is_master() && [ADMIN, CREATE_REALM].contains(&role.name.as_str()),
    }
}

/// What `user` is in those of `orgs` that may use `client`.
async fn claims_of_permitted(
    context: &RealmContext<'_>,
    client: &Client,
    user: &UserId,
    orgs: &[OrgId],
) -> Result<Vec<OrgClaims>, StoreError> {
    Ok(choose::permitted(client, choose::claims_of(context, user, orgs).await?))
}

/// The standing in `orgs`, of which some are known.
async fn claims_of_more(
    context: &RealmContext<'_>,
    client: &Client,
    standing: &Standing,
    orgs: &[OrgId],
) -> Result<Vec<OrgClaims>, StoreError> {
    let known = |org: &OrgId| {
        standing.orgs.iter().chain(&standing.every).find(|claims| claims.id == *org).cloned()
    };
    let unknown: Vec<OrgId> = orgs.iter().filter(|org| known(org).is_none()).cloned().collect();
    let asked = claims_of_permitted(context, client, &standing.person.user.id, &unknown).await?;
    let found = |org: &OrgId| known(org).or_else(|| asked.iter().find(|c| c.id == *org).cloned());
    Ok(orgs.iter().filter_map(found).collect())
}

/// The organization that the session switched to, when that matters.
async fn find_switched(
    context: &RealmContext<'_>,
    selection: &Selection<'_>,
    question: Question<'_>,
) -> Result<Option<OrgId>, StoreError> {
    let Some(session) = question.session else { return Ok(None) };
    if question.orgs.len() == 1 || !selection.tells_of_the_active_org() {
        return Ok(None);
    }
    session_org(context, question.user, session).await
}

/// The organization that the session switched to.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn session_org(
    context: &RealmContext<'_>,
    user: &UserId,
    session: &SessionId,
) -> Result<Option<OrgId>, StoreError> {
    let rule = SessionRule::of(&context.realm);
    let object = ObjectName::Account(context.realm.id.clone(), user.clone());
    let question = FindOrganization { session: session.clone(), rule };
    let active = ask(&*context.ports.objects, &object, &question).await?;
    Ok(active.and_then(|active| active.org))
}
