import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TerminalProgress } from "../../lib/cli/terminal-progress";
import type { AnnouncedStage } from "../../lib/cli/time-left";

const test = suite("TerminalProgress");

const STAGES: readonly AnnouncedStage[] = [
  { title: "Simulating", expectedSec: 40 },
  { title: "Training", expectedSec: 100 },
  { title: "Drawing", expectedSec: 200 },
];

/** The clock of the tests, in seconds; it stands still between steps. */
let nowSec = 0;
const realNow = performance.now.bind(performance);
test.before(() => {
  performance.now = () => 1000 * nowSec;
});
test.before.each(() => {
  nowSec = 0;
});
test.after(() => {
  performance.now = realNow;
});

/** Progress on a stream that is a terminal of some columns or none, and what was written to it. */
function onStream(columns?: number): { readonly progress: TerminalProgress; readonly written: string[] } {
  const written: string[] = [];
  const stream = { isTTY: columns !== undefined, columns, write: (text: string) => written.push(text) > 0 };
  const progress = new TerminalProgress(stream as unknown as NodeJS.WriteStream);
  progress.plan(STAGES);
  return { progress, written };
}

const images = (label: string, done: number, doneAtStart = 0) => ({
  label,
  done,
  total: 400,
  unit: "images",
  doneAtStart,
});

test("writes a line now and then where there is no terminal", () => {
  const { progress, written } = onStream();
  for (nowSec = 10; nowSec <= 40; nowSec++) progress.update(images("Simulating", 10 * nowSec));
  // At 10, 25 and 40 s: the first at once, then every 15 s.
  assert.equal(
    written.map((line) => line.slice(0, 36)),
    [
      "[1/3] Simulating: 100 of 400 images,",
      "[1/3] Simulating: 250 of 400 images,",
      "[1/3] Simulating: 400 of 400 images,",
    ],
  );
  assert.ok(written.every((line) => line.endsWith("\n") && !line.includes("\u001b")));
});

test("says how long the stage will take, and everything", () => {
  const { progress, written } = onStream();
  nowSec = 10;
  progress.update(images("Simulating", 100));
  // 300 images at 10 a second take 30 s; the later stages usually take 100 and 200 s.
  assert.equal(written, ["[1/3] Simulating: 100 of 400 images, 10 images/s, 30 s left; 5 min 30 s in all\n"]);
});

test("corrects what later stages usually take by how fast this machine was", () => {
  const { progress, written } = onStream();
  nowSec = 80;
  progress.finish("Simulating", 80, false);
  nowSec = 180;
  progress.update(images("Training", 200));
  // Twice the usual 40 and 50 s: 100 s are left here, and 200 s become 400.
  assert.equal(written, [
    "[1/3] Simulating: done in 1 min 20 s\n",
    "[2/3] Training: 200 of 400 images, 2 images/s, 1 min 40 s left; 8 min 20 s in all\n",
  ]);
});

test("shares the time of one core among stages side by side, each running one by its own pace", () => {
  const { progress, written } = onStream();
  progress.plan([{ ...STAGES[0], allCores: true } as AnnouncedStage, ...STAGES.slice(1)], 2);
  nowSec = 10;
  progress.update(images("Simulating", 200));
  nowSec = 20;
  // Both cores took the 20 s: what one core usually does in 40 s.
  progress.finish("Simulating", 20, false);
  progress.update(images("Training", 0));
  progress.update(images("Drawing", 0));
  nowSec = 60;
  progress.update(images("Drawing", 100)); // 120 s are left of this one, and of the other 80/90 of the usual 100 s
  nowSec = 80;
  progress.update(images("Training", 300)); // 20 s are left of this one
  assert.equal(
    written.map((line) => /; (.*) in all/.exec(line)?.[1]),
    ["2 min 40 s", undefined, undefined, "1 min 45 s", "1 min 10 s"],
  );
});

test("does not count what an earlier run has done towards the pace", () => {
  const { progress, written } = onStream();
  nowSec = 10;
  progress.update(images("Simulating", 300, 300));
  nowSec = 30;
  progress.update(images("Simulating", 350, 300));
  // 50 images in 30 s: the other 50 take as long; then 300 s, half as much again as those 50 usually take 20 s.
  assert.equal(written, [
    "[1/3] Simulating: 300 of 400 images\n",
    "[1/3] Simulating: 350 of 400 images, 2 images/s, 30 s left; 8 min in all\n",
  ]);
});

test("says that a result is already there, and takes no pace from it", () => {
  const { progress, written } = onStream();
  progress.finish("Simulating", 75, true);
  nowSec = 10;
  progress.update(images("Training", 100)); // in two fifths of its usual 25 s
  assert.equal(written, [
    "[1/3] Simulating: already there (took 1 min 15 s)\n",
    "[2/3] Training: 100 of 400 images, 10 images/s, 30 s left; 1 min 50 s in all\n",
  ]);
});

test("promises no total where the usual times are not known, or for the last stage", () => {
  const unknown = onStream();
  unknown.progress.plan(STAGES.map(({ title }) => ({ title, expectedSec: 0 })));
  nowSec = 10;
  unknown.progress.update(images("Simulating", 100));
  assert.not.match(unknown.written.join(""), "in all");
  const { progress, written } = onStream();
  for (const { title } of STAGES.slice(0, 2)) progress.finish(title, 1, true);
  nowSec = 20;
  progress.update(images("Drawing", 100));
  assert.equal(written.at(-1), "[3/3] Drawing: 100 of 400 images, 10 images/s, 30 s left\n");
});

test("counts on though a stage is reported twice", () => {
  const { progress, written } = onStream();
  for (const title of ["Simulating", "Training", "Simulating"]) progress.finish(title, 1, true);
  progress.finish("Drawing", 1, false);
  assert.match(written.at(-1) ?? "", /^\[3\/3\] Drawing: done in 1 s/);
});

test("draws over its own line on a terminal, no faster than eyes can follow", () => {
  const { progress, written } = onStream(200);
  for (let frame = 0; frame < 10; frame++) {
    nowSec = frame / 10;
    progress.update(images("Simulating", 1 + frame));
  }
  assert.is(written.length, 5);
  assert.ok(written.every((text) => text.startsWith("\r\u001b[2K[1/3]") && !text.includes("\n")));
  progress.finish("Simulating", 1, false);
  assert.is(written.at(-1), "\r\u001b[2K[1/3] Simulating: done in 1 s\n");
});

test("fits a line into a narrow terminal", () => {
  const { progress, written } = onStream(30);
  nowSec = 10;
  progress.update(images("Simulating", 100));
  assert.is(written[0], "\r\u001b[2K[1/3] Simulating: 100 of 400 ");
  assert.is((written[0] ?? "").replace("\r\u001b[2K", "").length, 29);
});

test("keeps notes", () => {
  const { progress, written } = onStream();
  progress.note("warning: slow");
  assert.equal(written, ["warning: slow\n"]);
  nowSec = 12;
  assert.is(progress.elapsedSec(), 12);
});

test.run();
