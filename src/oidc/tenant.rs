//! Redirect URIs with a place for the name of an organization: whose address one
//! is (reference auth0-and-peers.md §1.6).
use crate::kernel::id::OrgId;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::redirect_uri;
use crate::realm::store::organization;
use crate::web::form::Form;

/// The organization named by `form` whose address `redirect_uri` is, to the letter,
/// by what the client registered; `None` when there is none.
///
/// A name is not looked up: whether there is such an organization must not show
/// in where an error goes. A code goes there only when the alias is that of the
/// organization it speaks for ([`super::demand::Demand`]).
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    context: &RealmContext<'_>,
    client: &Client,
    redirect_uri: &str,
    form: &Form,
) -> Result<Option<String>, StoreError> {
    let registered = &client.settings.redirect_uris;
    let is_of = |name: &str| {
        let mut filled = registered.iter().filter_map(|uri| redirect_uri::fill(uri, name));
        filled.any(|filled| filled == redirect_uri)
    };
    let has_place = registered.iter().any(|uri| uri.contains(redirect_uri::PLACE));
    if !has_place || client.organizations().is_none() {
        return Ok(None);
    }
    for name in ["organization", "organization_name"] {
        if let Ok(Some(name)) = form.at_most_one(name)
            && is_of(name)
        {
            return Ok(Some(name.to_owned()));
        }
    }
    let id = form.at_most_one("organization").unwrap_or_default();
    let Some(id) = id.and_then(|text| text.parse::<OrgId>().ok()) else { return Ok(None) };
    let found = organization::find(&*context.ports.directory, &context.realm.id, &id).await?;
    let alias = found.map(|found| found.alias.to_string());
    Ok(alias.filter(|alias| is_of(alias)))
}
