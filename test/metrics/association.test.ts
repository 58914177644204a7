import { suite } from "uvu";
import * as assert from "uvu/assert";
import { linearAssociation, rankAssociation } from "../../lib/metrics/association";
import { rank } from "../../lib/metrics/ranks";
import { near } from "../near";

const test = suite("association");

const x = [3.1, 4.7, 2.2, 9.9, 5.0, 7.3];
const y = [0.61, 0.55, 0.7, 0.42, 0.58, 0.44];

test("equals SciPy 1.17.1: Pearson with Fisher's interval, the p-value over all 720 orders", () => {
  const { r, pValue, count } = linearAssociation(x, y);
  near([r.estimate, r.low, r.high], [-0.9510538313008975, -0.9947944727226711, -0.6113762853536083], 1e-9);
  near([pValue], [0.005555555555555556], 1e-12);
  assert.is(count, 6);
});

test("equals SciPy 1.17.1: Spearman, the p-value over all 720 orders", () => {
  const { r, pValue } = rankAssociation(x, y);
  near([r.estimate, pValue], [-0.942857142857143, 0.016666666666666666], 1e-12);
});

test("has a wider interval for ranks than for values of one coefficient", () => {
  const pearson = linearAssociation([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 6, 5]);
  const spearman = rankAssociation([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 6, 5]);
  assert.is(pearson.r.estimate, spearman.r.estimate);
  assert.ok(spearman.r.low < pearson.r.low);
});

test("says nothing of three pairs, and NaN of a constant side", () => {
  const { r } = linearAssociation([1, 2, 3], [3, 1, 2]);
  assert.equal([r.low, r.high], [-1, 1]);
  assert.ok(Number.isNaN(linearAssociation([1, 1, 1, 1], [1, 2, 3, 4]).pValue));
});

test("of many pairs has a p-value by Fisher's z, about that of chance", () => {
  const many = Array.from({ length: 40 }, (_, i) => i);
  assert.ok(
    rankAssociation(
      many,
      many.map((i) => i * i),
    ).pValue < 1e-12,
  );
  assert.ok(
    linearAssociation(
      many,
      many.map((i) => (i * 17) % 40),
    ).pValue > 0.05,
  );
});

test("ranks share the mean of theirs where values are equal", () => {
  const { ranks, ties } = rank([3, 1, 3, 2, 5, 3]);
  assert.equal(Array.from(ranks), [4, 1, 4, 2, 6, 4]);
  assert.equal(ties, [3]);
});

test.run();
