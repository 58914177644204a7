import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSubject } from "../../lib/data/brats-cohort";
import { completeFiles, listSubjects, scanCohort } from "../../lib/data/brats-files";
import { parseBratsName } from "../../lib/data/brats-names";
import { BRATS_AFFINE, readNifti, writeNifti } from "../../lib/data/nifti";
import { fileOf, SUFFIXES, writeSubject } from "./brats-folder";
import { failsNaming } from "./input-fault";
import { rawNifti } from "./raw-nifti";
import { temporaryFolder } from "./temporary-folder";

const test = suite("namings and layouts of cohorts");
const SHAPE = [12, 10, 3] as const;
const LATER = { t1: "t1n", t1ce: "t1c", t2: "t2w", flair: "t2f", seg: "seg" } as const;

/** A cohort whose files are moved to other names; `place` gives the path below the folder. */
function cohort(place: (id: string, suffix: keyof typeof LATER) => string, ids = ["P1", "P2"]): string {
  const [made, folder] = [temporaryFolder(), temporaryFolder()];
  for (const id of ids) {
    writeSubject(made, id, SHAPE);
    for (const suffix of SUFFIXES) {
      const path = join(folder, place(id, suffix));
      mkdirSync(dirname(path), { recursive: true });
      renameSync(fileOf(made, id, suffix), path);
    }
  }
  return folder;
}

const expected = listSubjects(cohort((id, suffix) => `${id}/${id}_${suffix}.nii.gz`)).map(readSubject);

for (const [name, place] of Object.entries({
  flat: (id, suffix) => `${id}_${suffix}.nii.gz`,
  "in folders by grade, as BraTS 2018": (id, suffix) =>
    `${id === "P1" ? "HGG" : "LGG"}/${id}/${id}_${suffix}.nii.gz`,
  "in mixed case": (id, suffix) =>
    `${id}/${id}_${suffix === "t1ce" ? "T1CE" : suffix === "flair" ? "Flair" : suffix}.NII.gz`,
  "named as since 2023": (id, suffix) => `${id}/${id}-${LATER[suffix]}.nii.gz`,
  "images and annotations apart": (id, suffix) =>
    `${suffix === "seg" ? "labels" : "images"}/${id}_${suffix}.nii.gz`,
  "named by the part alone": (id, suffix) => `${id}/${suffix}.nii.gz`,
  "deep in an unpacked archive": (id, suffix) => `archive/MICCAI_Data/${id}/${id}_${suffix}.nii.gz`,
} satisfies Record<string, (id: string, suffix: keyof typeof LATER) => string>))
  test(`reads a cohort ${name}`, () => {
    const labels = name.includes("2023");
    const folder = cohort(place);
    if (labels) for (const id of ["P1", "P2"]) relabel(join(folder, id, `${id}-seg.nii.gz`));
    assert.equal(listSubjects(folder).map(readSubject), expected);
  });

/** Enhancing tumour is 3 since 2023. */
function relabel(path: string): void {
  const volume = readNifti(path);
  writeNifti(path, { ...volume, data: volume.data.map((label) => (label === 4 ? 3 : label)) });
}

test("takes no 4 for enhancing tumour in the naming since 2023, where it is a resection cavity", () => {
  const folder = cohort((id, suffix) => `${id}-${LATER[suffix]}.nii.gz`);
  const [first] = listSubjects(folder);
  assert.ok(first);
  failsNaming(() => readSubject(first), "P1-seg.nii.gz", "label 4 in", "0, 1, 2 and 3");
});

test("reads annotations stored as float32 or int16, and refuses fractions", () => {
  const folder = cohort((id, suffix) => `${id}_${suffix}.nii.gz`, ["P1"]);
  const path = join(folder, "P1_seg.nii.gz");
  const volume = readNifti(path);
  const [files] = listSubjects(folder);
  assert.ok(files);
  for (const data of [Float32Array.from(volume.data), Int16Array.from(volume.data)]) {
    writeNifti(path, { ...volume, data });
    assert.equal(readSubject(files).classes, expected[0]?.classes);
  }
  writeNifti(path, { ...volume, data: Float32Array.from(volume.data, (label) => label / 2) });
  failsNaming(() => readSubject(files), path, "label 0.5 in");
});

/** Task 1 of the Decathlon made of the subject P1: FLAIR, T1, T1Gd, T2 along the fourth axis, its own labels. */
function decathlon(): string {
  const [made, folder] = [temporaryFolder(), temporaryFolder()];
  writeSubject(made, "P1", SHAPE);
  const values = (suffix: (typeof SUFFIXES)[number]): number[] => [
    ...readNifti(fileOf(made, "P1", suffix)).data,
  ];
  const sform = BRATS_AFFINE.slice(0, 3).flat();
  mkdirSync(join(folder, "imagesTr"));
  mkdirSync(join(folder, "labelsTr"));
  const frames = (["flair", "t1", "t1ce", "t2"] as const).flatMap(values);
  writeFileSync(
    join(folder, "imagesTr", "BRATS_001.nii"),
    rawNifti({ code: 16, dims: [...SHAPE, 4], values: frames, sform }),
  );
  const labels = values("seg").map((label) => [0, 2, 1, 0, 3][label] ?? 0);
  writeFileSync(
    join(folder, "labelsTr", "BRATS_001.nii"),
    rawNifti({ code: 2, dims: SHAPE, values: labels, sform }),
  );
  return folder;
}

test("reads Task 1 of the Decathlon: four sequences in a file, edema before necrosis", () => {
  const folder = decathlon();
  const [files] = listSubjects(folder);
  assert.ok(files);
  const { id, sequences, classes } = readSubject(files);
  assert.is(id, "BRATS_001");
  assert.equal(classes, expected[0]?.classes);
  for (const name of ["t1w", "t1wGd", "t2w", "flair"] as const)
    assert.equal([...sequences[name]], [...(expected[0]?.sequences[name] ?? [])], name);
});

test("holds a Decathlon's dataset.json against the order it assumes", () => {
  const folder = decathlon();
  const path = join(folder, "dataset.json");
  const modality = { 0: "FLAIR", 1: "T1w", 2: "t1gd", 3: "T2w" };
  const labels = { 0: "background", 1: "edema", 2: "non-enhancing tumor", 3: "enhancing tumour" };
  writeFileSync(path, JSON.stringify({ modality, labels, training: [{ image: "../../../etc/passwd" }] }));
  assert.is(listSubjects(folder).length, 1);
  writeFileSync(path, JSON.stringify({ modality: { ...modality, 0: "T1w", 1: "FLAIR" }, labels }));
  failsNaming(() => listSubjects(folder), path, "modality.0", "T1w");
  writeFileSync(path, "{");
  failsNaming(() => listSubjects(folder), path, "not JSON");
  writeFileSync(path, JSON.stringify({ modality: [] }));
  failsNaming(() => listSubjects(folder), path, "is not a description of modality and labels");
});

test("names the file that is missing in the naming of the others", () => {
  const folder = cohort((id, suffix) => `${id}/${id}-${LATER[suffix]}.nii.gz`);
  renameSync(join(folder, "P2", "P2-t2f.nii.gz"), join(folder, "P2", "elsewhere.nii.gz"));
  failsNaming(() => listSubjects(folder), join(folder, "P2"), "P2-t2f.nii.gz");
});

test("prefers .nii.gz where both stand there, and says so", () => {
  const folder = cohort((id, suffix) => `${id}/${id}_${suffix}.nii.gz`, ["P1"]);
  writeFileSync(join(folder, "P1", "P1_t2.nii"), "");
  const [scan] = scanCohort(folder);
  assert.ok(scan);
  assert.equal(scan.odd, ["P1_t2.nii stands beside P1_t2.nii.gz, which is used"]);
  assert.match(scan.parts.t2w ?? "", /P1_t2\.nii\.gz$/);
});

test("refuses two subjects of one id, naming both folders", () => {
  const folder = cohort((id, suffix) => `${id === "P2" ? "copy/P1" : "P1"}/P1_${suffix}.nii.gz`);
  const scans = scanCohort(folder);
  assert.is(scans.length, 2);
  failsNaming(
    () => scans.map(completeFiles),
    join(folder, "copy", "P1"),
    "its id stands in",
    join(folder, "P1"),
  );
});

test("follows links, once, and passes over those that lead nowhere or in a circle", () => {
  const [folder, linked] = [temporaryFolder(), cohort((id, suffix) => `${id}/${id}_${suffix}.nii.gz`)];
  symlinkSync(join(linked, "P1"), join(folder, "P1"));
  symlinkSync(join(linked, "P1"), join(folder, "again"));
  symlinkSync(folder, join(folder, "circle"));
  symlinkSync(join(folder, "none"), join(folder, "dangling"));
  assert.equal(
    listSubjects(folder).map(({ id }) => id),
    ["P1"],
  );
});

test("says of a volume that is a dangling link what it is", () => {
  const folder = cohort((id, suffix) => `${id}/${id}_${suffix}.nii.gz`, ["P1"]);
  const path = join(folder, "P1", "P1_t2.nii.gz");
  renameSync(path, join(folder, "P1", "gone"));
  symlinkSync(join(folder, "none.nii.gz"), path);
  const [files] = listSubjects(folder);
  assert.ok(files);
  failsNaming(() => readSubject(files), path, "no such file");
});

(process.getuid?.() === 0 ? test.skip : test)("notes a folder that may not be read, and goes on", () => {
  const folder = cohort((id, suffix) => `${id}/${id}_${suffix}.nii.gz`);
  chmodSync(join(folder, "P1"), 0);
  const scans = scanCohort(folder);
  chmodSync(join(folder, "P1"), 0o755);
  assert.equal(
    scans.map(({ id, faults }) => [id, faults.length]),
    [
      ["P1", 1],
      ["P2", 0],
    ],
  );
});

test("parses names of every challenge, and none of other files", () => {
  const parts = (name: string): unknown => {
    const parsed = parseBratsName(name);
    return parsed === undefined ? undefined : [parsed.stem, parsed.part];
  };
  assert.equal(parts("Brats18_CBICA_AAB_1_t1ce.nii.gz"), ["Brats18_CBICA_AAB_1", "t1wGd"]);
  assert.equal(parts("BraTS20_Training_001_seg.nii"), ["BraTS20_Training_001", "segmentation"]);
  assert.equal(parts("BraTS-GLI-00000-000-t2f.nii.gz"), ["BraTS-GLI-00000-000", "flair"]);
  assert.equal(parts("BraTS2021_00002_T1.NII.GZ"), ["BraTS2021_00002", "t1w"]);
  assert.equal(parts("scan_t2.hdr"), ["scan", "t2w"]);
  for (const name of ["BraTS20_Training_001_t1_mask.nii.gz", "name_mapping.csv", "t1.png", "scan_adc.nii.gz"])
    assert.is(parseBratsName(name), undefined, name);
});

test("leaves the folder as it was", () => {
  const folder = cohort((id, suffix) => `${id}_${suffix}.nii.gz`);
  const before = readdirSync(folder);
  listSubjects(folder).map(readSubject);
  assert.equal(readdirSync(folder), before);
});

test.run();
