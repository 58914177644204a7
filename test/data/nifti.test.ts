import fs, { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { BRATS_AFFINE, readNifti, readNiftiFrames, writeNifti, type NiftiVolume } from "../../lib/data/nifti";
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
  writeRawNifti(path, { dims: [6], values: [1, 2, 3, 4, 5, 6] });
  failsNaming(() => readNifti(path), path, "the shape 6");
});

test("takes an image as one slice", () => {
  writeRawNifti(path, { dims: [3, 2], values: [1, 2, 3, 4, 5, 6] });
  const { shape, data } = readNifti(path);
  assert.equal(
    [shape, [...data]],
    [
      [3, 2, 1],
      [1, 2, 3, 4, 5, 6],
    ],
  );
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

test("reads a pair by either of its names, plain and compressed, in capitals too", () => {
  for (const [version, littleEndian] of [
    [1, true],
    [2, false],
  ] as const) {
    const raw = rawNifti({ version, littleEndian, code: 4, dims: SHAPE, values: VALUES });
    const offset = version === 1 ? 352 : 544;
    raw.write(`ni${version}`, version === 1 ? 344 : 4, "latin1");
    // The voxels open their own file.
    if (version === 1) raw.writeFloatLE(0, 108);
    else raw.writeBigInt64BE(0n, 168);
    const stem = join(folder, `pair${version}`);
    writeFileSync(`${stem}.hdr`, raw.subarray(0, offset));
    failsNaming(() => readNifti(`${stem}.hdr`), `${stem}.hdr`, ".hdr/.img", "missing");
    writeFileSync(`${stem}.img`, raw.subarray(offset));
    writeFileSync(`${stem}.HDR`, raw.subarray(0, offset));
    writeFileSync(`${stem}.IMG.gz`, gzipSync(raw.subarray(offset)));
    for (const ending of ["hdr", "img", "HDR", "IMG.gz"])
      assert.equal([...readNifti(`${stem}.${ending}`).data], VALUES, ending);
    writeFileSync(`${stem}.img`, raw.subarray(offset, -1));
    failsNaming(() => readNifti(`${stem}.hdr`), `${stem}.img`, "cut short");
  }
});

test("reads the volumes of a 4D file one by one, and refuses it where one is expected", () => {
  const values = Array.from({ length: 24 }, (_, i) => i);
  for (const littleEndian of [true, false]) {
    writeRawNifti(path, { code: 16, littleEndian, dims: [2, 3, 2, 2], values, slope: 2, intercept: 1 });
    failsNaming(() => readNifti(path), path, "2 x 3 x 2 x 2", "one 3D volume");
    assert.equal(
      readNiftiFrames(path).map(({ data }) => [...data]),
      [values.slice(0, 12), values.slice(12)].map((frame) => frame.map((value) => 2 * value + 1)),
    );
  }
});

test("says whether the header places the voxels at all", () => {
  writeRawNifti(path, { values: [1, 2, 3] });
  assert.is(readNifti(path).orientation, "none");
  writeRawNifti(path, { values: [1, 2, 3], qform: [0, 0, 1, 0, 0, 0] });
  assert.is(readNifti(path).orientation, "qform");
});

test("writes plain files where the name says so", () => {
  const plain = join(folder, "plain.nii");
  writeNifti(plain, volumeOf(Int16Array.from(VALUES)));
  assert.is(readFileSync(plain).readInt32LE(0), 348);
  assert.equal([...readNifti(plain).data], VALUES);
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

test.run();
