//! Scopes: what a client may ask for, and what it gets.
use super::mapper_organizations::SPEAKING;
use crate::kernel::alias::Alias;
use crate::realm::client_scope::Place;
use crate::realm::recipe::{HeldScope, Recipe};

/// Most organizations one token speaks for. Each is asked when the token is
/// made and adds to its size, which headers bound; whoever belongs to more
/// names those that matter.
pub const MAX_ORGS_PER_TOKEN: usize = 25;

const OPENID: &str = "openid";

const ORGANIZATION: &str = "organization";

/// A scope, as asked for, and after [`Scope::within`] as a client may have it.
/// Words we do not know are dropped: RFC 6749 §3.3 lets a server ignore part of a
/// scope and say so in its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Whether an ID token is wanted (OIDC Core §3.1.2.1).
    pub is_openid: bool,
    /// Which organizations the tokens shall speak for.
    pub orgs: OrgWish,
    /// The words, as they came.
    asked: Vec<String>,
    /// The client scopes, but for the one that `orgs` came by.
    names: Vec<String>,
    /// The client scope that `orgs` came by.
    org_name: String,
}

const OFFLINE: &str = "offline_access";

/// Whether a granted scope outlives the session.
#[must_use]
pub fn is_offline(granted_scope: &str) -> bool {
    granted_scope.split(' ').any(|word| word == OFFLINE)
}

/// Which organizations a client wants (reference keycloak.md §4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgWish {
    /// None.
    Nothing,
    /// `organization`: the person's only one, or the one they pick.
    Pick,
    /// `organization:*`: all of theirs.
    All,
    /// `organization:{alias}`, once or several times: these, where the person is
    /// a member. Keycloak takes one of several; its documentation promises all,
    /// and so do we.
    Named(Vec<Alias>),
}

/// A scope that cannot be granted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// Not `scope-token`s separated by spaces (RFC 6749 §3.3).
    #[error("scope is not a list of scope tokens")]
    Malformed,
    /// More organizations than one token may speak for.
    #[error("a token speaks for at most {MAX_ORGS_PER_TOKEN} organizations: name fewer")]
    TooManyOrganizations,
    /// More than the grant that is refreshed holds (RFC 6749 §6).
    #[error("scope exceeds what was granted")]
    Exceeds,
}

impl Scope {
    /// Reads a `scope` parameter; absent is empty.
    ///
    /// # Errors
    /// `Malformed` and `TooManyOrganizations` as they say.
    pub fn parse(text: Option<&str>) -> Result<Self, BadScope> {
        let words = || text.unwrap_or_default().split(' ').filter(|word| !word.is_empty());
        if words().any(|word| word.chars().any(is_refused)) {
            return Err(BadScope::Malformed);
        }
        Ok(Self {
            is_openid: words().any(|word| word == OPENID),
            orgs: OrgWish::of(words(), ORGANIZATION)?,
            asked: words().map(str::to_owned).collect(),
            names: Vec::new(),
            org_name: ORGANIZATION.to_owned(),
        })
    }

    /// What of it a client with this recipe may have: its default client scopes,
    /// and of its optional ones those that were asked for. A scope that speaks for
    /// organizations ([`SPEAKING`]) is asked for by its own name, and dropped where
    /// the realm has none.
    ///
    /// # Errors
    /// `TooManyOrganizations`.
    pub fn within(self, recipe: &Recipe) -> Result<Self, BadScope> {
        let (mut speaking, plain): (Vec<&HeldScope>, Vec<&HeldScope>) =
            recipe.scopes.iter().partition(|held| is_speaking(held));
        if recipe.is_silent {
            speaking.clear();
        }
        let is_granted = |held: &HeldScope| {
            held.place == Place::Default || self.asked.contains(&held.scope.name)
        };
        let names = plain.into_iter().filter(|held| is_granted(held));
        let names = names.map(|held| held.scope.name.clone()).collect();
        let mut orgs = OrgWish::Nothing;
        let first = speaking.first().map_or(ORGANIZATION, |held| &held.scope.name);
        let mut org_name = first.to_owned();
        for held in speaking {
            let name = &held.scope.name;
            orgs = OrgWish::of(self.asked.iter().map(String::as_str), name)?;
            if orgs == OrgWish::Nothing && held.place == Place::Default {
                orgs = OrgWish::Pick;
            }
            if orgs != OrgWish::Nothing {
                org_name.clone_from(name);
                break;
            }
        }
        Ok(Self { orgs, names, org_name, ..self })
    }

    /// This scope, but for these organizations.
    #[must_use]
    pub fn wishing(self, orgs: OrgWish) -> Self {
        Self { orgs, ..self }
    }

    /// This scope, but for the organizations that `held` is for.
    #[must_use]
    pub fn speaking_as(self, held: &Self) -> Self {
        Self { orgs: held.orgs.clone(), org_name: held.org_name.clone(), ..self }
    }

    /// This scope, but for that one organization alone.
    #[must_use]
    pub fn speaking_for(self, alias: Alias) -> Self {
        Self { orgs: OrgWish::Named(vec![alias]), ..self }
    }

    /// This scope for a client that speaks for itself: no ID token is about it, and
    /// there is no session to outlive.
    #[must_use]
    pub fn of_a_service(self) -> Self {
        let names = self.names.into_iter().filter(|name| name != OFFLINE).collect();
        Self { is_openid: false, names, ..self }
    }

    /// Whether it brings the client scope that is called `name`.
    #[must_use]
    pub fn brings(&self, name: &str) -> bool {
        self.names.iter().any(|one| one == name) || self.org_name_granted() == Some(name)
    }

    /// Whether `name` is the client scope by which its tokens speak for organizations.
    #[must_use]
    pub fn speaks_by(&self, name: &str) -> bool {
        self.org_name == name
    }

    fn org_name_granted(&self) -> Option<&str> {
        (self.orgs != OrgWish::Nothing).then_some(self.org_name.as_str())
    }

    /// The scope granted to a person who is a member of `aliases` among those
    /// wanted. An organization they do not belong to is dropped without a word
    /// (reference keycloak.md §4.4).
    #[must_use]
    pub fn granted(&self, aliases: &[&Alias]) -> String {
        self.words(|_| true, |alias| aliases.contains(&alias))
    }

    /// What a token says of it: the client scopes that `is_told` passes.
    #[must_use]
    pub fn told(&self, is_told: impl Fn(&str) -> bool) -> String {
        self.words(is_told, |_| true)
    }

    fn words(&self, is_told: impl Fn(&str) -> bool, is_member: impl Fn(&Alias) -> bool) -> String {
        let mut words: Vec<String> = Vec::new();
        words.extend(self.is_openid.then(|| OPENID.to_owned()));
        words.extend(self.names.iter().filter(|name| is_told(name)).cloned());
        let name = &self.org_name;
        if is_told(name) {
            match &self.orgs {
                OrgWish::Nothing => {}
                OrgWish::Pick => words.push(name.clone()),
                OrgWish::All => words.push(format!("{name}:*")),
                OrgWish::Named(wanted) => {
                    let granted = wanted.iter().filter(|alias| is_member(alias));
                    words.extend(granted.map(|alias| format!("{name}:{alias}")));
                }
            }
        }
        words.join(" ")
    }

    /// What of `held`, the organizations of a grant with this scope, remains
    /// when a refresh asks for `asked`. It may keep or narrow, never gain
    /// (RFC 6749 §6; the table is Keycloak's, reference keycloak.md §4.4).
    ///
    /// # Errors
    /// `Exceeds` when it asks for more.
    pub fn narrowed<'a>(
        &self,
        asked: &Self,
        held: &[&'a Alias],
    ) -> Result<Vec<&'a Alias>, BadScope> {
        let gains = asked.names.iter().any(|name| !self.names.contains(name));
        if gains || (asked.is_openid && !self.is_openid) {
            return Err(BadScope::Exceeds);
        }
        let through_another = self.org_name != asked.org_name;
        match (&self.orgs, &asked.orgs) {
            (_, OrgWish::Nothing) => Ok(Vec::new()),
            // There is no page to pick on, and nothing to pick from nothing.
            (OrgWish::Nothing, _) | (OrgWish::All, OrgWish::Pick) => Err(BadScope::Exceeds),
            _ if through_another => Err(BadScope::Exceeds),
            (_, OrgWish::Named(wanted)) if wanted.iter().all(|alias| held.contains(&alias)) => {
                Ok(held.iter().copied().filter(|alias| wanted.contains(alias)).collect())
            }
            (_, OrgWish::Named(_)) => Err(BadScope::Exceeds),
            (_, OrgWish::All | OrgWish::Pick) => Ok(held.to_vec()),
        }
    }
}

/// Whether tokens of the scope speak for organizations.
fn is_speaking(held: &HeldScope) -> bool {
    SPEAKING.iter().any(|kind| held.has_mapper(kind))
}

impl OrgWish {
    /// What the words say of the client scope `name`. All of them outdoes some, and
    /// some outdoes one to pick.
    fn of<'a>(words: impl Iterator<Item = &'a str>, name: &str) -> Result<Self, BadScope> {
        let wish = words.filter_map(|word| org_word(word, name)).fold(Self::Nothing, Self::and);
        match &wish {
            Self::Named(aliases) if aliases.len() > MAX_ORGS_PER_TOKEN => {
                Err(BadScope::TooManyOrganizations)
            }
            _ => Ok(wish),
        }
    }

    fn and(self, word: OrgWord<'_>) -> Self {
        match (self, word) {
            (Self::All, _) | (_, OrgWord::All) => Self::All,
            (Self::Named(aliases), OrgWord::Bare) => Self::Named(aliases),
            (Self::Named(aliases), OrgWord::Named(alias)) => Self::Named(with(aliases, alias)),
            (Self::Nothing | Self::Pick, OrgWord::Named(alias)) => {
                Self::Named(with(Vec::new(), alias))
            }
            (Self::Nothing | Self::Pick, OrgWord::Bare) => Self::Pick,
        }
    }
}

/// Text that is no alias names no organization, so it adds none.
fn with(mut aliases: Vec<Alias>, alias: &str) -> Vec<Alias> {
    if let Ok(alias) = alias.parse()
        && !aliases.contains(&alias)
    {
        aliases.push(alias);
    }
    aliases
}

/// A word of a scope that is about organizations.
enum OrgWord<'a> {
    /// `organization`
    Bare,
    /// `organization:*`
    All,
    /// `organization:{alias}`
    Named(&'a str),
}

fn org_word<'a>(word: &'a str, name: &str) -> Option<OrgWord<'a>> {
    match word.strip_prefix(name)? {
        "" => Some(OrgWord::Bare),
        ":*" => Some(OrgWord::All),
        rest => rest.strip_prefix(':').map(OrgWord::Named),
    }
}

/// RFC 6749 §3.3 allows printable ASCII but for the quotation mark and the
/// backslash; aliases of ours may also hold letters of other scripts.
fn is_refused(c: char) -> bool {
    c.is_control() || c.is_whitespace() || matches!(c, '"' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::mapper_bench::recipe_of;

    fn scope(text: &str) -> Scope {
        Scope::parse(Some(text)).unwrap().within(&recipe_of(&[])).unwrap()
    }

    fn alias(text: &str) -> Alias {
        text.parse().unwrap()
    }

    fn named(aliases: &[&str]) -> OrgWish {
        OrgWish::Named(aliases.iter().map(|text| alias(text)).collect())
    }

    #[test]
    fn the_organization_scopes_are_told_apart() {
        let known = [
            ("openid", OrgWish::Nothing),
            ("openid organization", OrgWish::Pick),
            ("organization:adventurez", named(&["adventurez"])),
            ("organization:a organization:b organization:a", named(&["a", "b"])),
            ("organization organization:a", named(&["a"])),
            ("organization:a organization", named(&["a"])),
            ("organization:a organization:*", OrgWish::All),
            ("organization:* organization:a organization", OrgWish::All),
            ("organization:", named(&[])),
            ("organizations", OrgWish::Nothing),
            ("phone offline_access", OrgWish::Nothing),
        ];
        for (text, wish) in known {
            assert_eq!(scope(text).orgs, wish, "{text}");
        }
    }

    #[test]
    fn an_organization_of_others_is_dropped_from_the_scope() {
        let adventurez = alias("adventurez");
        let wanted = scope("openid organization:adventurez organization:rivals");
        let defaults = "openid profile email roles web-origins acr basic";
        let granted = wanted.granted(&[&adventurez]);
        assert_eq!(granted, format!("{defaults} organization:adventurez"));
        assert_eq!(wanted.granted(&[]), defaults);
    }

    #[test]
    fn a_client_gets_its_default_scopes_and_of_its_optional_ones_what_it_asks_for() {
        let granted = |text: &str| scope(text).granted(&[]);
        assert_eq!(granted(""), "profile email roles web-origins acr basic");
        let asked = "phone nonsense offline_access service_account roles";
        let expected = "profile email roles web-origins acr basic phone offline_access";
        assert_eq!(granted(asked), expected);
        let told = scope("phone address").told(|name| !["roles", "basic"].contains(&name));
        assert_eq!(told, "profile email web-origins acr address phone");
    }

    #[test]
    fn a_malformed_scope_is_refused() {
        for text in ["a\"b", "a\\b", "a\tb", "a\u{0}"] {
            assert_eq!(Scope::parse(Some(text)), Err(BadScope::Malformed), "{text:?}");
        }
    }

    #[test]
    fn one_organization_too_many_is_refused() {
        let words = |count| {
            let words: Vec<_> = (0..count).map(|n| format!("organization:o{n}")).collect();
            Scope::parse(Some(&words.join(" ")))
        };
        assert!(words(MAX_ORGS_PER_TOKEN).is_ok());
        assert_eq!(words(MAX_ORGS_PER_TOKEN + 1), Err(BadScope::TooManyOrganizations));
    }

    /// The table of reference keycloak.md §4.4, "Refresh".
    #[test]
    fn a_refresh_keeps_or_narrows() {
        let (a, b) = (alias("a"), alias("b"));
        let narrowed = |granted: &str, asked: &str, held: &[&Alias]| {
            let kept = scope(granted).narrowed(&scope(asked), held)?;
            Ok(kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
        };
        let both = [&a, &b];
        assert_eq!(narrowed("organization:*", "organization:*", &both), Ok("a,b".to_owned()));
        assert_eq!(narrowed("organization:*", "organization:a", &both), Ok("a".to_owned()));
        assert_eq!(narrowed("organization:*", "organization", &both), Err(BadScope::Exceeds));
        assert_eq!(narrowed("organization:a", "organization:*", &[&a]), Ok("a".to_owned()));
        assert_eq!(narrowed("organization:a", "organization", &[&a]), Ok("a".to_owned()));
        assert_eq!(narrowed("organization:a", "organization:b", &[&a]), Err(BadScope::Exceeds));
        assert_eq!(narrowed("organization", "organization:*", &[&a]), Ok("a".to_owned()));
        assert_eq!(narrowed("organization:a", "openid", &[&a]), Err(BadScope::Exceeds));
        assert_eq!(narrowed("openid", "organization", &[]), Err(BadScope::Exceeds));
        assert_eq!(narrowed("openid organization", "openid", &[&a]), Ok(String::new()));
        assert_eq!(narrowed("openid phone", "openid", &[]), Ok(String::new()));
        assert_eq!(narrowed("openid phone", "phone", &[]), Ok(String::new()));
        assert_eq!(narrowed("openid phone", "phone address", &[]), Err(BadScope::Exceeds));
        assert_eq!(narrowed("openid", "nonsense", &[]), Ok(String::new()));
    }
}
