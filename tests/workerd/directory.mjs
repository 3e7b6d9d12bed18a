// What the Worker keeps on disk, the directory's file and those of objects: what no
// request shows, and times and settings that no request can change.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const DIRECTORY = "v3/d1/miniflare-D1DatabaseObject";
const ORGANIZATIONS = "v3/do/guildhall-OrgObject";

function files(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  return names.map((name) => join(folder, name));
}

function within(file, look) {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    return look(database);
  } finally {
    database.close();
  }
}

/** Runs one statement on the directory in the folder `state`, and gives its rows. */
export function query(state, statement, ...parameters) {
  const [file] = files(join(state, DIRECTORY));
  return within(file, (database) => database.prepare(statement).all(...parameters));
}

/** The organization that an object holds; a blank one has no tables. */
function organizationIn(database) {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE name = 'organization'").all();
  return tables.length ? database.prepare("SELECT id FROM organization").all()[0]?.id : undefined;
}

/** The ids of the organizations that objects hold, whoever may see them. */
export function objects(state) {
  return files(join(state, ORGANIZATIONS)).map((file) => within(file, organizationIn)).filter(Boolean);
}

/**
 * Runs one statement in the object of organization `org`. Only while the Worker is
 * stopped: it keeps its objects to itself.
 */
export function queryObject(state, org, statement, ...parameters) {
  const file = files(join(state, ORGANIZATIONS)).find((file) => within(file, organizationIn) === org);
  assert.ok(file, `an object holds organization ${org}`);
  return within(file, (database) => database.prepare(statement).all(...parameters));
}
