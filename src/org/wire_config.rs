//! `OrganizationsConfig`: the part of a realm's settings that Phase Two's
//! `/orgs/config` shows (reference phasetwo.md §2).
use crate::kernel::time::Seconds;
use crate::realm::attribute::{check_life, web_address};
use crate::realm::settings::{Settings, SyncMode};
use serde::{Deserialize, Serialize};

/// As it is received. The servers in the field take the first name of each
/// member, their `OpenAPI` document has the second (reference phasetwo.md §11).
/// What is missing gets its default: a PUT replaces everything.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the wire's")]
pub struct NewConfigJson {
    #[serde(alias = "createAdminUser", default = "yes")]
    create_admin_user_enabled: bool,
    #[serde(alias = "sharedIdps", default)]
    shared_idps_enabled: bool,
    #[serde(alias = "multipleIdps", default)]
    multiple_idps_enabled: bool,
    #[serde(alias = "validateIdp", default)]
    validate_idp_enabled: bool,
    expiration_in_secs: Option<i64>,
    default_application_uri: Option<String>,
    #[serde(default)]
    scim_enabled: bool,
    /// Only in the `OpenAPI` document; left alone when absent.
    default_post_broker_flow: Option<String>,
    /// Likewise.
    default_sync_mode: Option<SyncMode>,
}

const fn yes() -> bool {
    true
}

/// What a PUT changes, as a merge into the stored [`Settings`].
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the wire's")]
pub struct SettingsPatch {
    create_admin_user: bool,
    shared_idps: bool,
    multiple_idps: bool,
    validate_idp: bool,
    portal_link_expiration: Seconds,
    default_application_uri: Option<String>,
    scim_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_broker_flow: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_mode: Option<SyncMode>,
}

/// A member of the body that cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} {1}")]
pub struct BadConfig(&'static str, &'static str);

impl NewConfigJson {
    /// The change that the body asks for.
    ///
    /// # Errors
    /// [`BadConfig`].
    pub fn patch(self) -> Result<SettingsPatch, BadConfig> {
        let defaults = Settings::default();
        let life = self.expiration_in_secs.map(check_life).transpose();
        let uri = self.default_application_uri.filter(|uri| !uri.is_empty());
        let uri = uri.map(|uri| web_address(&uri)).transpose();
        Ok(SettingsPatch {
            create_admin_user: self.create_admin_user_enabled,
            shared_idps: self.shared_idps_enabled,
            multiple_idps: self.multiple_idps_enabled,
            validate_idp: self.validate_idp_enabled,
            portal_link_expiration: life
                .map_err(|problem| BadConfig("expirationInSecs", problem))?
                .unwrap_or(defaults.portal_link_expiration),
            default_application_uri: uri
                .map_err(|problem| BadConfig("defaultApplicationUri", problem))?,
            scim_enabled: self.scim_enabled,
            post_broker_flow: self.default_post_broker_flow,
            sync_mode: self.default_sync_mode,
        })
    }
}

impl SettingsPatch {
    /// `settings` after the change.
    #[must_use]
    pub fn applied(&self, settings: &Settings) -> Settings {
        Settings {
            create_admin_user: self.create_admin_user,
            shared_idps: self.shared_idps,
            multiple_idps: self.multiple_idps,
            validate_idp: self.validate_idp,
            portal_link_expiration: self.portal_link_expiration,
            default_application_uri: self.default_application_uri.clone(),
            scim_enabled: self.scim_enabled,
            post_broker_flow: self.post_broker_flow.clone().or(settings.post_broker_flow.clone()),
            sync_mode: self.sync_mode.or(settings.sync_mode),
            ..settings.clone()
        }
    }
}

/// As it is sent. Phase Two leaves `defaultApplicationUri` out of its answer,
/// and loses it when the answer is sent back; ours has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the wire's")]
pub struct ConfigJson<'a> {
    create_admin_user_enabled: bool,
    shared_idps_enabled: bool,
    multiple_idps_enabled: bool,
    validate_idp_enabled: bool,
    expiration_in_secs: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_application_uri: Option<&'a str>,
    scim_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_post_broker_flow: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_sync_mode: Option<SyncMode>,
}

impl<'a> From<&'a Settings> for ConfigJson<'a> {
    fn from(settings: &'a Settings) -> Self {
        Self {
            create_admin_user_enabled: settings.create_admin_user,
            shared_idps_enabled: settings.shared_idps,
            multiple_idps_enabled: settings.multiple_idps,
            validate_idp_enabled: settings.validate_idp,
            expiration_in_secs: settings.portal_link_expiration,
            default_application_uri: settings.default_application_uri.as_deref(),
            scim_enabled: settings.scim_enabled,
            default_post_broker_flow: settings.post_broker_flow.as_deref(),
            default_sync_mode: settings.sync_mode,
        }
    }
}
