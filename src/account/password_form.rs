//! A new password, typed twice.
use super::password_rule::{self, PasswordProblem};
use crate::kernel::secret::Secret;
use crate::realm::settings::Settings;
use crate::web::form::Form;

/// Reads and judges the fields `password-new` and `password-confirm`.
///
/// # Errors
/// Words for the person.
pub fn read(form: &Form, settings: &Settings) -> Result<Secret, String> {
    let field = |name| form.first(name).unwrap_or_default();
    let password = Secret::new(field("password-new"));
    if field("password-new") != field("password-confirm") {
        return Err("The two passwords differ.".to_owned());
    }
    match password_rule::judge(&password, settings) {
        Ok(()) => Ok(password),
        Err(problem) => Err(in_words(&problem)),
    }
}

fn in_words(problem: &PasswordProblem) -> String {
    match problem {
        PasswordProblem::TooShort { min } => {
            format!("The password is shorter than {min} characters.")
        }
        PasswordProblem::TooLong => "The password is too long.".to_owned(),
    }
}
