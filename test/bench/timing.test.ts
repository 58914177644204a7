import { suite } from "uvu";
import * as assert from "uvu/assert";
import { stepKinds } from "../../lib/bench/workloads/gan-workload";
import { summariseRounds, timeRound } from "../../lib/bench/timing";

const test = suite("timing");

const wait = (ms: number) => () => {
  const start = performance.now();
  while (performance.now() - start < ms);
};

test("weighs the kinds of steps by their share", () => {
  const kinds = [
    { name: "plain", share: 0.75, run: wait(4) },
    { name: "regularised", share: 0.25, run: wait(20) },
  ];
  const { stepMs, processorMs } = timeRound(kinds, 0); // 0.75 * 4 + 0.25 * 20 = 8
  assert.ok(stepMs >= 8, `${stepMs} ms`);
  // It computes while it waits, but gets no more than its share of a processor.
  assert.ok(processorMs > 0, `${processorMs} ms`);
});

test("runs every kind at least once", () => {
  const runs = [0, 0];
  const kinds = [0, 1].map((i) => ({
    name: `${i}`,
    share: 0.5,
    run: () => void (runs[i] = (runs[i] ?? 0) + 1),
  }));
  timeRound(kinds, 0);
  assert.equal(runs, [1, 1]);
});

test("gives the median and the quartiles of rounds", () => {
  assert.equal(summariseRounds([5, 1, 3, 2, 4]), { median: 3, lower: 2, upper: 4 });
});

test("groups the steps of a GAN by what is due, StyleGAN 2: R1 every 16, path length every 4", () => {
  const taken: number[] = [];
  const kinds = stepKinds(
    {
      r1: { gamma: 1, everySteps: 16 },
      pathLength: { weight: 2, decay: 0.01, batchShrink: 2, everySteps: 4 },
    },
    (index) => taken.push(index),
  );
  for (const { run } of kinds) run();
  assert.equal(taken, [0, 1, 4]);
  assert.equal(
    kinds.map(({ name, share }) => [name, share]),
    [
      ["step + R1 + path length", 1 / 16],
      ["step", 12 / 16],
      ["step + path length", 3 / 16],
    ],
  );
});

test("has one kind of step where every step has its penalty", () => {
  const kinds = stepKinds({ r1: { gamma: 10, everySteps: 1 }, pathLength: null }, () => undefined);
  assert.equal(
    kinds.map(({ name, share }) => [name, share]),
    [["step", 1]],
  );
});

test.run();
