import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import type { SubjectVolumes } from "../../lib/data/brats-cohort";
import { shrinkSlices } from "../../lib/data/shrink-slices";
import { keptPositions, studySlices } from "../../lib/data/study-slices";
import { SEQUENCES } from "../../lib/shape";
import { failsNaming } from "./input-fault";

const test = suite("studySlices and shrinkSlices");
const AREA = 240 * 240;

function emptySubject(slices: number): SubjectVolumes {
  const volume = (): Float32Array => new Float32Array(AREA * slices);
  return {
    id: "P",
    shape: [240, 240, slices],
    sequences: { t1w: volume(), t1wGd: volume(), t2w: volume(), flair: volume() },
    classes: new Uint8Array(AREA * slices),
  };
}

/** A subject of random intensities, brighter or darker from slice to slice. */
function randomSubject(seed: number, slices: number): SubjectVolumes {
  const subject = emptySubject(slices);
  const rng = Rng.fromSeed(seed);
  for (const sequence of SEQUENCES) {
    const stream = rng.fork(sequence).stream();
    const values = subject.sequences[sequence];
    for (let i = 0; i < values.length; i++) {
      const scale = 1 + Math.floor(i / AREA);
      values[i] = Math.max(-5, Math.round(stream.uniform(-300, 1000) / scale));
    }
  }
  const stream = rng.fork("classes").stream();
  for (let i = 0; i < subject.classes.length; i++) subject.classes[i] = Math.max(0, stream.integer(8) - 4);
  return subject;
}

/** The study's MATLAB script line by line, in its own order: whole padded slices in doubles, then uint8. */
function asTheStudy(subject: SubjectVolumes): Map<number, number[][]> {
  const kept = new Map<number, number[][]>();
  const scaled = SEQUENCES.map((sequence) => {
    const volume = Float64Array.from(subject.sequences[sequence]);
    const largest = volume.reduce((a, b) => Math.max(a, b));
    return volume.map((value) => (value / largest) * 255);
  });
  const labels = Float64Array.from(subject.classes, (index) => ([0, 1, 2, 4][index] ?? 0) / 5).map(
    (v) => v * 255,
  );
  for (let z = 1; z <= subject.shape[2]; z++) {
    const padded = [...scaled, labels].map((volume) => {
      const temp = Array<number>(65536).fill(0);
      for (let i = 1; i <= 240; i++)
        for (let j = 1; j <= 240; j++)
          temp[(j + 8 - 1) * 256 + i + 8 - 1] = volume[i - 1 + 240 * (j - 1 + 240 * (z - 1))] ?? 0;
      return temp;
    });
    const highpixels = padded[0]?.filter((value) => value > 50).length ?? 0;
    if (highpixels / (256 * 256) > 0.15)
      kept.set(
        z,
        padded.map((slice) => slice.map(matlabUint8)),
      );
  }
  return kept;
}

/** Rounds to the nearest, halves away from zero, and saturates. */
function matlabUint8(value: number): number {
  const [low, fraction] = [Math.floor(value), value - Math.floor(value)];
  return Math.min(255, Math.max(0, fraction < 0.5 ? low : low + 1));
}

test("equals the study's script over random volumes", () => {
  let dropped = 0;
  for (const seed of [1, 2, 3]) {
    const subject = randomSubject(seed, 4);
    const expected = asTheStudy(subject);
    const { images, z } = studySlices(subject);
    assert.equal([...z], [...expected.keys()]);
    dropped += 4 - z.length;
    z.forEach((position, n) => {
      const channels = expected.get(position) ?? [];
      for (let pixel = 0; pixel < 65536; pixel++)
        for (let channel = 0; channel < 5; channel++) {
          const found = images[(n * 65536 + pixel) * 5 + channel];
          if (found !== channels[channel]?.[pixel])
            assert.unreachable(`z ${position}, ${pixel}, ${channel}: ${found}`);
        }
    });
  }
  assert.ok(dropped > 0, "some slices must fail the rule for the test to say anything");
});

test("keeps a slice of 9831 bright pixels and drops one of 9830, for 0.15 * 65536 = 9830.4", () => {
  const subject = emptySubject(3);
  const { t1w } = subject.sequences;
  t1w.fill(51, 0, 9830);
  t1w.fill(51, AREA, AREA + 9831);
  t1w.fill(50, 2 * AREA, 3 * AREA); // 50 itself is not above 50.
  t1w[3 * AREA - 1] = 255;
  assert.equal(keptPositions(subject), [1]);
  for (const sequence of SEQUENCES) subject.sequences[sequence][0] ||= 255;
  assert.equal([...studySlices(subject).z], [2]);
});

test("compares the scaled value before rounding: 50.2 counts although it is written as 50", () => {
  const subject = emptySubject(1);
  for (const sequence of SEQUENCES) subject.sequences[sequence].fill(502, 0, 10_000).fill(2550, AREA - 1);
  const { images, z } = studySlices(subject);
  assert.is(z.length, 1);
  assert.is(images[(8 * 256 + 8) * 5], 50);
});

test("puts anterior on top and the patient's right at the left", () => {
  const subject = emptySubject(1);
  for (const sequence of SEQUENCES) subject.sequences[sequence].fill(100);
  // BraTS voxel (x, y) = (3, 20): 3 from the right, 20 from the front.
  subject.sequences.flair[3 + 240 * 20] = 200;
  subject.classes[3 + 240 * 20] = 3;
  const { images } = studySlices(subject);
  const at = ((20 + 8) * 256 + 3 + 8) * 5;
  assert.equal([...images.subarray(at, at + 5)], [255, 255, 255, 255, 204]);
  assert.equal([...images.subarray(at + 5, at + 10)], [255, 255, 255, 128, 0]);
});

test("refuses slices that are not 240 x 240", () => {
  const values = new Float32Array(8).fill(1);
  const sequences = { t1w: values, t1wGd: values, t2w: values, flair: values };
  const subject = { id: "P7", shape: [2, 2, 2] as const, sequences, classes: new Uint8Array(8) };
  failsNaming(() => studySlices(subject), "P7", "2 x 2 x 2");
});

test("averages images and takes the majority of labels, by hand", () => {
  const images = new Uint8Array(65536 * 5);
  const put = (row: number, column: number, values: readonly number[]): void => {
    images.set(values, (row * 256 + column) * 5);
  };
  // One block of 2 x 2 at the corner: means 2.5, 0.25, 0.75, 255; labels 1, 1, 2, 3.
  put(0, 0, [1, 1, 0, 255, 51]);
  put(0, 1, [2, 0, 1, 255, 51]);
  put(1, 0, [3, 0, 1, 255, 102]);
  put(1, 1, [4, 0, 1, 255, 204]);
  // The next block: two of class 2 against two of class 3, then one against three.
  for (const [column, greys] of [
    [2, [102, 204, 204, 102]],
    [4, [0, 204, 204, 204]],
    [6, [0, 51, 51, 0]],
  ] as const)
    greys.forEach((grey, i) => {
      put(i >> 1, column + (i & 1), [0, 0, 0, 0, grey]);
    });
  const small = shrinkSlices(images, 128);
  assert.equal([...small.subarray(0, 5)], [3, 0, 1, 255, 51]);
  assert.equal([small[9], small[14], small[19]], [102, 204, 0]);
});

test("equals plain block loops for every size over random images", () => {
  const stream = Rng.fromSeed(5).stream();
  const images = Uint8Array.from({ length: 2 * 65536 * 5 }, (_, i) =>
    i % 5 === 4 ? ([0, 51, 102, 204][stream.integer(4)] ?? 0) : stream.integer(256),
  );
  for (const size of [128, 64, 32, 16, 8]) {
    const factor = 256 / size;
    const small = shrinkSlices(images, size);
    assert.is(small.length, 2 * size * size * 5);
    for (let trial = 0; trial < 200; trial++) {
      const [n, row, column] = [stream.integer(2), stream.integer(size), stream.integer(size)];
      const block = Array.from({ length: factor * factor }, (_, i) => {
        const [y, x] = [row * factor + Math.floor(i / factor), column * factor + (i % factor)];
        return images.subarray(((n * 256 + y) * 256 + x) * 5, ((n * 256 + y) * 256 + x) * 5 + 5);
      });
      const expected = [0, 1, 2, 3].map((channel) =>
        Math.round(block.reduce((sum, pixel) => sum + (pixel[channel] ?? 0), 0) / block.length),
      );
      const votes = [0, 51, 102, 204].map((grey) => block.filter((pixel) => pixel[4] === grey).length);
      const mask = [0, 51, 102, 204][votes.indexOf(Math.max(...votes))] ?? 0;
      const at = ((n * size + row) * size + column) * 5;
      assert.equal([...small.subarray(at, at + 5)], [...expected, mask], `size ${size}`);
    }
  }
});

test("leaves 256 as it is and refuses sizes that do not divide it", () => {
  const images = new Uint8Array(65536 * 5);
  assert.is(shrinkSlices(images, 256), images);
  for (const size of [0, 100, 512, 4])
    failsNaming(() => shrinkSlices(images, size), `size ${size}`, "256, 128");
});

test.run();
