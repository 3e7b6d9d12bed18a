//! Domains, and what is known of each.
use crate::kernel::time::Timestamp;
use crate::org::domain::Domain;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};

const FIND: &str = "
    SELECT name, stage, claim_id, failures, problem, asserted FROM domain WHERE name = ?";

const LIST: &str =
    "SELECT name, stage, claim_id, failures, problem, asserted FROM domain ORDER BY name";

const LIST_CLAIMING: &str = "
    SELECT name, stage, claim_id, failures, problem, asserted
      FROM domain
     WHERE stage = 'claiming' AND claimed_at <= ?
     ORDER BY claimed_at LIMIT ?";

const LIST_DUE: &str = "
    SELECT name, stage, claim_id, failures, problem, asserted
      FROM domain
     WHERE check_at <= ?
     ORDER BY check_at LIMIT ?";

const FIND_NEXT_CHECK: &str = "
    SELECT check_at AS at FROM domain WHERE check_at IS NOT NULL ORDER BY check_at LIMIT 1";

const FIND_NEXT_CLAIM: &str = "
    SELECT claimed_at AS at FROM domain WHERE stage = 'claiming' ORDER BY claimed_at LIMIT 1";

const INSERT: &str = "
    INSERT INTO domain (name, stage, failures) VALUES (?, 'named', 0) ON CONFLICT DO NOTHING";

const DELETE: &str = "DELETE FROM domain WHERE name = ?";

const SET_CLAIMING: &str = "
    UPDATE domain SET stage = 'claiming', claim_id = ?, claimed_at = ? WHERE name = ?";

/// One that is verified stays as it is; a claim on its way keeps its id.
const SET_ASSERTED: &str = "
    UPDATE domain
       SET stage = 'claiming', claim_id = coalesce(claim_id, ?), claimed_at = ?, asserted = 1
     WHERE name = ? AND stage <> 'verified'
 RETURNING name";

const SET_VERIFIED: &str = "
    UPDATE domain
       SET stage = 'verified', failures = 0, problem = NULL, checked_at = ?,
           check_at = CASE WHEN asserted THEN NULL ELSE ? END
     WHERE name = ?";

const SET_CARRIED: &str = "
    UPDATE domain SET stage = 'verified', claim_id = ?, check_at = ? WHERE name = ?";

const SET_NAMED: &str = "
    UPDATE domain
       SET stage = 'named', claim_id = NULL, failures = 0, problem = ?, checked_at = ?,
           check_at = NULL, asserted = 0
     WHERE name = ?";

const SET_PROBLEM: &str = "UPDATE domain SET problem = ?, checked_at = ? WHERE name = ?";

const SET_FAILED_CHECK: &str = "
    UPDATE domain
       SET failures = ?, problem = ?, checked_at = ?, check_at = ?
     WHERE name = ?";

pub fn find(sql: &dyn Sql, name: &str) -> Result<Option<Domain>, StoreError> {
    sql.run(Statement::new(FIND).bind(name))?.first().map(domain_from_row).transpose()
}

/// By name. [`crate::org::profile::MAX_DOMAINS`] bounds them.
pub fn list(sql: &dyn Sql) -> Result<Vec<Domain>, StoreError> {
    sql.run(Statement::new(LIST))?.iter().map(domain_from_row).collect()
}

/// Those whose claim was asked for at `until` or before, oldest first.
pub fn list_claiming(
    sql: &dyn Sql,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Domain>, StoreError> {
    let rows = sql.run(Statement::new(LIST_CLAIMING).bind(until).bind(limit))?;
    rows.iter().map(domain_from_row).collect()
}

/// Those that are to be checked `now`, longest due first.
pub fn list_due(sql: &dyn Sql, now: Timestamp, limit: i64) -> Result<Vec<Domain>, StoreError> {
    let rows = sql.run(Statement::new(LIST_DUE).bind(now).bind(limit))?;
    rows.iter().map(domain_from_row).collect()
}

/// When the next verified domain is to be checked.
pub fn find_next_check(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    sql.run(Statement::new(FIND_NEXT_CHECK))?.first().map(|row| row.time("at")).transpose()
}

/// When the oldest claim on its way was asked for.
pub fn find_next_claim(sql: &dyn Sql) -> Result<Option<Timestamp>, StoreError> {
    sql.run(Statement::new(FIND_NEXT_CLAIM))?.first().map(|row| row.time("at")).transpose()
}

/// One that is there stays as it is.
pub fn insert(sql: &dyn Sql, name: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(INSERT).bind(name)).map(|_| ())
}

pub fn delete(sql: &dyn Sql, name: &str) -> Result<(), StoreError> {
    sql.run(Statement::new(DELETE).bind(name)).map(|_| ())
}

pub fn set_claiming(
    sql: &dyn Sql,
    name: &str,
    claim: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_CLAIMING).bind(claim).bind(now).bind(name)).map(|_| ())
}

/// Somebody vouches for it: it is about to be claimed. `false` when there is no need.
pub fn set_asserted(
    sql: &dyn Sql,
    name: &str,
    claim: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(SET_ASSERTED).bind(claim).bind(now).bind(name);
    Ok(!sql.run(statement)?.is_empty())
}

/// It was seen `now`; its next check is at `next`, unless somebody vouches for it.
pub fn set_verified(
    sql: &dyn Sql,
    name: &str,
    now: Timestamp,
    next: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_VERIFIED).bind(now).bind(next).bind(name)).map(|_| ())
}

/// It was verified elsewhere, and is checked here at `next`.
pub fn set_carried(
    sql: &dyn Sql,
    name: &str,
    claim: &str,
    next: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_CARRIED).bind(claim).bind(next).bind(name)).map(|_| ())
}

/// It is not (or no longer) verified.
pub fn set_named(
    sql: &dyn Sql,
    name: &str,
    problem: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_NAMED).bind(problem).bind(now).bind(name)).map(|_| ())
}

/// A check that changes nothing but what is known.
pub fn set_problem(
    sql: &dyn Sql,
    name: &str,
    problem: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_PROBLEM).bind(problem).bind(now).bind(name)).map(|_| ())
}

/// A scheduled check that failed: it stays verified until `next` at least.
pub fn set_failed_check(
    sql: &dyn Sql,
    domain: &Domain,
    now: Timestamp,
    next: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(SET_FAILED_CHECK)
        .bind(domain.failures)
        .bind(domain.problem.as_deref())
        .bind(now)
        .bind(next)
        .bind(domain.name.as_str());
    sql.run(statement).map(|_| ())
}

fn domain_from_row(row: &Row) -> Result<Domain, StoreError> {
    Ok(Domain {
        name: row.text("name")?.to_owned(),
        stage: row.parse("stage")?,
        claim: row.text_or_null("claim_id")?.map(str::to_owned),
        failures: row.int("failures")?,
        problem: row.text_or_null("problem")?.map(str::to_owned),
        asserted: row.truth("asserted")?,
    })
}
