import { suite } from "uvu";
import * as assert from "uvu/assert";
import { progressBundle } from "../../lib/display/progress-display";
import { durationText, finishedText, progressText } from "../../lib/display/progress-text";
import { bundleOf } from "../../lib/display/show";

const test = suite("display");
const progress = { done: 1200, total: 4000, unit: "images", elapsedSec: 40, doneAtStart: 0 };

test("says the count, the rate and the time left", () => {
  // 1,200 in 40 s are 30 a second; the 2,800 that are left take 93.3 s.
  assert.is(progressText(progress), "1,200 of 4,000 images, 30 images/s, 1 min 34 s left");
  assert.is(finishedText({ ...progress, done: 4000 }), "4,000 images in 40 s (100 images/s)");
});

test("does not count what an earlier run has done towards the rate", () => {
  // 400 in 40 s are 10 a second.
  assert.match(progressText({ ...progress, doneAtStart: 800 }), "10 images/s, 4 min 40 s left");
});

test("says nothing of a rate that is not known yet", () => {
  assert.is(progressText({ ...progress, done: 0, elapsedSec: 0 }), "0 of 4,000 images");
});

test("writes durations as people say them", () => {
  assert.equal([0, 7.2, 60, 61, 3600, 3720, -1].map(durationText), [
    "0 s",
    "8 s",
    "1 min",
    "1 min 1 s",
    "1 h",
    "1 h 2 min",
    "0 s",
  ]);
});

test("draws a bar until the work is done", () => {
  assert.match(String(progressBundle("a < b", progress, null)["text/html"]), 'value="1200"');
  const html = String(progressBundle("a < b", progress, "Saved")["text/html"]);
  assert.not.match(html, "<progress");
  assert.match(html, "a &lt; b");
  assert.match(html, "Saved");
});

test("gives every value a text form", async () => {
  assert.equal(await bundleOf("text"), { "text/plain": "text" });
  assert.equal(await bundleOf([1]), { "text/plain": "[ 1 ]" });
  const table = { mimeBundle: () => ({ "text/html": "<table>" }) };
  assert.equal(await bundleOf(table), { "text/html": "<table>", "text/plain": "[Object]" });
});

test.run();
