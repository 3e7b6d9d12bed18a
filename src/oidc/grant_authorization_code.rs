//! `grant_type=authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.5).
use super::error::TokenError;
use super::refresh::NextRefresh;
use super::resource;
use super::selection::Selection;
use super::shape::{self, Shape};
use super::standing::{self, Question, Standing};
use super::tokens;
use super::tokens::{Login, Minting, TokenResponse};
use crate::account::code::CodeGrant;
use crate::account::code_redeem::{RedeemCode, Redeemed};
use crate::account::family_end::EndFamily;
use crate::account::grant::Granted;
use crate::account::session_rule::SessionRule;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::kernel::time::Timestamp;
use crate::platform::object::ask;
use crate::realm::client::{Client, Grant};
use crate::realm::context::RealmContext;
use crate::web::form::{BadParameter, Form};

/// Redeems a code for tokens.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<TokenResponse, TokenError> {
    if !client.may(Grant::AuthorizationCode) {
        return Err(TokenError::GrantNotAllowed);
    }
    let (person, secret) = read_code(form.one("code")?)?;
    let presented = Presented {
        person,
        hash: TokenHash::of(secret.expose()),
        redirect_uri: form.one("redirect_uri")?.to_owned(),
        code_verifier: read_verifier(client, form)?,
    };
    exchange(context, client, (form, jkt), presented).await
}

/// What stands for the person's permission.
pub struct Presented {
    /// The person, whose account knows it.
    pub person: UserId,
    /// By what it is known there.
    pub hash: TokenHash,
    /// Where it was sent; empty for one that was sent nowhere, which no form can say.
    pub redirect_uri: String,
    /// The proof, if the client brings one.
    pub code_verifier: Option<Secret>,
}

/// Redeems what the client presents for tokens.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn exchange(
    context: &RealmContext<'_>,
    client: &Client,
    (form, jkt): (&Form, Option<&str>),
    presented: Presented,
) -> Result<TokenResponse, TokenError> {
    let person = presented.person;
    let next = client.may(Grant::RefreshToken).then(|| NextRefresh::first(&*context.ports.random));
    // What the code was granted, its account knows: it takes the span that fits.
    let spans = [false, true].map(|is_offline| shape::span(context, client, is_offline));
    let family = |span| next.as_ref().map(|next| next.as_family(span, client, jkt));
    let [family, offline_family] = spans.map(family);
    let asked = RedeemCode {
        hash: presented.hash,
        client_id: client.client_id.clone(),
        redirect_uri: presented.redirect_uri,
        code_verifier: presented.code_verifier,
        jkt: jkt.map(str::to_owned),
        family,
        offline_family,
        token_life: shape::longest_access_life(context),
        rule: SessionRule::of(&context.realm),
    };
    let redeemed = redeem(context, &person, &asked).await?;
    context.ports.faults.reach("oidc.code.after_account").await;
    let recipe = context.recipe(client).await?;
    let granted = &redeemed.grant.granted;
    let selection = Selection::of(client, &recipe, &granted.scope)?;
    let standing = standing(context, &selection, (&person, &redeemed), form).await;
    if let (Err(_), Some(next)) = (&standing, &next) {
        end_family(context, &person, next).await?;
    }
    let (standing, audience) = standing?;
    let shape = Shape::of(context, client, &granted.scope, jkt);
    let minting = Minting {
        session: Some(Login {
            id: &redeemed.session,
            authenticated_at: granted.authenticated_at,
            refresh: next.as_ref().map(|next| (next, granted)),
            ends_at: shape.span.end(redeemed.session_ends, context.now),
        }),
        nonce: redeemed.grant.nonce.as_deref(),
        audience: &audience,
        ..Minting::of(&selection, &standing, &shape).on(&granted.terms)
    };
    Ok(tokens::mint(context, &minting).await?)
}

/// The proof, which only a client that need not use PKCE may leave out.
fn read_verifier(client: &Client, form: &Form) -> Result<Option<Secret>, TokenError> {
    let verifier = form.at_most_one("code_verifier")?;
    if verifier.is_none() && client.requires_proof_key() {
        return Err(BadParameter::Missing("code_verifier").into());
    }
    Ok(verifier.map(Secret::new))
}

/// A code is `{user id}.{secret}`: it leads to the account that knows it. From
/// the right, because an id may contain dots.
fn read_code(unverified_code: &str) -> Result<(UserId, Secret), TokenError> {
    let (person, secret) = unverified_code.rsplit_once('.').ok_or(TokenError::NotACode)?;
    let person = person.parse().map_err(|_| TokenError::NotACode)?;
    Ok((person, Secret::new(secret)))
}

struct Good {
    session: SessionId,
    session_ends: Timestamp,
    grant: Box<CodeGrant>,
}

async fn redeem(
    context: &RealmContext<'_>,
    person: &UserId,
    asked: &RedeemCode,
) -> Result<Good, TokenError> {
    let object = ObjectName::Account(context.realm.id.clone(), person.clone());
    match ask(&*context.ports.objects, &object, asked).await? {
        Redeemed::Granted { session, session_ends, grant } => {
            Ok(Good { session, session_ends, grant })
        }
        Redeemed::Refused(refusal) => Err(TokenError::Code(refusal)),
    }
}

/// Who the person is, what in the organizations that were granted, now, and where
/// the token may be used. When none of these organizations is left, neither is what
/// the code was for.
async fn standing(
    context: &RealmContext<'_>,
    selection: &Selection<'_>,
    (person, redeemed): (&UserId, &Good),
    form: &Form,
) -> Result<(Standing, Vec<String>), TokenError> {
    let Granted { orgs, terms, .. } = &redeemed.grant.granted;
    let question = Question { user: person, orgs, session: Some(&redeemed.session) };
    let found = standing::find(context, selection, question).await?;
    let standing = found.ok_or(TokenError::NoUser)?;
    if standing.orgs.is_empty() && !orgs.is_empty() {
        return Err(TokenError::MembershipLost);
    }
    let audience = resource::of_token(context, selection.client, &terms.resources, form).await??;
    Ok((standing, audience))
}

async fn end_family(
    context: &RealmContext<'_>,
    person: &UserId,
    next: &NextRefresh,
) -> Result<(), TokenError> {
    let object = ObjectName::Account(context.realm.id.clone(), person.clone());
    let asked = EndFamily { family: next.family.clone() };
    Ok(ask(&*context.ports.objects, &object, &asked).await?)
}
