//! Tokens in forms: they prove that a form which comes back is one of our own,
//! shown to this browser, for this purpose, not long ago.
use super::browser::{Browser, find_mark};
use crate::crypto::digest::same;
use crate::crypto::keyring::Purpose;
use crate::crypto::seal;
use crate::crypto::token::TokenHash;
use crate::kernel::time::Seconds;
use crate::realm::context::RealmContext;
use crate::web::Request;
use serde::{Deserialize, Serialize};

/// How long a form may stay open: people are called away, an hour at most.
pub const FORM_LIFETIME: Seconds = Seconds::hours(1);

const TYP: &str = "csrf+jwt";

#[derive(Serialize, Deserialize)]
struct FormToken {
    /// The browser the form was shown to.
    browser: TokenHash,
    /// What the form is for.
    purpose: String,
}

/// Why a form is not taken. People see one page for all of them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrfError {
    /// The browser brings no cookie of ours: it blocks them, or it is not the
    /// browser that the form was shown to.
    #[error("the browser is not known")]
    UnknownBrowser,
    /// The form has no token, or it was not made here, or it is too old.
    #[error("the form's token is not valid: {0}")]
    Token(seal::OpenError),
    /// The form was shown to another browser: somebody forged the post.
    #[error("the form was shown to another browser")]
    OtherBrowser,
    /// The token is of another form.
    #[error("the form's token is of another form")]
    OtherPurpose,
}

/// The token of a form for `purpose`, such as `login`, shown to `browser`.
///
/// # Errors
/// As [`seal::seal`] says: never, with a purpose of a few words.
pub fn issue(
    context: &RealmContext<'_>,
    browser: &Browser,
    purpose: &str,
) -> Result<String, seal::SealError> {
    let key = context.keyring.derive(Purpose::Csrf, &context.realm.id);
    let token = FormToken { browser: browser.mark(), purpose: purpose.to_owned() };
    seal::seal(&key, TYP, context.now + FORM_LIFETIME, &token)
}

/// Checks the token of a form that came back, before anything else is done
/// with the form.
///
/// # Errors
/// As [`CsrfError`] says.
pub fn verify(
    context: &RealmContext<'_>,
    request: &Request,
    unverified_token: &str,
    purpose: &str,
) -> Result<(), CsrfError> {
    let mark = find_mark(request).ok_or(CsrfError::UnknownBrowser)?;
    let key = context.keyring.derive(Purpose::Csrf, &context.realm.id);
    let token: FormToken =
        seal::open(&key, TYP, unverified_token, context.now).map_err(CsrfError::Token)?;
    if !same(token.browser.as_str().as_bytes(), mark.as_str().as_bytes()) {
        return Err(CsrfError::OtherBrowser);
    }
    if token.purpose == purpose { Ok(()) } else { Err(CsrfError::OtherPurpose) }
}
