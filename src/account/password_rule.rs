//! Which passwords a realm takes from a person.
use crate::crypto::password::MAX_PASSWORD_BYTES;
use crate::kernel::secret::Secret;
use crate::realm::settings::Settings;

/// Why a new password is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// Shorter than the realm allows.
    #[error("a password has at least {min} characters")]
    TooShort {
        /// The realm's `min_password_chars`.
        min: u32,
    },
    /// Longer than can be hashed.
    #[error("a password has at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
}

/// Judges a password that somebody chose. Length only: NIST SP 800-63B-4
/// §3.1.1.2 rules out demands on its characters.
///
/// # Errors
/// `TooShort` and `TooLong` as they say.
pub fn judge(password: &Secret, settings: &Settings) -> Result<(), PasswordProblem> {
    let min = settings.min_password_chars;
    let chars = u32::try_from(password.expose().chars().count()).unwrap_or(u32::MAX);
    if chars < min {
        return Err(PasswordProblem::TooShort { min });
    }
    if password.expose().len() > MAX_PASSWORD_BYTES {
        return Err(PasswordProblem::TooLong);
    }
    Ok(())
}

/// Why a password is not taken, in words for whoever chose it.
#[must_use]
pub fn in_words(problem: &PasswordProblem) -> String {
    match problem {
        PasswordProblem::TooShort { min } => {
            format!("The password is shorter than {min} characters.")
        }
        PasswordProblem::TooLong => "The password is too long.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_below_and_in_bytes_above() {
        let judged = |text: &str| judge(&Secret::new(text), &Settings::default());
        let known = [
            ("ääääääää".to_owned(), Ok(())),
            ("ääääääa".to_owned(), Err(PasswordProblem::TooShort { min: 8 })),
            ("x".repeat(MAX_PASSWORD_BYTES), Ok(())),
            ("x".repeat(MAX_PASSWORD_BYTES + 1), Err(PasswordProblem::TooLong)),
        ];
        for (text, verdict) in known {
            assert_eq!(judged(&text), verdict, "{} bytes", text.len());
        }
    }
}
