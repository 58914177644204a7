import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { InputError } from "../../lib/errors";
import { countParameters } from "../../lib/generators/build-networks";
import { GENERATOR_NAMES, sizeOf, type GeneratorName } from "../../lib/generators/generator-config";
import { smallConfig } from "../../lib/generators/small-configs";
import { SMALL_SIZES } from "../../lib/generators/small-scales";
import { STUDY_CONFIG_NAMES, studyConfig } from "../../lib/generators/study-configs";
import { SLICE_CHANNELS } from "../../lib/shape";
import { locateTensors } from "../../lib/storage/safetensors";
import * as counts from "./reference-counts";

const test = suite("generator settings");

const isInputError = (error: unknown): boolean => error instanceof InputError;

/** The study's networks in the words of the papers: 256x256, five channels. */
const GROWING = { resolution: 256, imageChannels: 5, base: 16384, max: 512 } as const;
const FULL = { resolution: 256, imageChannels: 5, base: 32768, max: 512 } as const;
const STYLES = { latent: 512, mappingLayers: 8 } as const;
const STYLEGAN3 = { latent: 512, mappingLayers: 2 } as const;
const DENOISER = {
  imageChannels: 5,
  base: 64,
  multipliers: [1, 1, 2, 2, 4, 4],
  blocks: 3,
  attention: [16, 32],
};

const COUNTS: Readonly<Record<GeneratorName, readonly [number, number | null]>> = {
  "progressive-gan": [
    counts.progressiveGanGenerator(GROWING, 512),
    counts.progressiveGanDiscriminator(GROWING),
  ],
  stylegan1: [
    counts.stylegan1Generator({ ...GROWING, ...STYLES }),
    counts.progressiveGanDiscriminator(GROWING),
  ],
  stylegan2: [counts.stylegan2Generator({ ...FULL, ...STYLES }), counts.stylegan2Discriminator(FULL)],
  stylegan3: [
    counts.stylegan3Generator({ ...FULL, ...STYLEGAN3 }, 14, 3),
    counts.stylegan2Discriminator(FULL),
  ],
  diffusion: [counts.guidedDiffusionUNet(DENOISER), null],
};

/** `--cfg=stylegan3-r`: kernels of one pixel, twice the channels; the discriminator stays. */
const STYLEGAN3_R = counts.stylegan3Generator({ ...FULL, ...STYLEGAN3, base: 65536, max: 1024 }, 14, 1);

/** What the reference files of `test/fixtures/parity` hold, by their own settings. */
const CASES: Readonly<Record<string, (meta: CaseMeta) => number>> = {
  "genforce-pggan-generator": (meta) =>
    counts.progressiveGanGenerator(pyramid(meta, meta.fmaps_base, meta.fmaps_max), meta.z_dim ?? 0),
  "genforce-pggan-discriminator": (meta) =>
    counts.progressiveGanDiscriminator(pyramid(meta, meta.fmaps_base, meta.fmaps_max)),
  "genforce-stylegan1-generator": (meta) =>
    counts.stylegan1Generator({ ...pyramid(meta, meta.fmaps_base, meta.fmaps_max), ...styles(meta) }),
  "genforce-stylegan1-discriminator": (meta) =>
    counts.progressiveGanDiscriminator(pyramid(meta, meta.fmaps_base, meta.fmaps_max)),
  "nvlabs-stylegan2-generator": (meta) => counts.stylegan2Generator({ ...pyramid(meta), ...styles(meta) }),
  "nvlabs-stylegan2-discriminator": (meta) => counts.stylegan2Discriminator(pyramid(meta)),
  "nvlabs-stylegan3-t-generator": (meta) =>
    counts.stylegan3Generator({ ...pyramid(meta), ...styles(meta) }, meta.num_layers ?? 0, 3),
  "nvlabs-stylegan3-r-generator": (meta) =>
    counts.stylegan3Generator({ ...pyramid(meta), ...styles(meta) }, meta.num_layers ?? 0, 1),
  "openai-guided-diffusion-unet": (meta) =>
    counts.guidedDiffusionUNet({
      imageChannels: meta.channels,
      base: meta.model_channels ?? 0,
      multipliers: meta.channel_mult ?? [],
      blocks: meta.num_res_blocks ?? 0,
      attention: meta.attention_ds ?? [],
    }),
};

const metaSchema = z.object({
  resolution: z.number(),
  channels: z.number(),
  z_dim: z.number().optional(),
  mapping_layers: z.number().optional(),
  fmaps_base: z.number().optional(),
  fmaps_max: z.number().optional(),
  channel_base: z.number().optional(),
  channel_max: z.number().optional(),
  num_layers: z.number().optional(),
  model_channels: z.number().optional(),
  channel_mult: z.array(z.number()).optional(),
  num_res_blocks: z.number().optional(),
  attention_ds: z.array(z.number()).optional(),
});
type CaseMeta = z.infer<typeof metaSchema>;

function pyramid(meta: CaseMeta, base = meta.channel_base, max = meta.channel_max): counts.Pyramid {
  return { resolution: meta.resolution, imageChannels: meta.channels, base: base ?? 0, max: max ?? 0 };
}

const styles = ({ z_dim, mapping_layers }: CaseMeta) => ({
  latent: z_dim ?? 0,
  mappingLayers: mapping_layers ?? 0,
});

/** Values of a reference's file that it does not train. */
const BUFFER =
  /(^|\.)(lod|noise|noise_const|blur\.kernel|w_avg|resample_filter|up_filter|down_filter|magnitude_ema|freqs|phases|transform)$/;

for (const [name, count] of Object.entries(CASES))
  test(`the layers of ${name}, summed up, are the values that the reference's own file holds`, () => {
    const path = join(__dirname, "..", "fixtures", "parity", `${name}.safetensors`);
    const { places, metadata } = locateTensors(path);
    const trained = [...places].filter(([key]) => key.startsWith("weights.") && !BUFFER.test(key));
    const values = trained.map(([, { shape }]) => shape.reduce((product, axis) => product * axis, 1));
    const meta = metaSchema.parse(JSON.parse(metadata["meta"] ?? ""));
    assert.is(
      values.reduce((a, b) => a + b, 0),
      count(meta),
    );
  });

for (const name of STUDY_CONFIG_NAMES)
  test(`${name}: 256 pixels, five channels, as many parameters as its reference`, () => {
    const config = studyConfig(name);
    assert.is(sizeOf(config), 256);
    const channels = config.kind === "diffusion" ? config.network : config.generator;
    assert.is(channels.imageChannels, SLICE_CHANNELS);
    const { generator, discriminator } = countParameters(config);
    const [expected, against] = COUNTS[config.kind];
    const isR = name === "reference/stylegan3-r";
    assert.equal([generator, discriminator], [isR ? STYLEGAN3_R : expected, against]);
  });

test("there is one of each generator for each cohort, and no other name is known", () => {
  for (const cohort of ["brats2020", "brats2021"])
    for (const kind of GENERATOR_NAMES) assert.is(studyConfig(`${cohort}/${kind}`).kind, kind);
  for (const name of ["", "stylegan2", "brats2019/stylegan2", "toString"])
    assert.throws(() => studyConfig(name), isInputError);
});

test("the study's own choices stand in them", () => {
  const gamma = (name: string) => {
    const config = studyConfig(name);
    return config.kind === "diffusion" ? undefined : config.training.r1?.gamma;
  };
  assert.equal(["brats2020/stylegan2", "brats2021/stylegan2"].map(gamma), [8, 8]);
  assert.equal(["brats2020/stylegan3", "brats2021/stylegan3"].map(gamma), [8, 10]);
  assert.equal(studyConfig("brats2020/stylegan1").sampling, {
    truncation: { psi: 0.7, layers: 8 },
    noise: "random",
    batchSize: 16,
    masks: "thresholds",
    blackBelow: 0,
  });
  const diffusion = studyConfig("brats2020/diffusion");
  if (diffusion.kind !== "diffusion") throw new Error("another generator");
  assert.equal([diffusion.schedule, diffusion.target], [{ name: "linear", steps: 4000 }, "noise"]);
  assert.equal(diffusion.sampling.method, { kind: "ancestral" });
  assert.equal(diffusion.network.channelMultipliers, [1, 1, 2, 2, 4, 4]);
});

/** Half precision: two bytes a value; buffers are few. */
const MOST_VALUES = (4 * 2 ** 20) / 2;

for (const kind of GENERATOR_NAMES)
  for (const size of SMALL_SIZES)
    test(`${kind} at ${size} pixels can be declared and is small enough to ship`, () => {
      const config = smallConfig(kind, size);
      assert.equal([config.kind, sizeOf(config)], [kind, size]);
      const { generator } = countParameters(config);
      assert.ok(generator < MOST_VALUES, `${generator}`);
      assert.ok(config.training.images >= 50_000);
    });

test("other sizes are refused", () => {
  assert.throws(() => smallConfig("stylegan2", 48), isInputError);
});

test.run();
