import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromFloat32, type StoredTensor } from "../../lib/storage/safetensors";
import { compareTwin } from "./agreement";

const test = suite("agreement with a twin");

const tensors = (values: Readonly<Record<string, readonly number[]>>): Map<string, StoredTensor> =>
  new Map(
    Object.entries(values).map(([name, list]) => [name, fromFloat32(Float32Array.from(list), [list.length])]),
  );

const OURS = {
  logits: [1, 2, 3],
  "gradient/network/kernel": [3, 4],
  "gradient/network/bias": [1e-6],
  "gradient/network/filter": [9],
};
const THEIRS = {
  logits: [1, 2, 3],
  "gradient/network/kernel": [3, 4],
  "gradient/network/bias": [1e-6],
};
/** Kernel and bias; the filter is fixed and has no gradient. */
const VALUES = new Map([["gradient/network", 3]]);

const compare = (changed: Readonly<Record<string, readonly number[]>>) =>
  compareTwin("case", tensors(OURS), tensors({ ...THEIRS, ...changed }), VALUES);

test("is found where all is the same, and where rounding differs", () => {
  assert.is(compare({}).agrees, true);
  assert.is(compare({ logits: [1.00001, 2, 3] }).agrees, true);
});

test("is not where an output or a gradient differs, which is named", () => {
  const output = compare({ logits: [1.01, 2, 3] });
  assert.equal([output.agrees, output.worst], [false, "logits"]);
  const gradient = compare({ "gradient/network/kernel": [3, 4.5] });
  assert.equal([gradient.agrees, gradient.worst], [false, "gradient/network/kernel"]);
});

test("is not where a value is not a number", () => {
  assert.is(compare({ logits: [1, Number.NaN, 3] }).agrees, false);
  assert.is(compare({ "gradient/network/bias": [Number.NaN] }).agrees, false);
});

test("compares a gradient that is nearly zero with the longest of its phase", () => {
  assert.is(compare({ "gradient/network/bias": [-1e-6] }).agrees, true);
});

test("is refused where the twin leaves something out, or gives something else", () => {
  const without = (name: string) => {
    const rest = tensors(THEIRS);
    rest.delete(name);
    return () => compareTwin("case", tensors(OURS), rest, VALUES);
  };
  assert.throws(without("logits"), /has no logits/);
  assert.throws(without("gradient/network/bias"), /2 values, here 3/);
  assert.throws(() => compare({ images: [1] }), /images, which is not known/);
  assert.throws(() => compare({ logits: [1, 2] }), /logits has 2 values/);
});

test.run();
