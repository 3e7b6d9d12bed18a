//! The migrations of the two kinds of object, oldest first.
use crate::platform::migrate::Migration;

/// Names a file of `schemas/` and carries its text.
macro_rules! migration {
    ($folder:literal, $name:literal) => {
        Migration {
            name: $name,
            script: include_str!(concat!("../../schemas/", $folder, "/", $name, ".sql")),
        }
    };
}

/// An organization's object.
pub const ORG: &[Migration] = &[
    migration!("org", "0001_organization"),
    migration!("org", "0002_invitation"),
    migration!("org", "0003_scim"),
    migration!("org", "0004_tally"),
    migration!("org", "0005_administration"),
    migration!("org", "0006_invitation_history"),
    migration!("org", "0007_import"),
    migration!("org", "0008_group"),
    migration!("org", "0009_organization"),
    migration!("org", "0010_membership"),
    migration!("org", "0011_role_composite"),
    migration!("org", "0014_scim_group"),
    migration!("org", "0015_scim_search"),
];

/// An account's object.
pub const ACCOUNT: &[Migration] = &[
    migration!("account", "0001_account"),
    migration!("account", "0002_grant"),
    migration!("account", "0003_administration"),
    migration!("account", "0004_active_organization"),
    migration!("account", "0005_session_index"),
    migration!("account", "0006_token"),
    migration!("account", "0007_farewell"),
    migration!("account", "0008_consent"),
    migration!("account", "0009_device"),
];
