import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listSubjects, readSubject, type SubjectVolumes } from "../../lib/data/brats-cohort";
import { preparationSteps } from "../../lib/data/preparation-steps";
import { brightShares, keptPositions, studySlices } from "../../lib/data/study-slices";
import { near } from "../near";
import { writeSubject } from "./brats-folder";
import { temporaryFolder } from "./temporary-folder";

const test = suite("steps of the preparation");

function subject(): SubjectVolumes {
  const folder = temporaryFolder();
  writeSubject(folder, "A");
  const [files] = listSubjects(folder);
  assert.ok(files);
  return readSubject(files);
}

test("lead from the volume to the slice that the study keeps, each within its rounding", () => {
  const volumes = subject();
  const { z, sequences, classes } = preparationSteps(volumes, 64);
  const [raw, scaled, padded, rounded, small] = sequences.flair;
  assert.ok(raw && scaled && padded && rounded && small);
  assert.equal(
    [raw, scaled, padded, rounded, small].map(({ side }) => side),
    [240, 240, 256, 256, 64],
  );
  const stored = studySlices(volumes);
  const place = stored.z.indexOf(z);
  const [row, column] = [120, 130];
  const grey = stored.images[((place * 256 + row + 8) * 256 + column + 8) * 5 + 3] ?? Number.NaN;
  assert.is(raw.values[row * 240 + column], volumes.sequences.flair[((z - 1) * 240 + row) * 240 + column]);
  near([padded.values[(row + 8) * 256 + column + 8] ?? 0], [scaled.values[row * 240 + column] ?? 1], 0);
  near([scaled.values[row * 240 + column] ?? 0], [grey], 0.5);
  assert.is(rounded.values[(row + 8) * 256 + column + 8], grey);
  assert.equal(
    classes.map(({ side, values }) => [side, Math.max(...values)]),
    [
      [240, 3],
      [256, 3],
      [64, 3],
    ],
  );
});

test("keep the slices whose share of bright pixels is above 15 %", () => {
  const volumes = subject();
  const kept = [...brightShares(volumes).entries()].filter(([, share]) => share > 0.15).map(([k]) => k);
  assert.equal(keptPositions(volumes), kept);
  assert.ok(kept.length > 0);
});

test.run();
