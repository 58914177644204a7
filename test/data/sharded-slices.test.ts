import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { masksOf, networkValues } from "../../lib/data/batches";
import { openPrepared, readListing, writeListing } from "../../lib/data/prepared-folder";
import { pixelsOf, ShardedSlices } from "../../lib/data/sharded-slices";
import {
  concatSlices,
  selectSlices,
  selectSubjects,
  writeSliceSet,
  type SliceSet,
} from "../../lib/data/slice-set";
import { failsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("ShardedSlices");
const stream = Rng.fromSeed(6).stream();
const counts = [3, 0, 5, 2];
const sets: readonly SliceSet[] = counts.map((count, i) => ({
  size: 8,
  count,
  images: Uint8Array.from({ length: count * 320 }, () => stream.integer(256)),
  subjects: [`P${i}`],
  subjectOf: new Int32Array(count),
  z: Int32Array.from({ length: count }, (_, n) => 40 + n),
  simulated: i === 3,
  source: `cohort ${i % 2}`,
}));
const folder = temporaryFolder();
const paths = sets.map((set, i) => {
  const path = join(folder, `P${i}-8.safetensors`);
  writeSliceSet(path, set);
  return path;
});
const whole = concatSlices(sets);

test("gives the same slices as the sets in memory", () => {
  const slices = ShardedSlices.open(paths);
  assert.equal(slices.load(), whole);
  const some = [9, 0, 4, 4];
  assert.equal(slices.load(some), selectSlices(whole, some));
  assert.equal(networkValues(slices, some), networkValues(whole, some));
  assert.equal(masksOf(slices, some), masksOf(whole, some));
  for (let n = 0; n < whole.count; n++) assert.equal([...pixelsOf(slices, n)], [...pixelsOf(whole, n)]);
  slices.close();
  assert.equal([...slices.pixels(7)], [...pixelsOf(whole, 7)], "opens its files again");
});

test("selects subjects without reading them", () => {
  const slices = ShardedSlices.open(paths);
  const chosen = slices.selectSubjects(["P3", "P0"]);
  assert.equal(chosen.load(), selectSubjects(whole, ["P3", "P0"]));
  failsNaming(() => slices.selectSubjects(["P9"]), "P9", "cohort 0; cohort 1");
});

test("holds no more files open than it may, whatever the number of shards", () => {
  const many = Array.from({ length: 300 }, (_, i) => paths[[0, 2, 3][i % 3] ?? 0] ?? "");
  const slices = ShardedSlices.open(many);
  for (let n = 0; n < slices.count; n += 2) slices.pixels(n);
  assert.equal([...slices.pixels(3)], [...pixelsOf(whole, 3)]);
  slices.close();
});

test("names a slice, a shard or a size that is not there", () => {
  const slices = ShardedSlices.open(paths);
  for (const n of [-1, 10, 0.5, Number.NaN]) assert.throws(() => slices.pixels(n), /does not exist/);
  failsNaming(() => ShardedSlices.open([]), "no file to open");
  failsNaming(() => ShardedSlices.open([join(folder, "none")]), "none", "no such file");
  const other = join(folder, "other.safetensors");
  writeSliceSet(other, { ...whole, size: 4, images: new Uint8Array(whole.count * 80) });
  failsNaming(() => ShardedSlices.open([paths[0] ?? "", other]), other, "size 4", "8");
  truncateSync(other, 200);
  failsNaming(() => ShardedSlices.open([other]), other, "not a readable safetensors");
});

test("lists a folder of shards, and opens it by that list", () => {
  const summaries = paths.map((path, i) => ({
    path,
    slices: counts[i] ?? 0,
    subjects: [`P${i}`],
    firstZ: null,
    lastZ: null,
  }));
  const listing = writeListing(folder, summaries, { size: 8, simulated: true, source: "cohort" });
  assert.is(listing.slices, 10);
  assert.equal(readListing(folder), listing);
  assert.equal(openPrepared(folder).load(), whole);
});

test("opens nothing outside the folder, and names what is wrong with a list", () => {
  const bad = temporaryFolder();
  failsNaming(() => openPrepared(bad), bad, "no prepared slices");
  const path = join(bad, "slices-8.json");
  const shard = { file: "../P0-8.safetensors", subjects: ["P0"], slices: 3, firstZ: 1, lastZ: 3 };
  const listing = {
    format: "synthmr-prepared-1",
    size: 8,
    simulated: true,
    source: "",
    slices: 3,
    shards: [shard],
  };
  writeFileSync(path, JSON.stringify(listing));
  failsNaming(() => openPrepared(bad), path, "shards.0.file");
  writeFileSync(path, JSON.stringify({ ...listing, shards: [{ ...shard, file: "/etc/P0.safetensors" }] }));
  failsNaming(() => openPrepared(bad), path, "shards.0.file");
  writeFileSync(path, "{");
  failsNaming(() => openPrepared(bad), path, "not JSON");
  writeFileSync(join(bad, "slices-16.json"), "{}");
  failsNaming(() => openPrepared(bad), bad, "several sizes");
  rmSync(path);
});

test.run();
