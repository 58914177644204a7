import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { crc32c } from "../../../lib/training/loop/crc32c";
import { EventFile } from "../../../lib/training/loop/event-file";
import type { LogLine } from "../../../lib/training/loop/run-log";
import { temporaryFolder } from "../../temporary-folder";

const test = suite("event file");

const line = (step: number): LogLine => ({
  step,
  imagesSeen: 300 * step,
  loss: 1 / step,
  learningRate: 0.5,
  imagesPerSec: 12.5,
  durationSec: step / 4,
  residentMb: 200,
  details: { r1: 0.25 },
});

/** The records of a file, their checksums verified. */
function recordsOf(bytes: Buffer): Buffer[] {
  const unmasked = (at: number) => {
    const rotated = (bytes.readUInt32LE(at) - 0xa282ead8) >>> 0;
    return ((rotated << 15) | (rotated >>> 17)) >>> 0;
  };
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    assert.is(unmasked(at + 8), crc32c(bytes.subarray(at, at + 8)));
    const record = bytes.subarray(at + 12, at + 12 + length);
    assert.is(unmasked(at + 12 + length), crc32c(record));
    records.push(record);
    at += 16 + length;
  }
  return records;
}

/** The fields of a message: numbers as they stand, the rest as bytes. */
function fieldsOf(bytes: Buffer): [number, number | Buffer][] {
  const fields: [number, number | Buffer][] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, kind] = [tag >> 3, tag & 7];
    if (kind === 0) fields.push([field, varint()]);
    else if (kind === 1) fields.push([field, bytes.readDoubleLE((at += 8) - 8)]);
    else if (kind === 5) fields.push([field, bytes.readFloatLE((at += 4) - 4)]);
    else {
      const length = varint();
      fields.push([field, bytes.subarray(at, (at += length))]);
    }
  }
  return fields;
}

function scalarsOf(record: Buffer): { time: unknown; step: unknown; scalars: Record<string, unknown> } {
  const fields = new Map(fieldsOf(record));
  const summary = fields.get(5);
  const values = summary instanceof Buffer ? fieldsOf(summary) : [];
  const scalars = Object.fromEntries(
    values.map(([, value]) => {
      const entry = new Map(fieldsOf(value as Buffer));
      return [String(entry.get(1)), entry.get(2)];
    }),
  );
  return { time: fields.get(1), step: fields.get(2), scalars };
}

const bytesOf = (folder: string) => readFileSync(join(folder, readdirSync(folder)[0] ?? ""));

test("the checksum is that of RFC 3720's examples", () => {
  assert.is(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.is(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.is(crc32c(Buffer.from("123456789")), 0xe3069283);
});

test("holds the version, then the numbers of each line against the images seen", () => {
  const folder = temporaryFolder();
  const events = new EventFile(folder);
  events.write([line(1)]);
  events.append(line(2));
  const [version, ...rest] = recordsOf(bytesOf(folder));
  assert.is(String(new Map(fieldsOf(version ?? Buffer.alloc(0))).get(3)), "brain.Event:2");
  assert.equal(rest.map(scalarsOf), [
    { time: 0.25, step: 300, scalars: { ...SCALARS, loss: 1 } },
    { time: 0.5, step: 600, scalars: { ...SCALARS, loss: 0.5 } },
  ]);
});

const SCALARS = { learningRate: 0.5, imagesPerSec: 12.5, residentMb: 200, "details/r1": 0.25 };

test("a resumed run's file is that of its log, whatever stood there", () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()];
  const events = new EventFile(folder);
  events.write([line(1), line(2), line(3)]);
  events.write([line(1)]);
  events.append(line(2));
  new EventFile(other).write([line(1), line(2)]);
  assert.equal(bytesOf(folder), bytesOf(other));
});

test("is found by TensorBoard: one file with tfevents in its name", () => {
  const folder = temporaryFolder();
  new EventFile(folder).write([]);
  assert.is(readdirSync(folder).length, 1);
  assert.match(readdirSync(folder)[0] ?? "", /\.tfevents\./);
});

test.run();
