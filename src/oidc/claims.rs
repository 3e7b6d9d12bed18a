//! What tokens say, laid out as Keycloak's clients expect it (reference
//! keycloak.md §4.2).
use crate::kernel::id::{SessionId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::claims::OrgClaims;
use crate::realm::user::User;
use serde_json::{Map, Value, json};

/// Who a token is about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `sub`.
    pub id: UserId,
    /// `preferred_username`.
    pub username: String,
    /// `email`, for a person who has one.
    pub email: Option<String>,
    /// `email_verified`.
    pub email_verified: bool,
    /// `given_name`.
    pub first_name: Option<String>,
    /// `family_name`.
    pub last_name: Option<String>,
}

impl From<User> for Subject {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username.as_str().to_owned(),
            email: user.email.map(String::from),
            email_verified: user.email_verified,
            first_name: user.first_name,
            last_name: user.last_name,
        }
    }
}

/// Everything a token may be made of.
pub struct Facts<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `iat`.
    pub now: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `azp`: the client the token is given to.
    pub client_id: &'a str,
    /// Who.
    pub subject: &'a Subject,
    /// `sid`; none when a client speaks for itself.
    pub session: Option<&'a SessionId>,
    /// `scope`, as granted.
    pub scope: &'a str,
    /// What the person is in the organizations the token speaks for.
    pub orgs: &'a [OrgClaims],
    /// `auth_time`.
    pub authenticated_at: Option<Timestamp>,
}

/// The claims of an access token, with `jti` as its name.
///
/// `aud` is absent: Keycloak leaves it out when it would be empty, and no
/// resource server has been named.
#[must_use]
pub fn access(facts: &Facts<'_>, jti: &str) -> Value {
    let mut claims = common(facts, "Bearer", jti);
    claims.insert("scope".to_owned(), json!(facts.scope));
    if facts.session.is_none() {
        claims.insert("client_id".to_owned(), json!(facts.client_id));
    }
    Value::Object(claims)
}

/// The claims of an ID token (OIDC Core §2) that goes with an access token whose
/// hash is `at_hash`.
#[must_use]
pub fn id(facts: &Facts<'_>, jti: &str, nonce: Option<&str>, at_hash: &str) -> Value {
    let mut claims = common(facts, "ID", jti);
    claims.insert("aud".to_owned(), json!(facts.client_id));
    claims.insert("at_hash".to_owned(), json!(at_hash));
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    Value::Object(claims)
}

/// What both kinds of token say.
fn common(facts: &Facts<'_>, typ: &str, jti: &str) -> Map<String, Value> {
    let mut claims = profile(facts.subject);
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(facts.issuer));
    put("iat", json!(facts.now));
    put("exp", json!(facts.expires_at));
    put("jti", json!(jti));
    put("typ", json!(typ));
    put("azp", json!(facts.client_id));
    if let Some(session) = facts.session {
        put("sid", json!(session));
    }
    if let Some(at) = facts.authenticated_at {
        put("auth_time", json!(at));
    }
    if let Some(orgs) = organization(facts.orgs) {
        put("organization", orgs);
    }
    claims
}

/// What the scopes `profile` and `email` tell, which every client of ours has
/// by default ([`super::scope::Scope::granted`]).
#[must_use]
pub fn profile(subject: &Subject) -> Map<String, Value> {
    let names: Vec<&str> = [&subject.first_name, &subject.last_name]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let name = (!names.is_empty()).then(|| names.join(" "));
    let texts = [
        ("sub", Some(subject.id.to_string())),
        ("preferred_username", Some(subject.username.clone())),
        ("name", name),
        ("given_name", subject.first_name.clone()),
        ("family_name", subject.last_name.clone()),
        ("email", subject.email.clone()),
    ];
    let mut claims: Map<String, Value> = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), Value::String(text?))))
        .collect();
    claims.insert("email_verified".to_owned(), json!(subject.email_verified));
    claims
}

/// The organization claim: alias to id, roles and groups; absent when the token
/// speaks for none (reference keycloak.md §4.5).
#[must_use]
pub fn organization(orgs: &[OrgClaims]) -> Option<Value> {
    let members: Map<String, Value> = orgs
        .iter()
        .map(|org| {
            let standing = json!({ "id": org.id, "roles": org.roles, "groups": org.groups });
            (org.alias.to_string(), standing)
        })
        .collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            id: "u1".parse().unwrap(),
            username: "hiroko".to_owned(),
            email: Some("hiroko@adventurez.example".to_owned()),
            email_verified: true,
            first_name: Some("Hiroko".to_owned()),
            last_name: None,
        }
    }

    fn org() -> OrgClaims {
        OrgClaims {
            id: "o1".parse().unwrap(),
            alias: "adventurez".parse().unwrap(),
            title: "AdventureZ".to_owned(),
            roles: vec!["view-members".to_owned()],
            groups: vec!["/Guides/Rafting".to_owned()],
        }
    }

    fn facts<'a>(subject: &'a Subject, orgs: &'a [OrgClaims]) -> Facts<'a> {
        Facts {
            issuer: "https://id.example/realms/travel0",
            now: Timestamp::from_unix(1_800_000_000),
            expires_at: Timestamp::from_unix(1_800_000_300),
            client_id: "app",
            subject,
            session: None,
            scope: "profile email",
            orgs,
            authenticated_at: None,
        }
    }

    #[test]
    fn the_organization_claim_tells_id_roles_and_groups() {
        let claims = access(&facts(&subject(), &[org()]), "j1");
        assert_eq!(
            claims["organization"],
            json!({ "adventurez": {
                "id": "o1", "roles": ["view-members"], "groups": ["/Guides/Rafting"],
            }})
        );
    }

    #[test]
    fn what_is_not_there_is_not_said() {
        let claims = access(&facts(&subject(), &[]), "j1");
        for name in ["organization", "aud", "sid", "family_name", "auth_time"] {
            assert!(claims.get(name).is_none(), "{name}");
        }
        assert_eq!((&claims["name"], &claims["given_name"]), (&json!("Hiroko"), &json!("Hiroko")));
    }

    #[test]
    fn an_id_token_is_for_the_client_and_an_access_token_says_its_scope() {
        let subject = subject();
        let facts = facts(&subject, &[]);
        let [access, id] = [access(&facts, "j1"), id(&facts, "j2", Some("n"), "hash")];
        assert_eq!((&access["typ"], &access["scope"]), (&json!("Bearer"), &json!("profile email")));
        assert_eq!((&id["typ"], &id["aud"]), (&json!("ID"), &json!("app")));
        assert_eq!((&id["nonce"], &id["at_hash"]), (&json!("n"), &json!("hash")));
        assert!(id.get("scope").is_none());
    }
}
