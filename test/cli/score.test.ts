import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { writeNifti } from "../../lib/data/nifti";
import { near } from "../near";
import { temporaryFolder } from "../temporary-folder";
import { runCommand } from "./run-command";

const test = suite("synthmr score");

const folder = temporaryFolder();

/** Writes a row of labels, 2 mm apart along x from `start` on, and gives its path. */
function labelFile(name: string, labels: readonly number[], start = 0): string {
  const path = join(folder, `${name}.nii.gz`);
  const affine = [
    [-2, 0, 0, start],
    [0, -1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  writeNifti(path, {
    shape: [labels.length, 1, 1],
    spacingMm: [2, 1, 1],
    affine,
    data: Uint8Array.from(labels),
  });
  return path;
}

const score = (...words: readonly string[]) => runCommand(["score", ...words]);

const annotation = labelFile("annotation", [0, 1, 2, 2, 4, 0]);
const prediction = labelFile("prediction", [0, 1, 2, 2, 0, 4]);

test("prints the scores of two files as a table and as JSON", () => {
  const { code, out } = score(annotation, prediction, "--by-index");
  assert.is(code, 0);
  assert.match(out, /edema +1\.0000/);
  assert.match(out, /whole tumour/);
  const { classes, regions } = JSON.parse(score(annotation, prediction, "--json").out) as {
    classes: Record<string, Record<string, number | null>>;
    regions: Record<string, Record<string, number | null>>;
  };
  assert.is(classes["enhancingTumour"]?.["dice"], 0);
  assert.is(classes["enhancingTumour"]?.["hausdorffMm"], 2);
  assert.is(regions["wholeTumour"]?.["dice"], 0.75);
});

test("has edges in an image of one slice", () => {
  const plane = (name: string, labels: readonly number[]): string => {
    const path = join(folder, `${name}.nii.gz`);
    const affine = [
      [-1, 0, 0, 0],
      [0, -1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    writeNifti(path, { shape: [5, 5, 1], spacingMm: [1, 1, 1], affine, data: Uint8Array.from(labels) });
    return path;
  };
  const full = plane("full", Array<number>(25).fill(2));
  const middle = plane(
    "middle",
    Array.from({ length: 25 }, (_, i) => (i === 12 ? 2 : 0)),
  );
  const { classes } = JSON.parse(score(full, middle, "--json").out) as {
    classes: Record<string, Record<string, number>>;
  };
  // From the 16 edge pixels: 4 at 2, 8 at sqrt(5), 4 at sqrt(8); from the middle 2.
  const directed = (4 * 2 + 8 * Math.sqrt(5) + 4 * Math.sqrt(8)) / 16;
  near([classes["edema"]?.["averageSurfaceDistanceMm"] ?? 0], [(directed + 2) / 2], 1e-9);
});

test("refuses files on other grids, and files that are not there, in one line", () => {
  const shorter = labelFile("shorter", [0, 1, 2]);
  const moved = labelFile("moved", [0, 1, 2, 2, 0, 4], 6);
  for (const [words, fault] of [
    [[annotation, shorter], "has the shape [3, 1, 1], the annotation [6, 1, 1]"],
    [[annotation, moved], "moved.nii.gz: has an affine that puts its voxels up to 6.0 voxels away"],
    [[annotation, join(folder, "none.nii.gz")], "none.nii.gz"],
  ] as const) {
    const { code, out, faults } = score(...words);
    assert.equal([code, out, faults.length], [2, "", 1], faults.join("\n"));
    assert.ok(faults[0]?.includes(fault), faults[0]);
  }
});

test.run();
