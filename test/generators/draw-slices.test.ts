import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Rng } from "../../lib/backend/rng";
import { startBackend } from "../../lib/backend/start";
import * as tf from "../../lib/backend/tf";
import { openPrepared } from "../../lib/data/prepared-folder";
import { decodeMasksOf } from "../../lib/data/mask-decoding";
import { InputError } from "../../lib/errors";
import { declareGenerator } from "../../lib/generators/build-networks";
import { drawSlices, type DrawOptions } from "../../lib/generators/draw-slices";
import type { GeneratorConfig } from "../../lib/generators/generator-config";
import { writeGenerator } from "../../lib/generators/generator-file";
import { openGenerator, type DrawingOptions, type OpenGenerator } from "../../lib/generators/open-generator";
import { DiffusionUNet } from "../../lib/models/diffusion/diffusion-unet";
import { Params } from "../../lib/models/params";
import { MASK_CHANNEL, SLICE_CHANNELS } from "../../lib/shape";
import { temporaryFolder } from "../temporary-folder";
import { TINY_CONFIGS, tinyConfig } from "./tiny-configs";

const test = suite("drawing");

const isInputError = (error: unknown): boolean => error instanceof InputError;

test.before(async () => {
  await startBackend({ precision: "float32" });
});

/** A weights file of a generator that has learnt nothing, every value moved so that noise and styles count. */
function untrained(config: GeneratorConfig): string {
  const rng = Rng.fromSeed(3);
  const params = new Params(rng.fork("initial"));
  if (config.kind === "diffusion") new DiffusionUNet(params, config.network);
  else declareGenerator(config, params);
  for (const [path, variable] of params.variables)
    tf.tidy(() => {
      variable.assign(
        variable.add(
          rng
            .fork(path)
            .normal(variable.shape as [number])
            .mul(0.3),
        ),
      );
    });
  const path = join(temporaryFolder(), "weights.safetensors");
  writeGenerator(path, params, config, { source: "made for a test", simulated: true });
  params.dispose();
  return path;
}

function opened(kind: Parameters<typeof tinyConfig>[0], options?: DrawingOptions): OpenGenerator {
  return openGenerator(untrained(tinyConfig(kind)), options);
}

for (const config of TINY_CONFIGS)
  test(`image k is the same alone, in another order, in another batch: ${config.kind}`, () => {
    const before = tf.memory().numTensors;
    const source = openGenerator(untrained(config));
    const many = source.drawBatch([0, 1, 2, 3, 4, 5, 6]);
    const image = (images: Uint8Array, n: number) => images.slice(320 * n, 320 * n + 320);
    assert.is(many.length, 7 * 8 * 8 * 5);
    assert.equal(source.drawBatch([5]), image(many, 5));
    const mixed = source.drawBatch([6, 2, 400, 2]);
    assert.equal(
      [image(mixed, 0), image(mixed, 1), image(mixed, 3)],
      [6, 2, 2].map((n) => image(many, n)),
    );
    assert.is(new Set(Array.from({ length: 7 }, (_, n) => image(many, n).join())).size, 7);
    source.dispose();
    assert.is(tf.memory().numTensors, before);
  });

test("another seed gives other images, truncation and steps change them", () => {
  const drawn = (kind: Parameters<typeof tinyConfig>[0], options: DrawingOptions) => {
    const source = opened(kind, options);
    const images = source.drawBatch([0, 1]);
    source.dispose();
    return images;
  };
  assert.not.equal(drawn("stylegan2", { seed: 2 }), drawn("stylegan2", {}));
  assert.not.equal(drawn("stylegan1", { truncation: null }), drawn("stylegan1", {}));
  const noise = (kind: "random" | "constant" | "none") => drawn("stylegan1", { noise: kind });
  assert.equal(noise("random"), drawn("stylegan1", {}));
  assert.not.equal(noise("constant"), noise("random"));
  assert.not.equal(noise("none"), noise("constant"));
  const steps = (method: DrawingOptions["method"] & object) => drawn("diffusion", { method });
  assert.not.equal(steps({ kind: "ddim", steps: 5 }), drawn("diffusion", {}));
  assert.not.equal(steps({ kind: "respaced", steps: 5 }), steps({ kind: "ddim", steps: 5 }));
});

test("masks are decoded as asked for, with the same images beside them", () => {
  const images = (masks: "thresholds" | "slopes") => {
    const source = opened("progressive-gan", { masks });
    const drawn = source.drawBatch([0, 1, 2]);
    source.dispose();
    return drawn;
  };
  const [raw, decoded] = [images("thresholds"), images("slopes")];
  const expected = raw.slice();
  decodeMasksOf(expected, 8, "slopes");
  assert.equal(decoded, expected);
  assert.not.equal(decoded, raw);
});

test("nearly black pixels of the sequences are drawn as black where that is asked for", () => {
  const images = (blackBelow: number) => {
    const source = opened("progressive-gan", { blackBelow });
    const drawn = source.drawBatch([0, 1, 2]);
    source.dispose();
    return drawn;
  };
  const raw = images(0);
  const expected = raw.map((value, i) => (i % SLICE_CHANNELS !== MASK_CHANNEL && value < 120 ? 0 : value));
  assert.equal(images(120), expected);
  assert.not.equal(expected, raw);
});

test("refuses what a generator cannot do, and seeds that are none", () => {
  assert.throws(() => opened("diffusion", { truncation: { psi: 0.5, layers: null } }), isInputError);
  assert.throws(() => opened("diffusion", { noise: "none" }), isInputError);
  assert.throws(() => opened("stylegan2", { method: { kind: "ancestral" } }), isInputError);
  assert.throws(() => opened("progressive-gan", { truncation: { psi: 0.5, layers: null } }), isInputError);
  assert.throws(() => opened("diffusion", { method: { kind: "ddim", steps: 999 } }), isInputError);
  const source = opened("progressive-gan");
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 31])
    assert.throws(() => source.drawBatch([seed]), isInputError);
  source.dispose();
});

test("refuses files that are no generator's", () => {
  const folder = temporaryFolder();
  assert.throws(() => openGenerator(folder), /holds no weights.safetensors/);
  assert.throws(() => openGenerator(join(folder, "none")), /neither a file nor a model/);
  writeFileSync(join(folder, "weights.safetensors"), "nothing");
  assert.throws(() => openGenerator(folder), isInputError);
});

const shards = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".safetensors"));

async function drawn(
  change: Partial<DrawOptions> = {},
): Promise<{ readonly images: Uint8Array; readonly result: Awaited<ReturnType<typeof drawSlices>> }> {
  const source = opened("progressive-gan");
  const result = await drawSlices({ source, images: 300, folder: temporaryFolder(), ...change });
  source.dispose();
  const { images } = result.slices.load();
  result.slices.close();
  return { images, result };
}

test("draws every image once into shards that say what they are", async () => {
  const folder = temporaryFolder();
  const { images, result } = await drawn({ folder });
  assert.equal(shards(folder), ["seeds-000000-000255.safetensors", "seeds-000256-000299.safetensors"]);
  assert.is(images.length, 300 * 320);
  assert.is(result.masks.images, 300);
  assert.ok((result.imagesPerSec ?? 0) > 0);
  const slices = openPrepared(folder);
  assert.equal([slices.count, slices.simulated], [300, true]);
  assert.is(slices.source, "progressive GAN trained on made for a test");
  assert.equal(slices.subjects.slice(255, 257), ["seed000255", "seed000256"]);
  slices.close();
});

test("a part of the seeds gives a part of the images", async () => {
  const { images } = await drawn();
  const part = await drawn({ firstSeed: 250, images: 10 });
  assert.equal(part.images, images.slice(250 * 320, 260 * 320));
});

test("goes on after an interruption, and makes again what is damaged, with the same bytes", async () => {
  const whole = await drawn();
  const folder = temporaryFolder();
  const stop = new AbortController();
  const onProgress = () => {
    stop.abort(new Error("stop"));
  };
  const stopped = drawn({ folder, signal: stop.signal, onProgress });
  assert.is(await stopped.then(() => "finished").catch((error: unknown) => String(error)), "Error: stop");
  assert.equal(shards(folder), ["seeds-000000-000255.safetensors"]);
  const seen: (readonly number[])[] = [];
  const resumed = await drawn({ folder, onProgress: (...counts) => seen.push(counts) });
  assert.equal(resumed.images, whole.images);
  assert.equal(seen, [
    [256, 300, 256],
    [300, 300, 256],
  ]);
  truncateSync(join(folder, "seeds-000000-000255.safetensors"), 5000);
  assert.equal((await drawn({ folder })).images, whole.images);
  const again = await drawn({ folder });
  assert.is(again.result.imagesPerSec, null);
  again.result.remove();
  assert.equal(readdirSync(folder), []);
});

test.run();
