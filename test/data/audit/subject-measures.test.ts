import { suite } from "uvu";
import * as assert from "uvu/assert";
import { measureSubject, subjectMeasuresSchema } from "../../../lib/data/audit/subject-measures";
import { near } from "../../near";
import { countableVolumes } from "./volumes";

const test = suite("measureSubject");
const measures = measureSubject(countableVolumes());

test("counts volumes, slices and background", () => {
  // 6 x 6 x 4 = 144 voxels of brain among 256.
  near(measures.volumesMl, [0.001, 0.002, 0.003], 1e-12);
  assert.is(measures.tumourSlices, 1);
  near([measures.brainMl, measures.zeroShare], [0.144, 112 / 256], 1e-12);
  assert.is(measures.keptSlices, null);
});

test("divides the median of each label by that of the brain without tumour", () => {
  assert.equal(measures.contrast.flair, [0.5, 1.5, 2]);
  assert.equal(measures.largest, { t1w: 200, t1wGd: 200, t2w: 200, flair: 200 });
});

test("gives each class a histogram of its own share, and none to a class that is not there", () => {
  for (const bins of measures.histograms.t2w ?? [])
    near([bins?.reduce((sum, share) => sum + share, 0) ?? 0], [1], 1e-5);
  const volumes = countableVolumes();
  const bare = measureSubject({ ...volumes, classes: new Uint8Array(volumes.classes.length) });
  assert.equal(bare.histograms.t1w?.slice(1), [null, null, null]);
  assert.equal(bare.contrast.t1w, [null, null, null]);
  assert.is(bare.location.centreMm, null);
});

test("leaves out sequences that are missing, and the largest value where intensities were shifted", () => {
  const { sequences, ...rest } = countableVolumes();
  const flair = sequences.flair ?? new Float32Array(0);
  const partial = measureSubject({ ...rest, raw: false, sequences: { flair } });
  assert.equal(Object.keys(partial.contrast), ["flair"]);
  assert.equal(partial.largest, {});
});

test("is written and read without loss", () => {
  assert.equal(subjectMeasuresSchema.parse(JSON.parse(JSON.stringify(measures))), measures);
});

test.run();
