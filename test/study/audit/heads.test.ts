import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startBackend } from "../../../lib/backend/start";
import { Rng } from "../../../lib/backend/rng";
import { pearson } from "../../../lib/metrics/correlation";
import type { SliceSet } from "../../../lib/data/slice-set";
import { compareHeads, headPairs, headsSchema } from "../../../lib/study/audit/heads";
import { near } from "../../near";

const test = suite("compareHeads");
const SIZE = 8;

test.before(async () => {
  await startBackend();
});

/** Subjects of seven slices each; a slice is its subject's pattern, which drifts a little from slice to slice. */
function heads(subjects: readonly string[], alike: number): SliceSet {
  const slices = subjects.flatMap((subject, s) => Array.from({ length: 7 }, (_, z) => ({ subject, s, z })));
  const images = new Uint8Array(slices.length * SIZE ** 2 * 5);
  const common = Rng.fromSeed(1).normals(SIZE ** 2);
  slices.forEach(({ subject, z }, n) => {
    const own = Rng.fromSeed(2)
      .fork(subject)
      .normals(SIZE ** 2);
    const drift = Rng.fromSeed(3)
      .fork(subject)
      .normals(SIZE ** 2);
    for (let i = 0; i < SIZE ** 2; i++) {
      const value = alike * (common[i] ?? 0) + (1 - alike) * (own[i] ?? 0) + 0.05 * z * (drift[i] ?? 0);
      for (const c of [0, 1, 2, 3]) images[(n * SIZE ** 2 + i) * 5 + c] = Math.max(10, 128 + 25 * value);
    }
  });
  return {
    size: SIZE,
    count: slices.length,
    images,
    subjects,
    subjectOf: Int32Array.from(slices, ({ s }) => s),
    z: Int32Array.from(slices, ({ z }) => 50 + z),
    simulated: true,
    source: "patterns",
  };
}

test("slices of different people resemble each other less than those of one person", () => {
  const steps: number[] = [];
  const result = compareHeads(heads(["a", "b"], 0.1), heads(["c", "d"], 0.1), ["t1w"], (done) =>
    steps.push(done),
  );
  headsSchema.parse(result);
  assert.equal(
    result.map(({ extent }) => extent),
    ["image", "brain"],
  );
  assert.equal(steps, [1, 2]);
  for (const { others, neighbours } of result) {
    assert.equal(
      neighbours.map(({ mm, beaten }) => [mm, beaten]),
      [
        [1, 0],
        [3, 0],
        [5, 0],
      ],
    );
    assert.ok((others[100] ?? 1) < (neighbours[2]?.percentiles[0] ?? 0));
  }
});

test("copies of one head are found out", () => {
  const [image] = compareHeads(heads(["a"], 1), heads(["c"], 1), ["t1w"], () => undefined);
  assert.ok((image?.neighbours[2]?.beaten ?? 0) >= 0.5);
});

test("neighbours are those of the same subject at the distance, the mean of both sides", () => {
  const set = heads(["a"], 0.5);
  const [image] = compareHeads(set, heads(["c"], 0.5), ["t1w"], () => undefined);
  const slice = (n: number): number[] =>
    Array.from({ length: SIZE ** 2 }, (_, i) => set.images[(n * SIZE ** 2 + i) * 5] ?? 0);
  const expected = [0, 1, 2, 3, 4, 5, 6].map((n) => {
    const sides = [n - 5, n + 5].filter((other) => other >= 0 && other < 7);
    return sides.length === 0 ? NaN : pearson(slice(n), slice(sides[0] ?? 0));
  });
  const known = expected.filter((r) => !Number.isNaN(r)).sort((a, b) => a - b);
  const { percentiles } = image?.neighbours[2] ?? { percentiles: [] };
  near([percentiles[0] ?? 0, percentiles[100] ?? 0], [known[0] ?? 0, known.at(-1) ?? 0], 1e-4);
});

test("the best match grows with the number of subjects that it is looked for among", () => {
  const ids = Array.from({ length: 12 }, (_, i) => `s${i}`);
  const [image] = compareHeads(heads(["a", "b"], 0.3), heads(ids, 0.3), ["t1w"], () => undefined);
  const [few, all] = image?.byTrainingSubjects ?? [];
  assert.equal([few?.subjects, all?.subjects], [10, 12]);
  assert.equal(all?.percentiles, image?.others);
  assert.ok(few?.percentiles.every((r, i) => r <= (all?.percentiles[i] ?? 0)));
  const [alone] = compareHeads(
    heads(["a", "b"], 0.3),
    heads(ids.slice(0, 10), 0.3),
    ["t1w"],
    () => undefined,
  );
  assert.equal(few?.percentiles, alone?.others);
});

test("every ordered pair of the first subjects is compared", () => {
  const { pairs, subjects, median } = headPairs(heads(["a", "b", "c"], 0), "flair");
  assert.equal([pairs.length, subjects], [6, 3]);
  assert.ok((median ?? 1) < 0.5);
});

test.run();
