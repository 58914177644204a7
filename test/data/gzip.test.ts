import { gunzipSync, gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { gunzipWhole, gzip, isGzip } from "../../lib/data/gzip";

const test = suite("gzip");

/** Bytes of which every second one is drawn at random. */
function noise(count: number): Uint8Array {
  const stream = Rng.fromSeed(3).stream();
  return Uint8Array.from({ length: count }, (_, i) => (i % 2 === 0 ? stream.integer(256) : 7));
}

const PARTS = [noise(352), new Uint8Array(0), noise(100_000)] as const;
const WHOLE = Buffer.concat(PARTS);
const packed = Buffer.concat(gzip(PARTS));

test("gives one member that holds the parts in order", () => {
  assert.ok(isGzip(packed));
  assert.is(Buffer.compare(gunzipSync(packed), WHOLE), 0);
  assert.is(Buffer.compare(gunzipWhole("file", packed, WHOLE.length), WHOLE), 0);
});

test("ends with the checksum and length of everything, as zlib's own", () => {
  const reference = gzipSync(WHOLE);
  assert.equal(packed.subarray(-8), reference.subarray(-8));
});

test("takes hardly more room than compressing the joined parts", () => {
  const joined = gzipSync(WHOLE, { level: 1, memLevel: 9 });
  assert.ok(packed.length <= 1.01 * joined.length, `${packed.length} against ${joined.length}`);
});

test("gives the same bytes for the same parts", () => {
  assert.is(Buffer.compare(Buffer.concat(gzip(PARTS)), packed), 0);
});

test("packs nothing, too", () => {
  assert.is(gunzipSync(Buffer.concat(gzip([]))).length, 0);
});

test.run();
