import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Lanes } from "../../../lib/study/run/lanes";

const test = suite("Lanes");

/** Pieces of work that end when they are told to. */
class Pieces {
  readonly begun: number[] = [];
  private readonly ends = new Map<number, () => void>();

  work = (piece: number) => (): Promise<number> => {
    this.begun.push(piece);
    return new Promise((resolve) => this.ends.set(piece, () => resolve(piece)));
  };

  async end(piece: number): Promise<void> {
    this.ends.get(piece)?.();
    await new Promise(setImmediate);
  }
}

test("begins as many pieces as there are lanes, the others in order as lanes get free", async () => {
  const [lanes, pieces] = [new Lanes(2), new Pieces()];
  const all = [0, 1, 2, 3].map((piece) => lanes.run(pieces.work(piece)));
  assert.equal(pieces.begun, [0, 1]);
  await pieces.end(1);
  assert.equal(pieces.begun, [0, 1, 2]);
  for (const piece of [0, 2, 3]) await pieces.end(piece);
  assert.equal(await Promise.all(all), [0, 1, 2, 3]);
});

test("a piece that fails leaves its lane to the next", async () => {
  const lanes = new Lanes(1);
  const failed = lanes.run(() => Promise.reject(new Error("no")));
  const next = lanes.run(() => Promise.resolve("done"));
  let message = "";
  await failed.catch((error: unknown) => (message = (error as Error).message));
  assert.is(message, "no");
  assert.is(await next, "done");
});

test("a lane that was used is free again", async () => {
  const lanes = new Lanes(1);
  for (const piece of [1, 2, 3]) assert.is(await lanes.run(() => Promise.resolve(piece)), piece);
});

test.run();
