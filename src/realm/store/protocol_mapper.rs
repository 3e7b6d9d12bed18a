//! Protocol mappers of clients and client scopes.
use super::to_json;
use crate::kernel::id::{ProtocolMapperId, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::protocol_mapper::ProtocolMapper;

const FIND: &str = "
    SELECT id, name, protocol, mapper, config
      FROM protocol_mapper
     WHERE id = ? AND parent_id = ?";

const LIST: &str = "
    SELECT id, name, protocol, mapper, config
      FROM protocol_mapper
     WHERE parent_id = ?
     ORDER BY name";

const LIST_OF_MANY: &str = "
    SELECT protocol_mapper.parent_id, protocol_mapper.id, protocol_mapper.name,
           protocol_mapper.protocol, protocol_mapper.mapper, protocol_mapper.config
      FROM json_each(?) AS parent
      JOIN protocol_mapper ON protocol_mapper.parent_id = parent.value
     ORDER BY protocol_mapper.name";

const INSERT: &str = "
    INSERT INTO protocol_mapper (id, realm_id, parent_id, name, protocol, mapper, config)
    VALUES (?, ?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE protocol_mapper SET name = ?, protocol = ?, mapper = ?, config = ?
     WHERE id = ? AND parent_id = ?";

const DELETE: &str = "DELETE FROM protocol_mapper WHERE id = ? AND parent_id = ?";

const DELETE_ALL: &str = "DELETE FROM protocol_mapper WHERE parent_id = ?";

/// The mapper of `parent` whose key is `mapper`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    parent: &str,
    mapper: &ProtocolMapperId,
) -> Result<Option<ProtocolMapper>, StoreError> {
    let statement = Statement::new(FIND).bind(mapper.as_str()).bind(parent);
    directory.run(statement).await?.first().map(mapper_from_row).transpose()
}

/// The mappers of `parent`, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    parent: &str,
) -> Result<Vec<ProtocolMapper>, StoreError> {
    let statement = Statement::new(LIST).bind(parent);
    directory.run(statement).await?.iter().map(mapper_from_row).collect()
}

/// The mappers of all of `parents`, by name, each with its parent.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_of(
    directory: &dyn Directory,
    parents: &[&str],
) -> Result<Vec<(String, ProtocolMapper)>, StoreError> {
    let statement = Statement::new(LIST_OF_MANY).bind(to_json(&parents)?);
    let rows = directory.run(statement).await?;
    rows.iter().map(|row| Ok((row.text("parent_id")?.to_owned(), mapper_from_row(row)?))).collect()
}

/// The statement that adds a mapper; `Conflict` when its key or name is taken.
///
/// # Errors
/// `Refused` when the configuration cannot be written.
pub fn insertion(
    realm: &RealmId,
    parent: &str,
    mapper: &ProtocolMapper,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(mapper.id.as_str())
        .bind(realm.as_str())
        .bind(parent)
        .bind(mapper.name.as_str())
        .bind(mapper.protocol.as_str())
        .bind(mapper.mapper.as_str())
        .bind(to_json(&mapper.config)?))
}

/// The statement that changes a mapper; `Conflict` when its name is taken.
///
/// # Errors
/// `Refused` when the configuration cannot be written.
pub fn update(parent: &str, mapper: &ProtocolMapper) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(mapper.name.as_str())
        .bind(mapper.protocol.as_str())
        .bind(mapper.mapper.as_str())
        .bind(to_json(&mapper.config)?)
        .bind(mapper.id.as_str())
        .bind(parent))
}

/// The statement that deletes a mapper.
#[must_use]
pub fn deletion(parent: &str, mapper: &ProtocolMapperId) -> Statement {
    Statement::new(DELETE).bind(mapper.as_str()).bind(parent)
}

/// The statement that deletes every mapper of `parent`.
#[must_use]
pub fn clearing(parent: &str) -> Statement {
    Statement::new(DELETE_ALL).bind(parent)
}

/// A mapper, from a row with all columns.
pub(super) fn mapper_from_row(row: &Row) -> Result<ProtocolMapper, StoreError> {
    Ok(ProtocolMapper {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        protocol: row.text("protocol")?.to_owned(),
        mapper: row.text("mapper")?.to_owned(),
        config: row.json("config")?,
    })
}
