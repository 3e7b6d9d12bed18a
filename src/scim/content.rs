//! SCIM of an organization as an export takes it along and an import brings it:
//! the configuration without its secret, and the resources.
use super::config::{Auth, Config};
use super::configure;
use super::credential::StoredSecret;
use super::document::Document;
use super::error::Refusal;
use super::filter::Filter;
use super::query::{From, Query};
use super::shape::Shape;
use super::store;
use super::user::{ScimUser, Stage};
use super::wire_config::ConfigJson;
use crate::crypto::token::SecretToken;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ScimId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::content::{Most, TooMany};
use crate::org::error::OrgError;
use crate::org::record::{Scene, record};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A configuration, in Phase Two's words (reference phasetwo.md §8.1), without a
/// secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigContent {
    /// Whether the endpoint answers.
    pub enabled: bool,
    /// Whether an address is the `userName`.
    pub email_as_username: bool,
    /// Whether to link pushed people with the identity provider.
    pub link_idp: bool,
    /// What the directory must present.
    pub auth: AuthContent,
}

/// What the directory must present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum AuthContent {
    /// A bearer secret.
    #[serde(rename = "EXTERNAL_SECRET")]
    Secret {},
    /// HTTP Basic.
    #[serde(rename = "EXTERNAL_BASIC")]
    Basic {
        /// The username.
        username: String,
    },
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScimUserContent {
    /// Its id.
    pub id: ScimId,
    /// The person it is a view of.
    pub user: UserId,
    /// Whether that is a member: `linked` or `awaiting_consent`.
    pub stage: String,
    /// Grows with every change.
    pub version: i64,
    /// When it was first pushed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Whether the membership gives access, where the directory does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// What the directory says about the person.
    pub resource: Map<String, Value>,
}

/// A resource that cannot be brought in.
#[derive(Debug, thiserror::Error)]
pub enum BadResource {
    /// Its stage is none.
    #[error("the stage is not linked or awaiting_consent")]
    Stage,
    /// The resource is none.
    #[error(transparent)]
    Document(#[from] Refusal),
}

/// The configuration, if there is one.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn read_config(sql: &dyn Sql) -> Result<Option<ConfigContent>, StoreError> {
    Ok(store::config::find(sql)?.map(|config| ConfigContent {
        enabled: config.enabled,
        email_as_username: config.email_as_username,
        link_idp: config.link_idp,
        auth: match config.auth {
            Auth::Secret { .. } => AuthContent::Secret {},
            Auth::Basic { username, .. } => AuthContent::Basic { username },
        },
    }))
}

/// The resources, oldest first. A push on its way is none yet.
///
/// # Errors
/// `Refused` when SQLite fails; in it `TooMany`.
pub fn read_users(
    sql: &dyn Sql,
    most: Most,
) -> Result<Result<Vec<ScimUserContent>, TooMany>, StoreError> {
    let all = Query {
        filter: Filter::default(),
        sort: None,
        from: From::Index(1),
        count: TooMany::limit(most.people),
    };
    let (users, _) = store::user::list(sql, &all)?;
    let users = users.into_iter().map(|user| ScimUserContent {
        id: user.id,
        user: user.user,
        stage: user.stage.as_str().to_owned(),
        version: user.version,
        created_at: user.created_at,
        updated_at: user.updated_at,
        active: user.document.active().is_none().then_some(user.active),
        resource: user.document.0,
    });
    Ok(TooMany::check(users.collect(), "SCIM resources", most.people))
}

/// Passes a configuration that can be.
///
/// # Errors
/// `Field`.
pub fn check_config(content: &ConfigContent) -> Result<(), OrgError> {
    match &content.auth {
        AuthContent::Secret {} => Ok(()),
        AuthContent::Basic { username } => match configure::username(Some(username))? {
            Some(_) => Ok(()),
            None => Err(OrgError::Field("auth.username is missing".to_owned())),
        },
    }
}

/// Brings the configuration in: call it in a transaction. Its secret is one that
/// nobody knows, until it is set anew.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn write_config(scene: &Scene<'_>, content: &ConfigContent) -> Result<(), StoreError> {
    let unknown = StoredSecret::of_token(&SecretToken::from_bytes(scene.random.bytes32()));
    let config = Config {
        enabled: content.enabled,
        email_as_username: content.email_as_username,
        link_idp: content.link_idp,
        auth: match &content.auth {
            AuthContent::Secret {} => Auth::Secret { secret: unknown },
            AuthContent::Basic { username } => {
                Auth::Basic { username: username.clone(), password: unknown }
            }
        },
    };
    store::config::insert(scene.sql, &config, scene.now)?;
    record(
        scene,
        Change {
            resource_type: "ORGANIZATION",
            operation: Operation::Create,
            path: format!("orgs/{}/scim", scene.org),
            representation: serde_json::to_value(ConfigJson::of(&config, None)).ok(),
        },
    )
}

/// Brings a resource in: call it in a transaction.
///
/// # Errors
/// `Refused` when it is none, `Conflict` when its name or its person has one.
pub fn write_user(scene: &Scene<'_>, content: &ScimUserContent) -> Result<(), StoreError> {
    let user = check(content).map_err(|why| StoreError::Refused(why.to_string()))?;
    store::user::insert(scene.sql, &user)
}

/// The resource that `content` describes.
///
/// # Errors
/// [`BadResource`].
pub fn check(content: &ScimUserContent) -> Result<ScimUser, BadResource> {
    let stage = content.stage.parse().map_err(|()| BadResource::Stage)?;
    if stage == Stage::Provisioning {
        return Err(BadResource::Stage);
    }
    let document = Document::of(content.resource.clone(), &Shape::plain_user())?;
    Ok(ScimUser {
        id: content.id.clone(),
        user: content.user.clone(),
        stage,
        active: document.active().or(content.active).unwrap_or(true),
        document,
        version: content.version,
        created_at: content.created_at,
        updated_at: content.updated_at,
    })
}
