import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readAuditVolumes } from "../../../lib/data/audit/audit-volumes";
import { cohortOrigin } from "../../../lib/data/audit/cohort-origin";
import { listAuditSubjects, parseLayout } from "../../../lib/data/audit/file-layout";
import { measureCohort } from "../../../lib/data/audit/measure-cohort";
import { auditSlices, onlySequences } from "../../../lib/data/audit/study-view";
import { BRATS_AFFINE, writeNifti } from "../../../lib/data/nifti";
import { temporaryFolder } from "../../temporary-folder";
import { writeSubject } from "../brats-folder";
import { failsNaming, rejectsNaming } from "../input-fault";

const test = suite("measureCohort");
const folder = join(temporaryFolder(), "cohort");
for (const id of ["A", "B"]) writeSubject(folder, id, [48, 48, 5]);
const LAYOUT = "flair=F,labels2015=L,brain=M";

/** A standardised subject in another layout: background -3, the brain -2 to 5, labels of 2015. */
function writeOther(root: string, side: number): void {
  const shape = [side, side, 2] as const;
  const count = side * side * 2;
  const inside = (i: number): boolean => i % side > side / 10 && i % side < 0.9 * side;
  const write = (name: string, data: Float32Array | Uint8Array): void =>
    writeNifti(join(root, "P1", `${name}.nii.gz`), {
      shape,
      spacingMm: [1, 1, 1],
      affine: BRATS_AFFINE,
      data,
    } as Parameters<typeof writeNifti>[1]);
  write(
    "F",
    Float32Array.from({ length: count }, (_, i) => (inside(i) ? (i % 8) - 2 : -3)),
  );
  write(
    "M",
    Uint8Array.from({ length: count }, (_, i) => Number(inside(i))),
  );
  const middle = Math.floor(side / 2);
  write(
    "L",
    Uint8Array.from({ length: count }, (_, i) => [1, 3, 2, 4][(i % side) - middle] ?? 0),
  );
}

test("measures every subject, and measures none twice", async () => {
  const kept = join(temporaryFolder(), "measures");
  const subjects = listAuditSubjects(folder);
  const steps: number[] = [];
  const run = (): ReturnType<typeof measureCohort> =>
    measureCohort({ subjects, folder: kept, workers: 1, onProgress: (done) => steps.push(done) });
  const first = await run();
  assert.equal(
    first.map(({ id }) => id),
    ["A", "B"],
  );
  assert.equal(steps, [0, 1, 2]);
  assert.equal(await run(), first);
  assert.equal(steps.slice(3), [2]);
  // A damaged record is measured again.
  writeFileSync(join(kept, "A.json"), readFileSync(join(kept, "A.json"), "utf8").slice(0, 100));
  assert.equal(await run(), first);
  assert.equal(readdirSync(kept).sort(), ["A.json", "B.json"]);
});

test("gives the same in threads", async () => {
  const subjects = listAuditSubjects(folder);
  const [one, two] = await Promise.all(
    [1, 2].map((workers) => measureCohort({ subjects, folder: temporaryFolder(), workers })),
  );
  assert.equal(one, two);
});

test("names the file that is at fault", async () => {
  const broken = join(temporaryFolder(), "broken");
  writeSubject(broken, "A", [48, 48, 3], [1, 7, 4]);
  const subjects = listAuditSubjects(broken);
  await rejectsNaming(
    measureCohort({ subjects, folder: temporaryFolder(), workers: 1 }),
    "A_seg.nii.gz",
    "7",
  );
});

test("reads another layout: shifted intensities, labels of 2015, sequences missing", () => {
  const root = temporaryFolder();
  writeOther(root, 40);
  const [files] = listAuditSubjects(root, parseLayout(LAYOUT, "--x"));
  if (files === undefined) throw new Error("no subject was found");
  const volumes = readAuditVolumes(files);
  const flair = volumes.sequences.flair ?? new Float32Array(0);
  assert.equal([Object.keys(volumes.sequences), volumes.raw], [["flair"], false]);
  assert.equal([Math.min(...flair), Math.max(...flair)], [0, 8]);
  // Labels 1, 3, 2, 4 side by side: 3 is counted to the core.
  assert.equal([...volumes.classes.subarray(20, 24)], [1, 1, 2, 3]);
});

test("a layout without labels, with an unknown key or a path is refused", () => {
  failsNaming(() => parseLayout("flair=F", "--x"), "--x", "labels");
  failsNaming(() => parseLayout("t9=F,labels=L", "--x"), "t9=F");
  failsNaming(() => parseLayout("flair=../F,labels=L", "--x"), "../F");
  failsNaming(() => listAuditSubjects(folder, parseLayout(LAYOUT, "--x")), folder, "L.nii.gz");
});

test("slices of a subject without T1w are kept by the area of its brain, missing sequences are 0", () => {
  const root = temporaryFolder();
  writeOther(root, 240);
  const [files] = listAuditSubjects(root, parseLayout(LAYOUT, "--x"));
  if (files === undefined) throw new Error("no subject was found");
  const set = auditSlices(readAuditVolumes(files), 32, "others");
  assert.equal([set.count, set.size, set.subjects], [2, 32, ["P1"]]);
  const largest = [0, 1, 2, 3].map((c) =>
    set.images.reduce((m, v, i) => (i % 5 === c ? Math.max(m, v) : m), 0),
  );
  assert.equal(largest.slice(0, 3), [0, 0, 0]);
  assert.ok((largest[3] ?? 0) > 100);
  assert.equal(onlySequences(set, ["flair"]), set);
});

test("believes a cohort.json, else what its owner says", () => {
  const root = temporaryFolder();
  assert.is(cohortOrigin(root).simulated, false);
  assert.is(cohortOrigin(root, true).simulated, true);
  const recipe = { name: "test", version: "1", seed: 3, subjects: 2 };
  writeFileSync(join(root, "cohort.json"), JSON.stringify({ simulated: true, recipe }));
  assert.equal([cohortOrigin(root).simulated, cohortOrigin(root).recipe], [true, "test, version 1, seed 3"]);
  writeFileSync(join(root, "cohort.json"), "{");
  failsNaming(() => cohortOrigin(root), "cohort.json", "JSON");
});

test.run();
