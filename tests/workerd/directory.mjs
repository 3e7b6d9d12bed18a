// The directory's file on disk: what no request shows, and settings that no
// request can change yet.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const FOLDER = "v3/d1/miniflare-D1DatabaseObject";

/** Runs one statement on the directory in the folder `state`, and gives its rows. */
export function query(state, statement, ...parameters) {
  const folder = join(state, FOLDER);
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  const database = new DatabaseSync(join(folder, file), { timeout: 5000 });
  try {
    return database.prepare(statement).all(...parameters);
  } finally {
    database.close();
  }
}
