//! `grant_type=authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.5).
use super::choose;
use super::claims::Subject;
use super::error::TokenError;
use super::refresh::NextRefresh;
use super::resource;
use super::tokens;
use super::tokens::{Login, Minting, TokenResponse};
use crate::account::code::CodeGrant;
use crate::account::code_redeem::{RedeemCode, Redeemed};
use crate::account::family_end::EndFamily;
use crate::account::session_rule::SessionRule;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::kernel::time::Timestamp;
use crate::org::claims::OrgClaims;
use crate::platform::object::ask;
use crate::realm::client::{Client, Grant};
use crate::realm::context::RealmContext;
use crate::realm::store::user;
use crate::web::form::{BadParameter, Form};
use futures::try_join;

/// Redeems a code for tokens.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
) -> Result<TokenResponse, TokenError> {
    if !client.may(Grant::AuthorizationCode) {
        return Err(TokenError::GrantNotAllowed);
    }
    let (person, secret) = read_code(form.one("code")?)?;
    let next = client.may(Grant::RefreshToken).then(|| NextRefresh::first(&*context.ports.random));
    let asked = RedeemCode {
        hash: TokenHash::of(secret.expose()),
        client_id: client.client_id.clone(),
        redirect_uri: form.one("redirect_uri")?.to_owned(),
        code_verifier: read_verifier(client, form)?,
        family: next.as_ref().map(NextRefresh::as_family),
        rule: SessionRule::of(&context.realm),
    };
    let redeemed = redeem(context, &person, &asked).await?;
    let standing = standing(context, client, (&person, &redeemed.grant), form).await;
    if let (Err(_), Some(next)) = (&standing, &next) {
        end_family(context, &person, next).await?;
    }
    let (subject, orgs, audience) = standing?;
    let minting = Minting {
        client_id: &client.client_id,
        subject: &subject,
        scope: &redeemed.grant.granted.scope,
        is_openid: tokens::is_openid(&redeemed.grant.granted.scope),
        orgs: &orgs,
        session: Some(Login {
            id: &redeemed.session,
            authenticated_at: redeemed.grant.granted.authenticated_at,
            refresh: next.as_ref().map(|next| (next, &redeemed.grant.granted)),
            ends_at: redeemed.session_ends,
        }),
        nonce: redeemed.grant.nonce.as_deref(),
        audience: &audience,
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
    grant: CodeGrant,
}

async fn redeem(
    context: &RealmContext<'_>,
    person: &UserId,
    asked: &RedeemCode,
) -> Result<Good, TokenError> {
    let object = ObjectName::Account(context.realm.id.clone(), person.clone());
    match ask(&*context.ports.objects, &object, asked).await? {
        Redeemed::Granted { session, session_ends, grant } => {
            Ok(Good { session, session_ends, grant: *grant })
        }
        Redeemed::Refused(refusal) => Err(TokenError::Code(refusal)),
    }
}

/// Who the person is, what in the organizations that were granted, now, and where
/// the token may be used. The directory and the organizations are asked at the same
/// time.
async fn standing(
    context: &RealmContext<'_>,
    client: &Client,
    (person, grant): (&UserId, &CodeGrant),
    form: &Form,
) -> Result<(Subject, Vec<OrgClaims>, Vec<String>), TokenError> {
    let (user, orgs) = try_join!(
        user::find(&*context.ports.directory, &context.realm.id, person),
        choose::claims_of(context, person, &grant.granted.orgs),
    )?;
    let user = user.filter(|user| user.enabled).ok_or(TokenError::NoUser)?;
    let orgs = choose::permitted(client, orgs);
    if orgs.is_empty() && !grant.granted.orgs.is_empty() {
        return Err(TokenError::MembershipLost);
    }
    let audience =
        resource::of_token(context, client, &grant.granted.terms.resources, form).await??;
    Ok((user.into(), orgs, audience))
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
