// Whether a scenario makes every call of a client that is answered here. A client
// offers calls, each of which makes operations ("GET /admin/realms/{realm}");
// docs/compatibility.md says of each operation whether it is answered; and what a
// scenario did is a list of requests, each with the call that it came from.
import { readFile } from "node:fs/promises";

const DOCUMENT = new URL("../../docs/compatibility.md", import.meta.url);
const ROW = /^\| ([A-Z]+) `(.+)` \| (.+) \|$/;
const YES = "yes";

const segments = (path) => path.split("/").filter((segment) => segment);
const isVariable = (segment) => segment.startsWith("{");

/** Whether `path` is one of those that `template` stands for. A variable is one segment, but for a `{path}` at the end. */
function fits(template, path) {
  const [wanted, given] = [segments(template), segments(path)];
  if (wanted.at(-1) === "{path}") given.splice(wanted.length);
  return wanted.length === given.length && wanted.every((segment, at) => isVariable(segment) || segment === given[at]);
}

const variables = (path) => segments(path).filter(isVariable).length;

/** What the document says of an operation: "yes", why not, or nothing. Of several that fit, the one with the fewest variables. */
function told(rows, operation) {
  const [method, path] = operation.split(" ");
  const fitting = rows.filter((row) => row.method === method && fits(row.path, path));
  return fitting.sort((one, other) => variables(one.path) - variables(other.path))[0]?.told;
}

async function documented() {
  const lines = (await readFile(DOCUMENT, "utf8")).split("\n");
  const rows = lines.map((line) => line.match(ROW)).filter((row) => row);
  return rows.map(([, method, path, told]) => ({ method, path, told }));
}

/**
 * What a scenario left out, as lines to be read.
 *
 * `offered` are the client's calls, with the operations that each makes:
 * `{"users.findOne": ["GET /admin/realms/{realm}/users/{id}"]}`. A call is
 * supported when all of them are answered. `requests` is what the scenario did:
 * `{call, method, path, status}`. A refusal does not count, unless it is all that
 * a call ever gets: `{"users.revokeConsent": 404}`.
 */
export async function leftOut(offered, requests, refused = {}) {
  const rows = await documented();
  const served = requests.filter(({ call, status }) => status < 400 || status === refused[call]);
  const isServed = (call, operation) => {
    const [method, path] = operation.split(" ");
    return served.some((request) => request.call === call && request.method === method && fits(path, request.path));
  };
  return Object.entries(offered).flatMap(([call, operations]) => {
    const answers = operations.map((operation) => told(rows, operation));
    const unknown = operations.filter((_, at) => answers[at] === undefined);
    if (unknown.length) return unknown.map((operation) => `${call}: docs/compatibility.md does not know ${operation}`);
    if (!answers.every((answer) => answer === YES)) return [];
    return operations.filter((operation) => !isServed(call, operation)).map((operation) => `${call} was never served: ${operation}`);
  });
}

/** How many calls of `offered` are supported, to be said. */
export async function supported(offered) {
  const rows = await documented();
  const all = Object.values(offered).filter((operations) => operations.length);
  return all.filter((operations) => operations.every((operation) => told(rows, operation) === YES)).length;
}
