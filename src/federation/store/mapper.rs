//! Mappers of identity providers.
use super::to_json;
use crate::federation::mapper::Mapper;
use crate::federation::provider::Provider;
use crate::kernel::id::{MapperId, ProviderUuid};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

const LIST: &str = "
    SELECT id, name, mapper, config
      FROM identity_provider_mapper
     WHERE identity_provider_id = ?
     ORDER BY name";

const LIST_OF_MANY: &str = "
    SELECT identity_provider_mapper.identity_provider_id, identity_provider_mapper.id,
           identity_provider_mapper.name, identity_provider_mapper.mapper,
           identity_provider_mapper.config
      FROM json_each(?) AS provider
      JOIN identity_provider_mapper
           ON identity_provider_mapper.identity_provider_id = provider.value
     ORDER BY identity_provider_mapper.name";

const FIND: &str = "
    SELECT id, name, mapper, config
      FROM identity_provider_mapper
     WHERE id = ? AND identity_provider_id = ?";

const INSERT: &str = "
    INSERT INTO identity_provider_mapper (id, identity_provider_id, name, mapper, config)
    VALUES (?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE identity_provider_mapper SET name = ?, mapper = ?, config = ?
     WHERE id = ? AND identity_provider_id = ?";

const DELETE: &str =
    "DELETE FROM identity_provider_mapper WHERE id = ? AND identity_provider_id = ?";

/// The mappers of `provider`, by name.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    provider: &Provider,
) -> Result<Vec<Mapper>, StoreError> {
    let statement = Statement::new(LIST).bind(provider.id.as_str());
    directory.run(statement).await?.iter().map(mapper_from_row).collect()
}

/// The mappers of all of `providers`, by name, each with its provider.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_of(
    directory: &dyn Directory,
    providers: &[&ProviderUuid],
) -> Result<Vec<(ProviderUuid, Mapper)>, StoreError> {
    let rows = directory.run(Statement::new(LIST_OF_MANY).bind(to_json(&providers)?)).await?;
    let with_provider = |row: &Row| Ok((row.parse("identity_provider_id")?, mapper_from_row(row)?));
    rows.iter().map(with_provider).collect()
}

/// The mapper of `provider` whose id is `id`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    provider: &Provider,
    id: &MapperId,
) -> Result<Option<Mapper>, StoreError> {
    let statement = Statement::new(FIND).bind(id.as_str()).bind(provider.id.as_str());
    directory.run(statement).await?.first().map(mapper_from_row).transpose()
}

/// The statement that adds a mapper. `Conflict` on
/// `identity_provider_mapper.name`.
///
/// # Errors
/// `Refused` when the configuration cannot be written as JSON.
pub fn insertion(provider: &Provider, mapper: &Mapper) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(mapper.id.as_str())
        .bind(provider.id.as_str())
        .bind(mapper.name.as_str())
        .bind(mapper.kind.as_str())
        .bind(to_json(&mapper.config)?))
}

/// The statement that writes a mapper. `Conflict` as [`insertion`].
///
/// # Errors
/// As [`insertion`].
pub fn update(provider: &Provider, mapper: &Mapper) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(mapper.name.as_str())
        .bind(mapper.kind.as_str())
        .bind(to_json(&mapper.config)?)
        .bind(mapper.id.as_str())
        .bind(provider.id.as_str()))
}

/// The statement that forgets a mapper.
#[must_use]
pub fn deletion(provider: &Provider, id: &MapperId) -> Statement {
    Statement::new(DELETE).bind(id.as_str()).bind(provider.id.as_str())
}

fn mapper_from_row(row: &Row) -> Result<Mapper, StoreError> {
    Ok(Mapper {
        id: row.parse("id")?,
        name: row.text("name")?.to_owned(),
        kind: row.text("mapper")?.to_owned(),
        config: row.json("config")?,
    })
}
