//! `/realms/{realm}/scim/v2/organizations/{org}/...`, inside the organization's
//! object.
use super::{
    routes_config, routes_discovery, routes_groups, routes_schemas, routes_search, routes_users,
};
use crate::org::visit::Handler;
use crate::web::router::Route;

/// Who answers what, the configuration's routes included.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    [
        routes_config::table(),
        routes_schemas::table(),
        routes_discovery::table(),
        routes_users::table(),
        routes_groups::table(),
        routes_search::table(),
    ]
    .concat()
}
