import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadAnatomy } from "../../../lib/data/simulation/anatomy";
import { latticeOver, nodeCount, nodePosition, sampleField } from "../../../lib/data/simulation/lattice";
import { massEffect } from "../../../lib/data/simulation/mass-effect";
import type { Displacement } from "../../../lib/data/simulation/displacement";
import { jacobianDeterminants } from "../../../lib/data/simulation/warp";

const test = suite("massEffect");
const anatomy = loadAnatomy("analytic");
const head = latticeOver([30, 18, -8], [210, 238, 164], 4);
const none = (): Float32Array => new Float32Array(nodeCount(head));
const identity: Displacement = { x: none(), y: none(), z: none() };

/** A ball of tumour of 18 mm in the left hemisphere, beside the lateral ventricle. */
const centre = [162, 122, 84] as const;
const around = latticeOver([102, 62, 24], [222, 182, 144], 2.5);
const ball = Float32Array.from({ length: nodeCount(around) }, (_, i) => {
  const mm = Math.hypot(...nodePosition(around, i).map((at, axis) => at - (centre[axis] ?? 0)));
  return mm < 18 ? 1 : 0;
});
const push = massEffect(head, anatomy, identity, around, ball, 6);
const at = (field: Float32Array, x: number, y: number, z: number): number =>
  sampleField(head, field, x, y, z);

test("tissue on each side comes from nearer to the mass", () => {
  assert.ok(at(push.x, 138, 122, 84) > 1, "medial");
  assert.ok(at(push.y, 162, 95, 84) > 1, "in front");
  assert.ok(at(push.y, 162, 150, 84) < -1, "behind");
});

test("the midline shifts away from the mass, less than the tissue beside it", () => {
  const shift = at(push.x, 119, 122, 75);
  assert.ok(shift > 0.3 && shift < at(push.x, 135, 122, 84), `${shift} mm`);
});

test("the ventricle beside the mass is compressed, more than the one across", () => {
  // Nodes whose tissue came from a lateral ventricle, by side.
  const nodes = (displacement: Displacement, sign: 1 | -1): number => {
    let sum = 0;
    for (let i = 0; i < nodeCount(head); i++) {
      const [x, y, z] = nodePosition(head, i);
      const from = x + (displacement.x[i] as number);
      if (Math.sign(from - 119) !== sign) continue;
      const [dy, dz] = [displacement.y[i] as number, displacement.z[i] as number];
      sum += sampleField(anatomy.coarse, anatomy.ventricles, from, y + dy, z + dz) > 0.25 ? 1 : 0;
    }
    return sum;
  };
  const left = nodes(push, 1) / nodes(identity, 1);
  const right = nodes(push, -1) / nodes(identity, -1);
  assert.ok(left < 0.95 && left < right, `${left}, ${right}`);
});

test("nothing folds and the skull stays where it is", () => {
  assert.ok(jacobianDeterminants(head, push).every((determinant) => determinant > 0.1));
  assert.ok(Math.abs(at(push.x, 119 + 64, 122, 84)) < 1);
});

test("no mass, no displacement", () => {
  const still = massEffect(head, anatomy, identity, around, new Float32Array(ball.length), 6);
  assert.ok(still.x.every((mm) => mm === 0));
});

test.run();
