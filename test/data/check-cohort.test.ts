import { cpSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { register } from "../../lib/cli/data";
import { checkCohort, formatReports } from "../../lib/data/check-cohort";
import { readNifti, writeNifti, type NiftiVolume } from "../../lib/data/nifti";
import { fileOf, writeSubject } from "./brats-folder";
import { rejectsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("checkCohort and synthmr data");
const folder = temporaryFolder();

test.before(() => {
  for (const id of ["P1", "P2", "P3", "P4"]) writeSubject(folder, id);
  writeFileSync(fileOf(folder, "P1", "t2"), "no volume");
  rmSync(fileOf(folder, "P2", "flair"));
  renameSync(fileOf(folder, "P3", "seg"), join(folder, "P3", "Segm.nii.gz"));
});

const ALONE = { workers: 1 };

test("reports what is missing, broken or odd without stopping", async () => {
  const { subjects, unusable, odd } = await checkCohort(folder, ALONE);
  assert.equal([unusable, odd], [2, 2]);
  const [first, second, third, fourth] = subjects;
  assert.match(first?.faults[0] ?? "", "P1_t2.nii.gz: is too short");
  assert.equal(first?.odd, []);
  assert.equal(second?.missing, ["P2_flair.nii.gz"]);
  assert.equal(second?.faults, ["has no file P2_flair.nii.gz"]);
  assert.equal(third?.odd, ["Segm.nii.gz is taken for P3_seg.nii.gz", "3 axial slices, expected 155"]);
  assert.equal(fourth?.shape, [240, 240, 3]);
  assert.is(fourth?.keptSlices, 3);
  // 48 columns across the boxes: 17 of x in [96, 112.8), 15 in [112.8, 127.2) and 17 up to 144, 49 rows, 3 slices.
  assert.equal(fourth?.tumourVoxels, {
    necroticCore: 17 * 49 * 3,
    edema: 15 * 49 * 3,
    enhancingTumour: 17 * 49 * 3,
  });
});

test("notes every fault of a subject, not the first alone", async () => {
  const faulty = temporaryFolder();
  writeSubject(faulty, "P1", [12, 10, 3], [1, 7, 4]);
  const t1ce = readNifti(fileOf(faulty, "P1", "t1ce"));
  writeNifti(fileOf(faulty, "P1", "t1ce"), { ...t1ce, data: new Int16Array(360) });
  const t2 = readNifti(fileOf(faulty, "P1", "t2"));
  writeNifti(fileOf(faulty, "P1", "t2"), { ...t2, shape: [12, 5, 6] });
  rmSync(fileOf(faulty, "P1", "flair"));
  const [report] = (await checkCohort(faulty, ALONE)).subjects;
  assert.equal(report?.faults, [
    "has no file P1_flair.nii.gz",
    "P1_t1ce.nii.gz: has no voxel above zero",
    "P1_t2.nii.gz: has the shape 12 x 5 x 6, but P1_t1.nii.gz has 12 x 10 x 3",
    "P1_seg.nii.gz: has the label 7 in 9 voxels, expected 0, 1, 2 and 4 (or 0, 1, 2 and 3)",
  ]);
});

test("notes turned axes, other voxel sizes, silent headers, negative voxels and an empty annotation", async () => {
  const strange = temporaryFolder();
  writeSubject(strange, "P1", [240, 240, 3], [0, 0, 0]);
  const sheet = (
    suffix: "t1" | "t1ce" | "t2" | "flair" | "seg",
    change: (volume: NiftiVolume) => NiftiVolume,
  ): void => {
    const path = fileOf(strange, "P1", suffix);
    writeNifti(path, change(readNifti(path)));
  };
  // The same voxels, stored from left to right.
  sheet("t1ce", (volume) => {
    const data = volume.data.slice();
    for (let at = 0; at < data.length; at++) data[at] = volume.data[at - (at % 240) + 239 - (at % 240)] ?? 0;
    const affine = volume.affine.map((row, i) => (i === 0 ? [1, 0, 0, -239] : row));
    return { ...volume, data, affine };
  });
  sheet("t2", (volume) => ({ ...volume, data: volume.data.map((value, i) => (i < 5 ? -1 : value)) }));
  const [report] = (await checkCohort(strange, ALONE)).subjects;
  assert.equal(report?.faults, []);
  assert.equal(report?.odd, [
    "P1_t1ce.nii.gz: stored in another axis order, turned to that of BraTS",
    "P1_t2.nii.gz: 5 voxels are negative and count as 0",
    "3 axial slices, expected 155",
    "no tumour",
  ]);
});

test("names subjects and sequences that have the same voxels", async () => {
  const twins = temporaryFolder();
  for (const id of ["P1", "P2"]) writeSubject(twins, id, [12, 10, 3]);
  cpSync(fileOf(twins, "P1", "t2"), fileOf(twins, "P2", "t2"));
  cpSync(fileOf(twins, "P1", "t2"), fileOf(twins, "P2", "flair"));
  const { subjects } = await checkCohort(twins, ALONE);
  const noted = subjects[1]?.odd.filter((text) => text.includes("voxels of"));
  assert.equal(noted, ["flair has the voxels of t2w", "has the voxels of P1 (t2w, flair)"]);
});

test("notes links, and annotations that are not read", async () => {
  const linked = temporaryFolder();
  writeSubject(linked, "P1", [12, 10, 3]);
  const elsewhere = join(temporaryFolder(), "t2.nii.gz");
  renameSync(fileOf(linked, "P1", "t2"), elsewhere);
  symlinkSync(elsewhere, fileOf(linked, "P1", "t2"));
  cpSync(fileOf(linked, "P1", "seg"), join(linked, "P1", "P1_seg2.nii.gz"));
  const [report] = (await checkCohort(linked, ALONE)).subjects;
  assert.equal(report?.odd.slice(0, 2), [
    "P1_seg2.nii.gz may be an annotation too and is not read",
    `P1_t2.nii.gz: is a link to ${elsewhere}, which is read`,
  ]);
});

test("a name with a line break stays one line, and none that a terminal would obey", async () => {
  const odd = temporaryFolder();
  writeSubject(odd, "P\n\u001b[31m1", [12, 10, 3]);
  const { subjects } = await checkCohort(odd, ALONE);
  const lines = formatReports(subjects).split("\n");
  assert.is(lines.length, 2);
  assert.ok(lines[1]?.startsWith("P\\x0a\\x1b[31m1"));
});

test("makes a table with one line a subject", async () => {
  const lines = formatReports((await checkCohort(folder, ALONE)).subjects).split("\n");
  assert.is(lines.length, 5);
  assert.match(lines[2] ?? "", /^P2 .*unusable: .*P2_flair\.nii\.gz/);
  assert.match(lines[4] ?? "", /^P4 +240x240x3 .* ok, odd: 3 axial slices/);
});

test("names an empty folder", async () => {
  const empty = temporaryFolder();
  await rejectsNaming(checkCohort(empty, ALONE), empty, "holds no subject");
});

/** Runs the command in this process with its output caught. */
async function run(...words: readonly string[]): Promise<{ output: string; exitCode: number }> {
  const lines: string[] = [];
  const original = console.log;
  console.log = (line: string) => lines.push(line);
  try {
    const program = new Command().exitOverride();
    register(program);
    await program.parseAsync(["node", "synthmr", "data", ...words]);
    return { output: lines.join("\n"), exitCode: Number(process.exitCode ?? 0) };
  } finally {
    console.log = original;
    process.exitCode = 0;
  }
}

test("check prints a table or JSON and leaves with 2 where a subject is unusable", async () => {
  const table = await run("check", folder, "--workers", "1");
  assert.match(table.output, "4 subjects, 2 unusable, 2 with something odd");
  assert.is(table.exitCode, 2);
  const json = await run("check", folder, "--json", "--workers", "1");
  const parsed = JSON.parse(json.output) as { readonly subjects: readonly { readonly id: string }[] };
  assert.equal(
    parsed.subjects.map(({ id }) => id),
    ["P1", "P2", "P3", "P4"],
  );
  await rejectsNaming(run("check", join(folder, "none")), "none", "no such file or folder");
});

test("volumes whose intensities were normalised keep no slice: check notes it first, prepare fails", async () => {
  const normalised = temporaryFolder();
  writeSubject(normalised, "P1");
  for (const suffix of ["t1", "t2"] as const) {
    const path = fileOf(normalised, "P1", suffix);
    const volume = readNifti(path);
    // About zero in the brain, below it outside; one bright voxel sets the scale.
    const data = Float32Array.from(volume.data, (value, i) =>
      i === 0 ? 9 : value === 0 ? -3 : value / 1000,
    );
    writeNifti(path, { ...volume, data });
  }
  const [report] = (await checkCohort(normalised, ALONE)).subjects;
  assert.match(report?.odd[0] ?? "", "no slice is kept");
  assert.is(report?.keptSlices, 0);
  const out = join(temporaryFolder(), "slices");
  await rejectsNaming(
    run("prepare", normalised, "--size", "16", "--out", out, "--workers", "1"),
    normalised,
    "no slice is kept: the rule of the study needs T1-weighted intensities as scanned",
  );
});

test("prepare writes shards and tells the rate", async () => {
  const good = temporaryFolder();
  writeSubject(good, "P1");
  const out = join(temporaryFolder(), "slices");
  const { output, exitCode } = await run(
    "prepare",
    good,
    "--size",
    "16",
    "--out",
    out,
    "--simulated",
    "--workers",
    "1",
  );
  assert.match(output, /3 slices of 16 x 16 from 1 subjects \(simulated cohort/);
  assert.match(output, /slices\/s/);
  assert.is(exitCode, 0);
});

test.run();
