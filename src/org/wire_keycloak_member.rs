//! Keycloak's `MemberRepresentation` (the representations of its `OpenAPI` document,
//! 26.8.1; reference keycloak.md §2).
use super::manage::MembershipType;
use super::member::Member;
use crate::account::wire_keycloak::UserJson;
use crate::kernel::email::EmailAddress;
use crate::realm::user::User;
use serde::Serialize;
use serde_json::{Value, json};

/// A user with how they belong.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberJson<'a> {
    #[serde(flatten)]
    user: UserJson<'a>,
    membership_type: MembershipType,
}

impl<'a> MemberJson<'a> {
    /// The whole user.
    #[must_use]
    pub fn full(user: &'a User, member: &Member) -> Self {
        Self::of(UserJson::full(user), member)
    }

    /// Without what else costs space; with attributes, which Keycloak tells of members.
    #[must_use]
    pub fn brief(user: &'a User, member: &Member) -> Self {
        Self::of(UserJson::brief(user).with_attributes(user), member)
    }

    const fn of(user: UserJson<'a>, member: &Member) -> Self {
        Self { user, membership_type: MembershipType::of(member.managed) }
    }
}

/// What an admin event tells of a member (reference keycloak.md §1.9).
#[must_use]
pub fn details(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username.as_str(),
        "email": user.email.as_ref().map(EmailAddress::as_str),
    })
}
