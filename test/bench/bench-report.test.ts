import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describeCase, geometricMean, timedFormats } from "./bench-report";
import type { SideResult } from "./compare-case";

const test = suite("report of the benchmark");

test("times PyTorch in bfloat16 only where the processor multiplies it, and says why", () => {
  assert.equal(timedFormats(true).timed, ["float32", "bfloat16"]);
  assert.equal(timedFormats(false).timed, ["float32"]);
  assert.match(timedFormats(false).reason, /does not multiply bfloat16/);
});

test("has the geometric mean of ratios, and none without a case", () => {
  // The root of 0.5 * 8.
  assert.ok(Math.abs((geometricMean([0.5, 8]) ?? 0) - 2) < 1e-12);
  assert.is(geometricMean([]), null);
});

test("says both ratios, and time, processor time and memory of each side", () => {
  const side = (median: number): SideResult => ({
    mode: "float32",
    stepMs: { median, lower: median - 1, upper: median + 1 },
    processorMs: { median: 2 * median, lower: 0, upper: 0 },
    imagesPerSec: 8,
    operationsPerSec: 5e9,
    peakMemoryBytes: 1.5e9,
  });
  const text = describeCase(
    {
      ...{ name: "unet-64", peer: "PyTorch", parameters: 2e6, operationsPerStep: 1e9 },
      ...{ agreement: { worst: "", distance: 1e-6, agrees: true }, here: side(100), there: side(150) },
      ...{ ratio: 1.5, processorRatio: 1.25 },
    },
    { float32: 1e10, bfloat16: null },
  );
  assert.match(text, /ratio 1\.50, of processor time 1\.25/);
  assert.match(
    text,
    /here +100 ms \(99 to 101\), 200 ms of processor time, 8\.0 images\/s, 50 % of peak, peak 1\.50 GB/,
  );
  assert.match(text, /PyTorch +150 ms/);
});

test.run();
