import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import * as tf from "../../lib/backend/tf";
import "@tensorflow/tfjs-backend-cpu";
import { BatchSource, imagesToTensor, masksOf, sequencesToTensor } from "../../lib/data/batches";
import { near } from "../near";

const test = suite("batches");
const stream = Rng.fromSeed(2).stream();
const SET = { size: 3, count: 4, images: Uint8Array.from({ length: 4 * 45 }, () => stream.integer(256)) };

test("visits every slice once an epoch, across batch borders", () => {
  for (const [count, batchSize] of [
    [7, 3],
    [4, 4],
    [3, 8],
  ] as const) {
    const source = new BatchSource({ count }, Rng.fromSeed(1), batchSize);
    const drawn = Array.from({ length: 2 * count }, (_, step) => [...source.batchIndices(step)]).flat();
    const everything = Array.from({ length: count }, (_, i) => i);
    const orders = new Set<string>();
    for (let epoch = 0; epoch < 2 * batchSize; epoch++) {
      const visited = drawn.slice(epoch * count, (epoch + 1) * count);
      orders.add(visited.join());
      assert.equal(visited.sort(), everything);
    }
    assert.ok(orders.size > 1, "epochs must differ in order");
  }
});

test("is a function of the step alone", () => {
  const source = new BatchSource({ count: 7 }, Rng.fromSeed(1), 3);
  const forwards = Array.from({ length: 30 }, (_, step) => [...source.batchIndices(step)]);
  for (const step of [29, 3, 17, 0, 3]) assert.equal([...source.batchIndices(step)], forwards[step]);
  const other = new BatchSource({ count: 7 }, Rng.fromSeed(2), 3);
  assert.not.equal(
    Array.from({ length: 30 }, (_, step) => [...other.batchIndices(step)]),
    forwards,
  );
});

test("scales 0 to 255 to [-1, 1]", async () => {
  await tf.setBackend("cpu");
  const x = imagesToTensor(SET, [2, 0]);
  assert.equal(x.shape, [2, 3, 3, 5]);
  near(
    x,
    [...SET.images.subarray(90, 135), ...SET.images.subarray(0, 45)].map((v) => v / 127.5 - 1),
    1e-7,
  );
  const ends = imagesToTensor({ size: 1, images: Uint8Array.of(0, 255, 0, 255, 51) }, [0]).dataSync();
  assert.equal([...ends.subarray(0, 4)], [-1, 1, -1, 1]);
});

test("gives the sequences and the classes apart", () => {
  const pixels = Array.from({ length: 9 }, (_, i) => SET.images.subarray(45 + 5 * i, 50 + 5 * i));
  const x = sequencesToTensor(SET, [1]);
  assert.equal(x.shape, [1, 3, 3, 4]);
  assert.equal(
    [...x.dataSync()],
    pixels.flatMap((pixel) => [...pixel.subarray(0, 4)]),
  );
  const classOf = (grey = 0): number => (grey > 153 ? 3 : grey > 76.5 ? 2 : grey > 25.5 ? 1 : 0);
  assert.equal(
    [...masksOf(SET, [1])],
    pixels.map((pixel) => classOf(pixel[4])),
  );
});

test("refuses slices that do not exist and empty batches", () => {
  assert.throws(() => imagesToTensor(SET, [4]), /slice 4/);
  assert.throws(() => imagesToTensor(SET, [-1]), /slice -1/);
  assert.throws(() => new BatchSource({ count: 0 }, Rng.fromSeed(1), 3), /empty/);
  assert.throws(() => new BatchSource({ count: 1 }, Rng.fromSeed(1), 0), /batch size/);
});

test.run();
