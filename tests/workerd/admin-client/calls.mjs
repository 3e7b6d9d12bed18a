// The calls that @keycloak/keycloak-admin-client declares, and a recorder of those
// that are made. Both look at the client's requests where they leave it: `fetch`.
import KeycloakAdminClient from "@keycloak/keycloak-admin-client";
import { Agent } from "@keycloak/keycloak-admin-client/lib/resources/agent.js";
import { AsyncLocalStorage } from "node:async_hooks";

const network = globalThis.fetch;
/** The `fetch` of the call that is being made. */
const calling = new AsyncLocalStorage();
globalThis.fetch = (...request) => (calling.getStore() ?? network)(...request);

/** Runs `make`, and keeps what is declared meanwhile: a request's function with its declaration. */
function declarations(make) {
  const declared = new Map();
  const kept = { request: Agent.prototype.request, updateRequest: Agent.prototype.updateRequest };
  for (const [name, original] of Object.entries(kept)) {
    Agent.prototype[name] = function (declaration) {
      const call = original.call(this, declaration);
      declared.set(call, declaration);
      return call;
    };
  }
  const made = make();
  Object.assign(Agent.prototype, kept);
  return { declared, made };
}

/** Where a call goes when each of its parameters is its own name in braces. */
async function operation(call, { urlParamKeys = [] }) {
  const parameters = Object.fromEntries(urlParamKeys.map((key) => [key, `{${key}}`]));
  let asked;
  const answer = async (url, { method }) => {
    asked = `${method} ${decodeURI(new URL(url).pathname)}`;
    return Response.json({}, { headers: { location: "/id" } });
  };
  await calling.run(answer, () => call(parameters));
  return asked;
}

/** Every call that the client declares, `users.findOne`, with the operation it makes. */
export async function offered() {
  const { declared, made } = declarations(() => {
    const client = new KeycloakAdminClient({ baseUrl: "http://nowhere.example", realmName: "{realm}" });
    client.registerTokenProvider({ getAccessToken: async () => "none" });
    return { ...client, "organizations.groups": client.organizations.groups("{orgId}") };
  });
  const all = {};
  for (const [area, resource] of Object.entries(made)) {
    for (const [name, call] of Object.entries(resource ?? {})) {
      if (declared.has(call)) all[`${area}.${name}`] = [await operation(call, declared.get(call))];
    }
  }
  return all;
}

/** Writes down every request of `client` from now on, with the call that it came from. */
export function record(client) {
  const requests = [];
  for (const [area, resource] of Object.entries(client)) watch(requests, area, resource);
  const { groups } = client.organizations;
  client.organizations.groups = (organization) => watch(requests, "organizations.groups", groups(organization));
  return requests;
}

/** Writes the requests of a part of the client into `requests`. */
function watch(requests, area, resource) {
  for (const [name, call] of Object.entries(resource ?? {})) {
    // What makes no request itself is a part of its own.
    if (typeof call !== "function" || name.startsWith("make") || `${area}.${name}` === "organizations.groups") continue;
    const witness = async (url, options) => {
      const answer = await network(url, options);
      const path = decodeURI(new URL(url).pathname);
      requests.push({ call: `${area}.${name}`, method: options.method, path, status: answer.status });
      return answer;
    };
    resource[name] = (...parameters) => calling.run(witness, () => call(...parameters));
  }
  return resource;
}
