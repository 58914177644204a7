import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { Rng } from "../../lib/backend/rng";
import {
  applyPublishedSplit,
  chooseSplit,
  fittingSplit,
  PUBLISHED_SPLIT_SCHEMA,
  PUBLISHED_SPLITS,
  readPublishedSplit,
} from "../../lib/data/published-split";
import { PROJECT_ROOT } from "../../lib/storage/project-root";
import { failsNaming } from "./input-fault";

const test = suite("splits of the study");
const rng = Rng.fromSeed(1);
const BRATS20 = Array.from({ length: 369 }, (_, i) => `BraTS20_Training_${String(i + 1).padStart(3, "0")}`);

test("have the schema that stands beside them", () => {
  const path = join(PROJECT_ROOT, "data-manifests", "splits", "split.schema.json");
  assert.equal(
    JSON.parse(readFileSync(path, "utf8")),
    JSON.parse(JSON.stringify(z.toJSONSchema(PUBLISHED_SPLIT_SCHEMA))),
  );
});

test("cover each cohort without overlap", () => {
  for (const name of PUBLISHED_SPLITS) {
    const { subjects, train, test: held, order, idPattern, prefixes } = readPublishedSplit(name);
    assert.is(train + held.length, subjects);
    assert.is(held.length, 56);
    assert.is(new Set(held).size, 56);
    assert.ok(held.every((id) => new RegExp(idPattern).test(id)));
    if (order !== null) {
      assert.equal([...order].sort(), BRATS20);
      assert.equal(order.slice(train), held);
    }
    assert.ok(prefixes.every((prefix) => prefix <= train));
  }
});

test("BraTS 2020: 313 train, 56 test, and the first and last of the order are the published ones", () => {
  const { split, notes } = applyPublishedSplit(
    readPublishedSplit("brats2020"),
    BRATS20,
    { validation: 0 },
    rng,
  );
  assert.equal([split.train.length, split.validation.length, split.test.length], [313, 0, 56]);
  assert.equal(notes, []);
  assert.equal(split.train.slice(0, 3), [
    "BraTS20_Training_123",
    "BraTS20_Training_099",
    "BraTS20_Training_174",
  ]);
  assert.is(split.train.at(-1), "BraTS20_Training_071");
  assert.is(split.test.at(-1), "BraTS20_Training_359");
});

test("smaller sets are the first subjects of the order; validation subjects come from those that train", () => {
  const published = readPublishedSplit("brats2020");
  for (const prefix of [184, 92, 46, 23]) {
    const { split, notes } = applyPublishedSplit(published, BRATS20, { validation: 5, prefix }, rng);
    assert.equal(
      [...split.train, ...split.validation].sort(),
      [...(published.order ?? [])].slice(0, prefix).sort(),
    );
    assert.is(split.validation.length, 5);
    assert.equal(split.test, published.test);
    assert.match(notes[0] ?? "", `first ${prefix}`);
  }
});

test("names the subjects that are missing and says what that changes", () => {
  const there = BRATS20.filter((id) => !["BraTS20_Training_123", "BraTS20_Training_359"].includes(id));
  const { split, missing, notes } = applyPublishedSplit(
    readPublishedSplit("brats2020"),
    there,
    { validation: 2 },
    rng,
  );
  assert.equal(missing, { train: ["BraTS20_Training_123"], test: ["BraTS20_Training_359"] });
  assert.equal([split.train.length, split.test.length], [310, 55]);
  assert.match(notes[0] ?? "", "312 of 313 subjects; missing: BraTS20_Training_123");
  assert.match(notes[1] ?? "", "55 of 56 subjects; missing: BraTS20_Training_359");
});

test("BraTS 2021: what does not test trains, and there are no smaller sets", () => {
  const published = readPublishedSplit("brats2021");
  const others = Array.from({ length: 1195 }, (_, i) => `BraTS2021_${String(10000 + i)}`);
  const whole = applyPublishedSplit(published, [...others, ...published.test], { validation: 0 }, rng);
  assert.equal([whole.split.train.length, whole.split.test.length, whole.notes.length], [1195, 56, 0]);
  const few = applyPublishedSplit(
    published,
    [...others.slice(0, 9), "BraTS2021_00002"],
    { validation: 1 },
    rng,
  );
  assert.equal([few.split.train.length, few.split.test], [8, ["BraTS2021_00002"]]);
  assert.match(few.notes.join(" "), "trains on 9 subjects where the study had 1195");
  assert.match(few.notes.join(" "), "tests on 1 of 56");
  failsNaming(
    () => applyPublishedSplit(published, others, { validation: 0, prefix: 23 }, rng),
    "not published",
  );
});

test("refuses a split that leaves nobody to train or to test", () => {
  const published = readPublishedSplit("brats2020");
  failsNaming(() => readPublishedSplit("brats1999"), "brats1999", "brats2020, brats2021");
  failsNaming(
    () => applyPublishedSplit(published, ["BraTS20_Training_123"], { validation: 0 }, rng),
    "none of its 56",
  );
  failsNaming(
    () => applyPublishedSplit(published, published.test, { validation: 0 }, rng),
    "0 of its training",
  );
  failsNaming(() => applyPublishedSplit(published, BRATS20, { validation: 0, prefix: 314 }, rng), "not 314");
});

test("is chosen where the names fit, else the seed decides", () => {
  assert.is(fittingSplit(BRATS20.slice(0, 5))?.name, "brats2020");
  assert.is(fittingSplit(["BraTS20_Training_001", "SIM_0001"]), undefined);
  assert.is(chooseSplit(BRATS20, { validation: 6, test: 14 }, rng).split.name, "brats2020");
  const own = chooseSplit(["a", "b", "c", "d"], { validation: 1, test: 1 }, rng);
  assert.equal([own.split.train.length, own.notes.length], [2, 1]);
  // None of the first subjects tests in the study.
  const few = BRATS20.filter((id) => !readPublishedSplit("brats2020").test.includes(id)).slice(0, 10);
  assert.is(chooseSplit(few, { validation: 1, test: 2 }, rng).split.name, "random");
});

test.run();
