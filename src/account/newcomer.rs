//! What somebody new says of themselves on a page of ours.
use super::profile::Profile;
use super::profile_check;

/// Longest first or last name, in characters: Keycloak's limit.
const MAX_NAME_CHARS: usize = 255;

/// Why names cannot be taken, in words for the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameProblems {
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
}

/// Judges the names that somebody new typed. Both must be there, and be what the
/// realm's profile asks of them.
#[must_use]
pub fn judge_names(profile: &Profile, first_name: &str, last_name: &str) -> NameProblems {
    let said = [("firstName", first_name), ("lastName", last_name)];
    let faults = profile_check::admit_own(profile, &said).err().unwrap_or_default();
    let refused = |field: &str| faults.iter().any(|fault| fault.field == field);
    NameProblems {
        first_name: judge_name(first_name, "first", refused("firstName")),
        last_name: judge_name(last_name, "last", refused("lastName")),
    }
}

fn judge_name(name: &str, which: &str, is_refused: bool) -> Option<String> {
    let is_odd = name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control);
    if name.is_empty() {
        Some(format!("Enter your {which} name."))
    } else if is_odd || is_refused {
        Some(format!("This cannot be a {which} name."))
    } else {
        None
    }
}
