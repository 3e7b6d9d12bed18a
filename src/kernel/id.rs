//! Typed identifiers.
//!
//! On the wire an id is a UUID, as Keycloak's clients expect, unless the caller
//! of "create an organization" chose one (Phase Two honours that). Swapping two
//! ids of different kinds does not compile.

/// Longest identifier, in bytes: the width of Keycloak's id columns, which a
/// UUID fills exactly.
pub const MAX_ID_BYTES: usize = 36;

/// Text that is not an identifier: empty, too long, or with a character that
/// would need escaping in a URL path or a token.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: 1 to {MAX_ID_BYTES} letters, digits, '-', '_' or '.' are")]
pub struct BadId;

fn is_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=MAX_ID_BYTES).contains(&text.len())
        && text.bytes().all(allowed)
        // "." and ".." are path navigation, never names.
        && text.bytes().any(|b| b != b'.')
}

/// Declares an identifier newtype; `FromStr` is the only door in for text from
/// outside, `From<Uuid>` the only one for new ids.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as it stands in URLs, tokens and databases.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                if is_id(text) { Ok(Self(text.to_owned())) } else { Err(BadId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                if is_id(&text) { Ok(Self(text)) } else { Err(BadId) }
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid.to_string())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A tenant of this server: owns one issuer URL and one key set. Stays the
    /// same when the realm is renamed.
    RealmId
);
id!(
    /// A realm's name: the segment after `/realms/` in every URL of the realm.
    RealmName
);
id!(
    /// An organization inside a realm.
    OrgId
);
id!(
    /// One attempt to import organizations.
    ImportId
);
id!(
    /// A person, or a client's service account, who can sign in to a realm.
    UserId
);
id!(
    /// The internal key of a client; its public name is the `client_id`.
    ClientUuid
);
id!(
    /// A role, of a realm, of a client or of an organization.
    RoleId
);
id!(
    /// A client scope of a realm.
    ClientScopeId
);
id!(
    /// A protocol mapper, of a client or of a client scope.
    ProtocolMapperId
);
id!(
    /// A group, of a realm or inside an organization.
    GroupId
);
id!(
    /// An invitation to join an organization.
    InvitationId
);
id!(
    /// A browser session of one account (`sid` in tokens).
    SessionId
);
id!(
    /// A chain of refresh tokens that grew from one grant.
    FamilyId
);
id!(
    /// One audit event.
    EventId
);
id!(
    /// A SCIM resource: an organization's own view of a person.
    ScimId
);
id!(
    /// An identity provider; people and URLs call it by its alias.
    ProviderUuid
);
id!(
    /// A mapper of an identity provider.
    MapperId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_would_need_escaping_is_refused() {
        let refused = ["", ".", "..", "a/b", "a b", "a%2f", "ä", &"x".repeat(37)];
        for text in refused {
            assert_eq!(text.parse::<OrgId>(), Err(BadId), "{text:?}");
        }
    }

    #[test]
    fn a_uuid_and_a_chosen_id_are_accepted() {
        for text in ["6f1c7d0e-5b1e-4b5e-9d7f-0d1a2b3c4d5e", "acme", "x"] {
            assert_eq!(text.parse::<OrgId>().unwrap().as_str(), text);
        }
    }
}
