//! What a login through a provider makes of a person: the mappers of the provider, read
//! one after the other, come to one list of effects (reference keycloak.md §6).
//!
//! Who is given something by one mapper is not deprived of it by another in the same
//! login, whichever comes first. A mapper that cannot do what it says is passed over,
//! and the login goes on.
use super::mapper::Mapper;
use super::mapper_claim::Told;
use super::mapper_rule::{BadMapper, Deed, From, Rule, Target, Test};
use super::mapper_template::{Ink, write};
use super::provider::SYNC_MODE;
use crate::kernel::id::OrgId;
use crate::org::mapped::OrgEffect;
use crate::realm::group::path_of_line;
use crate::realm::settings::SyncMode;
use std::collections::BTreeMap;

/// A login, as far as mappers are concerned.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// The provider's alias.
    pub alias: &'a str,
    /// When the provider's claims are read again; Keycloak's `LEGACY` when it does not say.
    pub sync_mode: SyncMode,
    /// Whether it makes the account.
    pub is_first: bool,
    /// Whether the realm's usernames are e-mail addresses: no template writes them then.
    pub email_is_username: bool,
    /// A fresh one.
    pub uuid: &'a str,
    /// What the provider told.
    pub told: &'a Told,
    /// The organizations that use the provider.
    pub organizations: &'a [Linked],
    /// The one that the login is for, if one is.
    pub chosen: Option<&'a OrgId>,
}

/// An organization that uses the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The key.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Whether people may come in by it.
    pub enabled: bool,
}

/// Something that a login makes of a person. Twice is once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// They are called so.
    SetUsername(String),
    /// The provider's name for them is this id.
    SetBrokerId(String),
    /// They are called so at the provider.
    SetBrokerUsername(String),
    /// A field (`email`, `firstName`, `lastName`) or an attribute has these values; none
    /// when it is empty.
    SetField {
        /// Which.
        name: String,
        /// Its values.
        values: Vec<String>,
    },
    /// The session has a note.
    SessionNote {
        /// Its name.
        name: String,
        /// What it says.
        value: String,
    },
    /// They hold a role of the realm or, written `client.role`, of a client.
    GrantRole(String),
    /// They do not hold it.
    TakeRole(String),
    /// They are in the realm's group at this path.
    JoinGroup(String),
    /// They are not in it.
    LeaveGroup(String),
    /// Something in one organization.
    Org(OrgId, OrgEffect),
}

/// A mapper that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Its name.
    pub mapper: String,
    /// Why.
    pub why: Why,
}

/// Why a mapper was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It says nothing that can be done.
    Bad(BadMapper),
    /// The organization does not use the provider, or is not there.
    NoOrganization,
    /// The organization is disabled.
    Disabled,
    /// Several organizations use the provider, and the login is for none of them.
    NotChosen,
    /// A name would be empty.
    Nameless,
}

/// What mappers come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What is made of the person, in this order.
    pub effects: Vec<Effect>,
    /// Which mappers were passed over, to be warned of.
    pub passed_over: Vec<PassedOver>,
}

/// Something to have or not to have. Roles come before groups: by a role somebody may
/// become the member that a group asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Good {
    Role(String),
    Group(Vec<String>),
    OrgRole(String, String),
    OrgGroup(String, Vec<String>),
}

/// What was decided about a good.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    given: bool,
    join: bool,
}

/// What a mapper does in this login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Gives.
    Give,
    /// Gives, or takes from who is not meant.
    Both,
    /// Takes from who is not meant.
    Take,
    /// Nothing.
    Nothing,
}

#[derive(Default)]
struct Draft {
    names: BTreeMap<u8, Effect>,
    fields: BTreeMap<String, Vec<String>>,
    notes: BTreeMap<String, String>,
    goods: BTreeMap<Good, Verdict>,
}

/// What `mappers`, in this order, make of who signs in.
#[must_use]
pub fn evaluate(mappers: &[Mapper], login: &Login<'_>) -> Outcome {
    let mut draft = Draft::default();
    let mut passed_over = Vec::new();
    for mapper in mappers {
        if let Err(why) = consult(mapper, login, &mut draft) {
            passed_over.push(PassedOver { mapper: mapper.name.clone(), why });
        }
    }
    Outcome { effects: draft.effects(login), passed_over }
}

fn consult(mapper: &Mapper, login: &Login<'_>, draft: &mut Draft) -> Result<(), Why> {
    let rule = Rule::read(mapper).map_err(Why::Bad)?;
    let part = part_of(mapper, &rule, login)?;
    if part == Part::Nothing {
        return Ok(());
    }
    if let Some((good, join)) = good_of(&rule.deed, login)? {
        let meant = rule.is_for(login.told);
        if (meant && part != Part::Take) || (!meant && part != Part::Give) {
            let verdict = draft.goods.entry(good).or_default();
            verdict.given |= meant;
            verdict.join |= meant && join;
        }
        return Ok(());
    }
    match &rule.deed {
        Deed::Field { name, from, nullable } => draft.fill(name, from, *nullable, login),
        Deed::Name { target, template } => draft.name(*target, template, login)?,
        Deed::Note { name, value } => {
            draft.notes.insert(name.clone(), value.clone());
        }
        Deed::Notes => draft.note_all(&rule, login.told),
        Deed::RealmGroup(_) | Deed::OrgGroup(_) | Deed::Role(_) | Deed::OrgRole { .. } => {}
    }
    Ok(())
}

/// When a mapper does what. What a name at the provider is, and what a session notes, is
/// asked at every login.
fn part_of(mapper: &Mapper, rule: &Rule, login: &Login<'_>) -> Result<Part, Why> {
    let mode = match mapper.config.get(SYNC_MODE).map(String::as_str) {
        Some("INHERIT") => login.sync_mode,
        None | Some("") => SyncMode::Legacy,
        Some(mode) => mode.parse().map_err(|()| Why::Bad(BadMapper::Bad(SYNC_MODE)))?,
    };
    let always = match &rule.deed {
        Deed::Name { target, .. } => *target != Target::Local,
        Deed::Note { .. } => true,
        _ => false,
    };
    Ok(match mode {
        _ if login.is_first => Part::Give,
        _ if always => Part::Both,
        SyncMode::Import => Part::Nothing,
        SyncMode::Force => Part::Both,
        SyncMode::Legacy => legacy(rule),
    })
}

/// What the types did before they could be told when to: roles were granted with the
/// account and afterwards only taken, a username stayed.
const fn legacy(rule: &Rule) -> Part {
    match (&rule.deed, &rule.test) {
        (Deed::Role(_) | Deed::OrgRole { .. }, Test::Everybody) | (Deed::Name { .. }, _) => {
            Part::Nothing
        }
        (Deed::Role(_) | Deed::OrgRole { .. }, _) => Part::Take,
        _ => Part::Both,
    }
}

impl Rule {
    fn is_for(&self, told: &Told) -> bool {
        match &self.test {
            Test::Everybody => true,
            Test::All(conditions) => conditions.iter().all(|one| one.is_met(told)),
            Test::KeycloakRole(role) => told.has_keycloak_role(role),
        }
    }
}

/// The good that a deed is about, and whether who gets it becomes a member.
fn good_of(deed: &Deed, login: &Login<'_>) -> Result<Option<(Good, bool)>, Why> {
    Ok(match deed {
        Deed::Role(role) => Some((Good::Role(role.clone()), false)),
        Deed::RealmGroup(names) => Some((Good::Group(names.clone()), false)),
        Deed::OrgGroup(names) => {
            let org = usable(login.organization())?;
            Some((Good::OrgGroup(org, names.clone()), false))
        }
        Deed::OrgRole { org, role, join } => {
            let named = login.organizations.iter().find(|one| one.name == *org);
            let org = usable(named.ok_or(Why::NoOrganization))?;
            Some((Good::OrgRole(org, role.clone()), *join))
        }
        Deed::Field { .. } | Deed::Name { .. } | Deed::Note { .. } | Deed::Notes => None,
    })
}

fn usable(found: Result<&Linked, Why>) -> Result<String, Why> {
    let org = found?;
    if org.enabled { Ok(org.id.as_str().to_owned()) } else { Err(Why::Disabled) }
}

impl Login<'_> {
    /// The organization that a path is relative to.
    fn organization(&self) -> Result<&Linked, Why> {
        match (self.chosen, self.organizations) {
            (Some(chosen), all) => {
                all.iter().find(|one| one.id == *chosen).ok_or(Why::NoOrganization)
            }
            (None, []) => Err(Why::NoOrganization),
            (None, [only]) => Ok(only),
            (None, _) => Err(Why::NotChosen),
        }
    }
}

/// The fields that are no attributes, whatever their case.
const FIELDS: [&str; 3] = ["email", "firstName", "lastName"];

impl Draft {
    fn fill(&mut self, name: &str, from: &From, nullable: bool, login: &Login<'_>) {
        let field = FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(name));
        let mut values = match from {
            From::Fixed(value) => vec![value.clone()],
            From::Told(place) => login.told.values(place),
        };
        if field.is_some() {
            values.truncate(1);
        }
        let empties = !login.is_first && (field.is_none() || nullable);
        if !values.is_empty() || empties {
            self.fields.insert(field.unwrap_or(name).to_owned(), values);
        }
    }

    fn name(&mut self, target: Target, template: &str, login: &Login<'_>) -> Result<(), Why> {
        let ink = Ink { alias: login.alias, uuid: login.uuid, told: login.told };
        let name = write(template, ink).trim().to_owned();
        if name.is_empty() {
            return Err(Why::Nameless);
        }
        match target {
            Target::Local if login.email_is_username => None,
            Target::Local => self.names.insert(0, Effect::SetUsername(name)),
            Target::BrokerId => self.names.insert(1, Effect::SetBrokerId(name)),
            Target::BrokerUsername => self.names.insert(2, Effect::SetBrokerUsername(name)),
        };
        Ok(())
    }

    fn note_all(&mut self, rule: &Rule, told: &Told) {
        let Test::All(conditions) = &rule.test else { return };
        for condition in conditions.iter().filter(|one| one.is_met(told)) {
            let key = condition.key();
            self.notes.insert(key.to_owned(), told.values(key).join("##"));
        }
    }

    fn effects(self, login: &Login<'_>) -> Vec<Effect> {
        let fields = self.fields.into_iter();
        let notes = self.notes.into_iter();
        let goods = self.goods.into_iter();
        self.names
            .into_values()
            .chain(fields.map(|(name, values)| Effect::SetField { name, values }))
            .chain(notes.map(|(name, value)| Effect::SessionNote { name, value }))
            .chain(goods.filter_map(|(good, verdict)| good.effect(verdict, login)))
            .collect()
    }
}

impl Good {
    fn effect(self, Verdict { given, join }: Verdict, login: &Login<'_>) -> Option<Effect> {
        let within = |org: &str, effect| {
            let org = login.organizations.iter().find(|one| one.id.as_str() == org)?;
            Some(Effect::Org(org.id.clone(), effect))
        };
        match (self, given) {
            (Self::Role(role), true) => Some(Effect::GrantRole(role)),
            (Self::Role(role), false) => Some(Effect::TakeRole(role)),
            (Self::Group(names), true) => Some(Effect::JoinGroup(path_of_line(&names))),
            (Self::Group(names), false) => Some(Effect::LeaveGroup(path_of_line(&names))),
            (Self::OrgRole(org, role), true) => within(&org, OrgEffect::GrantRole { role, join }),
            (Self::OrgRole(org, role), false) => within(&org, OrgEffect::TakeRole { role }),
            (Self::OrgGroup(org, names), true) => {
                within(&org, OrgEffect::JoinGroup { path: path_of_line(&names) })
            }
            (Self::OrgGroup(org, names), false) => {
                within(&org, OrgEffect::LeaveGroup { path: path_of_line(&names) })
            }
        }
    }
}
