import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { loadAnatomy } from "../../../lib/data/simulation/anatomy";
import { latticeOver, nodePosition } from "../../../lib/data/simulation/lattice";
import { makeTumour, type Tumour } from "../../../lib/data/simulation/tumour";
import { traitsOf } from "../../../lib/data/simulation/simulation-version";
import { planTumour } from "../../../lib/data/simulation/tumour-plan";
import type { Displacement } from "../../../lib/data/simulation/displacement";
import { jacobianDeterminants } from "../../../lib/data/simulation/warp";

const test = suite("makeTumour");
const anatomy = loadAnatomy("analytic");
const head = latticeOver([30, 18, -8], [210, 238, 164], 6);
const count = head.dims[0] * head.dims[1] * head.dims[2];
const none = (): Float32Array => new Float32Array(count);
const identity: Displacement = { x: none(), y: none(), z: none() };
const traits = traitsOf("3");
const tumours = Array.from({ length: 10 }, (_, i) =>
  makeTumour(Rng.fromSeed(3).fork(i), anatomy, head, identity, traits),
);

const ml = ({ lattice }: Tumour, nodes: number): number => (nodes * lattice.spacingMm ** 3) / 1000;
const volume = (tumour: Tumour, inside: (node: number) => boolean): number =>
  ml(
    tumour,
    tumour.coreMm.reduce((sum, _, i) => sum + (inside(i) ? 1 : 0), 0),
  );

test("the same key gives the same tumour", () => {
  const again = makeTumour(Rng.fromSeed(3).fork(0), anatomy, head, identity, traits);
  assert.equal(again.coreMm, tumours[0]?.coreMm);
  assert.equal(again.push, tumours[0]?.push);
});

test("every subject has a core, and sizes differ at least fivefold", () => {
  const cores = tumours.map((tumour) => volume(tumour, (i) => (tumour.coreMm[i] as number) > 0));
  assert.ok(
    cores.every((core) => core > 0.2 && core < 220),
    cores.join(),
  );
  assert.ok(Math.max(...cores) > 5 * Math.min(...cores), cores.join());
});

test("edema goes from next to none to more than the core", () => {
  const share = (tumour: Tumour): number =>
    volume(tumour, (i) => (tumour.coreMm[i] as number) <= 0 && (tumour.fluid[i] as number) > 0.25) /
    volume(tumour, (i) => (tumour.coreMm[i] as number) > 0);
  const shares = tumours.map(share);
  assert.ok(Math.min(...shares) < 0.6 && Math.max(...shares) > 1.5, shares.map((s) => s.toFixed(2)).join());
});

test("cells go on beyond the border and fade", () => {
  for (const { coreMm, density } of tumours) {
    const mean = (low: number, high: number): number => {
      const values = [...density].filter(
        (_, i) => (coreMm[i] as number) >= low && (coreMm[i] as number) < high,
      );
      return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    };
    const steps = [mean(-3, 0), mean(-6, -3), mean(-12, -6)] as const;
    assert.ok(steps[0] > 0.05 && steps[0] >= steps[1] && steps[1] >= steps[2], steps.join());
  }
});

test("necrosis lies inside the enhancing part and that inside the core", () => {
  for (const { coreMm, enhancingMm, necrosisMm } of tumours)
    for (let i = 0; i < coreMm.length; i++) {
      assert.ok((enhancingMm[i] as number) <= (coreMm[i] as number));
      assert.ok((necrosisMm[i] as number) < (enhancingMm[i] as number));
    }
});

test("the mass displaces tissue without folding it, as far as planned and not at the skull", () => {
  for (const { push, plan } of tumours) {
    const longest = push.x.reduce(
      (most, x, i) => Math.max(most, Math.hypot(x, push.y[i] as number, push.z[i] as number)),
      0,
    );
    assert.ok(longest > 0.2 * plan.pushMm && longest < 2.5 * plan.pushMm, `${longest} of ${plan.pushMm} mm`);
    assert.ok(jacobianDeterminants(head, push).every((determinant) => determinant > 0.05));
    for (let i = 0; i < count; i++) {
      const outside = nodePosition(head, i).every((at, axis) => at > ([45, 36, -2][axis] ?? 0));
      if (!outside) assert.ok(Math.abs(push.x[i] as number) < 0.5);
    }
  }
});

test("kinds, patterns and rare findings all occur", () => {
  const many = Array.from({ length: 80 }, (_, i) =>
    planTumour(Rng.fromSeed(8).fork(i), anatomy, head, identity, traits),
  );
  for (const kind of ["ring", "solid", "nonEnhancing"])
    assert.ok(
      many.some((plan) => plan.kind === kind),
      kind,
    );
  assert.ok(many.some((plan) => plan.pattern === "multifocal" && plan.seeds.length > 1));
  assert.ok(many.some((plan) => plan.bleeding > 0) && many.some((plan) => plan.subependymal));
  assert.ok(many.filter((plan) => plan.pattern === "single").length > 50);
});

test.run();
