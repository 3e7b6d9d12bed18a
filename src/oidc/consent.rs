//! Whether a person allows what a client asks for (OIDC Core §3.1.2.4).
use super::authorization::AuthorizationRequest;
use super::happenings;
use super::prompt::Prompt;
use crate::account::consent::Agreement;
use crate::account::consent_give::{FindConsents, GiveConsent};
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::org::claims::OrgClaims;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::client_scope::ClientScope;
use crate::realm::context::RealmContext;

/// What a person is asked.
#[derive(Debug)]
pub struct Question {
    /// What they would allow.
    pub agreement: Agreement,
    /// The client's name for people.
    pub client_name: String,
    /// What each scope is, in words.
    pub scopes: Vec<String>,
    /// The names of the organizations.
    pub orgs: Vec<String>,
}

/// Keycloak's texts for its built-in scopes, by what stands for them in
/// `consent.screen.text`.
const TEXTS: &[(&str, &str)] = &[
    ("${profileScopeConsentText}", "Your profile: names and username"),
    ("${emailScopeConsentText}", "Your email address"),
    ("${addressScopeConsentText}", "Your postal address"),
    ("${phoneScopeConsentText}", "Your phone number"),
    ("${rolesScopeConsentText}", "Your roles"),
    ("${organizationScopeConsentText}", "The organizations you belong to, and your roles there"),
    ("${offlineAccessScopeConsentText}", "Access while you are not using the app"),
];

/// The question that must be asked before the client gets tokens about `about`: a
/// scope, and what the person is in the organizations it speaks for. `None` when the person
/// has answered it, now or before, or nobody wants to know.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn find_question(
    context: &RealmContext<'_>,
    (client, request): (&Client, &AuthorizationRequest),
    user: &UserId,
    about: (&str, &[OrgClaims]),
) -> Result<Option<Question>, StoreError> {
    let is_wanted = request.prompts.has(Prompt::Consent);
    if !client.settings.consent_required && !is_wanted {
        return Ok(None);
    }
    let question = question(context, client, about).await?;
    let object = ObjectName::Account(context.realm.id.clone(), user.clone());
    // What was answered is what is granted, or it is asked again: an organization
    // may have come in between.
    if request.agreed.as_ref() == Some(&question.agreement.digest()) {
        let asked = GiveConsent { agreement: question.agreement };
        ask(&*context.ports.objects, &object, &asked).await?;
        context.ports.faults.reach("oidc.consent.after_account").await;
        happenings::consented(context, request, user).await;
        return Ok(None);
    }
    if is_wanted {
        return Ok(Some(question));
    }
    let is_covered = is_covered(context, user, &question.agreement).await?;
    Ok((!is_covered).then_some(question))
}

/// Whether `client` may have tokens of `user` about `about` without a question:
/// where there is no page to ask on.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn covers(
    context: &RealmContext<'_>,
    client: &Client,
    user: &UserId,
    about: (&str, &[OrgClaims]),
) -> Result<bool, StoreError> {
    if !client.settings.consent_required {
        return Ok(true);
    }
    let question = question(context, client, about).await?;
    is_covered(context, user, &question.agreement).await
}

/// Whether `user` took back what they allowed `client`, where they must be asked.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn is_withdrawn(
    context: &RealmContext<'_>,
    client: &Client,
    user: &UserId,
) -> Result<bool, StoreError> {
    if !client.settings.consent_required {
        return Ok(false);
    }
    let object = ObjectName::Account(context.realm.id.clone(), user.clone());
    let asked = FindConsents { client: Some(client.uuid.clone()) };
    Ok(ask(&*context.ports.objects, &object, &asked).await?.is_empty())
}

async fn is_covered(
    context: &RealmContext<'_>,
    user: &UserId,
    agreement: &Agreement,
) -> Result<bool, StoreError> {
    let object = ObjectName::Account(context.realm.id.clone(), user.clone());
    let asked = FindConsents { client: Some(agreement.client.clone()) };
    let consents = ask(&*context.ports.objects, &object, &asked).await?;
    Ok(agreement.is_covered(&consents))
}

async fn question(
    context: &RealmContext<'_>,
    client: &Client,
    (scope, orgs): (&str, &[OrgClaims]),
) -> Result<Question, StoreError> {
    let recipe = context.recipe(client).await?;
    let known: Vec<&ClientScope> = recipe.scopes.iter().map(|held| &held.scope).collect();
    let (mut names, mut texts) = (Vec::new(), Vec::new());
    for word in scope.split(' ').map(name_of).filter(|word| *word != "openid") {
        let found = known.iter().copied().find(|scope| scope.name == word);
        let is_new = !names.iter().any(|name| name == word);
        if is_new && found.is_none_or(is_shown) {
            names.push(word.to_owned());
            texts.push(found.map_or(word, text_of).to_owned());
        }
    }
    names.sort();
    let mut org_ids: Vec<_> = orgs.iter().map(|org| org.id.clone()).collect();
    org_ids.sort();
    let settings = &client.settings;
    let name = if settings.name.is_empty() { &client.client_id } else { &settings.name };
    Ok(Question {
        agreement: Agreement { client: client.uuid.clone(), orgs: org_ids, scopes: names },
        client_name: name.clone(),
        scopes: texts,
        orgs: orgs.iter().map(|org| org.title.clone()).collect(),
    })
}

/// The client scope that a word of a scope stands for: `organization` for
/// `organization:acme`.
fn name_of(word: &str) -> &str {
    word.split(':').next().unwrap_or(word)
}

fn is_shown(scope: &ClientScope) -> bool {
    scope.attributes.get("display.on.consent.screen").is_none_or(|shown| shown == "true")
}

fn text_of(scope: &ClientScope) -> &str {
    let text = scope.attributes.get("consent.screen.text").map_or("", String::as_str);
    match TEXTS.iter().find(|(key, _)| *key == text) {
        Some((_, words)) => words,
        None if text.is_empty() || text.starts_with("${") => &scope.name,
        None => text,
    }
}
