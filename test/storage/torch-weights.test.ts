import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../lib/errors";
import { crc32 } from "../../lib/setup/crc32";
import { toFloat32, toInt32 } from "../../lib/storage/safetensors";
import { readTorchWeights } from "../../lib/storage/torch-weights";
import { temporaryFolder } from "../temporary-folder";

const test = suite("readTorchWeights");

const bytes = (...parts: readonly (string | readonly number[] | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  );
const text = (value: string): Buffer => bytes("X", [value.length, 0, 0, 0], value);
const storage = (type: string, key: string, count: number): Buffer =>
  bytes("(", text("storage"), `ctorch\n${type}\n`, text(key), text("cpu"), "K", [count], "N", "tQ");
const numbers = (...values: number[]): Buffer => bytes("(", ...values.map((v) => bytes("K", [v])), "t");

/** One entry of a state dict as PyTorch writes it. */
function tensor(name: string, from: Buffer, offset: number, shape: number[], strides: number[]): Buffer {
  return bytes(
    text(name),
    "ctorch._utils\n_rebuild_tensor_v2\n(",
    from,
    "K",
    [offset],
    numbers(...shape),
    numbers(...strides),
    "\x89ccollections\nOrderedDict\n)RtR",
  );
}

const dict = (...entries: Buffer[]): Buffer =>
  bytes("\x80\x02ccollections\nOrderedDict\n)R(", ...entries, "u}b.");

/** A file of PyTorch before 1.6: magic number, version, system, weights, keys, storages. */
function legacy(
  weights: Buffer,
  storages: readonly (readonly [key: string, values: Buffer, count: number])[],
): Buffer {
  const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
  const keys = bytes("\x80\x02](", ...storages.map(([key]) => text(key)), "e.");
  const values = storages.map(([, data, count]) => bytes([count, 0, 0, 0, 0, 0, 0, 0], data));
  return bytes(
    magic,
    "\x80\x02M\xe9\x03.",
    "\x80\x02}",
    text("little_endian"),
    "\x88s.",
    weights,
    keys,
    ...values,
  );
}

const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const matrix = tensor("layer.weight", storage("FloatStorage", "7", 6), 0, [2, 3], [1, 2]);
const good = legacy(dict(matrix, tensor("steps", storage("LongStorage", "8", 1), 0, [], [])), [
  ["7", floats(1, 2, 3, 4, 5, 6), 6],
  ["8", Buffer.from(BigInt64Array.of(42n).buffer), 1],
]);

/** One entry of a zip archive, stored, and the archive of all. */
function zip(files: Readonly<Record<string, Buffer>>): Buffer {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const fields = Buffer.alloc(16);
    fields.writeUInt32LE(crc32(data), 4);
    fields.writeUInt32LE(data.length, 8);
    fields.writeUInt32LE(data.length, 12);
    const length = [name.length, 0, 0, 0];
    const body = bytes("PK\x03\x04", [0, 0, 0, 0, 0, 0], fields, length, name, data);
    const place = Buffer.alloc(4);
    place.writeUInt32LE(offset);
    directory.push(
      bytes("PK\x01\x02", [0, 0, 0, 0, 0, 0, 0, 0], fields, length, Buffer.alloc(10), place, name),
    );
    bodies.push(body);
    offset += body.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(bodies.length, 8);
  end.writeUInt16LE(bodies.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}

async function read(content: Buffer): ReturnType<typeof readTorchWeights> {
  const folder = temporaryFolder();
  const path = join(folder, "weights.pth");
  writeFileSync(path, content);
  return readTorchWeights(path);
}

test("reads the old format, tensors with transposed steps in the order of their axes", async () => {
  const found = await read(good);
  assert.equal([...found.keys()], ["layer.weight", "steps"]);
  const weight = found.get("layer.weight");
  const steps = found.get("steps");
  assert.ok(weight && steps);
  // Element (i, j) stands at i + 2 j.
  assert.equal(
    [weight.shape, Array.from(toFloat32(weight))],
    [
      [2, 3],
      [1, 3, 5, 2, 4, 6],
    ],
  );
  assert.equal([steps.shape, Array.from(toInt32(steps))], [[], [42]]);
});

test("reads the archives of PyTorch 1.6 and later", async () => {
  const part = tensor("bias", storage("FloatStorage", "0", 4), 1, [2], [1]);
  const found = await read(
    zip({
      "net/data.pkl": dict(part),
      "net/byteorder": Buffer.from("little"),
      "net/data/0": floats(1, 2, 3, 4),
    }),
  );
  const bias = found.get("bias");
  assert.ok(bias);
  assert.equal(Array.from(toFloat32(bias)), [2, 3]);
});

const refused: [string, Buffer, RegExp][] = [
  [
    "a call of a system function",
    legacy(bytes("\x80\x02cos\nsystem\n(", text("true"), "tR."), []),
    /asks to call os.system/,
  ],
  [
    "a call of eval",
    legacy(bytes("\x80\x02cbuiltins\neval\n(", text("1"), "tR."), []),
    /asks to call builtins.eval/,
  ],
  ["an object of a class", legacy(bytes("\x80\x02)\x81."), []), /operation 0x81 .* is not allowed/],
  ["an operation of another protocol", legacy(bytes("\x80\x04N."), []), /not of protocol 2/],
  ["a file cut short", good.subarray(0, good.length - 3), /cut short/],
  [
    "a tensor beyond its storage",
    legacy(dict(tensor("a", storage("FloatStorage", "7", 2), 1, [2], [1])), [["7", floats(1, 2), 2]]),
    /beyond its storage/,
  ],
  [
    "a huge tensor of one value",
    legacy(dict(tensor("a", storage("FloatStorage", "7", 1), 0, [255, 255], [0, 0])), [["7", floats(1), 1]]),
    /beyond its storage/,
  ],
  [
    "an unknown storage",
    legacy(dict(tensor("a", storage("QInt8Storage", "7", 2), 0, [2], [1])), []),
    /unknown storage torch.QInt8Storage/,
  ],
  ["a whole model in place of weights", legacy(bytes("\x80\x02N."), []), /does not hold named tensors/],
  [
    "numbers among the tensors",
    legacy(dict(bytes(text("epoch"), "K\x05")), []),
    /epoch is not a named tensor/,
  ],
  ["an archive without weights", zip({ "net/other": Buffer.from("x") }), /has no data.pkl/],
  ["something else", Buffer.from("not weights at all"), /can be read safely/],
];
for (const [what, content, reason] of refused)
  test(`refuses ${what} in one line`, async () => {
    try {
      await read(content);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, InputError);
      assert.match((error as InputError).message, reason);
      assert.not.match((error as InputError).message, /\n/);
    }
  });

test("says that there is no such file", async () => {
  try {
    await readTorchWeights("/nowhere/weights.pth");
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputError);
  }
});

test.run();
