import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { register } from "../../lib/cli/data";
import { checkCohort, formatReports } from "../../lib/data/check-cohort";
import { fileOf, writeSubject } from "./brats-folder";
import { failsNaming, rejectsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("checkCohort and synthmr data");
const folder = temporaryFolder();

test.before(() => {
  for (const id of ["P1", "P2", "P3", "P4"]) writeSubject(folder, id);
  writeFileSync(fileOf(folder, "P1", "t2"), "no volume");
  rmSync(fileOf(folder, "P2", "flair"));
  renameSync(fileOf(folder, "P3", "seg"), join(folder, "P3", "Segm.nii.gz"));
});

test("reports every subject and does not stop at a fault", () => {
  const reports = [...checkCohort(folder)];
  assert.equal(
    reports.map(({ id, fault }) => [id, fault !== null]),
    [
      ["P1", true],
      ["P2", true],
      ["P3", false],
      ["P4", false],
    ],
  );
  const [first, second, third, fourth] = reports;
  assert.match(first?.fault ?? "", "P1_t2.nii.gz");
  assert.equal(second?.missing, ["P2_flair.nii.gz"]);
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

test("makes a table with one line a subject", () => {
  const lines = formatReports([...checkCohort(folder)]).split("\n");
  assert.is(lines.length, 5);
  assert.match(lines[2] ?? "", /^P2 .*unusable: .*P2_flair\.nii\.gz$/);
  assert.match(lines[4] ?? "", /^P4 +240x240x3 .* ok, odd: 3 axial slices/);
});

test("names an empty folder", () => {
  const empty = temporaryFolder();
  failsNaming(() => [...checkCohort(empty)], empty, "holds no subject");
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

test("check prints a table or JSON and leaves with 1 where a subject is unusable", async () => {
  const table = await run("check", folder);
  assert.match(table.output, "4 subjects, 2 unusable, 2 with something odd");
  assert.is(table.exitCode, 1);
  const json = await run("check", folder, "--json");
  const parsed = JSON.parse(json.output) as { readonly subjects: readonly { readonly id: string }[] };
  assert.equal(
    parsed.subjects.map(({ id }) => id),
    ["P1", "P2", "P3", "P4"],
  );
  await rejectsNaming(run("check", join(folder, "none")), "none", "no such file or folder");
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
