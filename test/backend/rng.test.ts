import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";

const test = suite("Rng");

const rng = Rng.fromSeed(2024);
const COUNT = 40_000;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** Mean of f over values. */
function mean(values: ArrayLike<number>, f: (value: number, i: number) => number = (value) => value): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += f(values[i] ?? Number.NaN, i);
  return sum / values.length;
}

/** Asserts that a mean of COUNT draws lies within five standard errors of what it should be. */
function expectMean(found: number, expected: number, deviation: number, what: string): void {
  const allowed = (5 * deviation) / Math.sqrt(COUNT);
  assert.ok(Math.abs(found - expected) < allowed, `${what}: ${found}, expected ${expected} +- ${allowed}`);
}

/** Moments of N(0, 1): E x^2 = 1, E x^4 = 3, with variances 1, 2 and 96 of x, x^2 and x^4. */
function expectNormal(values: ArrayLike<number>): void {
  expectMean(mean(values), 0, 1, "mean");
  expectMean(
    mean(values, (x) => x ** 2),
    1,
    Math.sqrt(2),
    "variance",
  );
  expectMean(
    mean(values, (x) => x ** 3),
    0,
    Math.sqrt(15),
    "third moment",
  );
  expectMean(
    mean(values, (x) => x ** 4),
    3,
    Math.sqrt(96),
    "fourth moment",
  );
  expectMean(
    mean(values, (x) => (Math.abs(x) < 1 ? 1 : 0)),
    0.682689,
    0.4654,
    "share within 1",
  );
  expectMean(
    mean(values, (x, i) => x * (values[(i + 1) % values.length] ?? 0)),
    0,
    1,
    "neighbours",
  );
}

/** Moments of U[0, 1): mean 1/2, variance 1/12, variance of (x - 1/2)^2 1/180. */
function expectUniform(values: ArrayLike<number>): void {
  assert.ok(Array.from(values).every((x) => x >= 0 && x < 1));
  expectMean(mean(values), 0.5, Math.sqrt(1 / 12), "mean");
  expectMean(
    mean(values, (x) => (x - 0.5) ** 2),
    1 / 12,
    Math.sqrt(1 / 180),
    "variance",
  );
  const next = (i: number) => (values[(i + 1) % values.length] ?? 0) - 0.5;
  expectMean(
    mean(values, (x, i) => (x - 0.5) * next(i)),
    0,
    1 / 12,
    "neighbours",
  );
}

test("draws normal numbers, alone and as tensors", () => {
  expectNormal(rng.fork("a").normals(COUNT));
  expectNormal(rng.fork("b").normal([200, 200]).dataSync());
  const stream = rng.fork("c").stream();
  const scaled = Float64Array.from({ length: COUNT }, () => stream.normal(10, 2));
  expectNormal(scaled.map((x) => (x - 10) / 2));
});

test("draws uniform numbers, alone and as tensors", () => {
  expectUniform(rng.fork("a").uniforms(COUNT));
  expectUniform(rng.fork("b").uniform([COUNT]).dataSync());
  const stream = rng.fork("c").stream();
  const wide = Float64Array.from({ length: COUNT }, () => stream.uniform(-3, 5));
  expectUniform(wide.map((x) => (x + 3) / 8));
});

test("gives the same numbers for the same draw, and others for another seed or path", () => {
  const draws = (source: Rng) => [
    ...source.normal([4]).dataSync(),
    ...source.uniforms(2),
    ...source.permutation(9),
  ];
  assert.equal(draws(rng.fork("x", 3)), draws(Rng.fromSeed(2024).fork("x", 3)));
  const others = [
    rng,
    Rng.fromSeed(2025).fork("x", 3),
    Rng.fromSeed(2024 + 2 ** 32).fork("x", 3),
    Rng.fromSeed(-2024).fork("x", 3),
    rng.fork("x", 4),
    rng.fork("x", -3),
    rng.fork("x", 3 + 2 ** 32),
    rng.fork("x", "3"),
    rng.fork(3, "x"),
    rng.fork("X", 3),
    rng.fork("x"),
    rng.fork("x", 3, 0),
  ].map(draws);
  const all = new Set([draws(rng.fork("x", 3)), ...others].map((numbers) => numbers[0]));
  assert.is(all.size, others.length + 1);
});

test("takes a path in one fork or in several", () => {
  assert.equal(rng.fork("a", 1, "b").uniforms(3), rng.fork("a").fork(1, "b").uniforms(3));
});

test("has no state: draws do not change what is drawn next", () => {
  const source = rng.fork("still");
  const first = source.uniforms(5);
  source.normals(100);
  source.fork("child").uniforms(7);
  assert.equal(source.uniforms(5), first);
});

test("draws forks that have nothing to do with one another", () => {
  const [a, b] = [rng.fork("step", 0).normals(COUNT), rng.fork("step", 1).normals(COUNT)];
  expectMean(
    mean(a, (x, i) => x * (b[i] ?? 0)),
    0,
    1,
    "correlation of neighbours in a path",
  );
  const [c, d] = [rng.fork(0).normal([COUNT]).dataSync(), rng.fork(1).normal([COUNT]).dataSync()];
  expectMean(
    mean(c, (x, i) => x * (d[i] ?? 0)),
    0,
    1,
    "correlation of tensors",
  );
  const firsts = Float64Array.from({ length: COUNT }, (_, i) => rng.fork("image", i).stream().uniform());
  expectUniform(firsts);
  assert.ok(new Set(firsts).size > COUNT - 5); // 40000 of 2^32: 0.2 pairs expected
});

test("puts each number at each place of a permutation equally often", () => {
  // 24000 permutations of 4: each of 24 orders 1000 times, chi-squared of 23 degrees below 58 (p = 1e-4).
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = rng.fork("permutation", i).permutation(4).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.is(counts.size, 24);
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(chiSquared < 58, `chi-squared ${chiSquared}`);
});

test("permutes every number once", () => {
  assert.equal(
    [...rng.permutation(1000)].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.equal([...rng.permutation(1)], [0]);
  assert.equal([...rng.permutation(0)], []);
});

test("draws integers below their bound, each equally often", () => {
  const stream = rng.fork("dice").stream();
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < COUNT; i++) {
    const face = stream.integer(6);
    counts[face] = (counts[face] ?? Number.NaN) + 1;
  }
  for (const count of counts) expectMean(count / COUNT, 1 / 6, Math.sqrt(5) / 6, "share of a face");
});

test("draws tensors without native operations, never 1 where the interval is half open", async () => {
  await import("@tensorflow/tfjs-backend-cpu");
  assert.ok(tf.setBackend("cpu"));
  assert.equal([...rng.normal([2, 3]).dataSync()], [...rng.normals(6)]);
  expectUniform(rng.fork("b").uniform([COUNT]).dataSync());
  // A seed whose fourth draw is above 1 - 2^-25, of which the nearest float32 is 1.
  const rare = Rng.fromSeed(2092350);
  const index = 3;
  assert.ok((rare.uniforms(index + 1)[index] ?? 0) > 1 - 2 ** -25);
  assert.ok((rare.uniform([index + 1]).dataSync()[index] ?? 1) < 1);
  await tf.setBackend("tensorflow");
});

test("leaves nothing behind but the tensor drawn", () => {
  const before = tf.memory().numTensors;
  tf.dispose([rng.normal([3]), rng.uniform([2, 2])]);
  assert.is(tf.memory().numTensors, before);
});

test.run();
