import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { loadAnatomy } from "../../../lib/data/simulation/anatomy";
import {
  latticeOver,
  nodeCount,
  nodePosition,
  RowReader,
  sampleField,
} from "../../../lib/data/simulation/lattice";
import { massEffect } from "../../../lib/data/simulation/mass-effect";
import { smoothNoise } from "../../../lib/data/simulation/smooth-noise";
import { MIDLINE_MM } from "../../../lib/data/simulation/vessel-tree";
import { compose, exponential, headWarp, jacobianDeterminants } from "../../../lib/data/simulation/warp";
import { near } from "../../near";

const test = suite("warp");
const anatomy = loadAnatomy("analytic");
const lattice = latticeOver([30, 18, -8], [210, 238, 164], 4);
const person = { atrophy: 0.6, mirrored: false };

test("no head is folded: the Jacobian of every warp is positive", () => {
  for (const subject of [1, 2, 3]) {
    const smallest = jacobianDeterminants(
      lattice,
      headWarp(Rng.fromSeed(subject), lattice, anatomy, person),
    ).reduce((low, value) => Math.min(low, value), Infinity);
    assert.ok(smallest > 0.05, `subject ${subject}: ${smallest}`);
  }
});

test("two heads differ by millimetres", () => {
  const a = headWarp(Rng.fromSeed(1), lattice, anatomy, person);
  const b = headWarp(Rng.fromSeed(2), lattice, anatomy, person);
  const apart = a.x.reduce((sum, value, i) => sum + Math.abs(value - (b.x[i] ?? 0)), 0) / a.x.length;
  assert.ok(apart > 1.5, `${apart} mm`);
});

test("a mirrored head finds its left where the other finds its right", () => {
  const plain = headWarp(Rng.fromSeed(1), lattice, anatomy, person);
  const mirrored = headWarp(Rng.fromSeed(1), lattice, anatomy, { ...person, mirrored: true });
  for (const node of [0, 12_345, 60_000]) {
    const [x] = nodePosition(lattice, node);
    near([x + (mirrored.x[node] ?? 0)], [2 * MIDLINE_MM - x - (plain.x[node] ?? 0)], 1e-4);
  }
  assert.equal(mirrored.y, plain.y);
});

test("mass effect pushes away from the tumour, keeps the skull and does not fold", () => {
  const still = {
    x: new Float32Array(nodeCount(lattice)),
    y: new Float32Array(nodeCount(lattice)),
    z: new Float32Array(nodeCount(lattice)),
  };
  const box = latticeOver([110, 80, 50], [170, 140, 110], 3);
  const ball = Float32Array.from({ length: nodeCount(box) }, (_, i) => {
    const [x, y, z] = nodePosition(box, i);
    return Math.hypot(x - 145, y - 110, z - 82) < 16 ? 1 : 0;
  });
  const push = massEffect(lattice, anatomy, still, box, ball, 7);
  assert.ok(jacobianDeterminants(lattice, push).every((value) => value > 0));
  const at = (field: Float32Array, x: number): number => sampleField(lattice, field, x, 110, 82);
  // Tissue now at x = 125 came from further left, nearer to the mass at 145; tissue at 165 from further right of it.
  assert.ok(at(push.x, 125) > 1, `${at(push.x, 125)} mm`);
  assert.ok(at(push.x, 165) < -0.5, `${at(push.x, 165)} mm`);
  assert.is(at(push.x, 205), 0);
});

test("the flow of a velocity undoes the flow of its negative", () => {
  const velocity = {
    x: smoothNoise(Rng.fromSeed(4), lattice, 30),
    y: smoothNoise(Rng.fromSeed(5), lattice, 30),
    z: smoothNoise(Rng.fromSeed(6), lattice, 30),
  };
  const negative = {
    x: velocity.x.map((v) => -v),
    y: velocity.y.map((v) => -v),
    z: velocity.z.map((v) => -v),
  };
  const there = exponential(lattice, velocity);
  const round = compose(lattice, there, exponential(lattice, negative));
  let worst = 0;
  for (let i = 0; i < round.x.length; i++) {
    const inner = nodePosition(lattice, i).every(
      (v, k) => v > (lattice.originMm[k] ?? 0) + 12 && v < ([190, 220, 145][k] ?? 0),
    );
    if (inner) worst = Math.max(worst, Math.abs(round.x[i] ?? 9));
  }
  assert.ok(worst < 0.15, `${worst} mm`);
});

test("smooth noise has mean 0 and standard deviation 1", () => {
  const field = smoothNoise(Rng.fromSeed(7), lattice, 9);
  const mean = field.reduce((sum, value) => sum + value, 0) / field.length;
  const variance = field.reduce((sum, value) => sum + (value - mean) ** 2, 0) / field.length;
  near([mean, Math.sqrt(variance)], [0, 1], 0.06);
});

test("rows agree with single points", () => {
  const field = smoothNoise(Rng.fromSeed(8), lattice, 20);
  const row = new Float32Array(230);
  new RowReader(lattice, { startMm: 5.5, stepMm: 1, count: 230 }).read(field, 101.3, 47.9, row);
  near(
    row,
    row.map((_, i) => sampleField(lattice, field, 5.5 + i, 101.3, 47.9)),
    2e-3,
  );
});

test.run();
