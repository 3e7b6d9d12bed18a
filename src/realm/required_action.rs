//! What a realm decides about required actions: whether they are asked for, of
//! whom, and in which order. Keycloak's words and numbers for how they come.
use super::settings::Settings;
use super::user::RequiredAction;
use serde::{Deserialize, Serialize};

/// Longest name of an action, in bytes: Keycloak's column.
pub const MAX_NAME_BYTES: usize = 255;

/// What is decided about one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionSettings {
    /// For people.
    pub name: String,
    /// Whether the realm has it.
    pub registered: bool,
    /// Whether a login asks for it.
    pub enabled: bool,
    /// Whether everybody who is new owes it.
    pub default_action: bool,
    /// The lower comes first.
    pub priority: i64,
}

impl ActionSettings {
    /// How an action comes.
    #[must_use]
    pub fn of(action: RequiredAction) -> Self {
        Self {
            name: title_of(action).to_owned(),
            registered: true,
            enabled: true,
            default_action: false,
            priority: match action {
                RequiredAction::VerifyEmail => 50,
                RequiredAction::UpdatePassword => 57,
            },
        }
    }
}

/// An action's name for people, as it comes.
#[must_use]
pub const fn title_of(action: RequiredAction) -> &'static str {
    match action {
        RequiredAction::UpdatePassword => "Update Password",
        RequiredAction::VerifyEmail => "Verify Email",
    }
}

impl Settings {
    /// What is decided about `action`.
    #[must_use]
    pub fn action(&self, action: RequiredAction) -> ActionSettings {
        let decided = self.required_actions.get(action.as_str());
        decided.cloned().unwrap_or_else(|| ActionSettings::of(action))
    }

    /// The actions that the realm has, in the order in which they are asked for.
    #[must_use]
    pub fn actions_in_order(&self) -> Vec<(RequiredAction, ActionSettings)> {
        let all = RequiredAction::ALL.into_iter().map(|action| (action, self.action(action)));
        let mut known: Vec<_> = all.filter(|(_, decided)| decided.registered).collect();
        known.sort_by_key(|(_, decided)| decided.priority);
        known
    }

    /// Whether a login asks for `action`.
    #[must_use]
    pub fn asks_for(&self, action: RequiredAction) -> bool {
        let decided = self.action(action);
        decided.registered && decided.enabled
    }

    /// What somebody owes who is new. An address that is verified already needs
    /// no proof.
    #[must_use]
    pub fn default_actions(&self, email_verified: bool) -> Vec<RequiredAction> {
        let is_owed = |(action, decided): &(RequiredAction, ActionSettings)| {
            let is_done = *action == RequiredAction::VerifyEmail && email_verified;
            decided.enabled && decided.default_action && !is_done
        };
        let known = self.actions_in_order().into_iter();
        known.filter(is_owed).map(|(action, _)| action).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(action: RequiredAction, change: fn(&mut ActionSettings)) -> Settings {
        let mut settings = Settings::default();
        let mut decided = ActionSettings::of(action);
        change(&mut decided);
        settings.required_actions.insert(action.as_str().to_owned(), decided);
        settings
    }

    fn order(settings: &Settings) -> Vec<RequiredAction> {
        settings.actions_in_order().into_iter().map(|(action, _)| action).collect()
    }

    use RequiredAction::{UpdatePassword, VerifyEmail};

    #[test]
    fn the_lower_number_comes_first() {
        assert_eq!(order(&Settings::default()), [VerifyEmail, UpdatePassword]);
        let turned = with(VerifyEmail, |decided| decided.priority = 58);
        assert_eq!(order(&turned), [UpdatePassword, VerifyEmail]);
        let without = with(VerifyEmail, |decided| decided.registered = false);
        assert_eq!(order(&without), [UpdatePassword]);
        assert!(!without.asks_for(VerifyEmail) && without.asks_for(UpdatePassword));
    }

    #[test]
    fn who_is_new_owes_what_is_asked_of_everybody_and_not_done() {
        assert_eq!(Settings::default().default_actions(false), []);
        let asked = with(VerifyEmail, |decided| decided.default_action = true);
        assert_eq!(asked.default_actions(false), [VerifyEmail]);
        assert_eq!(asked.default_actions(true), []);
        let off = with(VerifyEmail, |decided| {
            decided.default_action = true;
            decided.enabled = false;
        });
        assert_eq!(off.default_actions(false), []);
    }
}
