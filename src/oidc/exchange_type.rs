//! What a token exchange gives (RFC 8693 §3), as Keycloak's standard exchange gives it.
use super::error::TokenError;
use super::grant_token_exchange::ExchangeRefusal;
use crate::realm::client::{Client, Grant, SAME_SESSION, TOKEN_EXCHANGE_REFRESH};
use crate::web::form::Form;

/// The type of the tokens that are taken.
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// An access token.
    AccessToken,
    /// A JWT: our access tokens are.
    Jwt,
    /// An ID token, and nothing else.
    IdToken,
    /// A refresh token, and an access token as with every other.
    RefreshToken,
}

impl Requested {
    /// What `form` says, `client` may have.
    ///
    /// # Errors
    /// `Exchange` with `Requested`, and `Parameter`.
    pub fn read(client: &Client, form: &Form) -> Result<Self, TokenError> {
        match form.at_most_one("requested_token_type")? {
            None | Some(ACCESS_TOKEN) => Ok(Self::AccessToken),
            Some(JWT) => Ok(Self::Jwt),
            Some(ID_TOKEN) => Ok(Self::IdToken),
            Some(REFRESH_TOKEN) if may_refresh(client) => Ok(Self::RefreshToken),
            Some(_) => Err(ExchangeRefusal::Requested.into()),
        }
    }

    /// `issued_token_type` of the answer (RFC 8693 §2.2.1).
    #[must_use]
    pub const fn issued(self) -> &'static str {
        match self {
            Self::AccessToken => ACCESS_TOKEN,
            Self::Jwt => JWT,
            Self::IdToken => ID_TOKEN,
            // Of what stands in `refresh_token`, as Keycloak has it; `access_token` is
            // an access token beside it, and `token_type` says how that is used.
            Self::RefreshToken => REFRESH_TOKEN,
        }
    }
}

fn may_refresh(client: &Client) -> bool {
    client.may(Grant::RefreshToken)
        && client.attribute(TOKEN_EXCHANGE_REFRESH) == Some(SAME_SESSION)
}
