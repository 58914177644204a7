import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { readNifti } from "../../lib/data/nifti";
import { failsNaming } from "./input-fault";
import { rawNifti, writeRawNifti } from "./raw-nifti";
import { temporaryFolder } from "./temporary-folder";

const test = suite("readNifti on hostile and broken files");
const folder = temporaryFolder();
const path = join(folder, "volume.nii.gz");
const SHAPE = [3, 4, 2] as const;
const VALUES = Array.from({ length: 24 }, (_, i) => (i * 7) % 100);

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
  failsNaming(() => readNifti(folder), folder, "is a folder");
  failsNaming(() => readNifti(join(folder, "none.nii")), "none.nii", "no such file");
});

test("refuses sizes that overflow, are negative or nought, axes and offsets that cannot be", () => {
  const at = (change: (raw: Buffer) => void): void => {
    const raw = rawNifti({ values: [1, 2, 3] });
    change(raw);
    for (const bytes of [raw, gzipSync(raw)]) {
      writeFileSync(path, bytes);
      failsNaming(() => readNifti(path), path);
    }
  };
  for (const size of [-1, -32768, 0]) at((raw) => raw.writeInt16LE(size, 42));
  for (const rank of [-1, 0, 8, 32767]) at((raw) => raw.writeInt16LE(rank, 40));
  for (const offset of [-1, -1e30, 1e30, Number.NaN, Infinity]) at((raw) => raw.writeFloatLE(offset, 108));
  const big = rawNifti({ version: 2, values: [1, 2, 3] });
  for (const size of [-1n, 2n ** 62n, 2n ** 53n + 1n, -(2n ** 63n)]) {
    big.writeBigInt64LE(size, 24);
    writeFileSync(path, gzipSync(big));
    failsNaming(() => readNifti(path), path);
  }
});

test("refuses voxels that would fill the memory although the file could hold them", () => {
  // Three gigabytes of zeros in three megabytes: the header is honest, the memory is not there for it.
  const raw = rawNifti({ code: 4, values: [1, 2, 3] });
  [1250, 1250, 1000].forEach((size, i) => raw.writeInt16LE(size, 42 + 2 * i));
  const piece = gzipSync(Buffer.alloc(2 ** 24));
  writeFileSync(path, Buffer.concat([gzipSync(raw), ...Array.from({ length: 190 }, () => piece)]));
  const before = process.memoryUsage().rss;
  failsNaming(() => readNifti(path), path, "2.9 GiB of voxels");
  assert.ok(process.memoryUsage().rss - before < 2e8);
});

test("follows links to files, and names pipes, devices and links in a circle", () => {
  const target = join(folder, "target.nii");
  writeRawNifti(target, { code: 4, dims: SHAPE, values: VALUES });
  const link = join(folder, "link.nii");
  symlinkSync(target, link);
  assert.equal([...readNifti(link).data], VALUES);
  const circle = join(folder, "circle.nii");
  symlinkSync(circle, circle);
  failsNaming(() => readNifti(circle), circle, "link");
  const device = join(folder, "device.nii");
  symlinkSync("/dev/zero", device);
  failsNaming(() => readNifti(device), device, "not a regular file");
  const pipe = join(folder, "pipe.nii");
  if (spawnSync("mkfifo", [pipe]).status === 0)
    failsNaming(() => readNifti(pipe), pipe, "not a regular file");
});

test("refuses an affine that gives an axis no length", () => {
  writeRawNifti(path, { values: [1, 2, 3], sform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] });
  failsNaming(() => readNifti(path), path, "no length");
});

test.run();
