import { suite } from "uvu";
import * as assert from "uvu/assert";
import { measureRows } from "../../../lib/study/audit/measure-rows";
import { readPublishedRanges } from "../../../lib/study/audit/published-ranges";
import { near } from "../../near";
import { subjectWith } from "./subjects";

const test = suite("measureRows");
const published = readPublishedRanges();

test("every published range belongs to a measure", () => {
  const rows = measureRows([subjectWith("A", [20, 50, 20])], published);
  for (const measure of published.ranges.keys())
    assert.ok(
      rows.some((row) => row.measure === measure),
      measure,
    );
  assert.is(published.name, "published ranges of three public BraTS cases");
});

test("the median decides on inside and outside, and the share of subjects inside stands beside it", () => {
  const subjects = [10, 20, 60].map((ml, i) => subjectWith(String(i), [ml, 100, 20]));
  const rows = measureRows(subjects, published);
  const [core, edema] = ["volume.necroticCore", "volume.edema"].map((id) =>
    rows.find(({ measure }) => measure === id),
  );
  // Published: core 12 to 58 mL, edema 13 to 86 mL.
  assert.equal([core?.median, core?.verdict, core?.subjects], [20, "inside", 3]);
  near([core?.shareInside ?? 0, core?.p05 ?? 0, core?.p95 ?? 0], [1 / 3, 11, 56], 1e-12);
  assert.equal([edema?.verdict, edema?.shareInside], ["outside", 0]);
});

test("measures that no subject has are left out, others count those that have them", () => {
  const one = subjectWith("A", [1, 1, 1]);
  const without = { ...one, id: "B", contrast: { ...one.contrast, flair: [null, 1, 1] } };
  const rows = measureRows([one, without], published);
  assert.is(rows.find(({ measure }) => measure === "contrast.flair.necroticCore")?.subjects, 1);
  assert.not.ok(rows.some(({ measure }) => measure === "keptSlices"));
  assert.is(rows.find(({ measure }) => measure === "brain")?.verdict, "outside");
});

test.run();
