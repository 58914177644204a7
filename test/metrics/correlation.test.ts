import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withoutKernels } from "../../lib/backend/native-kernels";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { bestMatches, pearson } from "../../lib/metrics/correlation";
import type { Extent, ImageRows } from "../../lib/metrics/image-rows";
import { readSafetensors, toFloat32 } from "../../lib/storage/safetensors";
import { near } from "../near";

const test = suite("correlation");

test.before(async () => {
  await startBackend();
});

function rows(values: Float32Array | Uint8Array, count: number): ImageRows {
  const length = values.length / count;
  return {
    count,
    length,
    copy: (index, target, offset) => {
      target.set(values.subarray(index * length, (index + 1) * length), offset);
    },
  };
}

/** The second route: every pair in double precision, no blocks. */
function everyPair(
  queries: Uint8Array,
  count: number,
  references: Uint8Array,
  of: number,
  extent: Extent,
): number[] {
  const row = (values: Uint8Array, n: number, i: number): Uint8Array =>
    values.subarray((i * values.length) / n, ((i + 1) * values.length) / n);
  return Array.from({ length: count }, (_, i) => {
    const all = Array.from({ length: of }, (_, j) =>
      pearson(row(queries, count, i), row(references, of, j), extent),
    ).filter((r) => !Number.isNaN(r));
    return all.length === 0 ? Number.NaN : Math.max(...all);
  });
}

/** Images of a bright disc of random place and texture on black, 16 x 16. */
function discs(count: number, rng: Rng): Uint8Array {
  const images = new Uint8Array(count * 256);
  for (let n = 0; n < count; n++) {
    const draw = rng.fork(n).stream();
    const [x0, y0, radius] = [draw.uniform(6, 10), draw.uniform(6, 10), draw.uniform(4, 6)];
    for (let i = 0; i < 256; i++)
      if (Math.hypot((i % 16) - x0, Math.floor(i / 16) - y0) < radius)
        images[n * 256 + i] = draw.uniform(60, 250);
  }
  return images;
}

test("is worked by hand for four pixels", () => {
  // a - mean = (-1.5, -0.5, 0.5, 1.5), b - mean = (-1, -2, 2, 1): products 1.5 + 1 + 1 + 1.5 = 5,
  // squares 5 and 10: r = 5 / sqrt(50).
  near([pearson([1, 2, 3, 4], [3, 2, 6, 5])], [5 / Math.sqrt(50)], 1e-12);
  assert.is(pearson([1, 2, 3], [10, 20, 30]), 1);
  assert.is(pearson([1, 2, 3], [3, 2, 1]), -1);
});

test("is NaN where an image is constant, and refuses images of different size", () => {
  assert.ok(Number.isNaN(pearson([7, 7, 7], [1, 2, 3])));
  assert.throws(() => pearson([1, 2], [1, 2, 3]), RangeError);
});

test("leaves out the background of both images, not that of one, within the brain", () => {
  // Pixels 3 and 4 are background in both (below 8); the rest correlates as (10, 20, 0) with (20, 40, 9).
  near([pearson([10, 20, 0, 5, 0], [20, 40, 9, 0, 3], "brain")], [pearson([10, 20, 0], [20, 40, 9])], 1e-12);
  assert.ok(pearson([10, 20, 0, 0, 0, 0], [20, 11, 0, 0, 0, 0]) > 0, "shared black corners correlate");
  assert.is(pearson([10, 20, 0, 0, 0, 0], [20, 11, 0, 0, 0, 0], "brain"), -1);
});

for (const extent of ["image", "brain"] as const)
  test(`by matrix products equals every pair in double precision: ${extent}`, () => {
    const rng = Rng.fromSeed(5);
    const [queries, references] = [discs(40, rng.fork("queries")), discs(70, rng.fork("references"))];
    queries.fill(9, 3 * 256, 4 * 256); // Constant, above background.
    queries.fill(2, 4 * 256, 5 * 256); // Constant, background.
    const found = bestMatches(rows(queries, 40), rows(references, 70), extent);
    const expected = everyPair(queries, 40, references, 70, extent);
    expected.forEach((r, i) => {
      if (Number.isNaN(r))
        assert.ok(Number.isNaN(found.r[i]) && found.index[i] === -1, `query ${i} has no match`);
      else near([found.r[i] ?? 0], [r], 1e-12, `query ${i}`);
    });
    assert.is(found.index[4], -1);
  });

test("finds the same by products of levels and of floats, over blocks, low contrast and an odd size", () => {
  const [length, queryCount, count] = [1023, 37, 5000]; // 5,000 are more than one block, 1,023 no multiple of 32.
  const rng = Rng.fromSeed(21);
  const draws = rng.uniforms(2 ** 18 + 1);
  const values = (n: number, first: number): Float32Array =>
    Float32Array.from({ length: n * length }, (_, i) => {
      const [image, pixel] = [first + Math.floor(i / length), i % length];
      const noise = draws[(image * 7919 + pixel * 3) % draws.length] as number;
      // Contrast and mean differ by image; what is common to all brings the correlations close together.
      return 100 + (image % 7) * 20 + (1 + (image % 50)) * (noise + Math.sin(pixel / 40));
    });
  const [queries, references] = [values(queryCount, 90_000), values(count, 0)];
  queries.fill(3.5, 2 * length, 3 * length); // Constant.
  references.copyWithin(4_500 * length, 0, length); // The same twice, in another block.
  queries.set(references.subarray(0, length), 5 * length);
  const [a, b] = [rows(queries, queryCount), rows(references, count)];
  const [found, byFloats] = [bestMatches(a, b, "image"), withoutKernels(() => bestMatches(a, b, "image"))];
  assert.equal(found.index, byFloats.index);
  assert.equal(Array.from(found.r, String), Array.from(byFloats.r, String)); // NaN as well.
  assert.is(found.index[2], -1);
  assert.is(found.index[5], 0);
});

test("holds the largest products of levels: images of two values, alike and opposite", () => {
  const length = 4096;
  const checks = Uint8Array.from({ length }, (_, i) => 255 * (i % 2));
  const halves = Uint8Array.from({ length }, (_, i) => (i < length / 2 ? 255 : 0));
  const references = new Uint8Array([...checks.map((value) => 255 - value), ...halves, ...checks]);
  const found = bestMatches(rows(new Uint8Array([...checks, ...halves]), 2), rows(references, 3), "image");
  assert.equal(Array.from(found.index), [2, 1]);
  near(found.r, [1, 1], 1e-12);
  const opposite = bestMatches(rows(checks, 1), rows(references.subarray(0, length), 1), "image");
  assert.equal([opposite.index[0], opposite.r[0]], [0, -1]);
});

test("finds a copy among the references, brighter or not, and is then 1", () => {
  const references = discs(30, Rng.fromSeed(8));
  const copy = references.slice(17 * 256, 18 * 256).map((value) => value / 2);
  const found = bestMatches(rows(copy, 1), rows(references, 30), "image");
  assert.is(found.index[0], 17);
  assert.ok((found.r[0] ?? 0) > 0.999);
});

test("skips constant references even where every other correlation is negative", () => {
  const found = bestMatches(
    rows(Uint8Array.of(10, 20, 30, 40), 1),
    rows(Uint8Array.of(9, 9, 9, 9, 40, 30, 20, 10), 2),
    "image",
  );
  assert.equal([found.index[0], found.r[0]], [1, -1]);
});

test("has no match where there is no reference", () => {
  const found = bestMatches(
    rows(Uint8Array.of(1, 2, 3), 1),
    { count: 0, length: 3, copy: () => undefined },
    "image",
  );
  assert.is(found.index[0], -1);
  assert.ok(Number.isNaN(found.r[0]));
});

test("equals NumPy over all pixels and channels", () => {
  const { tensors, metadata } = readSafetensors(
    join(__dirname, "../fixtures/parity/memorization.safetensors"),
  );
  const values = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    assert.ok(tensor);
    return toFloat32(tensor);
  };
  const found = bestMatches(rows(values("synthetic"), 20), rows(values("train"), 50), "image");
  near(found.r, JSON.parse(metadata["maxCorrelation"] ?? "") as number[], 1e-6);
  assert.equal(Array.from(found.index), JSON.parse(metadata["argmax"] ?? ""));
});

test("leaves no tensor behind", () => {
  const before = tf.memory().numTensors;
  for (const extent of ["image", "brain"] as const)
    bestMatches(rows(discs(10, Rng.fromSeed(1)), 10), rows(discs(10, Rng.fromSeed(2)), 10), extent);
  assert.is(tf.memory().numTensors, before);
});

test.run();
