//! Scopes: what a client may ask for, and what it gets.
use crate::kernel::alias::Alias;

/// Most organizations one token speaks for. Each is asked when the token is
/// made and adds to its size, which headers bound; whoever belongs to more
/// names those that matter.
pub const MAX_ORGS_PER_TOKEN: usize = 25;

const ORGANIZATION: &str = "organization";

/// Scopes granted whether asked for or not: Keycloak's default client scopes,
/// whose claims its clients rely on (reference keycloak.md §4.3).
const DEFAULTS: &str = "profile email";

/// A scope, as asked for. Words we do not know are dropped: RFC 6749 §3.3 lets
/// a server ignore part of a scope and say so in its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Whether an ID token is wanted (OIDC Core §3.1.2.1).
    pub is_openid: bool,
    /// Whether the refresh token shall outlive the session (OIDC Core §11).
    pub is_offline: bool,
    /// Which organizations the tokens shall speak for.
    pub orgs: OrgWish,
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
        let orgs = OrgWish::of(words());
        if let OrgWish::Named(aliases) = &orgs
            && aliases.len() > MAX_ORGS_PER_TOKEN
        {
            return Err(BadScope::TooManyOrganizations);
        }
        let has = |wanted| words().any(|word| word == wanted);
        Ok(Self { is_openid: has("openid"), is_offline: has(OFFLINE), orgs })
    }

    /// The scope granted to a person who is a member of `aliases` among those
    /// wanted. An organization they do not belong to is dropped without a word
    /// (reference keycloak.md §4.4).
    #[must_use]
    pub fn granted(&self, aliases: &[&Alias]) -> String {
        let mut words: Vec<String> = Vec::new();
        if self.is_openid {
            words.push("openid".to_owned());
        }
        words.push(DEFAULTS.to_owned());
        if self.is_offline {
            words.push(OFFLINE.to_owned());
        }
        match &self.orgs {
            OrgWish::Nothing => {}
            OrgWish::Pick => words.push(ORGANIZATION.to_owned()),
            OrgWish::All => words.push(format!("{ORGANIZATION}:*")),
            OrgWish::Named(wanted) => {
                let granted = wanted.iter().filter(|alias| aliases.contains(alias));
                words.extend(granted.map(|alias| format!("{ORGANIZATION}:{alias}")));
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
        if (asked.is_openid && !self.is_openid) || (asked.is_offline && !self.is_offline) {
            return Err(BadScope::Exceeds);
        }
        match (&self.orgs, &asked.orgs) {
            (_, OrgWish::Nothing) => Ok(Vec::new()),
            // There is no page to pick on, and nothing to pick from nothing.
            (OrgWish::Nothing, _) | (OrgWish::All, OrgWish::Pick) => Err(BadScope::Exceeds),
            (_, OrgWish::Named(wanted)) if wanted.iter().all(|alias| held.contains(&alias)) => {
                Ok(held.iter().copied().filter(|alias| wanted.contains(alias)).collect())
            }
            (_, OrgWish::Named(_)) => Err(BadScope::Exceeds),
            (_, OrgWish::All | OrgWish::Pick) => Ok(held.to_vec()),
        }
    }
}

impl OrgWish {
    /// All of them outdoes some, and some outdoes one to pick.
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        words.filter_map(org_word).fold(Self::Nothing, Self::and)
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

fn org_word(word: &str) -> Option<OrgWord<'_>> {
    match word.strip_prefix(ORGANIZATION)? {
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

    fn scope(text: &str) -> Scope {
        Scope::parse(Some(text)).unwrap()
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
        assert_eq!(wanted.granted(&[&adventurez]), "openid profile email organization:adventurez");
        assert_eq!(wanted.granted(&[]), "openid profile email");
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
    }
}
