//! A new password, typed twice.
use super::password_rule;
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
        Err(problem) => Err(password_rule::in_words(&problem)),
    }
}
