import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import { drawnLabel, trueLabel, type Finding } from "../../../lib/data/simulation/annotation";
import { latticeOver } from "../../../lib/data/simulation/lattice";
import { traitsOf } from "../../../lib/data/simulation/simulation-version";
import { BORDER_ERROR_MM, drawRater, type Rater } from "../../../lib/data/simulation/rater";

const test = suite("annotation");
const lattice = latticeOver([0, 0, 0], [60, 60, 60], 2.5);
const traits = traitsOf("3");
const labelOf = (finding: Finding) => trueLabel(finding, traits.limits);
const raters = Array.from({ length: 40 }, (_, i) => drawRater(Rng.fromSeed(5).fork(i), lattice, traits));

const living: Finding = { coreMm: 6, enhancingMm: 4, necrosisMm: -2, uptake: 0.8, wetness: 0.9, csf: 0 };
const coat: Finding = { ...living, coreMm: 2, enhancingMm: -1 };
const edema: Finding = { ...living, coreMm: -3, enhancingMm: -5, uptake: 0 };

const deviation = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;

test("living tumour that leaks is enhancing, the rest of the core is not", () => {
  assert.is(labelOf(living), 4);
  assert.is(labelOf({ ...living, necrosisMm: 1 }), 1);
  assert.is(labelOf({ ...living, uptake: 0.1 }), 1);
  assert.is(labelOf(coat), 1);
});

test("wet tissue around the core is edema, dry tissue and CSF are nothing", () => {
  assert.is(labelOf(edema), 2);
  assert.is(labelOf({ ...edema, wetness: 0.1 }), 0);
  assert.is(labelOf({ ...living, csf: 0.9 }), 0);
});

test("a rater who does not confuse draws the same labels at true borders", () => {
  const sure: Rater = { ...(raters[0] as Rater), coreAsEdema: Infinity, edemaAsCore: Infinity };
  for (const finding of [living, coat, edema]) assert.is(drawnLabel(finding, sure, 3), labelOf(finding));
});

test("confusion turns tumour that does not enhance into edema, and edema next to the core into core", () => {
  const confused: Rater = { ...(raters[0] as Rater), coreAsEdema: 0.5, edemaAsCore: 0.5 };
  assert.is(drawnLabel(coat, confused, 1), 2);
  assert.is(drawnLabel(coat, confused, 0), 1);
  assert.is(drawnLabel(edema, confused, -1), 1);
  assert.is(drawnLabel({ ...edema, coreMm: -20 }, confused, -1), 2);
  assert.is(drawnLabel(living, confused, 3), 4);
});

test("borders differ in how well they are drawn, as documented", () => {
  const typical = (field: "coreMm" | "enhancingMm" | "necrosisMm"): number =>
    median(raters.map((rater) => deviation(rater[field])));
  const ratio = (value: number, wanted: number): boolean => value > 0.7 * wanted && value < 1.4 * wanted;
  assert.ok(ratio(typical("coreMm"), BORDER_ERROR_MM.core), `${typical("coreMm")} mm`);
  assert.ok(ratio(typical("enhancingMm"), BORDER_ERROR_MM.enhancing), `${typical("enhancingMm")} mm`);
  assert.ok(ratio(typical("necrosisMm"), BORDER_ERROR_MM.necrosis), `${typical("necrosisMm")} mm`);
});

test("some raters are twice as careful as others, and a minority confuses", () => {
  const errors = raters.map((rater) => deviation(rater.coreMm)).sort((a, b) => a - b);
  assert.ok((errors[36] as number) > 2 * (errors[4] as number));
  const confused = raters.filter((rater) => rater.coreAsEdema < 10 || rater.edemaAsCore < 10).length;
  assert.ok(confused > 5 && confused < 32, `${confused} of 40`);
});

test.run();
