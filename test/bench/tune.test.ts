import { suite } from "uvu";
import * as assert from "uvu/assert";
import { speedOf, tune, type Contest } from "../../lib/bench/tune";
import type { OpenSetting, Setting } from "../../lib/bench/tuned-setting";

const test = suite("tune");

type Speed = (setting: Setting, round: number) => number;

/** Images a second as a made-up machine would have them, and how many of its processes are open. */
class Machine {
  alive = 0;

  constructor(private readonly speed: Speed) {}

  readonly open = (setting: Setting): OpenSetting => {
    let round = 0;
    this.alive += setting.processes;
    return {
      measure: () => {
        const one = this.speed(setting, round++);
        return Promise.resolve({ one, other: 2 * one });
      },
      close: () => {
        this.alive -= setting.processes;
      },
    };
  };
}

/** float32 as the usual format, and bfloat16. */
const BOTH = ["float32", "mixed"] as const;

const silent = (): void => undefined;
const tried = (contests: readonly Contest[]): string[] =>
  contests.map(({ other }) => `${other.processes} x ${other.threads} ${other.precision}`);

test("takes bfloat16 and two processes where each is faster", async () => {
  const machine = new Machine(
    ({ processes, threads, precision }) =>
      (precision === "mixed" ? 2 : 1) * (threads === 2 ? 6 : 10) * processes,
  );
  const found = await tune(silent, { open: machine.open, processors: 4, precisions: BOTH });
  assert.equal([found.threads, found.trainingBfloat16, found.sideBySide], [4, true, true]);
  assert.equal(tried(found.contests), ["1 x 4 mixed", "1 x 2 mixed", "2 x 2 mixed"]);
  assert.is(machine.alive, 0);
});

test("takes half of the threads where they are faster, and compares two trainings with that", async () => {
  const machine = new Machine(({ processes, threads }) => processes ** 0.1 / threads);
  const found = await tune(silent, { open: machine.open, processors: 4, precisions: ["mixed", "float32"] });
  assert.equal([found.threads, found.trainingBfloat16, found.sideBySide], [2, true, true]);
  assert.is(found.contests.at(-1)?.usual.threads, 2);
});

test("stays with what is usual where nothing else is faster", async () => {
  const machine = new Machine(() => 1);
  for (const precisions of [["mixed", "float32"], BOTH] as const) {
    const found = await tune(silent, { open: machine.open, processors: 2, precisions });
    assert.equal(
      [found.threads, found.trainingBfloat16, found.sideBySide],
      [2, precisions[0] === "mixed", false],
    );
  }
});

test("does not believe a setting that is faster in some rounds alone", async () => {
  const machine = new Machine(({ precision }, round) =>
    precision === "mixed" ? ([1, 9, 9, 9, 0.5, 0.5][round % 6] ?? 1) : 1,
  );
  const found = await tune(silent, { open: machine.open, processors: 1, precisions: BOTH });
  assert.is(found.trainingBfloat16, false);
});

test("has nothing to choose on one processor but the format", async () => {
  const machine = new Machine(() => 1);
  const found = await tune(silent, { open: machine.open, processors: 1, precisions: BOTH });
  assert.equal([found.contests.length, found.threads], [1, 1]);
});

test("does not try bfloat16 where the processor does not multiply it", async () => {
  const machine = new Machine(() => 1);
  const found = await tune(silent, { open: machine.open, processors: 2, precisions: ["float32"] });
  assert.equal(tried(found.contests), ["1 x 1 float32", "2 x 1 float32"]);
  assert.is(found.trainingBfloat16, false);
});

test("closes all processes where one fails", async () => {
  const machine = new Machine(({ threads }) => {
    if (threads === 1) throw new Error("killed");
    return 1;
  });
  try {
    await tune(silent, { open: machine.open, processors: 2 });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /killed/);
  }
  assert.is(machine.alive, 0);
});

test("counts every network alike", () => {
  // The root of 1 * 100.
  assert.ok(Math.abs(speedOf({ slow: 1, fast: 100 }) - 10) < 1e-12);
});

test.run();
