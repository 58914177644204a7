import { suite } from "uvu";
import * as assert from "uvu/assert";
import { speedOf, tune, type MeasureSetting, type TriedSetting } from "../../lib/bench/tune";

const test = suite("tune");

type Speed = (setting: Omit<TriedSetting, "imagesPerSec">) => number;

/** Images a second as a made-up machine would have them. */
const machine =
  (speed: Speed): MeasureSetting =>
  (setting) =>
    Promise.resolve({ one: speed(setting), other: 2 * speed(setting) });

const silent = (): void => undefined;

test("takes bfloat16, half of the threads and two processes where each is faster", async () => {
  const speed: Speed = ({ processes, threads, precision }) =>
    (precision === "mixed" ? 2 : 1) * (threads === 2 ? 6 : 10) * processes;
  const found = await tune(silent, machine(speed), 4);
  assert.is(found.trainingBfloat16, true);
  assert.is(found.threads, 4);
  assert.is(found.sideBySide, true);
  assert.equal(
    found.tried.map(({ processes, threads, precision }) => `${processes} x ${threads} ${precision}`),
    ["1 x 4 float32", "1 x 4 mixed", "1 x 2 mixed", "2 x 2 mixed"],
  );
});

test("keeps float32, all threads and one process where nothing else is faster", async () => {
  const speed: Speed = ({ processes, threads, precision }) =>
    (precision === "mixed" ? 0.5 : 1) * threads ** 0.9 * processes ** 0.1;
  const found = await tune(silent, machine(speed), 2);
  assert.equal([found.trainingBfloat16, found.threads, found.sideBySide], [false, 2, false]);
});

test("has nothing to choose on one processor but the format", async () => {
  const found = await tune(
    silent,
    machine(() => 1),
    1,
  );
  assert.is(found.tried.length, 2);
  assert.is(found.threads, 1);
});

test("counts every network alike", () => {
  // The root of 1 * 100.
  assert.ok(Math.abs(speedOf({ imagesPerSec: { slow: 1, fast: 100 } }) - 10) < 1e-12);
});

test.run();
