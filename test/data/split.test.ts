import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { readSplit, splitByPermutation, splitSubjects, writeSplit } from "../../lib/data/split";
import { failsNaming } from "./input-fault";
import { temporaryFolder } from "./temporary-folder";

const test = suite("split");
const folder = temporaryFolder();
const IDS = Array.from({ length: 20 }, (_, i) => `S${String(i).padStart(2, "0")}`);

test("puts each subject on exactly one side", () => {
  for (let seed = 0; seed < 20; seed++) {
    const split = splitSubjects(IDS, { validation: 3, test: 5 }, Rng.fromSeed(seed));
    assert.equal([split.train.length, split.validation.length, split.test.length], [12, 3, 5]);
    assert.equal([...split.train, ...split.validation, ...split.test].sort(), IDS);
  }
});

test("depends on the seed and not on the order of the ids", () => {
  const counts = { validation: 3, test: 5 };
  const split = splitSubjects(IDS, counts, Rng.fromSeed(1));
  assert.equal(splitSubjects([...IDS].reverse(), counts, Rng.fromSeed(1)), split);
  assert.not.equal(splitSubjects(IDS, counts, Rng.fromSeed(2)), split);
});

test("takes the last of a permutation for the test, as the study does", () => {
  const split = splitByPermutation("p", ["d", "a", "c", "b", "e"], { validation: 1, test: 2 });
  assert.equal(split, { name: "p", train: ["d", "a"], validation: ["c"], test: ["b", "e"] });
});

test("comes back from its file", () => {
  const path = join(folder, "split.json");
  const split = splitSubjects(IDS, { validation: 3, test: 5 }, Rng.fromSeed(1));
  writeSplit(path, split, 1);
  assert.equal(readSplit(path), split);
});

test("refuses repeated subjects and splits that leave nothing to train on", () => {
  failsNaming(() => splitByPermutation("p", ["a", "a"], { validation: 0, test: 1 }), "subject a twice");
  failsNaming(() => splitByPermutation("p", ["a", "b"], { validation: 1, test: 1 }), "none is left");
  failsNaming(() => splitByPermutation("p", ["a", "b"], { validation: 0, test: 0.5 }), "0.5");
});

test("names the file and field of a broken file", () => {
  const path = join(folder, "broken.json");
  failsNaming(() => readSplit(join(folder, "none.json")), "none.json", "no such file");
  writeFileSync(path, "{");
  failsNaming(() => readSplit(path), path, "not JSON");
  writeFileSync(path, JSON.stringify({ name: "x", seed: 1, permutation: ["a", 2], validation: 0, test: 1 }));
  failsNaming(() => readSplit(path), path, "permutation.1");
});

test.run();
