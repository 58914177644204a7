import { spawnSync } from "node:child_process";
import fs, { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { Rng } from "../../lib/backend/rng";
import { BRATS_AFFINE, readNifti, writeNifti, type NiftiVolume } from "../../lib/data/nifti";
import { failsNaming } from "./input-fault";
import { near } from "../near";
import { rawNifti, writeRawNifti } from "./raw-nifti";
import { temporaryFolder } from "./temporary-folder";

const test = suite("readNifti and writeNifti");
const folder = temporaryFolder();
const path = join(folder, "volume.nii.gz");
const SHAPE = [3, 4, 2] as const;
const VALUES = Array.from({ length: 24 }, (_, i) => (i * 7) % 100);

function volumeOf(data: NiftiVolume["data"]): NiftiVolume {
  return { shape: SHAPE, spacingMm: [1, 1, 1], affine: BRATS_AFFINE, data };
}

for (const version of [1, 2] as const)
  for (const littleEndian of [true, false])
    for (const code of [2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280])
      test(`reads NIfTI-${version}, ${littleEndian ? "little" : "big"} endian, voxel type ${code}`, () => {
        for (const name of ["a.nii", "a.nii.gz"]) {
          writeRawNifti(join(folder, name), { version, littleEndian, code, dims: SHAPE, values: VALUES });
          const volume = readNifti(join(folder, name));
          assert.equal(volume.shape, [3, 4, 2]);
          assert.equal([...volume.data], VALUES);
        }
      });

test("keeps signs and large values of each type", () => {
  writeRawNifti(path, { code: 4, littleEndian: false, values: [-32768, -2, 32767] });
  assert.equal(readNifti(path).data, Int16Array.from([-32768, -2, 32767]));
  writeRawNifti(path, { code: 256, values: [-128, -1, 127] });
  assert.equal(readNifti(path).data, Int16Array.from([-128, -1, 127]));
  writeRawNifti(path, { code: 1024, values: [-(2 ** 40), 3, 2 ** 40] });
  assert.equal(readNifti(path).data, Float32Array.from([-(2 ** 40), 3, 2 ** 40]));
  writeRawNifti(path, { code: 512, values: [65535, 0, 1] });
  assert.equal(readNifti(path).data, Float32Array.from([65535, 0, 1]));
});

test("applies slope and intercept, and takes a slope of zero or NaN for none", () => {
  writeRawNifti(path, { code: 4, values: [0, 1, 10], slope: 0.5, intercept: -1 });
  assert.equal(readNifti(path).data, Float32Array.from([-1, -0.5, 4]));
  for (const slope of [0, Number.NaN, 1]) {
    writeRawNifti(path, { code: 4, values: [0, 1, 10], slope });
    assert.equal(readNifti(path).data, Int16Array.from([0, 1, 10]));
  }
});

test("finds the voxels behind a header extension", () => {
  for (const version of [1, 2] as const) {
    writeRawNifti(path, { version, extension: 32, code: 64, values: [1, 2, 3] });
    assert.equal([...readNifti(path).data], [1, 2, 3]);
  }
});

test("takes axes of length 1 after the third, and refuses longer ones", () => {
  writeRawNifti(path, { dims: [3, 2, 1, 1, 1], values: [1, 2, 3, 4, 5, 6] });
  assert.equal(readNifti(path).shape, [3, 2, 1]);
  writeRawNifti(path, { dims: [1, 1, 1, 3], values: [1, 2, 3] });
  failsNaming(() => readNifti(path), path, "1 x 1 x 1 x 3", "one 3D volume");
  writeRawNifti(path, { dims: [3, 2], values: [1, 2, 3, 4, 5, 6] });
  failsNaming(() => readNifti(path), path, "3 x 2");
});

test("prefers the sform, then the quaternion, then the voxel sizes", () => {
  const sform = [-1, 0, 0, 5, 0, -2, 0, 239, 0, 0, 3, -7];
  // Half a turn about z: b = c = 0, d = 1.
  const qform = [0, 0, 1, 10, 20, 30] as const;
  const pixdims = [1, 1, 2, 3];
  for (const version of [1, 2] as const) {
    writeRawNifti(path, { version, values: [1, 2, 3], sform, qform, pixdims });
    near(readNifti(path).affine.flat(), [...sform, 0, 0, 0, 1], 1e-6);
    writeRawNifti(path, { version, values: [1, 2, 3], qform, pixdims });
    near(readNifti(path).affine.flat(), [-1, 0, 0, 10, 0, -2, 0, 20, 0, 0, 3, 30, 0, 0, 0, 1], 1e-6);
    writeRawNifti(path, { version, values: [1, 2, 3], qform, pixdims: [-1, 1, 2, 3] });
    near(readNifti(path).affine.flat(), [-1, 0, 0, 10, 0, -2, 0, 20, 0, 0, -3, 30, 0, 0, 0, 1], 1e-6);
    writeRawNifti(path, { version, values: [1, 2, 3], pixdims });
    near(readNifti(path).affine.flat(), [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1], 1e-6);
  }
});

test("gives back what it wrote, of each type and of random geometry", () => {
  const rng = Rng.fromSeed(3);
  for (let i = 0; i < 10; i++) {
    const stream = rng.fork(i).stream();
    const draw = (): number => stream.integer(65536) - 32768;
    for (const data of [
      Int16Array.from(VALUES, draw),
      Uint8Array.from(VALUES, () => stream.integer(256)),
      Float32Array.from(VALUES, () => stream.normal(0, 100)),
    ]) {
      const affine = [
        ...[0, 1, 2].map(() => [0, 1, 2, 3].map(() => Math.fround(stream.normal()))),
        [0, 0, 0, 1],
      ];
      writeNifti(path, { ...volumeOf(data), affine });
      const back = readNifti(path);
      assert.equal(back.data, data);
      assert.equal(back.affine, affine);
    }
  }
});

test("writes the header of BraTS: quaternion (0, 0, 1), offset 239, mm, the same bytes each time", () => {
  writeNifti(path, volumeOf(Int16Array.from(VALUES)));
  const first = readFileSync(path);
  const header = gunzipSync(first);
  assert.is(header.readInt32LE(0), 348);
  assert.equal(
    [256, 260, 264, 268, 272, 276].map((at) => header.readFloatLE(at)),
    [0, 0, 1, 0, 239, 0],
  );
  assert.equal(
    [252, 254].map((at) => header.readInt16LE(at)),
    [1, 1],
  );
  assert.is(header.readFloatLE(108), 352);
  assert.is(header.readUInt8(123), 2);
  writeNifti(path, volumeOf(Int16Array.from(VALUES)));
  assert.equal(readFileSync(path), first);
});

test("reads every member of a multi-member gzip file", () => {
  const raw = rawNifti({ code: 4, dims: SHAPE, values: VALUES });
  writeFileSync(path, Buffer.concat([gzipSync(raw.subarray(0, 360)), gzipSync(raw.subarray(360))]));
  assert.equal([...readNifti(path).data], VALUES);
});

test("refuses a file cut short at any place", () => {
  const raw = rawNifti({ code: 4, dims: SHAPE, values: VALUES });
  const compressed = gzipSync(raw);
  for (let length = 0; length < compressed.length; length += 3) {
    writeFileSync(path, compressed.subarray(0, length));
    failsNaming(() => readNifti(path), path, "short");
  }
  for (const length of [0, 1, 100, 347, 351, 360, raw.length - 1]) {
    const plain = join(folder, "cut.nii");
    writeFileSync(plain, raw.subarray(0, length));
    failsNaming(() => readNifti(plain), plain, "short");
  }
});

test("refuses a damaged gzip stream: no flipped byte gives other voxels", () => {
  const raw = rawNifti({ code: 4, dims: SHAPE, values: VALUES });
  const compressed = gzipSync(raw);
  let refused = 0;
  for (let at = 0; at < compressed.length; at++) {
    const damaged = Buffer.from(compressed);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    writeFileSync(path, damaged);
    // A flip in the name or time of the gzip header, or of a distance within zeros, changes nothing.
    const read = voxelsOrFault(path);
    if (typeof read !== "string") assert.equal(read, VALUES, `byte ${at}`);
    else refused++;
  }
  assert.ok(refused > 0.8 * compressed.length, `${refused} of ${compressed.length} were noticed`);
});

function voxelsOrFault(file: string): readonly number[] | string {
  try {
    return [...readNifti(file).data];
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

test("refuses a header that promises more than the file can hold, before it allocates", () => {
  const raw = rawNifti({ code: 64, values: [1, 2, 3] });
  [30000, 30000, 30000].forEach((size, i) => raw.writeInt16LE(size, 42 + 2 * i));
  for (const bytes of [raw, gzipSync(raw)]) {
    writeFileSync(path, bytes);
    failsNaming(() => readNifti(path), path, "short", "30000 x 30000 x 30000");
  }
});

test("refuses a gzip file that holds more than its header promises", () => {
  writeFileSync(path, gzipSync(Buffer.concat([rawNifti({ values: [1, 2, 3] }), Buffer.alloc(10_000_000)])));
  failsNaming(() => readNifti(path), path, "more data");
});

test("counts NaN and infinite voxels", () => {
  writeRawNifti(path, { code: 16, values: [1, Number.NaN, 3, Number.NaN, Infinity, -Infinity, -Infinity] });
  failsNaming(() => readNifti(path), path, "2 NaN and 3 infinite of 7 voxels");
});

test("refuses what is not a single NIfTI file of real numbers", () => {
  writeFileSync(path, "x".repeat(1000));
  failsNaming(() => readNifti(path), path, "not a NIfTI file");
  writeRawNifti(path, { code: 32, values: [1, 2] });
  failsNaming(() => readNifti(path), path, "unsupported type (NIfTI code 32)");
  const pair = rawNifti({ values: [1] });
  pair.write("ni1", 344, "latin1");
  writeFileSync(path, pair);
  failsNaming(() => readNifti(path), path, ".hdr/.img");
  failsNaming(() => readNifti(folder), folder, "is a folder");
  failsNaming(() => readNifti(join(folder, "none.nii")), "none.nii", "no such file");
});

test("leaves nothing where the disk is full or the folder is closed", () => {
  const target = join(folder, "full", "a.nii.gz");
  mkdirSync(join(folder, "full"));
  const patched: { writeSync: unknown } = fs;
  const original = patched.writeSync;
  for (const [code, text] of [
    ["ENOSPC", "no space left"],
    ["EROFS", "permission denied"],
    ["EACCES", "permission denied"],
  ] as const) {
    patched.writeSync = () => {
      throw Object.assign(new Error(code), { code });
    };
    try {
      failsNaming(
        () => {
          writeNifti(target, volumeOf(Int16Array.from(VALUES)));
        },
        target,
        text,
      );
    } finally {
      patched.writeSync = original;
    }
    assert.equal(readdirSync(join(folder, "full")), []);
  }
  assert.not.ok(existsSync(target));
});

test("refuses data that do not fill the shape", () => {
  assert.throws(() => {
    writeNifti(path, volumeOf(new Int16Array(5)));
  }, /5 voxels do not fill/);
});

const python = process.env["SYNTHMR_PYTHON"] ?? "python3";
const hasNibabel = spawnSync(python, ["-c", "import nibabel"]).status === 0;
if (!hasNibabel) console.log("skipped: nibabel is not installed, volumes were not compared with it");

(hasNibabel ? test : test.skip)("agrees with nibabel in both directions", () => {
  const script = `
import sys, nibabel as nib, numpy as np
folder = sys.argv[1]
ours = nib.load(folder + "/ours.nii.gz")
assert ours.shape == (3, 4, 2), ours.shape
assert ours.get_data_dtype() == np.int16
assert np.allclose(ours.affine, [[-1, 0, 0, 0], [0, -1, 0, 239], [0, 0, 1, 0], [0, 0, 0, 1]])
assert np.allclose(ours.get_qform(), ours.affine)
assert np.array_equal(np.asarray(ours.dataobj).ravel(order="F"), [(i * 7) % 100 for i in range(24)])
rng = np.random.default_rng(1)
data = rng.normal(size=(5, 3, 4)).astype(np.float32) * 100
for kind, image in (("nifti1", nib.Nifti1Image), ("nifti2", nib.Nifti2Image)):
    for dtype in ("uint8", "int16", "int32", "float32", "float64", ">i2", ">f4"):
        header = image.header_class(endianness=">" if dtype[0] == ">" else "<")
        saved = image(np.abs(data), ours.get_qform(), header)
        saved.set_data_dtype(np.dtype(dtype).newbyteorder("="))
        name = "%s/%s_%s" % (folder, kind, dtype.replace(">", "be"))
        nib.save(saved, name + ".nii.gz")
        np.asarray(nib.load(name + ".nii.gz").dataobj, dtype=np.float32).ravel(order="F").tofile(name + ".f32")
`;
  writeNifti(join(folder, "ours.nii.gz"), volumeOf(Int16Array.from(VALUES)));
  const run = spawnSync(python, ["-c", script, folder], { encoding: "utf8" });
  assert.is(run.status, 0, run.stderr);
  const names = readdirSync(folder).filter((name) => name.endsWith(".f32"));
  assert.is(names.length, 14);
  for (const name of names) {
    const expected = new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer);
    const volume = readNifti(join(folder, name.replace(".f32", ".nii.gz")));
    near(volume.data, expected, 1e-6, name);
    near(volume.affine.flat(), BRATS_AFFINE.flat(), 1e-6, name);
  }
});

test.run();
