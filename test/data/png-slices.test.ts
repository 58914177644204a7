import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { readPngSlices, studyId, writePngSlices } from "../../lib/data/png-slices";
import { failsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";
import type { SliceSet } from "../../lib/data/slice-set";

const test = suite("PNG slices");
const stream = Rng.fromSeed(4).stream();
const SET: SliceSet = {
  size: 6,
  count: 3,
  images: Uint8Array.from({ length: 3 * 36 * 5 }, () => stream.integer(256)),
  subjects: ["BraTS20_Training_007", "BraTS20_Training_012"],
  subjectOf: Int32Array.of(0, 0, 1),
  z: Int32Array.of(60, 101, 70),
  simulated: false,
  source: "three slices",
};

test("names files and folders as the study does", () => {
  const folder = temporaryFolder();
  writePngSlices(folder, SET);
  assert.equal(readdirSync(folder).sort(), ["FLAIR", "Seg", "T1", "T1CE", "T2"]);
  assert.equal(readdirSync(join(folder, "T1CE")).sort(), [
    "Subject_007_slice_101_T1ce.png",
    "Subject_007_slice_60_T1ce.png",
    "Subject_012_slice_70_T1ce.png",
  ]);
  const endings = ["FLAIR", "Seg", "T1", "T2"].map((name) => readdirSync(join(folder, name))[0]);
  assert.equal(
    endings,
    ["flair", "seg", "T1", "T2"].map((ending) => `Subject_007_slice_101_${ending}.png`),
  );
});

test("writes 8-bit grey, turned to MATLAB's rows and columns", () => {
  const folder = temporaryFolder();
  writePngSlices(folder, SET);
  const bytes = readFileSync(join(folder, "T2", "Subject_012_slice_70_T2.png"));
  assert.equal([bytes[24], bytes[25]], [8, 0]); // IHDR: bit depth 8, colour type grey.
  const png = PNG.sync.read(bytes);
  // Row 1 (front), column 2 (from the right) here is row 6-1-2 = 3, column 6-1-1 = 4 there; T2 is channel 2.
  assert.is(png.data[4 * (3 * 6 + 4)], SET.images[2 * 180 + (1 * 6 + 2) * 5 + 2]);
});

test("comes back as it was, in both orientations", () => {
  for (const orientation of ["study", "upright"] as const) {
    const folder = temporaryFolder();
    writePngSlices(folder, SET, orientation);
    const back = readPngSlices(folder, { simulated: false, orientation });
    assert.equal(back.images, SET.images);
    assert.equal(back.subjects, ["007", "012"]);
    assert.equal([back.subjectOf, back.z], [SET.subjectOf, SET.z]);
  }
});

test("reads folders in any case", () => {
  const folder = temporaryFolder();
  writePngSlices(folder, SET);
  renameSync(join(folder, "T1CE"), join(folder, "T1ce"));
  renameSync(join(folder, "Seg"), join(folder, "SEG"));
  assert.equal(readPngSlices(folder, { simulated: false }).images, SET.images);
});

test("shortens ids as the study does", () => {
  assert.is(studyId("BraTS20_Training_007"), "007");
  assert.is(studyId("BraTS2021_01234"), "1234");
  assert.is(studyId("SIM_0001"), "SIM_0001");
  const twins = { ...SET, subjects: ["BraTS20_Training_007", "BraTS20_Other_007"] };
  failsNaming(() => {
    writePngSlices(temporaryFolder(), twins);
  }, "007");
});

test("names the PNG or folder that is missing or broken", () => {
  const folder = temporaryFolder();
  writePngSlices(folder, SET);
  const path = join(folder, "FLAIR", "Subject_007_slice_60_flair.png");
  const read = (): unknown => readPngSlices(folder, { simulated: false });
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, 40));
  failsNaming(read, path, "not a readable PNG");
  writeFileSync(path, PNG.sync.write(new PNG({ width: 5, height: 5 })));
  failsNaming(read, path, "5 x 5");
  rmSync(path);
  failsNaming(read, path, "no such file");
  rmSync(join(folder, "Seg"), { recursive: true });
  failsNaming(read, folder, "no folder Seg");
  failsNaming(() => readPngSlices(join(folder, "none"), { simulated: false }), "none");
});

test.run();
