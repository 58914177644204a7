import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listSubjects, readSubject } from "../../lib/data/brats-cohort";
import { readNifti, writeNifti } from "../../lib/data/nifti";
import { studySlices } from "../../lib/data/study-slices";
import { pythonPackages } from "../python/python-packages";
import { fileOf, SUFFIXES, writeSubject } from "./brats-folder";
import { temporaryFolder } from "./temporary-folder";

const test = suite("slices against NumPy");
const python = pythonPackages();
if (typeof python === "string") console.log(`skipped: slices were not compared with NumPy: ${python}`);

(typeof python === "string" ? test.skip : test)(
  "equal, value for value, those of the study's rule in NumPy",
  () => {
    if (typeof python === "string") return;
    const folder = temporaryFolder();
    for (const id of ["whole", "broken", "turned"]) writeSubject(folder, id, [240, 240, 5]);
    // Intensities that are no whole numbers, and some below zero.
    for (const suffix of SUFFIXES.slice(0, 4)) {
      const path = fileOf(folder, "broken", suffix);
      const volume = readNifti(path);
      const data = Float32Array.from(volume.data, (value, i) => (value === 0 ? 0 : value / 7 - (i % 11)));
      writeNifti(path, { ...volume, data });
    }
    // Stored from front to back where BraTS stores from back to front.
    for (const suffix of SUFFIXES) {
      const path = fileOf(folder, "turned", suffix);
      const { data, affine, ...rest } = readNifti(path);
      const mirrored = data.slice();
      for (let at = 0; at < data.length; at++) {
        const [x, y, z] = [at % 240, Math.floor(at / 240) % 240, Math.floor(at / 57_600)];
        mirrored[x + 240 * (239 - y) + 57_600 * z] = data[at] as number;
      }
      writeNifti(path, {
        ...rest,
        data: mirrored,
        affine: affine.map((row, i) => (i === 1 ? [0, 1, 0, 0] : row)),
      });
    }
    const out = join(folder, "expected.bin");
    const subjects = listSubjects(folder);
    const ids = subjects.map(({ id }) => id);
    const { positions } = JSON.parse(python.run("study_slices.py", folder, ...ids, "--out", out)) as {
      readonly positions: Readonly<Record<string, readonly number[]>>;
    };
    const found = subjects.map((files) => studySlices(readSubject(files)));
    assert.equal(
      found.map(({ z }) => [...z]),
      ids.map((id) => positions[id]),
    );
    assert.ok(
      found.every(({ z }) => z.length > 0 && z.length < 5),
      "some are kept and some are not",
    );
    assert.ok(
      Buffer.concat(found.map(({ images }) => images)).equals(readFileSync(out)),
      "every value is equal",
    );
  },
);

test.run();
