//! The page of a client to which an invitation leads (reference keycloak.md §5.5).
use super::routes::check_redirect;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::kept::Kept;
use crate::realm::store::client;

/// What stands in a client's `rootUrl` for our own address.
const OURS: [&str; 2] = ["${authBaseUrl}", "${authAdminUrl}"];

/// The home page of the realm's client called `client_id`: its `baseUrl`, below its
/// `rootUrl`. `None` when it has none, is switched off or gone.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    context: &RealmContext<'_>,
    client_id: &str,
) -> Result<Option<String>, StoreError> {
    let directory = &*context.ports.directory;
    let found = client::list_called(directory, &context.realm.id, &[client_id]).await?;
    let found = found.into_iter().find(|found| found.client.settings.enabled);
    Ok(found.and_then(|found| home_of(&found.kept, context.public_url)))
}

fn home_of(kept: &Kept, public_url: &str) -> Option<String> {
    let text = |name| kept.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let (root, base) = (text("rootUrl"), text("baseUrl"));
    let root = OURS.iter().fold(root.to_owned(), |root, ours| root.replace(ours, public_url));
    let home = if base.contains("://") { base.to_owned() } else { format!("{root}{base}") };
    (!base.is_empty() && check_redirect(Some(&home)).is_ok()).then_some(home)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_home_page_is_the_base_below_the_root() {
        for (root, base, home) in [
            ("https://app.example", "/start", Some("https://app.example/start")),
            ("https://app.example", "https://else.example/", Some("https://else.example/")),
            ("${authBaseUrl}", "/realms/r/account/", Some("https://id.example/realms/r/account/")),
            ("https://app.example", "", None),
            ("", "/start", None),
            ("", "javascript://alert(1)", None),
            ("javascript:", "/x", None),
        ] {
            let kept = json!({ "rootUrl": root, "baseUrl": base });
            let kept = kept.as_object().unwrap();
            assert_eq!(home_of(kept, "https://id.example").as_deref(), home, "{root} {base}");
        }
    }
}
