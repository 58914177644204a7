import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { BRATS_AFFINE, readNifti, writeNifti, type NiftiVolume } from "../../lib/data/nifti";
import { near } from "../near";
import { pythonPackages } from "../python/python-packages";
import { temporaryFolder } from "./temporary-folder";

const test = suite("volumes of other programs");
const python = pythonPackages();
if (typeof python === "string")
  console.log(`skipped: volumes were not compared with nibabel and SimpleITK: ${python}`);

interface Expected {
  readonly writer: string;
  readonly shape: readonly number[];
  readonly affine: readonly number[];
  readonly values: readonly number[];
}

/** Holds every volume of a folder against what the program that wrote it says. */
function checkFolder(folder: string): number {
  const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<
    string,
    Expected
  >;
  for (const [name, { writer, shape, affine, values }] of Object.entries(expected)) {
    const volume = readNifti(join(folder, name));
    assert.equal(volume.shape, shape, `${name} of ${writer}`);
    near(volume.affine.flat(), affine, 1e-5, `${name} of ${writer}`);
    // The scaled values are computed in doubles on both sides and differ by one rounding to float32 at most.
    near(volume.data, values, name.startsWith("scaled") ? 1e-4 : 0, `${name} of ${writer}`);
  }
  return Object.keys(expected).length;
}

test("reads volumes that nibabel 5.4.2 and SimpleITK 2.5.7 wrote", () => {
  assert.is(checkFolder(join(__dirname, "..", "fixtures", "nifti")), 12);
});

(typeof python === "string" ? test.skip : test)(
  "reads every variant that nibabel and SimpleITK write",
  () => {
    if (typeof python === "string") return;
    const folder = temporaryFolder();
    python.run("foreign_volumes.py", folder);
    assert.is(checkFolder(folder), 70);
  },
);

(typeof python === "string" ? test.skip : test)(
  "writes volumes that nibabel and SimpleITK read back equal",
  () => {
    if (typeof python === "string") return;
    const folder = temporaryFolder();
    const expected: Record<string, unknown> = {};
    const keep = (name: string, dtype: string, volume: NiftiVolume, rightAngled: boolean): void => {
      writeNifti(join(folder, name), volume);
      expected[name] = {
        dtype,
        shape: volume.shape,
        affine: volume.affine.flat(),
        values: [...volume.data],
        rightAngled,
      };
    };
    const shape = [4, 3, 5] as const;
    const stream = Rng.fromSeed(2).stream();
    const data = {
      uint8: Uint8Array.from({ length: 60 }, () => stream.integer(256)),
      int16: Int16Array.from({ length: 60 }, () => stream.integer(65536) - 32768),
      float32: Float32Array.from({ length: 60 }, () => stream.normal(0, 50)),
    };
    for (const [dtype, values] of Object.entries(data))
      for (const ending of ["nii", "nii.gz"])
        keep(
          `brats-${dtype}.${ending}`,
          dtype,
          { shape, spacingMm: [1, 1, 1], affine: BRATS_AFFINE, data: values },
          true,
        );
    for (let i = 0; i < 8; i++) {
      const spacingMm = [stream.uniform(0.5, 3), stream.uniform(0.5, 3), stream.uniform(0.5, 3)] as const;
      const affine = turned(stream.uniform(-3, 3), stream.uniform(-3, 3), spacingMm, i % 2 === 0 ? 1 : -1);
      keep(`turned-${i}.nii.gz`, "float32", { shape, spacingMm, affine, data: data.float32 }, true);
    }
    const sheared = [
      [1, 0.3, 0, 1],
      [0, 1, 0, 2],
      [0, 0, 1, 3],
      [0, 0, 0, 1],
    ];
    keep(
      "sheared.nii.gz",
      "int16",
      { shape, spacingMm: [1, 1, 1], affine: sheared, data: data.int16 },
      false,
    );
    writeFileSync(join(folder, "expected.json"), JSON.stringify(expected));
    assert.is(python.run("read_our_volumes.py", folder).trim().split("\n").length, 15);
  },
);

/** Turned about z, then about x, the third axis mirrored where the sign is -1. */
function turned(
  a: number,
  b: number,
  [dx, dy, dz]: readonly [number, number, number],
  sign: 1 | -1,
): readonly (readonly number[])[] {
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  return [
    [ca * dx, -sa * dy, 0, 11],
    [cb * sa * dx, cb * ca * dy, -sb * dz * sign, -22],
    [sb * sa * dx, sb * ca * dy, cb * dz * sign, 33],
    [0, 0, 0, 1],
  ];
}

test.run();
