import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TimeLeft } from "../../lib/cli/time-left";

const test = suite("TimeLeft");

const TWO_STAGES = [
  { title: "first", expectedSec: 100 },
  { title: "second", expectedSec: 100 },
];

const report = (label: string, done: number, doneAtStart = 0) => ({
  label,
  done,
  total: 100,
  unit: "images",
  doneAtStart,
});

test("later stages go at the pace of their kind, others at that of the run", () => {
  const timeLeft = new TimeLeft(0);
  timeLeft.plan(
    [
      { title: "GAN, 52 subjects", kind: "gan", expectedSec: 100 },
      { title: "U-Net, real", kind: "unet", expectedSec: 100 },
      { title: "GAN, 23 subjects", kind: "gan", expectedSec: 50 },
      { title: "U-Net, synthetic", kind: "unet", expectedSec: 50 },
      { title: "Swin", kind: "swin", expectedSec: 30 },
    ],
    1,
  );
  timeLeft.finish("GAN, 52 subjects", 300, false);
  timeLeft.update(report("U-Net, real", 50), 350);
  // 50 s left at its own pace, 3 x 50 s, 1 x 50 s, and of the run (300 + 50) / (100 + 50) x 30 s.
  assert.is(timeLeft.allSec("U-Net, real"), 50 + 150 + 50 + 70);
});

test("a stage that runs shows how slow a machine is, before any has ended", () => {
  const timeLeft = new TimeLeft(0);
  timeLeft.plan(TWO_STAGES, 1);
  timeLeft.update(report("first", 20), 60);
  assert.is(timeLeft.allSec("first"), 240 + 300);
});

test("what was measured here is not corrected by how slow other work is", () => {
  const timeLeft = new TimeLeft(0);
  timeLeft.plan(
    [
      { title: "first", kind: "gan", expectedSec: 100 },
      { title: "second", kind: "unet", expectedSec: 100, measured: true },
      { title: "third", kind: "swin", expectedSec: 100 },
    ],
    1,
  );
  timeLeft.update(report("first", 20), 60);
  assert.is(timeLeft.allSec("first"), 240 + 100 + 300);
});

test("what went on from a checkpoint counts from there", () => {
  const timeLeft = new TimeLeft(0);
  timeLeft.plan(
    [
      { title: "first", expectedSec: 50 }, // half of it was done before
      { title: "second", expectedSec: 100 },
    ],
    1,
  );
  assert.is(timeLeft.update(report("first", 75, 50), 50), 50);
  assert.is(timeLeft.allSec("first"), 50 + 200);
});

test("work of which nothing was expected, or that was there already, says nothing about a pace", () => {
  const timeLeft = new TimeLeft(0);
  timeLeft.plan(
    [
      { title: "unknown", expectedSec: 0 },
      { title: "there", expectedSec: 100 },
      { title: "first", expectedSec: 20 },
      { title: "second", expectedSec: 100 },
    ],
    1,
  );
  timeLeft.finish("unknown", 500, false);
  timeLeft.finish("there", 501, true);
  timeLeft.update(report("first", 100), 521);
  assert.is(timeLeft.counter(), "3/4");
  assert.is(timeLeft.allSec("first"), 100);
});

test("promises nothing before the first report of work done", () => {
  const timeLeft = new TimeLeft(0);
  timeLeft.plan(TWO_STAGES, 2);
  timeLeft.update(report("first", 0), 10);
  assert.is(timeLeft.allSec("first"), undefined);
  assert.is(timeLeft.allSec("second"), undefined);
});

test.run();
