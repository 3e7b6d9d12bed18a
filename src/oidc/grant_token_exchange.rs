//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693), as far as
//! Keycloak's standard exchange goes: an access token of this realm becomes one of the
//! client that asks, for less, or for another organization of the same person; or an ID
//! token, or a refresh token (`exchange_type`, `exchange_family`).
//!
//! Not done: actors (§4.1), other subject tokens than access tokens, SAML assertions.
use super::bearer::{self, BearerError, Caller};
use super::choose;
use super::claims::{Facts, Known};
use super::consent;
use super::demand::Demand;
use super::error::TokenError;
use super::exchange_family;
use super::exchange_type::{ACCESS_TOKEN, Requested};
use super::liveness;
use super::mapper::Paper;
use super::resource;
use super::scope::{BadScope, OrgWish, Scope};
use super::selection::Selection;
use super::shape::Shape;
use super::standing::{self, Question, Standing};
use super::tokens::{self, Login, MintError, Minting, TokenResponse};
use crate::account::grant::{Granted, Terms};
use crate::kernel::alias::Alias;
use crate::kernel::id::OrgId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::realm::client::{Client, TOKEN_EXCHANGE};
use crate::realm::client_scope::Place;
use crate::realm::context::RealmContext;
use crate::realm::store::spent;
use crate::web::form::Form;
use futures::try_join;
use serde_json::Value;

/// The grant (RFC 8693 §2.1).
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Most values of `audience` in one request: each stands in the token.
pub const MAX_AUDIENCES: usize = 10;

/// What would make somebody else of the person, or act for them.
const NOT_TAKEN: &[&str] =
    &["actor_token", "actor_token_type", "subject_issuer", "requested_issuer", "requested_subject"];

/// Why a token is not exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeRefusal {
    /// The request has a parameter that stands for nothing we do.
    #[error("actors, other issuers and other subjects are not supported")]
    Parameter,
    /// Another token than an access token is brought.
    #[error("only access tokens are exchanged")]
    TokenType,
    /// A token is wanted that we do not make, or not for this client.
    #[error("the client may not have a token of the requested type in exchange")]
    Requested,
    /// An ID token is wanted for a token that was not granted `openid`.
    #[error("the subject token was not granted the scope openid")]
    NotOpenid,
    /// A refresh token is wanted, and the subject token is in no session, or in one
    /// that has ended, or what it was granted there was revoked.
    #[error("the subject token has no session for a refresh token")]
    NoSession,
    /// A refresh token is wanted that would outlive the session.
    #[error("offline_access cannot be granted by an exchange")]
    Offline,
    /// The subject token is no access token of this realm that stands.
    #[error("the subject token is not valid here")]
    Subject,
    /// It is neither the client's own nor meant for it.
    #[error("the client is not within the audience of the subject token")]
    Audience,
    /// It is bound to a key that the request does not prove.
    #[error("the subject token is bound to a key that was not proven")]
    Key,
    /// A wanted audience is not one that the client's tokens would have.
    #[error("a requested audience is not available")]
    Target,
    /// The person is no member of an organization that is wanted, the client may not
    /// speak for it, or it is not there.
    #[error("the organization cannot be granted")]
    Organization,
    /// The person did not allow it, and there is no page to ask on.
    #[error("the person did not allow the client what it asks for")]
    Consent,
}

impl From<ExchangeRefusal> for TokenError {
    fn from(refusal: ExchangeRefusal) -> Self {
        Self::Exchange(refusal)
    }
}

/// Exchanges an access token for another token. One call to the account, one directory
/// query or two, and a call to each organization; for a refresh token, one or two calls
/// and a query more.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<TokenResponse, TokenError> {
    if client.is_public() || !client.has_on(TOKEN_EXCHANGE) {
        return Err(TokenError::GrantNotAllowed);
    }
    check_form(form)?;
    let requested = Requested::read(client, form)?;
    let subject = read_subject(context, form.one("subject_token")?).await?;
    check_holder(client, &subject, jkt)?;
    let recipe = context.recipe(client).await?;
    let asked = form.at_most_one("scope")?;
    let scope = Scope::parse(asked)?.within(&recipe)?;
    let mut selection = Selection { client, recipe: &recipe, scope };
    check_scope(&selection, asked, &subject.caller)?;
    if requested == Requested::IdToken {
        check_openid(&subject.caller)?;
        selection.scope.is_openid = true;
    }
    let wanted = wanted_orgs(context, &mut selection, &subject.caller, form).await?;
    check_orgs(context, client, &subject.caller, &wanted).await?;
    let standing = find_standing(context, &selection, &subject.caller, &wanted).await?;
    if wanted.is_needed && standing.orgs.is_empty() {
        return Err(ExchangeRefusal::Organization.into());
    }
    let aliases: Vec<&Alias> = standing.orgs.iter().map(|org| &org.alias).collect();
    let granted = selection.scope.granted(&aliases);
    let about = (granted.as_str(), standing.orgs.as_slice());
    if !consent::covers(context, client, &subject.caller.user, about).await? {
        return Err(ExchangeRefusal::Consent.into());
    }
    let shape = subject.bounded(context, Shape::of(context, client, &granted, jkt));
    let audience = audience(context, (&selection, &standing, &shape), &subject, form).await?;
    let began = if requested == Requested::RefreshToken {
        let granted = grant_of(&selection, &standing, &subject, (granted, &audience));
        Some(exchange_family::begin(context, client, &subject, (granted, &shape)).await?)
    } else {
        None
    };
    let session = subject.caller.session.as_ref().map(|id| Login {
        id,
        authenticated_at: subject.authenticated_at,
        refresh: began.as_ref().map(|began| (&began.next, &began.granted)),
        ends_at: began.as_ref().map_or(context.now, |began| began.ends_at),
    });
    let minting = Minting {
        session,
        audience: &audience.all,
        clients: audience.clients.as_deref(),
        level: subject.level,
        ..Minting::of(&selection, &standing, &shape)
    };
    let response = match requested {
        Requested::IdToken => tokens::mint_id_token(context, &minting).await?,
        Requested::AccessToken | Requested::Jwt | Requested::RefreshToken => {
            tokens::mint(context, &minting).await?
        }
    };
    Ok(response.issued_as(requested.issued()))
}

/// RFC 8693 §2.1: what is brought, and nothing that we do not do.
fn check_form(form: &Form) -> Result<(), TokenError> {
    // RFC 6749 §3.2: without a value it is as if it were not there.
    if form.iter().any(|(name, value)| NOT_TAKEN.contains(&name) && !value.is_empty()) {
        return Err(ExchangeRefusal::Parameter.into());
    }
    let is_taken = form.one("subject_token_type")? == ACCESS_TOKEN;
    if is_taken { Ok(()) } else { Err(ExchangeRefusal::TokenType.into()) }
}

/// The token that is exchanged.
pub struct Subject {
    /// What it says.
    pub caller: Caller,
    authenticated_at: Timestamp,
    /// `acr`; a token that does not tell it is sure of nothing.
    level: u8,
}

impl Subject {
    /// The same shape, of tokens that are over when this one is: no chain of exchanges
    /// gains time.
    fn bounded(&self, context: &RealmContext<'_>, shape: Shape) -> Shape {
        let left = self.caller.expires_at.as_unix() - context.now.as_unix();
        let left = Seconds(u32::try_from(left).unwrap_or_default());
        Shape { access_life: shape.access_life.min(left), ..shape }
    }
}

/// What a refresh token by exchange is granted: what the access token beside it is.
fn grant_of(
    selection: &Selection<'_>,
    standing: &Standing,
    subject: &Subject,
    (scope, audience): (String, &Audience),
) -> Granted {
    Granted {
        client_id: selection.client.client_id.clone(),
        scope,
        orgs: standing.orgs.iter().map(|org| org.id.clone()).collect(),
        authenticated_at: subject.authenticated_at,
        terms: Terms {
            level: subject.level,
            resources: audience.all.clone(),
            audience: audience.clients.clone(),
            ..Terms::default()
        },
    }
}

/// Reads an access token of this realm that stands: as introspection judges.
async fn read_subject(
    context: &RealmContext<'_>,
    unverified_token: &str,
) -> Result<Subject, TokenError> {
    let (caller, told) = match bearer::verify(context, unverified_token).await {
        Ok(verified) => verified,
        Err(BearerError::Store(error)) => return Err(error.into()),
        Err(_) => return Err(ExchangeRefusal::Subject.into()),
    };
    if caller.realm.id != context.realm.id {
        return Err(ExchangeRefusal::Subject.into());
    }
    let name = caller.spent_name();
    let (is_spent, stands) = try_join!(
        spent::is_spent(&*context.ports.directory, &name),
        liveness::stands(context, &caller),
    )?;
    if is_spent || !stands {
        return Err(ExchangeRefusal::Subject.into());
    }
    let time = told.get("auth_time").and_then(Value::as_i64).map(Timestamp::from_unix);
    let level = told.get("acr").and_then(Value::as_str).and_then(|acr| acr.parse().ok());
    Ok(Subject {
        authenticated_at: time.unwrap_or(caller.issued_at),
        level: level.unwrap_or(0),
        caller,
    })
}

/// Passes a client that the token was given to or is meant for, with its key.
fn check_holder(client: &Client, subject: &Subject, jkt: Option<&str>) -> Result<(), TokenError> {
    let is_own = subject.caller.client_id == client.client_id;
    if !is_own && !subject.caller.audience.contains(&client.client_id) {
        return Err(ExchangeRefusal::Audience.into());
    }
    if subject.caller.jkt.as_deref().is_some_and(|bound| jkt != Some(bound)) {
        return Err(ExchangeRefusal::Key.into());
    }
    Ok(())
}

/// What is asked for by name must be in the token: an exchange gains no scope. What
/// every token of the client has, this one has, too.
fn check_scope(
    selection: &Selection<'_>,
    asked: Option<&str>,
    caller: &Caller,
) -> Result<(), BadScope> {
    let had = |word: &str| caller.scope.split(' ').any(|one| one == word);
    let is_asked = |word: &str| asked.unwrap_or_default().split(' ').any(|one| one == word);
    let gained = selection
        .scopes()
        .filter(|held| held.place == Place::Optional && is_asked(&held.scope.name))
        .map(|held| held.scope.name.as_str())
        .chain(selection.scope.is_openid.then_some("openid"))
        .any(|word| word == "offline_access" || (!had(word) && !is_organization(selection, word)));
    if gained { Err(BadScope::Exceeds) } else { Ok(()) }
}

/// Who may not ask who somebody is does not come by it in exchange. No client that
/// speaks for itself may.
fn check_openid(caller: &Caller) -> Result<(), ExchangeRefusal> {
    let had = caller.scope.split(' ').any(|word| word == "openid");
    if had { Ok(()) } else { Err(ExchangeRefusal::NotOpenid) }
}

/// Whether the word is about organizations, which are judged apart.
fn is_organization(selection: &Selection<'_>, word: &str) -> bool {
    selection.scope.orgs != OrgWish::Nothing && selection.scope.speaks_by(word)
}

/// The organizations that the token shall speak for.
struct Wanted {
    orgs: Vec<OrgId>,
    /// Whether each of them must be granted.
    is_exact: bool,
    /// Whether there must be one.
    is_needed: bool,
}

/// What the request says of organizations: one that it demands, those that it names, or
/// those of the subject token.
async fn wanted_orgs(
    context: &RealmContext<'_>,
    selection: &mut Selection<'_>,
    caller: &Caller,
    form: &Form,
) -> Result<Wanted, TokenError> {
    let demand = Demand::read(form, None)?;
    let is_needed = selection.client.organizations().is_some_and(|policy| policy.is_required);
    let exactly = |orgs| Wanted { orgs, is_exact: true, is_needed: true };
    if !demand.is_nothing() {
        let (id, alias) = demand.find(context).await?.ok_or(ExchangeRefusal::Organization)?;
        selection.scope = selection.scope.clone().speaking_for(alias);
        return Ok(exactly(vec![id]));
    }
    if is_needed && selection.scope.orgs == OrgWish::Nothing {
        selection.scope = selection.scope.clone().wishing(OrgWish::Pick);
    }
    match &selection.scope.orgs {
        OrgWish::Named(aliases) => {
            let orgs = choose::list_named(context, aliases).await?;
            if orgs.len() < aliases.len() {
                return Err(ExchangeRefusal::Organization.into());
            }
            Ok(exactly(orgs))
        }
        OrgWish::Nothing => Ok(Wanted { orgs: Vec::new(), is_exact: false, is_needed }),
        OrgWish::Pick | OrgWish::All => {
            // Its own: what it does not speak for, it does not open.
            let orgs = orgs_of_subject(context, caller).await?;
            Ok(Wanted { orgs, is_exact: false, is_needed })
        }
    }
}

/// Who merely was shown a token, as an API is, does not come by it into organizations
/// that it does not speak for: only the client to which the person gave it switches.
async fn check_orgs(
    context: &RealmContext<'_>,
    client: &Client,
    caller: &Caller,
    wanted: &Wanted,
) -> Result<(), TokenError> {
    if caller.client_id == client.client_id || !wanted.is_exact {
        return Ok(());
    }
    let held = orgs_of_subject(context, caller).await?;
    let all_held = wanted.orgs.iter().all(|org| held.contains(org));
    if all_held { Ok(()) } else { Err(ExchangeRefusal::Organization.into()) }
}

/// The organizations that the subject token speaks for.
async fn orgs_of_subject(
    context: &RealmContext<'_>,
    caller: &Caller,
) -> Result<Vec<OrgId>, TokenError> {
    let wish = Scope::parse(Some(&caller.scope))?.orgs;
    Ok(choose::orgs_of_token(context, caller, &wish).await?)
}

/// Who the token is about, and what they are in those organizations, now.
async fn find_standing(
    context: &RealmContext<'_>,
    selection: &Selection<'_>,
    caller: &Caller,
    wanted: &Wanted,
) -> Result<Standing, TokenError> {
    let question =
        Question { user: &caller.user, orgs: &wanted.orgs, session: caller.session.as_ref() };
    let standing = standing::find(context, selection, question).await?;
    let standing = standing.ok_or(ExchangeRefusal::Subject)?;
    if wanted.is_exact && standing.orgs.len() < wanted.orgs.len() {
        return Err(ExchangeRefusal::Organization.into());
    }
    Ok(standing)
}

/// Whom the token is for.
struct Audience {
    /// All of them; whoever the client's tokens are for when there is none.
    all: Vec<String>,
    /// Those that the request names as its audience: the token tells their roles alone.
    clients: Option<Vec<String>>,
}

/// Whom the token is for: of those that the client's tokens are for, the ones that the
/// request names (RFC 8693 §2.1), and resources. A token for resources alone is
/// exchanged for one for no others.
async fn audience(
    context: &RealmContext<'_>,
    (selection, standing, shape): (&Selection<'_>, &Standing, &Shape),
    subject: &Subject,
    form: &Form,
) -> Result<Audience, TokenError> {
    let told = &subject.caller.audience;
    let had = if told.iter().all(|one| resource::is_resource(one)) { &**told } else { &[] };
    let mut audience = resource::of_token(context, selection.client, had, form).await??;
    let named: Vec<&str> = form
        .iter()
        .filter(|(name, _)| *name == "audience")
        .map(|(_, one)| one)
        .filter(|one| !one.is_empty())
        .collect();
    if named.is_empty() {
        return Ok(Audience { all: audience, clients: None });
    }
    let issuer = context.issuer();
    let known = Known {
        issuer: &issuer,
        now: context.now,
        expires_at: context.now + shape.access_life,
        session: subject.caller.session.as_ref(),
        authenticated_at: Some(subject.authenticated_at),
        address: context.ip,
        nonce: None,
        level: subject.level,
    };
    let facts = Facts::new(selection, standing, known).map_err(MintError::from)?;
    let available = facts.said(Paper::Access).audience;
    let is_available = |one: &str| had.is_empty() && available.contains(one);
    if named.len() > MAX_AUDIENCES || !named.iter().all(|one| is_available(one)) {
        return Err(ExchangeRefusal::Target.into());
    }
    let clients: Vec<String> = named.into_iter().map(str::to_owned).collect();
    audience.extend(clients.iter().cloned());
    audience.sort();
    audience.dedup();
    Ok(Audience { all: audience, clients: Some(clients) })
}
