import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentHash, sha256 } from "../../lib/storage/content-hash";

const test = suite("content hash");

test("is the SHA-256 of FIPS 180-4 over all parts", () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.is(sha256(Buffer.from("abc")), abc);
  assert.is(sha256(Buffer.from("a"), Buffer.from("bc")), abc);
});

test("names equal values alike, whatever the order of their keys, and others otherwise", () => {
  const name = contentHash({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: null } });
  assert.match(name, /^[0-9a-f]{16}$/);
  assert.is(contentHash({ b: { f: null, c: [1, { e: 3, d: 2 }] }, a: 1 }), name);
  const others = [{ a: 1 }, { a: "1" }, [1, 2], [2, 1], { a: [] }, { a: {} }, null].map(contentHash);
  assert.is(new Set([name, ...others]).size, others.length + 1);
});

test.run();
