import { suite } from "uvu";
import * as assert from "uvu/assert";
import { latticeOver, nodeCount, nodePosition } from "../../../lib/data/simulation/lattice";
import type { GrowthTissue } from "../../../lib/data/simulation/tumour-conductance";
import { spreadFluid } from "../../../lib/data/simulation/tumour-edema";
import { growTumour } from "../../../lib/data/simulation/tumour-growth";
import { near } from "../../near";

const test = suite("tumour growth");
const lattice = latticeOver([0, 0, 0], [48, 48, 48], 2);
const seed = { at: [24, 24, 24], density: 1 } as const;
const rates = { diffusion: 0.2, whiteOverGrey: 10, proliferation: 0.03 };

/** White matter, or what the second function says of a point. */
function tissue(grey: (x: number) => number, white: (x: number) => number): GrowthTissue {
  const fill = (share: (x: number) => number): Float32Array =>
    Float32Array.from({ length: nodeCount(lattice) }, (_, i) => share(nodePosition(lattice, i)[0]));
  return { lattice, gm: fill(grey), wm: fill(white) };
}

const allWhite = tissue(
  () => 0,
  () => 1,
);

test("without proliferation no cell is lost or made", () => {
  const density = growTumour(allWhite, [seed], { ...rates, proliferation: 0 }, 1000, 8);
  near([density.reduce((sum, value) => sum + value, 0)], [1], 1e-5);
});

test("density stays between nothing and the carrying capacity", () => {
  const density = growTumour(allWhite, [seed], rates, 20);
  assert.ok(density.every((value) => value >= 0 && value <= 1));
});

test("growth ends at the volume asked for", () => {
  const density = growTumour(allWhite, [seed], rates, 10);
  const ml = (density.filter((value) => value > 0.5).length * 8) / 1000;
  assert.ok(ml >= 10 && ml < 13, `${ml} mL`);
});

test("the front in a plain tissue moves at about 2 sqrt(D rho)", () => {
  // 2 sqrt(0.2 * 0.03) = 0.155 mm a day; a step is 0.14 * 4 / 0.2 = 2.8 days.
  const radius = (steps: number): number => {
    const density = growTumour(allWhite, [seed], rates, 1000, steps);
    return Math.cbrt((3 * 8 * density.filter((value) => value > 0.5).length) / (4 * Math.PI));
  };
  const speed = (radius(110) - radius(80)) / (30 * 2.8);
  // Curvature slows a sphere of some 15 mm by about 2 D / r.
  assert.ok(speed > 0.1 && speed < 0.165, `${speed} mm a day`);
});

test("a focus that starts with fewer cells stays smaller", () => {
  const weaker = { at: [38, 24, 24], density: 0.05 } as const;
  const density = growTumour(allWhite, [{ at: [10, 24, 24], density: 1 }, weaker], rates, 6);
  const core = (near: (x: number) => boolean): number =>
    density.filter((value, i) => value > 0.5 && near(nodePosition(lattice, i)[0])).length;
  assert.ok(core((x) => x < 24) > 1.2 * core((x) => x > 24));
});

test("fluid goes further where tracts are more permeable", () => {
  const source = (i: number): boolean => Math.hypot(...nodePosition(lattice, i).map((v) => v - 24)) < 6;
  const permeability = Float32Array.from({ length: nodeCount(lattice) }, (_, i) =>
    nodePosition(lattice, i)[0] > 24 ? 3 : 0.3,
  );
  const fluid = spreadFluid(allWhite, source, 10, 20, permeability);
  const at = (x: number): number => fluid[x / 2 + 25 * (12 + 25 * 12)] ?? 0;
  assert.ok(at(36) > 1.5 * at(12), `${at(36)}, ${at(12)}`);
});

test("nothing grows or flows into CSF", () => {
  const half = tissue(
    () => 0,
    (x) => (x < 30 ? 1 : 0),
  );
  const density = growTumour(half, [seed], rates, 1000, 80);
  const fluid = spreadFluid(half, (i) => (density[i] ?? 0) > 0.5, 15, 20);
  for (let i = 0; i < density.length; i++)
    if (nodePosition(lattice, i)[0] >= 30) assert.is((density[i] ?? 1) + (fluid[i] ?? 1), 0);
});

test("cells and fluid go further in white than in grey matter", () => {
  const halves = tissue(
    (x) => (x < 24 ? 1 : 0),
    (x) => (x < 24 ? 0 : 1),
  );
  const density = growTumour(halves, [seed], rates, 1000, 60);
  const fluid = spreadFluid(
    halves,
    (i) => Math.hypot(...nodePosition(lattice, i).map((v) => v - 24)) < 6,
    15,
    20,
  );
  const at = (field: Float32Array, x: number): number => field[x / 2 + 25 * (12 + 25 * 12)] ?? 0;
  assert.ok(at(density, 36) > 2 * at(density, 12));
  assert.ok(at(fluid, 38) > 2 * at(fluid, 10));
});

test("fluid fades with the distance from its source", () => {
  const fluid = spreadFluid(
    allWhite,
    (i) => Math.hypot(...nodePosition(lattice, i).map((v) => v - 24)) < 6,
    10,
    20,
  );
  const row = [30, 34, 38, 42].map((x) => fluid[x / 2 + 25 * (12 + 25 * 12)] ?? 0);
  for (let i = 1; i < row.length; i++) assert.ok((row[i] ?? 1) < (row[i - 1] ?? 0));
});

test.run();
