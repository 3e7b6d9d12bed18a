//! Why a request about identity providers was refused, in our own words.
use super::certificate::BadUpload;
use super::import::BadMetadata;
use super::kind::UnknownUse;
use super::mapper_rule::BadMapper;
use super::provider::BadProvider;
use crate::org::error::OrgError;
use crate::platform::fetch::FetchError;
use crate::platform::row::StoreError;
use crate::realm::error::AdminError;
use crate::realm::page::TooMany;
use crate::web::answer::BadBody;
use crate::web::multipart::BadMultipart;

/// A refusal. [`super::routes`] decides what the caller is told.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The caller may not enter the organization, or lacks what its paths ask.
    #[error(transparent)]
    Org(#[from] OrgError),
    /// The caller of the realm's paths lacks a role, or asked for no page.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The caller may look, and not touch.
    #[error("the caller may not manage identity providers")]
    Forbidden,
    /// The caller administers one of the organizations that use the provider.
    #[error(
        "several organizations use this identity provider: an administrator of the realm may change it"
    )]
    Shared,
    /// No provider or mapper of that name.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// No kind of provider of that name.
    #[error("there is no such kind of identity provider")]
    UnknownKind,
    /// A list asks for a use that no provider can have.
    #[error(transparent)]
    Use(#[from] UnknownUse),
    /// What was uploaded cannot be used.
    #[error(transparent)]
    Upload(#[from] BadUpload),
    /// No provider of the alias in the body. Phase Two's words.
    #[error("No IdP found with alias {0}")]
    UnknownAlias(String),
    /// A provider that is switched off cannot be linked. Phase Two's words.
    #[error("Cannot link disabled IdP {0}")]
    Disabled(String),
    /// The alias is taken. Keycloak's words.
    #[error("Identity Provider {0} already exists")]
    Taken(String),
    /// The mapper's name is taken.
    #[error("Identity provider mapper name is already in use")]
    MapperTaken,
    /// The mapper cannot be so.
    #[error(transparent)]
    Mapper(#[from] BadMapper),
    /// A mapper of an organization would give what the realm decides on.
    #[error("a mapper of an organization gives roles and groups of organizations only")]
    BeyondOrganization,
    /// The provider cannot be so.
    #[error(transparent)]
    Bad(#[from] BadProvider),
    /// A field is missing or cannot be.
    #[error("{0}")]
    Field(&'static str),
    /// The body is not what the endpoint takes.
    #[error(transparent)]
    Body(#[from] BadBody),
    /// The form is none.
    #[error(transparent)]
    Form(#[from] BadMultipart),
    /// What a provider publishes cannot be read.
    #[error(transparent)]
    Metadata(#[from] BadMetadata),
    /// What a provider publishes cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The provider answered something else.
    #[error("the URL answered with status {0}")]
    Upstream(u16),
    /// The answer would be cut.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The secret could not be encrypted.
    #[error("the secret cannot be kept")]
    Vault,
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
