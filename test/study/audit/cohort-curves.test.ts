import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cohortCurves, compareCurves, curvesSchema } from "../../../lib/study/audit/cohort-curves";
import { near } from "../../near";
import { subjectWith } from "./subjects";

const test = suite("cohortCurves");
const subjects = [subjectWith("A", [1, 1, 1]), subjectWith("B", [1, 1, 1])];
const curves = cohortCurves(subjects);

test("averages equal subjects to themselves", () => {
  curvesSchema.parse(curves);
  const [first] = curves.histograms;
  assert.equal(first?.share, subjects[0]?.histograms.t1w?.[0]);
  near(curves.spectra[0]?.power ?? [], subjects[0]?.spectra.t1w ?? [], 1e-4);
  assert.equal(curves.centresMm, [
    [4, 3, 2],
    [4, 3, 2],
  ]);
});

test("maps hold the share of subjects in each cell", () => {
  const elsewhere = {
    ...subjects[1],
    location: { ...subjects[1]?.location, cells: { axial: [3], coronal: [], sagittal: [] } },
  };
  const maps = cohortCurves([subjects[0], elsewhere] as typeof subjects).location;
  assert.equal(maps.find(({ view }) => view === "axial")?.share, [0.5, 0.5, 0, 0.5]);
  assert.equal(maps.find(({ view }) => view === "axial")?.brain, [1, 1, 1, 1]);
});

test("a cohort agrees with itself wholly, and with a smoother one not in the fine band", () => {
  for (const { overlap, powerRatio } of compareCurves(curves, curves)) {
    near(
      overlap.map((value) => value ?? 0),
      [1, 1, 1, 1],
      1e-3,
    );
    assert.ok(powerRatio.every((ratio) => ratio === null || Number.isNaN(ratio) || ratio === 1));
  }
  const halved = {
    ...curves,
    spectra: curves.spectra.map((s) => ({
      ...s,
      power: s.power.map((p, i) => ((s.cyclesPerMm[i] ?? 0) >= 0.25 ? p / 2 : p)),
    })),
  };
  assert.is(compareCurves(curves, halved)[0]?.powerRatio[2], 2);
});

test("spectra of other grids are not compared", () => {
  const other = {
    ...curves,
    spectra: curves.spectra.map((s) => ({ ...s, cyclesPerMm: s.cyclesPerMm.map((f) => 2 * f) })),
  };
  assert.equal(compareCurves(curves, other)[0]?.powerRatio, [null, null, null]);
});

test.run();
