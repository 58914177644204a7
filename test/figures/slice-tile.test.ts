import { PNG } from "pngjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CLASS_RGB } from "../../lib/figures/palette";
import { classTile, enlarge, greyTile, overlayTile } from "../../lib/figures/slice-tile";
import { classImage, commonCrop, sequenceImage, windowsOf } from "../../lib/figures/slice-view";
import { near } from "../near";
import { discSlices } from "./examples";

const test = suite("slice tiles");

function pixels(uri: string): PNG {
  return PNG.sync.read(Buffer.from(uri.replace("data:image/png;base64,", ""), "base64"));
}

test("enlarge a constant and a slope without change in the middle", () => {
  const constant = enlarge({ width: 4, height: 3, values: new Float32Array(12).fill(7) }, 3);
  assert.equal([constant.width, constant.height], [12, 9]);
  near(constant.values, new Float32Array(108).fill(7), 1e-6);
  const slope = enlarge({ width: 8, height: 1, values: Float32Array.from({ length: 8 }, (_, i) => i) }, 2);
  // Output pixel x lies at (x + 0.5) / 2 - 0.5 of the input.
  near(slope.values.slice(6, 10), [2.75, 3.25, 3.75, 4.25], 1e-6);
});

test("map the window to black and white, and clamp outside it", () => {
  const values = Float32Array.of(10, 20, 30, 50);
  const { data } = pixels(
    greyTile({ width: 256, height: 256, values: new Float32Array(65536).fill(20) }, { low: 10, high: 30 }),
  );
  assert.is(data[0], 128);
  const clamped = pixels(greyTile({ width: 2, height: 2, values }, { low: 10, high: 30 }));
  assert.is(clamped.data[0], 0);
  assert.is(clamped.data.at(-4), 255);
});

test("show the classes in their colours", () => {
  const classes = Uint8Array.from({ length: 192 * 192 }, (_, i) =>
    Math.min(3, Math.floor((4 * (i % 192)) / 192)),
  );
  const { data } = pixels(classTile({ width: 192, height: 192, classes }));
  CLASS_RGB.forEach((colour, index) => {
    const at = 4 * (48 * index + 24);
    assert.equal([...data.subarray(at, at + 3)], [...colour]);
  });
});

test("leave the slice as it is where an overlay has no class", () => {
  const image = { width: 16, height: 16, values: new Float32Array(256).fill(100) };
  const classes = new Uint8Array(256);
  classes.fill(2, 0, 16);
  const { data, width, height } = pixels(
    overlayTile(image, { low: 0, high: 255 }, { width: 16, height: 16, classes }),
  );
  assert.equal([...data.subarray(4 * (width * height - 1), 4 * (width * height - 1) + 3)], [100, 100, 100]);
  assert.is.not(data[2], data[0]);
});

test("read a sequence and the decoded mask of a slice", () => {
  const set = discSlices(2, 1);
  assert.is(sequenceImage(set, 1, "t2w").values[120], set.images[(256 + 120) * 5 + 2]);
  assert.equal([...new Set(classImage(set, 0).classes)].sort(), [0, 1, 2, 3]);
  assert.throws(() => sequenceImage(set, 2, "t1w"), RangeError);
});

test("are cropped to what all shown heads need", () => {
  const set = discSlices(2, 1);
  set.images.fill(0);
  for (const [y, x] of [
    [5, 6],
    [9, 7],
  ] as const)
    set.images[(y * 16 + x) * 5] = 200;
  // Rows 5 to 9 and columns 6 to 7 with a margin of 2.
  assert.equal(commonCrop([{ set, indices: [0] }]), { left: 4, top: 3, width: 6, height: 9 });
  assert.equal(commonCrop([{ set, indices: [1] }]), { left: 0, top: 0, width: 16, height: 16 });
});

test("have a window from black to the given share of the values above 0", () => {
  const set = discSlices(1, 1);
  set.images.fill(0);
  for (let i = 0; i < 100; i++) set.images[i * 5] = i + 1;
  assert.equal(windowsOf(set, 0.9).t1w, { low: 0, high: 90 });
  assert.equal(windowsOf(set, 0.9).flair, { low: 0, high: 255 });
});

test.run();
