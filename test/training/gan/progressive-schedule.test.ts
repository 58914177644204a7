import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  changesLayers,
  schedulePoint,
  type ProgressiveScheduleConfig,
} from "../../../lib/training/gan/progressive-schedule";

const test = suite("progressive schedule");

/** The preset for one device of progressive GAN's `config.py`. */
const PRESET: ProgressiveScheduleConfig = {
  initialResolution: 4,
  stableImages: 600_000,
  fadeImages: 600_000,
  batchSizes: { otherwise: 4, at: { 4: 128, 8: 128, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8, 512: 4 } },
  learningRates: { otherwise: 0.001, at: { 1024: 0.0015 } },
  repeats: 4,
};

test("grows to 256 pixels as the original does", () => {
  // Thousands of images seen, level of detail, finer resolution in use, batch: worked by hand.
  const points = [
    [0, 6, 4, 128],
    [600, 6, 4, 128],
    // Half of the first fade: 300 of 600.
    [900, 5.5, 8, 128],
    // The second phase of 1,200 begins with 8 pixels in full.
    [1200, 5, 8, 128],
    [1799, 5, 8, 128],
    [1950, 4.75, 16, 128],
    [3000, 4, 16, 128],
    [3300, 3.5, 32, 64],
    [6600, 1, 128, 16],
    [6900, 0.5, 256, 8],
    [7200, 0, 256, 8],
    [12_000, 0, 256, 8],
  ] as const;
  for (const [kimg, lod, resolution, batchSize] of points) {
    const point = schedulePoint(PRESET, 256, 1000 * kimg);
    assert.ok(Math.abs(point.lod - lod) < 1e-9, `${kimg}: ${point.lod}`);
    assert.equal([point.resolution, point.batchSize, point.learningRate], [resolution, batchSize, 0.001]);
  }
});

test("starts and ends where it is told, with rates of their own for resolutions", () => {
  assert.is(schedulePoint({ ...PRESET, initialResolution: 8 }, 256, 0).lod, 5);
  assert.is(schedulePoint({ ...PRESET, initialResolution: 8 }, 256, 5_400_000).lod, 1);
  assert.is(schedulePoint({ ...PRESET, initialResolution: 8 }, 256, 6_000_000).lod, 0);
  assert.is(schedulePoint(PRESET, 1024, 20_000_000).learningRate, 0.0015);
  // Without fades, resolutions follow each other at once; without phases, all are there from the start.
  assert.is(schedulePoint({ ...PRESET, fadeImages: 0 }, 64, 600_000).lod, 3);
  assert.is(schedulePoint({ ...PRESET, stableImages: 0, fadeImages: 0 }, 64, 0).lod, 4);
});

test("lets optimizers start anew when a fade begins and when it is over", () => {
  assert.is(changesLayers(6, 6), false);
  assert.is(changesLayers(6, 5.9), true);
  assert.is(changesLayers(5.9, 5.1), false);
  assert.is(changesLayers(5.1, 5), true);
  assert.is(changesLayers(5.1, 4.9), true);
});

test.run();
