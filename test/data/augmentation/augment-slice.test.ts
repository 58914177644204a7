import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../../lib/backend/rng";
import {
  STUDY_AUGMENTATION,
  type AugmentationConfig,
} from "../../../lib/data/augmentation/augmentation-config";
import { augmentSlice, type SlicePlanes } from "../../../lib/data/augmentation/augment-slice";
import { applyGamma } from "../../../lib/data/augmentation/gamma";
import { withRotations } from "../../../lib/data/augmentation/rotated-slices";
import { near } from "../../near";
import { toySlices } from "../../training/toy-slices";

const test = suite("augmentation of slices");

const SIZE = 24;
const set = toySlices(4, SIZE, 1);
const slice = set.images.subarray(0, SIZE * SIZE * 5);

const never = Object.fromEntries(
  Object.entries(STUDY_AUGMENTATION).map(([name, change]) => [name, { ...change, probability: 0 }]),
) as unknown as AugmentationConfig;

function augmented(config: AugmentationConfig, seed: number, of = slice): SlicePlanes {
  return augmentSlice(of, SIZE, config, Rng.fromSeed(seed).stream(), 255);
}

function sequence(of: Uint8Array, channel: number): Float32Array {
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => (of[i * 5 + channel] ?? 0) / 256);
}

test("changes nothing where every probability is 0", () => {
  const { sequences, labels } = augmented(never, 1);
  sequences.forEach((plane, channel) => {
    near(plane, sequence(slice, channel), 0);
  });
  assert.equal(
    [...labels],
    [...labels].map((_, i) => [0, 51, 102, 204].indexOf(slice[i * 5 + 4] ?? 0)),
  );
});

test("gives the same result for the same seed, and others for others", () => {
  const all = (seed: number) => augmented(STUDY_AUGMENTATION, seed).sequences.flatMap((plane) => [...plane]);
  assert.equal(all(3), all(3));
  assert.not.equal(all(3), all(4));
  assert.ok(all(5).every(Number.isFinite));
});

test("changes as many samples as the study's probabilities say", () => {
  const plain = augmented(never, 1).sequences.map((plane) => plane.join());
  const whole = { rotation: 0.75, scale: 0.75, invertedGamma: 0.1, gamma: 0.2 };
  // A slice stays as it is unless one of four channels is drawn.
  const channels = {
    noise: 0.5 * (1 - 0.5 ** 4),
    blur: 0.2 * (1 - 0.5 ** 4),
    resolution: 0.25 * (1 - 0.5 ** 4),
  };
  for (const [name, expected] of Object.entries({ ...whole, ...channels })) {
    const config = {
      ...never,
      [name]: STUDY_AUGMENTATION[name as keyof typeof STUDY_AUGMENTATION],
    } as AugmentationConfig;
    let changed = 0;
    for (let seed = 0; seed < 300; seed++)
      if (augmented(config, seed).sequences.some((plane, i) => plane.join() !== plain[i])) changed++;
    assert.ok(Math.abs(changed / 300 - expected) < 0.09, `${name}: ${changed / 300}, expected ${expected}`);
  }
});

test("moves labels and sequences together and ignores what comes from outside", () => {
  // A slice whose first sequence is 60 times its class: inside the discs they must still agree.
  const painted = slice.slice();
  for (let i = 0; i < SIZE * SIZE; i++)
    painted[i * 5] = 60 * [0, 51, 102, 204].indexOf(slice[i * 5 + 4] ?? 0);
  const config = {
    ...never,
    rotation: { probability: 1, degrees: [25, 30] },
    scale: { probability: 1, factor: [0.9, 0.92] },
  } as const;
  const { sequences, labels } = augmented(config, 2, painted);
  let [tumour, agree] = [0, 0];
  labels.forEach((label, i) => {
    // Enlarging after turning may put a little of the inside beyond the edge.
    if (label === 255) assert.ok((sequences[0]?.[i] ?? 1) * 256 < 30);
    else if (label > 0) {
      tumour++;
      if (Math.abs((sequences[0]?.[i] ?? 0) * 256 - 60 * label) < 30) agree++;
    }
  });
  assert.ok(labels.includes(255));
  assert.ok(tumour > 40 && agree / tumour > 0.75, `${agree} of ${tumour} tumour pixels agree`);
});

test("mirrors rows and columns of sequences and labels, each half of the time", () => {
  const plain = augmented(never, 1);
  const turned = (of: ArrayLike<number>, rows: boolean, columns: boolean): number[] =>
    Array.from({ length: SIZE * SIZE }, (_, i) => {
      const [row, column] = [Math.floor(i / SIZE), i % SIZE];
      return of[(rows ? SIZE - 1 - row : row) * SIZE + (columns ? SIZE - 1 - column : column)] ?? -1;
    });
  const counts = [0, 0, 0, 0];
  for (let seed = 0; seed < 200; seed++) {
    const { sequences, labels } = augmented({ ...never, mirror: { probability: 0.5 } }, seed);
    const kind = [0, 1, 2, 3].find(
      (bits) => turned(plain.labels, bits % 2 === 1, bits > 1).join() === labels.join(),
    );
    assert.type(kind, "number");
    if (kind === undefined) continue;
    counts[kind] = (counts[kind] ?? 0) + 1;
    sequences.forEach((plane, channel) => {
      near(plane, turned(plain.sequences[channel] ?? [], kind % 2 === 1, kind > 1), 0);
    });
  }
  assert.ok(
    counts.every((count) => Math.abs(count - 50) < 20),
    counts.join(),
  );
});

test("adds noise to the foreground alone", () => {
  const noise = { probability: 1, channelProbability: 1, deviation: [0.05, 0.05] } as const;
  const { sequences } = augmented({ ...never, noise }, 7);
  const before = sequence(slice, 2);
  let [count, squares] = [0, 0];
  (sequences[2] ?? before).forEach((value, i) => {
    const old = before[i] ?? 0;
    if (old === 0) assert.is(value, 0);
    else {
      count++;
      squares += (value - old) ** 2;
    }
  });
  assert.ok(Math.abs(Math.sqrt(squares / count) - 0.05) < 0.005);
});

test("keeps mean and standard deviation of the foreground under gamma", () => {
  const values = Float32Array.of(0, 0, 0.1, 0.2, 0.4, 0.8);
  const changed = values.slice();
  applyGamma(changed, 1.2);
  const moments = (of: Float32Array) => {
    const part = [...of.subarray(2)];
    const mean = part.reduce((a, b) => a + b) / 4;
    return [mean, Math.sqrt(part.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 4)];
  };
  near(moments(changed), moments(values), 1e-5);
  assert.equal([...changed.subarray(0, 2)], [0, 0]);
  // Shape: (v - 0.1) / 0.7 to the power 1.2, up to scale and shift: ratios of differences stay.
  const shape = [0, 1 / 7, 3 / 7, 1].map((v) => v ** 1.2);
  const ratio = (of: ArrayLike<number>, at: number) =>
    ((of[at + 2] ?? 0) - (of[at] ?? 0)) / ((of[at + 3] ?? 0) - (of[at] ?? 0));
  near([ratio(changed, 2)], [ratio(shape, 0)], 1e-5);
  const constant = new Float32Array(4).fill(2);
  applyGamma(constant, 0.9);
  assert.equal([...constant], [2, 2, 2, 2]);
});

test("puts the study's nine rotations behind each slice", () => {
  const many = withRotations(set, Rng.fromSeed(1));
  const bytes = SIZE * SIZE * 5;
  assert.is(many.count, 40);
  assert.equal(
    [...many.subjectOf.subarray(0, 21)],
    [...Array<number>(10).fill(0), ...Array<number>(10).fill(1), 0],
  );
  assert.is(many.z[19], 2);
  assert.equal([...many.images.subarray(10 * bytes, 11 * bytes)], [...set.images.subarray(bytes, 2 * bytes)]);
  const turned = many.images.subarray(11 * bytes, 12 * bytes);
  assert.not.equal([...turned], [...set.images.subarray(bytes, 2 * bytes)]);
  for (let i = 4; i < turned.length; i += 5) assert.ok([0, 51, 102, 204].includes(turned[i] ?? -1));
  // A slice's angles depend on its place alone.
  const fewer = withRotations(
    { ...set, count: 2, images: set.images.subarray(0, 2 * bytes) },
    Rng.fromSeed(1),
  );
  assert.equal([...fewer.images.subarray(11 * bytes, 12 * bytes)], [...turned]);
  assert.match(many.source, /toy slices, each slice with 9 rotations within 75 degrees/);
});

test.run();
