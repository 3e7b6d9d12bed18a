//! Who the client is, where clients authenticate (RFC 6749 §2.3, OIDC Core §9).
//! Which way is a client's own, its settings say.
use super::client_assertion;
use super::client_assertion::BadAssertion;
use crate::crypto::token::TokenHash;
use crate::kernel::secret::Secret;
use crate::platform::row::StoreError;
use crate::realm::client::{Authenticator, Client};
use crate::realm::context::RealmContext;
use crate::web::form::{BadParameter, Form};
use std::rc::Rc;

/// What a client presents, in the header or in the form.
pub struct Presented<'a> {
    /// User and password of the Basic header, as sent.
    pub basic: Option<(String, Secret)>,
    /// The form.
    pub form: &'a Form,
}

/// Why a client is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ClientAuthError {
    /// `client_id` or `client_secret` is missing or repeated.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// RFC 6749 §2.3: one method per request.
    #[error("the client authenticates in two ways at once")]
    TwoMethods,
    /// The realm has no such client.
    #[error("no client is called {client_id}")]
    Unknown {
        /// Who it said it was.
        client_id: String,
    },
    /// A confidential client without its secret.
    #[error("client {client_id} presented no secret")]
    NoSecret {
        /// Who it said it was.
        client_id: String,
    },
    /// Not its secret.
    #[error("client {client_id} presented a wrong secret")]
    WrongSecret {
        /// Who it said it was.
        client_id: String,
    },
    /// It has another way to authenticate than by its secret.
    #[error("client {client_id} does not authenticate by its secret")]
    WrongMethod {
        /// Who it said it was.
        client_id: String,
    },
    /// Its assertion is not taken.
    #[error("client {client_id} presented an assertion that was refused: {why}")]
    Assertion {
        /// Who it said it was.
        client_id: String,
        /// Why.
        why: BadAssertion,
    },
    /// A Basic header that cannot be read.
    #[error("the Basic header is not one")]
    BadHeader,
    /// An assertion of a kind that we do not know, or that names nobody.
    #[error("the client assertion is not one")]
    NotAnAssertion,
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A claim to be a client, not yet checked.
struct Claimed {
    client_id: String,
    proof: Proof,
}

/// What shall prove it.
enum Proof {
    Nothing,
    Secret(Secret),
    Assertion(String),
}

impl Proof {
    fn of_secret(secret: Option<Secret>) -> Self {
        secret.map_or(Self::Nothing, Self::Secret)
    }
}

/// Finds the client and checks what it presents. A public client has nothing to
/// present (RFC 6749 §2.3.1: `client_id` alone).
///
/// # Errors
/// As [`ClientAuthError`] says.
pub async fn authenticate(
    context: &RealmContext<'_>,
    presented: &Presented<'_>,
) -> Result<Rc<Client>, ClientAuthError> {
    let Claimed { client_id, proof } = read(presented)?;
    let Some(client) = context.find_client(&client_id).await? else {
        return Err(ClientAuthError::Unknown { client_id });
    };
    match (&client.secret_hash, proof) {
        (_, Proof::Assertion(assertion)) => check_assertion(context, &client, &assertion).await?,
        (None, _) => {}
        (Some(_), Proof::Nothing) => return Err(ClientAuthError::NoSecret { client_id }),
        (Some(hash), Proof::Secret(secret)) => check_secret(&client, hash, &secret)?,
    }
    Ok(client)
}

fn check_secret(client: &Client, hash: &str, secret: &Secret) -> Result<(), ClientAuthError> {
    let client_id = client.client_id.clone();
    if client.settings.authenticator != Authenticator::Secret {
        return Err(ClientAuthError::WrongMethod { client_id });
    }
    let is_its_own = hash.parse::<TokenHash>().is_ok_and(|hash| hash.matches(secret.expose()));
    if is_its_own { Ok(()) } else { Err(ClientAuthError::WrongSecret { client_id }) }
}

async fn check_assertion(
    context: &RealmContext<'_>,
    client: &Client,
    assertion: &str,
) -> Result<(), ClientAuthError> {
    let verdict = if client.is_public() {
        Err(BadAssertion::Method)
    } else {
        client_assertion::verify(context, client, assertion).await
    };
    verdict.map_err(|why| match why {
        BadAssertion::Store(error) => ClientAuthError::Store(error),
        why => ClientAuthError::Assertion { client_id: client.client_id.clone(), why },
    })
}

fn read(presented: &Presented<'_>) -> Result<Claimed, ClientAuthError> {
    let in_form = presented.form.at_most_one("client_id")?;
    let secret_in_form = presented.form.at_most_one("client_secret")?;
    let assertion = presented.form.at_most_one("client_assertion")?;
    let assertion_type = presented.form.at_most_one("client_assertion_type")?;
    if let Some(assertion) = assertion {
        if presented.basic.is_some() || secret_in_form.is_some() {
            return Err(ClientAuthError::TwoMethods);
        }
        return read_assertion(assertion, assertion_type, in_form);
    }
    let Some((user, password)) = &presented.basic else {
        let client_id = in_form.ok_or(BadParameter::Missing("client_id"))?.to_owned();
        let proof = Proof::of_secret(secret_in_form.map(Secret::new));
        return Ok(Claimed { client_id, proof });
    };
    let client_id = form_decoded(user);
    // Naming oneself in the form too is common, and harmless when it agrees.
    if secret_in_form.is_some() || in_form.is_some_and(|named| named != client_id) {
        return Err(ClientAuthError::TwoMethods);
    }
    let secret = Secret::new(form_decoded(password.expose()));
    let secret = Some(secret).filter(|secret| !secret.expose().is_empty());
    Ok(Claimed { client_id, proof: Proof::of_secret(secret) })
}

/// RFC 7521 §4.2: `client_id` is not needed, and the same when it is there.
fn read_assertion(
    assertion: &str,
    assertion_type: Option<&str>,
    in_form: Option<&str>,
) -> Result<Claimed, ClientAuthError> {
    if assertion_type != Some(client_assertion::TYPE) {
        return Err(ClientAuthError::NotAnAssertion);
    }
    let client_id = client_assertion::unverified_client_id(assertion)
        .filter(|client_id| in_form.is_none_or(|named| named == client_id))
        .ok_or(ClientAuthError::NotAnAssertion)?;
    Ok(Claimed { client_id, proof: Proof::Assertion(assertion.to_owned()) })
}

/// RFC 6749 §2.3.1: both halves are form-urlencoded before they are joined.
fn form_decoded(text: &str) -> String {
    let pair = format!("v={}", text.replace('&', "%26"));
    let value = url::form_urlencoded::parse(pair.as_bytes()).next();
    value.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_both(basic: Option<(&str, &str)>, form: &str) -> Result<Claimed, ClientAuthError> {
        let form = Form::parse(form.as_bytes());
        let basic = basic.map(|(user, password)| (user.to_owned(), Secret::new(password)));
        read(&Presented { basic, form: &form })
    }

    #[test]
    fn both_halves_of_basic_are_form_decoded() {
        let claimed = read_both(Some(("my%3Aapp", "a%2Bb+c%25")), "").unwrap();
        assert_eq!(claimed.client_id, "my:app");
        let Proof::Secret(secret) = claimed.proof else { panic!("no secret") };
        assert_eq!(secret.expose(), "a+b c%");
    }

    #[test]
    fn two_methods_at_once_are_refused() {
        let refused = ["client_secret=x", "client_id=other", "client_id=app&client_secret=x"];
        for form in refused {
            let error = read_both(Some(("app", "x")), form).err().unwrap();
            assert!(matches!(error, ClientAuthError::TwoMethods), "{form}: {error}");
        }
        assert!(read_both(Some(("app", "x")), "client_id=app").is_ok());
    }

    #[test]
    fn a_repeated_or_missing_client_id_is_refused() {
        for form in ["client_id=a&client_id=a", "client_secret=x", ""] {
            let error = read_both(None, form).err().unwrap();
            assert!(matches!(error, ClientAuthError::Parameter(_)), "{form}: {error}");
        }
    }
}
