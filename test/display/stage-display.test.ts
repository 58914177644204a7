import { suite } from "uvu";
import * as assert from "uvu/assert";
import { setCellHost, type CellHost } from "../../lib/display/cell-host";
import type { MimeBundle } from "../../lib/display/displayable";
import { stageDisplay } from "../../lib/display/stage-display";
import { takenBundle } from "../../lib/display/taken-results";

const test = suite("stage display");

/** Stands for the kernel: keeps what cells show, in its order, updates in place. */
class Outputs implements CellHost {
  cell = 1;
  private readonly shown = new Map<string, MimeBundle>();

  readonly output: CellHost["output"] = (bundle, display) => {
    const id = display?.id ?? `output ${this.shown.size}`;
    assert.is(this.shown.has(id), display?.update ?? false);
    this.shown.set(id, bundle);
  };

  clear(): void {
    this.shown.clear();
  }

  interrupted(): boolean {
    return false;
  }

  texts(): readonly string[] {
    return [...this.shown.values()].map((bundle) => String(bundle["text/plain"]));
  }
}

test("says of one result where it is from", () => {
  const bundle = takenBundle([{ title: "Drawing < 9 images", durationSec: 62 }]);
  assert.is(bundle["text/plain"], "Drawing < 9 images: taken from the run, where it took 1 min 2 s");
  assert.match(bundle["text/html"] as string, "<div>Drawing &lt; 9 images: taken");
});

test("gathers what a cell takes from the run in one line that opens into a list", () => {
  const outputs = new Outputs();
  setCellHost(outputs);
  const display = stageDisplay();
  display.finish("Simulating", 40, true);
  display.finish("Preparing", 12, true);
  display.finish("Drawing", 62, true);
  assert.equal(outputs.texts(), [
    [
      "3 results taken from the run, where they took 1 min 54 s in all:", // 40 + 12 + 62 s
      "  Simulating: 40 s",
      "  Preparing: 12 s",
      "  Drawing: 1 min 2 s",
    ].join("\n"),
  ]);
});

test("begins a new line in the next cell, and below what was computed", () => {
  const outputs = new Outputs();
  setCellHost(outputs);
  const display = stageDisplay();
  display.finish("Simulating", 40, true);
  outputs.cell = 2;
  display.finish("Preparing", 12, true);
  display.update({ label: "Training", done: 1, total: 2, unit: "images", doneAtStart: 0 });
  display.finish("Training", 5, false);
  display.finish("Drawing", 62, true);
  assert.equal(outputs.texts(), [
    "Simulating: taken from the run, where it took 40 s",
    "Preparing: taken from the run, where it took 12 s",
    "Training: done in 5 s",
    "Drawing: taken from the run, where it took 1 min 2 s",
  ]);
});

test.run();
