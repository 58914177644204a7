import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listSubjects, readSubject } from "../../lib/data/brats-cohort";
import { readNifti, writeNifti } from "../../lib/data/nifti";
import { fileOf, writeSubject } from "./brats-folder";
import { failsNaming } from "./input-fault";
import { writeRawNifti } from "./raw-nifti";
import { temporaryFolder } from "./temporary-folder";

const test = suite("listSubjects and readSubject");
const SHAPE = [12, 10, 3] as const;
let folder = "";

test.before.each(() => {
  folder = temporaryFolder();
  writeSubject(folder, "P2", SHAPE);
  writeSubject(folder, "P1", SHAPE);
});

function readFirst(): ReturnType<typeof readSubject> {
  const [first] = listSubjects(folder);
  assert.ok(first);
  return readSubject(first);
}

test("lists subjects by id and passes over other files", () => {
  writeFileSync(join(folder, "name_mapping.csv"), "");
  writeFileSync(join(folder, "P1", "._P1_t1.nii.gz"), "");
  mkdirSync(join(folder, "notes"));
  assert.equal(
    listSubjects(folder).map(({ id }) => id),
    ["P1", "P2"],
  );
});

test("reads sequences as float32 and labels as class indices", () => {
  const subject = readFirst();
  assert.equal(subject.shape, [12, 10, 3]);
  const t1ce = readNifti(fileOf(folder, "P1", "t1ce"));
  assert.equal([...subject.sequences.t1wGd], [...t1ce.data]);
  const labels = readNifti(fileOf(folder, "P1", "seg")).data;
  assert.equal(
    [...subject.classes],
    [...labels].map((label) => (label === 4 ? 3 : label)),
  );
  assert.equal([...new Set(subject.classes)].sort(), [0, 1, 2, 3]);
});

test("takes label 3 for enhancing tumour where there is no 4", () => {
  const expected = readFirst().classes;
  writeSubject(folder, "P1", SHAPE, [1, 2, 3]);
  assert.equal(readFirst().classes, expected);
});

test("names unknown labels and counts their voxels", () => {
  writeSubject(folder, "P1", SHAPE, [1, 7, 4]);
  const count = readNifti(fileOf(folder, "P1", "seg")).data.filter((label) => label === 7).length;
  failsNaming(readFirst, "P1_seg.nii.gz", `label 7 in ${count} voxels`, "0, 1, 2 and 4");
  writeSubject(folder, "P1", SHAPE, [3, 2, 4]);
  failsNaming(readFirst, "P1_seg.nii.gz", "label 3 in");
});

test("reads .nii beside .nii.gz, and an annotation under another name", () => {
  const volume = readNifti(fileOf(folder, "P1", "t2"));
  const expected = readFirst();
  rmSync(fileOf(folder, "P1", "t2"));
  const sform = volume.affine.slice(0, 3).flat();
  writeRawNifti(join(folder, "P1", "P1_t2.nii"), { dims: SHAPE, values: [...volume.data], sform });
  renameSync(fileOf(folder, "P1", "seg"), join(folder, "P1", "W39_1998.09.19_Segm.nii.gz"));
  assert.equal(readFirst(), expected);
});

test("names the sequence that is missing", () => {
  rmSync(fileOf(folder, "P2", "flair"));
  failsNaming(() => listSubjects(folder), join(folder, "P2"), "P2_flair.nii.gz");
  rmSync(fileOf(folder, "P2", "seg"));
  failsNaming(() => listSubjects(folder), "P2_flair.nii.gz, P2_seg.nii.gz");
});

test("does not guess between two annotations", () => {
  for (const name of ["seg_a.nii.gz", "seg_b.nii.gz"])
    writeNifti(join(folder, "P1", name), readNifti(fileOf(folder, "P1", "seg")));
  rmSync(fileOf(folder, "P1", "seg"));
  failsNaming(() => listSubjects(folder), "P1_seg.nii.gz");
});

test("names a folder that is missing, empty or a file", () => {
  failsNaming(() => listSubjects(join(folder, "none")), "none", "no such file or folder");
  mkdirSync(join(folder, "empty"));
  failsNaming(() => listSubjects(join(folder, "empty")), "empty", "holds no subject");
  failsNaming(() => listSubjects(fileOf(folder, "P1", "t1")), "P1_t1.nii.gz", "not a folder");
});

test("refuses sequences of different shapes or affines", () => {
  const t2 = fileOf(folder, "P1", "t2");
  const volume = readNifti(t2);
  const affine = volume.affine.map((row, i) => (i === 1 ? [0, -1, 0, 238] : row));
  writeNifti(t2, { ...volume, affine });
  failsNaming(readFirst, t2, "another affine");
  writeNifti(t2, { ...volume, shape: [12, 5, 6] });
  failsNaming(readFirst, t2, "12 x 5 x 6", "12 x 10 x 3");
});

test("refuses an empty sequence and NaN voxels, with the file", () => {
  const t2 = fileOf(folder, "P1", "t2");
  const volume = readNifti(t2);
  writeNifti(t2, { ...volume, data: new Int16Array(volume.data.length) });
  failsNaming(readFirst, t2, "no voxel above zero");
  const data = new Float32Array(volume.data);
  data[17] = Number.NaN;
  writeNifti(t2, { ...volume, data });
  failsNaming(readFirst, t2, "1 NaN of 360 voxels");
});

test("turns volumes of any axis order into the BraTS frame", () => {
  const expected = readFirst();
  // The same head stored with axes (z, x mirrored, y): voxel (a, b, c) is BraTS voxel (11 - b, c, a).
  for (const suffix of ["t1", "t1ce", "t2", "flair", "seg"] as const) {
    const path = fileOf(folder, "P1", suffix);
    const { data, affine } = readNifti(path);
    const turned = data.slice();
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 12; b++)
        for (let c = 0; c < 10; c++) turned[a + 3 * (b + 12 * c)] = data[11 - b + 12 * (c + 10 * a)] ?? 0;
    const rows = affine.slice(0, 3).map(([x = 0, y = 0, z = 0, at = 0]) => [z, -x, y, at + 11 * x]);
    writeNifti(path, {
      shape: [3, 12, 10],
      spacingMm: [1, 1, 1],
      affine: [...rows, [0, 0, 0, 1]],
      data: turned,
    });
  }
  assert.equal(readFirst(), expected);
});

test("refuses an oblique volume", () => {
  const [c, s] = [Math.cos(0.5), Math.sin(0.5)];
  for (const suffix of ["t1", "t1ce", "t2", "flair", "seg"] as const) {
    const path = fileOf(folder, "P1", suffix);
    const affine = [
      [-c, s, 0, 0],
      [-s, -c, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    writeNifti(path, { ...readNifti(path), affine });
  }
  failsNaming(readFirst, "P1_t1.nii.gz", "oblique");
});

test.run();
