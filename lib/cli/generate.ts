import { resolve } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { EXIT, InputError } from "../errors";
import type { PngOrientation } from "../data/grey-png";
import { MASK_DECODINGS, type MaskDecoding } from "../data/mask-decoding";
import type { DrawnSlices } from "../generators/draw-slices";
import type { DrawingOptions, OpenGenerator } from "../generators/open-generator";
import type { SamplingMethod } from "../sampling/diffusion-sampler";
import { wholeNumber } from "./long-command";

interface Seeds {
  readonly first: number;
  readonly count: number;
}

interface GenerateFlags {
  readonly seeds: Seeds;
  readonly out?: string;
  readonly seed: number;
  readonly truncation?: number;
  readonly noise?: NonNullable<DrawingOptions["noise"]>;
  readonly method?: SamplingMethod["kind"];
  readonly steps?: number;
  readonly masks?: MaskDecoding;
  readonly blackBelow?: number;
  readonly png: boolean;
  readonly shards?: true;
  readonly orientation: PngOrientation;
  readonly precision: "auto" | "float32";
  readonly list?: true;
}

/** `synthmr generate`: images of a trained generator. */
export function register(program: Command): void {
  program
    .command("generate")
    .description(
      "Draw images of a trained generator: a sheet, PNGs in the study's layout, shards on request.",
    )
    .argument("[model]", "a model that comes with the project, a weights file, or the folder of a training")
    .option("--list", "the models that come with the project")
    .option("--seeds <first-last>", "which images; image k is always the same", seedRange, seedRange("0-63"))
    .option("--out <folder>", "where they go; an unfinished run found there goes on")
    .option("--seed <number>", "of all images together: another one gives others", wholeNumber, 1)
    .option("--truncation <psi>", "bends the styles of a StyleGAN to their mean: 1 not at all, 0 wholly", psi)
    .addOption(
      new Option(
        "--noise <inputs>",
        "of a StyleGAN: noise drawn for each image, the same for all, or none (default: as its card says)",
      ).choices(["random", "constant", "none"]),
    )
    .addOption(
      new Option("--method <name>", "how a diffusion model draws (default: as its card says)").choices([
        "ancestral",
        "respaced",
        "ddim",
        "dpm-solver",
      ]),
    )
    .option("--steps <count>", "steps of every method but ancestral", wholeNumber)
    .addOption(
      new Option(
        "--masks <decoding>",
        "what masks hold: grey values as drawn, for the study's thresholds, or classes with soft edges resolved, by slopes or by neighbours as well (default: as the model's settings say)",
      ).choices(MASK_DECODINGS),
    )
    .option("--black-below <grey>", "darker pixels of the sequences become 0 (default: as set)", grey)
    .option("--no-png", "no PNGs, for many images")
    .option("--shards", "keep the images as shards, which --images and the audit take")
    .addOption(
      new Option("--orientation <name>", "how the PNGs lie: as the study's, or heads upright")
        .choices(["study", "upright"])
        .default("study"),
    )
    .addOption(
      new Option("--precision <format>", "of large products; auto: bfloat16 where it is the faster one")
        .choices(["auto", "float32"])
        .default("auto"),
    )
    .addHelpText(
      "after",
      `
Several processes share the work by ranges: --seeds 0-49999 in one, --seeds 50000-99999 in another, each with a
folder of its own.

Example: npm run synthmr -- generate diffusion-64 --seeds 0-63 --out samples`,
    )
    .action(async (model: string | undefined, flags: GenerateFlags) => {
      process.exitCode = flags.list === true ? await list() : await run(model, flags);
    });
}

async function run(model: string | undefined, flags: GenerateFlags): Promise<number> {
  if (model === undefined) throw new InputError("generate", "needs a model", "--list names those there are");
  if (flags.out === undefined) throw new InputError("--out", "is missing: where shall the images go?");
  const { startBackend } = await import("../backend/start");
  const { openGenerator } = await import("../generators/open-generator");
  const { ProgressLine } = await import("./progress-line");
  const { stopSignal } = await import("./stop-signal");
  const { drawSlices } = await import("../generators/draw-slices");
  await startBackend({ precision: flags.precision });
  const source = openGenerator(model, drawingOptions(flags));
  const folder = resolve(flags.out);
  const line = new ProgressLine();
  const signal = stopSignal();
  try {
    const drawn = await drawSlices({
      source,
      images: flags.seeds.count,
      firstSeed: flags.seeds.first,
      folder,
      signal,
      onProgress: (done, total, doneAtStart) => {
        line.show({ done, total, unit: "images", doneAtStart });
      },
    });
    line.end();
    await write(model, drawn, source, folder, flags);
    return EXIT.ok;
  } catch (error) {
    line.end();
    if (!signal.aborted) throw error;
    console.error("synthmr: interrupted; run again to go on from here");
    return EXIT.interrupted;
  } finally {
    source.dispose();
  }
}

/** What is made of the shards, and what is said of them. */
async function write(
  model: string,
  drawn: DrawnSlices,
  { description, precision }: OpenGenerator,
  folder: string,
  { png, shards, orientation }: GenerateFlags,
): Promise<void> {
  const { writeGeneratedPngs, writeGeneratedSheet } = await import("./generated-files");
  const { MASK_DECODING_TITLE } = await import("../data/mask-decoding");
  const { formatMaskCounts } = await import("../generators/mask-check");
  const { GENERATOR_TITLE } = await import("../generators/generator-config");
  const { slices, masks, imagesPerSec } = drawn;
  await writeGeneratedSheet(folder, slices, description.generator);
  if (png) writeGeneratedPngs(folder, slices, orientation);
  slices.close();
  if (shards !== true) drawn.remove();
  const speed = imagesPerSec === null ? "all there" : `${imagesPerSec.toPrecision(3)} images a second`;
  const { generator, size, data, sampling } = description;
  console.log(
    [
      `${slices.count} images of ${size}x${size} by ${model} (${GENERATOR_TITLE[generator]} trained on ${data.source}): ${speed}, ${precision}`,
      `masks (${MASK_DECODING_TITLE[sampling.masks]}): ${formatMaskCounts(masks)}`,
      `${folder}: sheet.png${png ? ", T1, T1CE, T2, FLAIR, Seg" : ""}${shards === true ? ", shards" : ""}`,
    ].join("\n"),
  );
}

async function list(): Promise<number> {
  const { alignColumns } = await import("../data/align-columns");
  const { durationText } = await import("../display/progress-text");
  const { GENERATOR_TITLE } = await import("../generators/generator-config");
  const { readCard, zooNames } = await import("../generators/zoo");
  const rows = zooNames().map((name) => {
    const { generator, size, parameters, imagesSeen, trainingSec, data } = readCard(name);
    const counts = [`${size}x${size}`, String(parameters), String(imagesSeen), durationText(trainingSec)];
    return [name, GENERATOR_TITLE[generator], ...counts, data.source];
  });
  const head = ["model", "generator", "images", "parameters", "images seen", "trained for", "on"];
  console.log(alignColumns([head, ...rows]));
  return EXIT.ok;
}

function drawingOptions(flags: GenerateFlags): DrawingOptions {
  const { seed, truncation, noise, method, steps, masks, blackBelow } = flags;
  return {
    seed,
    ...(noise === undefined ? {} : { noise }),
    ...(masks === undefined ? {} : { masks }),
    ...(blackBelow === undefined ? {} : { blackBelow }),
    ...(truncation === undefined ? {} : { truncation: { psi: truncation, layers: null } }),
    ...(method === undefined && steps === undefined
      ? {}
      : { method: samplingMethod(method ?? "ddim", steps) }),
  };
}

function samplingMethod(kind: SamplingMethod["kind"], steps: number | undefined): SamplingMethod {
  if (kind === "ancestral") {
    if (steps !== undefined) throw new InputError("--steps", "ancestral sampling takes all of them");
    return { kind };
  }
  if (steps === undefined) throw new InputError("--steps", `is missing: how many steps of ${kind}?`);
  return { kind, steps };
}

function seedRange(text: string): Seeds {
  const [, first, last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(text) ?? [];
  const count = Number(last) - Number(first) + 1;
  if (first === undefined || !(count >= 1))
    throw new InvalidArgumentError("Expected two seeds, such as 0-63.");
  return { first: Number(first), count };
}

function grey(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0 || value > 255)
    throw new InvalidArgumentError("Expected a grey value, 0 to 255.");
  return value;
}

function psi(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}
