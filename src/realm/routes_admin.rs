//! Every path of `/admin/realms` that this folder answers.
use super::routes::Table;
use super::{
    routes_admin_caches, routes_admin_client_scopes, routes_admin_clients, routes_admin_components,
    routes_admin_flows, routes_admin_groups, routes_admin_protocol_mappers, routes_admin_realms,
    routes_admin_registration, routes_admin_required_actions, routes_admin_role_mappings,
    routes_admin_roles, routes_admin_scope_mappings,
};

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    let parts = [
        routes_admin_realms::table(),
        routes_admin_caches::table(),
        routes_admin_clients::table(),
        routes_admin_registration::table(),
        routes_admin_components::table(),
        routes_admin_client_scopes::table(),
        routes_admin_flows::table(),
        routes_admin_required_actions::table(),
        routes_admin_protocol_mappers::table(),
        routes_admin_roles::table(),
        routes_admin_groups::table(),
        routes_admin_role_mappings::table(),
        routes_admin_scope_mappings::table(),
    ];
    parts.into_iter().flatten().collect()
}
