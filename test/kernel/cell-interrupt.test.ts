import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startSession } from "./session";
import type { Ran } from "./session";

const test = suite("interrupting a cell");
const { run, session, died, end } = startSession();
test.after(end);

const INTERRUPT_AFTER_MS = 300;

/** Interrupts a cell some time after it has begun, and gives how long it took to stop. */
async function interrupted(code: string, afterMs = INTERRUPT_AFTER_MS): Promise<Ran & { stopMs: number }> {
  let at = 0;
  const begun = run(code);
  const timer = setTimeout(() => {
    at = performance.now();
    session.interrupt();
  }, afterMs);
  const ran = await begun;
  clearTimeout(timer);
  return { ...ran, stopMs: performance.now() - at };
}

test.before(async () => {
  assert.is((await run("let rounds = 0; rounds")).result, "0");
});

for (const [where, code] of Object.entries({
  "a loop that blocks": "while (true) rounds++;",
  "a loop behind an await": "await new Promise((r) => setTimeout(r, 10)); while (true) rounds++;",
  "a loop in a timer": "setTimeout(() => { while (true) rounds++; }, 10); await new Promise(() => {});",
  "a loop of promises": "while (true) await null;",
  "a wait for a lock": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  "an await": "await new Promise((r) => setTimeout(r, 60_000));",
  "a program": 'import { execSync } from "node:child_process"; execSync("sleep 60");',
}))
  test(`stops ${where} within 2 s, and the kernel goes on`, async () => {
    const { status, error, stopMs } = await interrupted(code);
    assert.is(status, "error");
    assert.ok(stopMs < 2000, `${Math.round(stopMs)} ms`);
    if (where !== "a program") assert.is(error?.ename, "Interrupted", error?.evalue);
    assert.is((await run("typeof rounds")).result, "number");
  });

test("lets work that looks at its signal write a checkpoint", async () => {
  const ran = await interrupted(`
    const host = (globalThis as unknown as Record<symbol, { interrupted(): boolean }>)[Symbol.for("synthmr.cell-host")]!;
    let steps = 0;
    while (!host.interrupted()) {
      const until = Date.now() + 900;
      while (Date.now() < until);
      steps++;
    }
    console.log("checkpoint written");
    throw new Error("stopped after its step");`);
  assert.match(ran.text, "checkpoint written");
  assert.is(ran.error?.evalue, "stopped after its step");
  assert.is((await run("steps > 0")).result, "true", "what the cell has computed is not lost");
  assert.is((await run("host.interrupted()")).result, "false", "the next cell is not interrupted");
});

test("runs the next cell though what an interrupted one has left blocks the thread", async () => {
  const { error } = await interrupted(
    "console.log('begun'); await new Promise((r) => setTimeout(r, 1500)); while (true) rounds++;",
    600,
  );
  assert.is(error?.ename, "Interrupted");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.is((await run("typeof rounds")).result, "number");
});

test("survives interruptions at any time", async () => {
  const cells = [
    "while (true) rounds++;",
    "await new Promise((r) => setTimeout(r, 500)); rounds",
    "rounds + 1",
  ];
  for (let i = 0; i < 12; i++) {
    const { status } = await interrupted(cells[i % 3] ?? "", (i * 37) % 400);
    assert.ok(["ok", "error"].includes(status));
    assert.is((await run("1 + 1")).result, "2");
  }
  assert.not(died());
});

test.run();
