import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describe, Progress } from "../../lib/setup/progress";

const test = suite("set-up progress");

/** A stream that keeps what is written. */
function recorder(isTTY: boolean): { isTTY: boolean; text: string; write(text: string): void } {
  return {
    isTTY,
    text: "",
    write(text: string) {
      this.text += text;
    },
  };
}

test("the time left follows from the rate so far", () => {
  // 50 of 200 MB took 10 s, so the other 150 MB take 30 s.
  assert.is(describe(50 * 2 ** 20, 200 * 2 ** 20, "MB", 10), "50 of 200 MB, 10 s, about 30 s left");
  assert.is(describe(7, 0, "packages", 3.2), "7 packages, 3 s");
  assert.is(describe(4, 4, "packages", 3), "4 of 4 packages, 3 s");
});

test("steps with nothing to do are silent, but counted", () => {
  const stream = recorder(false);
  const progress = new Progress(4, stream);
  progress.nextStep();
  progress.nextStep();
  assert.is(stream.text, "");
  assert.not.ok(progress.anyWork);
  progress.work("unpack");
  assert.is(stream.text, "set-up 2 of 4: unpack\n");
});

test("without a terminal there are lines, and few of them", () => {
  const stream = recorder(false);
  const progress = new Progress(1, stream);
  progress.work("download");
  for (let done = 0; done < 100; done++) progress.update(done, 100, "packages");
  assert.is(stream.text, "set-up 0 of 1: download\n");
  progress.lastShown = 0;
  progress.update(25, 100, "packages");
  assert.match(stream.text, /\n {2}25 of 100 packages, 0 s[^\r]*\n$/);
});

test("on a terminal there is a bar, which is gone before the next line", () => {
  const stream = recorder(true);
  const progress = new Progress(1, stream);
  progress.work("download");
  progress.lastShown = 0;
  progress.update(50, 100, "packages");
  assert.ok(stream.text.includes("[############............] 50 of 100 packages"));
  progress.note("done");
  assert.ok(stream.text.endsWith("\r\x1b[2Kdone\n"));
});

test.run();
