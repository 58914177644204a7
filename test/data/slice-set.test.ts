import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  concatSlices,
  readSliceSet,
  selectSlices,
  selectSubjects,
  writeSliceSet,
  type SliceSet,
} from "../../lib/data/slice-set";
import { failsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("SliceSet");
const path = join(temporaryFolder(), "slices.safetensors");

/** Four 2 x 2 slices, each filled with its own number: A A B C at z 5 6 5 9. */
const SET: SliceSet = {
  size: 2,
  count: 4,
  images: Uint8Array.from({ length: 80 }, (_, i) => Math.floor(i / 20)),
  subjects: ["A", "B", "C"],
  subjectOf: Int32Array.of(0, 0, 1, 2),
  z: Int32Array.of(5, 6, 5, 9),
  simulated: false,
  source: "four slices",
};

test("comes back from its file as it was", () => {
  for (const simulated of [true, false]) {
    writeSliceSet(path, { ...SET, simulated });
    assert.equal(readSliceSet(path), { ...SET, images: Buffer.from(SET.images), simulated });
  }
  const empty = selectSlices(SET, []);
  writeSliceSet(path, empty);
  assert.is(readSliceSet(path).count, 0);
});

test("refuses a damaged or cut file at any byte", () => {
  writeSliceSet(path, SET);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 7) {
    writeFileSync(path, whole.subarray(0, at));
    failsNaming(() => readSliceSet(path), path);
  }
  for (let at = whole.length - 112; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    failsNaming(() => readSliceSet(path), path, "damaged");
  }
});

test("selects slices in the order asked for, repeats included", () => {
  const chosen = selectSlices(SET, [3, 0, 3]);
  assert.equal(
    [...chosen.images],
    [...Array<number>(20).fill(3), ...Array<number>(20).fill(0), ...Array<number>(20).fill(3)],
  );
  assert.equal(chosen.subjects, ["C", "A"]);
  assert.equal([...chosen.subjectOf], [0, 1, 0]);
  assert.equal([...chosen.z], [9, 5, 9]);
  assert.throws(() => selectSlices(SET, [4]), /slice 4 of 4/);
});

test("selects subjects in the order of the set", () => {
  const chosen = selectSubjects(SET, ["C", "A"]);
  assert.equal([...chosen.z], [5, 6, 9]);
  assert.equal(chosen.subjects, ["A", "C"]);
  failsNaming(() => selectSubjects(SET, ["D"]), "subject D", "four slices");
});

test("joins what was taken apart, subjects by name", () => {
  const parts = [selectSlices(SET, [0]), selectSlices(SET, [1, 2]), selectSlices(SET, [3])];
  assert.equal(concatSlices(parts), SET);
  assert.ok(concatSlices([SET, { ...SET, simulated: true }]).simulated);
});

test("refuses to join nothing or different sizes", () => {
  failsNaming(() => concatSlices([]), "no set to join");
  failsNaming(() => concatSlices([SET, { ...SET, size: 4 }]), "of size 4, expected 2");
});

test.run();
