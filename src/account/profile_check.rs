//! Whether a user, made or changed by an administrator, fits the realm's profile;
//! and whether what a person says of themselves does.
use super::profile::{Attribute, Profile};
use crate::kernel::email::EmailAddress;
use crate::realm::profile_fault::ProfileFault;
use crate::realm::registry::Attributes;
use crate::realm::user::User;

const READ_ONLY: &str = "error-user-attribute-read-only";

const REQUIRED: &str = "error-user-attribute-required";

/// Makes of `new` what the profile lets an administrator make of `old`, or of
/// nobody: what they may not see stays, what there is no place for is passed
/// over, as by Keycloak.
///
/// # Errors
/// Everything that does not fit.
pub fn admit(
    profile: &Profile,
    old: Option<&User>,
    new: &mut User,
) -> Result<(), Vec<ProfileFault>> {
    let before = old.map(|user| user.attributes.clone()).unwrap_or_default();
    let mut faults = restrict(profile, &before, &mut new.attributes);
    if old.is_none() {
        fill_in(profile, new);
    }
    for field in profile.attributes() {
        let values = values_of(new, &field.name);
        faults.extend(check(field, field.required.admin, &values));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Hides from `user` what administrators do not see.
pub fn hide(profile: &Profile, user: &mut User) {
    user.attributes.retain(|name, _| profile.shows(name));
}

/// The attributes that are no field, as far as administrators see them.
#[must_use]
pub fn unmanaged(profile: &Profile, user: User) -> Attributes {
    let mut attributes = user.attributes;
    attributes.retain(|name, _| profile.find(name).is_none() && profile.shows(name));
    attributes
}

/// Whether what a person says of themselves fits, field by field. What they are
/// not asked for, they need not say.
///
/// # Errors
/// Everything that does not fit.
pub fn admit_own(profile: &Profile, said: &[(&str, &str)]) -> Result<(), Vec<ProfileFault>> {
    let mut faults = Vec::new();
    for (name, value) in said {
        let Some(field) = profile.find(name) else { continue };
        let values = if value.is_empty() { Vec::new() } else { vec![(*value).to_owned()] };
        faults.extend(check(field, field.required.user, &values));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Keeps of `before` what an administrator may not change; tells where they tried.
fn restrict(profile: &Profile, before: &Attributes, after: &mut Attributes) -> Vec<ProfileFault> {
    let mut faults = Vec::new();
    let is_closed = |name: &str| !profile.lets_change(name);
    for (name, values) in after.iter().filter(|(name, _)| is_closed(name)) {
        // Nobody knows of an attribute that there is no place for.
        let is_known = profile.find(name).is_some() || profile.shows(name);
        if is_known && before.get(name) != Some(values) {
            faults.push(ProfileFault::new(name, READ_ONLY, Vec::new()));
        }
    }
    after.retain(|name, _| !is_closed(name));
    let kept = before.iter().filter(|(name, _)| is_closed(name));
    after.extend(kept.map(|(name, values)| (name.clone(), values.clone())));
    faults
}

/// Gives somebody new what they have when nobody says otherwise.
fn fill_in(profile: &Profile, new: &mut User) {
    for field in profile.attributes() {
        let Some(default) = &field.default_value else { continue };
        match field.name.as_str() {
            // An address and a name to sign in with are nobody's default.
            "username" | "email" => {}
            "firstName" => {
                new.first_name.get_or_insert_with(|| default.clone());
            }
            "lastName" => {
                new.last_name.get_or_insert_with(|| default.clone());
            }
            name => {
                let values = new.attributes.entry(name.to_owned());
                values.or_insert_with(|| vec![default.clone()]);
            }
        }
    }
}

fn values_of(user: &User, name: &str) -> Vec<String> {
    let one = |text: Option<&str>| text.map(str::to_owned).into_iter().collect();
    match name {
        "username" => one(Some(user.username.as_str())),
        "email" => one(user.email.as_ref().map(EmailAddress::as_str)),
        "firstName" => one(user.first_name.as_deref()),
        "lastName" => one(user.last_name.as_deref()),
        _ => user.attributes.get(name).cloned().unwrap_or_default(),
    }
}

/// That a value is missing is told by itself: what is not there has no shape.
fn check(field: &Attribute, is_required: bool, values: &[String]) -> Vec<ProfileFault> {
    let fault = |message: &str, params| ProfileFault::new(&field.name, message, params);
    if values.iter().all(|value| value.trim().is_empty()) && is_required {
        return vec![fault(REQUIRED, Vec::new())];
    }
    if !field.multivalued && values.len() > 1 {
        return vec![fault("error-invalid-multivalued-size", vec![0.into(), 1.into()])];
    }
    if values.is_empty() {
        return Vec::new();
    }
    let found = field.validators.iter().filter_map(|validator| validator.check(values));
    found.map(|(message, params)| fault(&message, params)).collect()
}
