import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import {
  fromFloat32,
  fromFloat32AsHalf,
  readSafetensors,
  toFloat32,
  toInt32,
  writeSafetensors,
  type ElementType,
  type StoredTensor,
} from "../../lib/storage/safetensors";
import { temporaryFolder } from "../temporary-folder";

const test = suite("safetensors");

const folder = temporaryFolder();
const path = join(folder, "case.safetensors");

/** Writes a file with any header, sound or not, before `dataBytes` zeros. */
function writeRaw(header: unknown, dataBytes: number, headerBytes?: number): void {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes ?? text.length));
  writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(dataBytes)]));
}

const f32 = (shape: unknown, offsets: unknown) => ({ dtype: "F32", shape, data_offsets: offsets });

/** Asserts that reading fails with one line for the user that names the file and says this. */
function refuses(reason: RegExp, message?: string): void {
  try {
    readSafetensors(path);
  } catch (error) {
    assert.instance(error, InputError, message);
    assert.is((error as InputError).subject, path, message);
    assert.match((error as InputError).message, reason, message);
    return;
  }
  assert.unreachable(`${message ?? "the file"} was read`);
}

test("gives back what was written", () => {
  const tensors = new Map<string, StoredTensor>([
    ["weights/größe", fromFloat32(Float32Array.of(1.5, -0, 1e-45, Infinity, Number.NaN, 3), [2, 3])],
    ["scalar", fromFloat32(Float32Array.of(7), [])],
    ["empty", fromFloat32(new Float32Array(0), [0, 4])],
    ["bytes", { dtype: "U8", shape: [3], bytes: Uint8Array.of(0, 128, 255) }],
  ]);
  writeSafetensors(path, { tensors, metadata: { note: '日本 "quoted"' } });
  const read = readSafetensors(path);
  assert.equal(read.metadata, { note: '日本 "quoted"' });
  assert.equal([...read.tensors.keys()], [...tensors.keys()]);
  for (const [name, { dtype, shape, bytes }] of tensors) {
    const found = read.tensors.get(name);
    assert.is(found?.dtype, dtype);
    assert.equal(found?.shape, shape);
    assert.equal(Buffer.from(found?.bytes ?? []), Buffer.from(bytes), name);
  }
  assert.equal(readdirSync(folder), ["case.safetensors"]);
});

test("pads the header to a multiple of 8 bytes with spaces, as the format has it", () => {
  for (const name of ["a", "ab", "é", "日本"]) {
    writeSafetensors(path, {
      tensors: new Map([[name, fromFloat32(Float32Array.of(1), [1])]]),
      metadata: {},
    });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    assert.is(length % 8, 0);
    assert.is(bytes.length, 8 + length + 4);
    assert.equal(Object.keys(JSON.parse(bytes.subarray(8, 8 + length).toString()) as object), [name]);
  }
});

test("holds no tensors without complaint", () => {
  writeSafetensors(path, { tensors: new Map(), metadata: {} });
  assert.is(readSafetensors(path).tensors.size, 0);
});

test("refuses a file cut short at any byte", () => {
  const tensors = new Map([
    ["a", fromFloat32(Float32Array.of(1, 2), [2])],
    ["b", fromFloat32(Float32Array.of(3), [1])],
  ]);
  writeSafetensors(path, { tensors, metadata: { progress: "{}" } });
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    refuses(/not a readable safetensors file/, `${length} of ${whole.length} bytes`);
  }
});

test("refuses a header that is longer than the file, without allocating it", () => {
  for (const length of [100, 2 ** 31, 2 ** 53, 2 ** 63]) {
    writeRaw({}, 0, length);
    refuses(/its header is longer than the file/, `${length}`);
  }
});

test("refuses a header that is no JSON object", () => {
  for (const [header, reason] of [
    ["{", /not JSON/],
    ["", /not JSON/],
    ["[]", /not an object/],
    ["null", /not an object/],
    ["3", /not an object/],
  ] as const) {
    writeRaw(header, 0);
    refuses(reason, header);
  }
});

test("refuses offsets that are no places in the file", () => {
  for (const offsets of [
    [-4, 0],
    [0.5, 4.5],
    [4, 0],
    [0, 8],
    [0],
    [0, 4, 8],
    "0-4",
    null,
    [0, "4"],
    [0, 1e300],
  ]) {
    writeRaw({ a: f32([1], offsets) }, 4);
    refuses(/tensor a (has no valid offsets|does not fit its place)/, JSON.stringify(offsets));
  }
});

test("refuses tensors that overlap, leave gaps or leave data over", () => {
  writeRaw({ a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, 12);
  refuses(/overlap/);
  writeRaw({ a: f32([1], [0, 4]), b: f32([1], [0, 4]) }, 4);
  refuses(/overlap/);
  writeRaw({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12);
  refuses(/gaps/);
  writeRaw({ a: f32([1], [0, 4]) }, 5);
  refuses(/more data/);
});

test("takes tensors in any order", () => {
  writeRaw({ b: f32([1], [4, 8]), empty: f32([0], [4, 4]), a: f32([1], [0, 4]) }, 8);
  assert.equal([...readSafetensors(path).tensors.keys()], ["b", "empty", "a"]);
});

test("refuses shapes that are no shapes", () => {
  for (const shape of [[-1], [0.25], ["1"], 1, null, [2], [2 ** 52, 2 ** 52]]) {
    writeRaw({ a: f32(shape, [0, 4]) }, 4);
    refuses(/tensor a (has no valid shape|does not fit its place)/, JSON.stringify(shape));
  }
});

test("refuses element types that it does not know", () => {
  for (const dtype of ["F8", "f32", "constructor", 3, undefined]) {
    writeRaw({ a: { dtype, shape: [1], data_offsets: [0, 4] } }, 4);
    refuses(/tensor a has the unknown type/, String(dtype));
  }
  for (const entry of [null, 3, "F32", []]) {
    writeRaw({ a: entry }, 0);
    refuses(/tensor a has the unknown type/);
  }
});

test("says so where there is no file, or a folder", () => {
  assert.throws(() => readSafetensors(join(folder, "none")), /none: no such file or folder/);
  assert.throws(() => readSafetensors(folder), /is a folder, not a file/);
});

const stored = (dtype: ElementType, bytes: ArrayLike<number>, shape = [1]): StoredTensor => ({
  dtype,
  shape,
  bytes: Uint8Array.from(bytes),
});

test("reads and writes half precision", () => {
  assert.equal([...toFloat32(stored("F16", [0x00, 0x3c, 0xff, 0x83]))], [1, -1023 * 2 ** -24]);
  const written = fromFloat32AsHalf(Float32Array.of(0.1, -2, 1e-7), [3]);
  assert.equal([written.dtype, written.bytes.length], ["F16", 6]);
  assert.equal([...toFloat32(written)], [0.0999755859375, -2, 2 * 2 ** -24]);
});

test("reads bfloat16 as the upper half of a float32", () => {
  const cases = [
    [0x3f80, 1],
    [0xc049, -3.140625],
    [0x0001, 2 ** -133],
    [0x8080, -(2 ** -126)],
    [0x7f80, Infinity],
  ] as const;
  for (const [word, value] of cases) assert.is(toFloat32(stored("BF16", [word & 255, word >> 8]))[0], value);
  assert.ok(Number.isNaN(toFloat32(stored("BF16", [0xc0, 0x7f]))[0]));
});

test("reads doubles and integers", () => {
  assert.is(toFloat32(stored("F64", new Uint8Array(Float64Array.of(0.1).buffer)))[0], Math.fround(0.1));
  assert.is(toInt32(stored("I64", new Uint8Array(BigInt64Array.of(-5n).buffer)))[0], -5);
  assert.is(toInt32(stored("I32", new Uint8Array(Int32Array.of(-6).buffer)))[0], -6);
  assert.is(toInt32(stored("U8", [200]))[0], 200);
  const wide = (value: bigint) => toInt32(stored("I64", new Uint8Array(BigInt64Array.of(value).buffer)));
  assert.equal([wide(2n ** 31n - 1n)[0], wide(-(2n ** 31n))[0]], [2 ** 31 - 1, -(2 ** 31)]);
  for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 62n])
    assert.throws(() => wide(value), new RegExp(`holds ${value}, which does not fit into 32 bits`));
  assert.throws(() => toInt32(stored("F32", [0, 0, 0, 0])), /not an integer tensor/);
  assert.throws(() => toFloat32(stored("I32", [0, 0, 0, 0])), /not a floating-point tensor/);
});

test("copies values out of a larger buffer, aligned or not", () => {
  const large = Buffer.alloc(64);
  large.writeFloatLE(2.5, 9);
  const values = toFloat32({ dtype: "F32", shape: [1], bytes: large.subarray(9, 13) });
  assert.equal([...values], [2.5]);
  large.fill(0);
  assert.is(values[0], 2.5);
  large.writeInt32LE(-3, 17);
  assert.equal([...toInt32({ dtype: "I32", shape: [1], bytes: large.subarray(17, 21) })], [-3]);
});

test.run();
