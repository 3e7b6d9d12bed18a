//! What the tokens of a client are made with.
use super::client_scope::scope_from_row;
use super::protocol_mapper::mapper_from_row;
use crate::kernel::id::{ClientUuid, RoleId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::built_in_scope::OPENID_CONNECT;
use crate::realm::protocol_mapper::ProtocolMapper;
use crate::realm::recipe::{HeldScope, Recipe, ScopeContent};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// In the order in which they were made: tokens name the built-in ones first.
const LIST_SCOPES: &str = "
    SELECT client_scope.id, client_scope.name, client_scope.description, client_scope.protocol,
           client_scope.attributes, scope_of_client.place
      FROM scope_of_client
      JOIN client_scope ON client_scope.id = scope_of_client.scope_id
     WHERE scope_of_client.client_uuid = ? AND client_scope.protocol = ?
     ORDER BY client_scope.rowid";

const LIST_MAPPERS: &str = "
    SELECT parent_id, id, name, protocol, mapper, config
      FROM protocol_mapper
     WHERE parent_id IN (SELECT ?
                          UNION ALL
                         SELECT scope_id FROM scope_of_client WHERE client_uuid = ?)
       AND protocol = ?
     ORDER BY name";

/// From what is mapped, and the client's own roles, down through the composites.
const LIST_ROLES: &str = "
    WITH RECURSIVE held (holder_id, role_id) AS (
        SELECT holder_id, role_id
          FROM scope_mapping
         WHERE holder_id IN (SELECT ?
                              UNION ALL
                             SELECT scope_id FROM scope_of_client WHERE client_uuid = ?)
         UNION
        SELECT client_uuid, id FROM role WHERE client_uuid = ?
         UNION
        SELECT held.holder_id, role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )
    SELECT holder_id, role_id FROM held";

/// What the tokens of `client` are made with. One round trip.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(directory: &dyn Directory, client: &ClientUuid) -> Result<Recipe, StoreError> {
    let key = client.as_str();
    let statements = vec![
        Statement::new(LIST_SCOPES).bind(key).bind(OPENID_CONNECT),
        Statement::new(LIST_MAPPERS).bind(key).bind(key).bind(OPENID_CONNECT),
        Statement::new(LIST_ROLES).bind(key).bind(key).bind(key),
    ];
    let mut answers = directory.batch(statements).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let scopes = next();
    let mut mappers = mappers_by_parent(&next())?;
    let mut roles = roles_by_holder(&next())?;
    let held = |row: &Row| {
        let scope = scope_from_row(row)?;
        let content = ScopeContent {
            mappers: mappers.remove(scope.id.as_str()).unwrap_or_default(),
            roles: roles.remove(scope.id.as_str()).unwrap_or_default(),
            scope,
        };
        Ok(HeldScope { place: row.parse("place")?, content: Rc::new(content) })
    };
    let scopes = scopes.iter().map(held).collect::<Result<_, StoreError>>()?;
    Ok(Recipe {
        is_silent: false,
        scopes,
        mappers: mappers.remove(key).unwrap_or_default(),
        roles: roles.remove(key).unwrap_or_default(),
    })
}

fn mappers_by_parent(rows: &[Row]) -> Result<HashMap<String, Vec<ProtocolMapper>>, StoreError> {
    let mut mappers: HashMap<String, Vec<ProtocolMapper>> = HashMap::new();
    for row in rows {
        let of_parent = mappers.entry(row.text("parent_id")?.to_owned()).or_default();
        of_parent.push(mapper_from_row(row)?);
    }
    Ok(mappers)
}

fn roles_by_holder(rows: &[Row]) -> Result<HashMap<String, HashSet<RoleId>>, StoreError> {
    let mut roles: HashMap<String, HashSet<RoleId>> = HashMap::new();
    for row in rows {
        roles.entry(row.text("holder_id")?.to_owned()).or_default().insert(row.parse("role_id")?);
    }
    Ok(roles)
}
