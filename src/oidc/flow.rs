//! What a login remembers between two pages: sealed, carried by the form, good
//! in the browser it was shown to and nowhere else.
use super::authorization::AuthorizationRequest;
use crate::account::browser::Browser;
use crate::account::csrf;
use crate::account::csrf::CsrfError;
use crate::crypto::keyring::Purpose;
use crate::crypto::seal;
use crate::crypto::seal::{OpenError, SealError};
use crate::crypto::token::TokenHash;
use crate::kernel::id::SessionId;
use crate::kernel::time::Seconds;
use crate::realm::context::RealmContext;
use crate::web::Request;
use crate::web::form::{BadParameter, Form};
use serde::{Deserialize, Serialize};

/// How long a login page may stay open.
pub const FLOW_LIFETIME: Seconds = Seconds::minutes(30);

const TYP: &str = "login+jwt";

/// Which page a form belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Page {
    /// Who are you?
    Login,
    /// Who will you be?
    Registration,
    /// For which organization?
    Organization,
    /// A new password, please.
    Password,
    /// May the app?
    Consent,
}

impl Page {
    /// The purpose of the page's form token.
    const fn purpose(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Registration => "login.registration",
            Self::Organization => "login.organization",
            Self::Password => "login.password",
            Self::Consent => "login.consent",
        }
    }
}

/// The state of a login.
#[derive(Debug, Serialize, Deserialize)]
pub struct Flow {
    /// The browser it goes on in.
    browser: TokenHash,
    /// The page that was shown.
    page: Page,
    /// What the client asked for.
    pub request: AuthorizationRequest,
    /// The session that was found good enough, on pages after the login.
    pub session: Option<SessionId>,
}

/// The two hidden fields of a form.
pub struct Fields {
    /// The sealed flow.
    pub state: String,
    /// The form's token.
    pub csrf: String,
}

/// Why a form of a login is not taken.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// Not the form's fields.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// The form's token is not valid here.
    #[error(transparent)]
    Csrf(#[from] CsrfError),
    /// The sealed flow is not, or is over.
    #[error(transparent)]
    Seal(#[from] OpenError),
    /// It is another browser's, or another page's.
    #[error("the login goes on in another browser or on another page")]
    Elsewhere,
}

/// The hidden fields of `page`, shown to `browser`.
///
/// # Errors
/// As [`seal::seal`] says; a request that was read is short enough.
pub fn fields(
    context: &RealmContext<'_>,
    browser: &Browser,
    page: Page,
    request: AuthorizationRequest,
    session: Option<SessionId>,
) -> Result<Fields, SealError> {
    let key = context.keyring.derive(Purpose::LoginFlow, &context.realm.id);
    let flow = Flow { browser: browser.mark(), page, request, session };
    Ok(Fields {
        state: seal::seal(&key, TYP, context.now + FLOW_LIFETIME, &flow)?,
        csrf: csrf::issue(context, browser, page.purpose())?,
    })
}

/// Reads the hidden fields of a form of `page` that came back. The form's token
/// comes first: nothing else of a forged form is looked at.
///
/// # Errors
/// As [`FlowError`] says.
pub fn resume(
    context: &RealmContext<'_>,
    request: &Request,
    form: &Form,
    page: Page,
) -> Result<Flow, FlowError> {
    csrf::verify(context, request, form.one("csrf")?, page.purpose())?;
    let key = context.keyring.derive(Purpose::LoginFlow, &context.realm.id);
    let flow: Flow = seal::open(&key, TYP, form.one("state")?, context.now)?;
    let browser = crate::account::browser::find_mark(request);
    let here = browser.as_ref() == Some(&flow.browser) && flow.page == page;
    if here { Ok(flow) } else { Err(FlowError::Elsewhere) }
}
