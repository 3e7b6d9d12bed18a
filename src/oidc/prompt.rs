//! How the person is to be met (OIDC Core §3.1.2.1; Initiating User Registration
//! via OpenID Connect §4).
use crate::realm::settings::Settings;
use serde::{Deserialize, Serialize};

/// One wish of the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Not at all: answer at once, or with an error.
    None,
    /// With the login page, whatever session there is.
    Login,
    /// With the question whether the client may.
    Consent,
    /// With the question who they are: the login page, because a browser holds
    /// one session of a realm.
    SelectAccount,
    /// With the page on which a new person registers, where the realm lets people
    /// do so by themselves; elsewhere only the parameter `invitation` leads there.
    Create,
}

/// What can be asked for of a realm with these settings (Initiating User
/// Registration §4.2).
#[must_use]
pub fn supported(settings: &Settings) -> Vec<&'static str> {
    let is_there = |prompt: &Prompt| *prompt != Prompt::Create || settings.lets_register();
    Prompt::ALL.into_iter().filter(is_there).map(Prompt::as_str).collect()
}

impl Prompt {
    const ALL: [Self; 5] =
        [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create];

    /// As the wire spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }

    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.as_str() == word)
    }
}

/// All of them; none means as the server sees fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// Reads the parameter. `None` for a word that is unknown, and for `none` with
    /// another (§3.1.2.1: an error).
    #[must_use]
    pub fn parse(text: Option<&str>) -> Option<Self> {
        let mut prompts = Vec::new();
        for word in text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            let prompt = Prompt::find(word)?;
            if !prompts.contains(&prompt) {
                prompts.push(prompt);
            }
        }
        let is_silent = prompts.contains(&Prompt::None);
        (!is_silent || prompts.len() == 1).then_some(Self(prompts))
    }

    /// This one alone.
    #[must_use]
    pub fn of(prompt: Prompt) -> Self {
        Self(vec![prompt])
    }

    /// Whether `prompt` is among them.
    #[must_use]
    pub fn has(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Not this one any more.
    pub fn remove(&mut self, prompt: Prompt) {
        self.0.retain(|known| *known != prompt);
    }

    /// Whether nothing may be shown.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.has(Prompt::None)
    }

    /// Whether a session that is there will not do.
    #[must_use]
    pub fn wants_login(&self) -> bool {
        self.has(Prompt::Login) || self.has(Prompt::SelectAccount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_be_combined_but_none_stands_alone() {
        let read = |text| Prompts::parse(Some(text));
        assert_eq!(Prompts::parse(None), Some(Prompts::default()));
        assert!(read("none").is_some_and(|prompts| prompts.is_silent()));
        assert!(read(" login  consent login").is_some_and(|prompts| prompts.0.len() == 2));
        assert!(read("select_account").is_some_and(|prompts| prompts.wants_login()));
        for text in ["none login", "login none", "None", "register", "login,consent"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
