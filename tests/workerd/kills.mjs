// Several changes cut off at once by one power cut: a runtime takes seconds to
// start, so a round arms a point for each saga.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { start } from "./harness.mjs";
import { Api } from "./travel0.mjs";

/** The Worker as the sagas see it, which changes with every start. */
class World {
  /** Starts it on the data of before, or first with the demo's. */
  async start(options = {}) {
    const { state, port } = this.server ?? {};
    this.server = await start({ demo: !state, state, port, ...options });
    this.admin = await Api.admin(this.server.url);
  }

  get url() {
    return this.server.url;
  }

  get state() {
    return this.server.state;
  }

  /** What the clock does every five minutes. */
  async tick() {
    const answer = await this.admin.get("/cdn-cgi/handler/scheduled");
    assert.equal(answer.status, 200, answer.text);
  }

  /** Makes something, and gives its id. */
  async make(path, json) {
    const answer = await this.admin.post(path, json);
    assert.equal(answer.status, 201, answer.text);
    return answer.location?.split("/").at(-1);
  }

  /** What is at `path`, which must be there. */
  async read(path) {
    const answer = await this.admin.get(path);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }
}

/**
 * Makes tests of `sagas`: in round 1 each is killed at its first point, and so on.
 *
 * A saga has a `name`, `points` (null to sit a round out), and functions of the
 * world. `prepare` gets the round's number, and gives what the others get: `change`
 * runs into the point, `whileDead` may look at the data, and `look` sees what became
 * of it, and finishes it.
 */
export function kill(sagas) {
  const world = new World();
  const count = Math.max(...sagas.map((saga) => saga.points.length));
  const rounds = Array.from({ length: count }, (_, round) =>
    sagas.filter((saga) => saga.points[round]).map((saga) => ({ saga, point: saga.points[round], round: round + 1 })),
  );

  before(async () => {
    await world.start();
    for (const one of rounds.flat()) one.kept = await one.saga.prepare(world, one.round);
    await world.server.stop({ keep: true });
  });
  after(() => world.server?.stop());

  rounds.forEach((round, index) => {
    describe(`power cut ${index + 1}:`, { concurrency: true }, () => {
      before(async () => {
        if (index > 0) await world.server.stop({ keep: true });
        await world.start({ fault: round.map((one) => one.point).join(",") });
        for (const { saga, point, kept } of round) {
          // It is never answered.
          saga.change(world, kept).catch(() => {});
          await world.server.logged(`fault reached: ${point}`);
        }
        await world.server.kill();
        for (const { saga, point, kept } of round) saga.whileDead?.(world, kept, point);
        await world.start();
      });
      for (const one of round) {
        test(`${one.saga.name}, cut off at ${one.point}`, () => one.saga.look(world, one.kept, one.point));
      }
    });
  });
}
