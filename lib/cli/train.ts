import type { Command } from "commander";
import { EXIT, InputError } from "../errors";
import type { SliceSource } from "../data/sharded-slices";
import type { GeneratorConfig } from "../generators/generator-config";
import { wholeNumber } from "./long-command";

interface TrainFlags {
  readonly size: number;
  readonly data: string;
  readonly out: string;
  readonly images?: number;
  readonly seed: number;
  readonly split?: string;
  readonly subjects?: number;
  readonly sheetEvery?: number;
}

/** `synthmr train`: one generator on prepared slices. */
export function register(program: Command): void {
  program
    .command("train")
    .description("Train a generator on prepared slices; an unfinished training in the folder goes on.")
    .argument(
      "<generator>",
      "progressive-gan, stylegan1, stylegan2, stylegan3 or diffusion; or settings of the study, brats2020/stylegan2",
    )
    .requiredOption("--data <slices>", "a file of slices, or a folder of synthmr data prepare")
    .requiredOption("--out <folder>", "checkpoints, log, sample sheets and, at the end, the weights")
    .option("--size <pixels>", "32 or 64: sizes that learn on two cores", wholeNumber, 32)
    .option(
      "--split <file>",
      "train on its training subjects (split.json of a run, or synthmr data split --out)",
    )
    .option(
      "--subjects <count>",
      "the first so many of the split's training subjects (default: all)",
      wholeNumber,
    )
    .option("--images <count>", "images seen in all (default: the settings')", wholeNumber)
    .option("--seed <number>", "of the first weights and of every draw", wholeNumber, 1)
    .option("--sheet-every <images>", "images seen between sample sheets (default: a tenth)", wholeNumber)
    .addHelpText(
      "after",
      `
SIGINT (Ctrl-C) and SIGTERM write a checkpoint; the same command goes on from there.
The weights are drawn from by synthmr generate, and shipped by synthmr model ship.
Exit codes: 0 done, 1 diverged, 2 bad input, 130 interrupted.`,
    )
    .action(async (generator: string, flags: TrainFlags) => {
      process.exitCode = await run(generator, flags);
    });
}

async function run(generator: string, flags: TrainFlags): Promise<number> {
  const { resolve } = await import("node:path");
  const { startBackend } = await import("../backend/start");
  const { Rng } = await import("../backend/rng");
  const { sheetWatch } = await import("../generators/sample-sheet");
  const { trainGenerator } = await import("../generators/train-generator");
  const { InterruptedError } = await import("../training/loop/training-loop");
  const { contentHash } = await import("../storage/content-hash");
  const { provenance } = await import("../study/provenance");
  const { stopSignal } = await import("./stop-signal");
  const { ProgressLine } = await import("./progress-line");

  const config = await configOf(generator, flags);
  const backend = await startBackend();
  const slices = await slicesOf(flags);
  const folder = resolve(flags.out);
  const { images } = config.training;
  const line = new ProgressLine();
  try {
    const { record, weights } = await trainGenerator({
      config,
      slices,
      folder,
      configHash: contentHash([config, slices.source, slices.count, flags.seed]),
      rng: Rng.fromSeed(flags.seed).fork("generator"),
      loop: {
        checkpointEverySec: 60,
        logEverySteps: 20,
        signal: stopSignal(),
        onProgress: ({ imagesSeen: done, stepsDone, totalSteps, loss }) => {
          const total = Math.round((done / stepsDone) * totalSteps);
          line.show({ done, total, unit: "images" }, `loss ${loss.toPrecision(3)}`);
        },
      },
      origin: {
        seed: flags.seed,
        command: command(generator, flags),
        commit: provenance(backend).commit ?? "",
      },
      watch: sheetWatch(folder, flags.sheetEvery ?? Math.ceil(images / 10)),
    });
    line.end();
    console.log(`${record.imagesSeen} images in ${Math.round(record.trainingSec)} s: ${weights}`);
    return EXIT.ok;
  } catch (error) {
    line.end();
    if (!(error instanceof InterruptedError)) throw error;
    console.error(`synthmr: ${error.message}`);
    return EXIT.interrupted;
  }
}

async function configOf(generator: string, { size, images }: TrainFlags): Promise<GeneratorConfig> {
  const { GENERATOR_NAMES } = await import("../generators/generator-config");
  const { smallConfig } = await import("../generators/small-configs");
  const { studyConfig } = await import("../generators/study-configs");
  const name = GENERATOR_NAMES.find((candidate) => candidate === generator);
  if (name === undefined && !generator.includes("/"))
    throw new InputError(generator, "is not a generator", `Choose one of ${GENERATOR_NAMES.join(", ")}`);
  const config = name === undefined ? studyConfig(generator) : smallConfig(name, size);
  if (images === undefined) return config;
  return { ...config, training: { ...config.training, images } } as GeneratorConfig;
}

async function slicesOf({ data, size, split, subjects }: TrainFlags): Promise<SliceSource> {
  const { resolve } = await import("node:path");
  const { openSlices, trainingSlices } = await import("../data/open-slices");
  const { readSplit } = await import("../data/split");
  const slices = openSlices(resolve(data), size);
  if (split !== undefined) return trainingSlices(slices, readSplit(resolve(split)), subjects);
  if (subjects === undefined) return slices;
  throw new InputError("--subjects", "needs the order in which subjects are taken", "Give --split");
}

/** The command that made the weights, as a model's card tells it: without paths of this machine. */
function command(generator: string, { size, images, seed, split, subjects }: TrainFlags): string {
  const budget = images === undefined ? "" : ` --images ${images}`;
  const part = subjects === undefined ? "" : ` --subjects ${subjects}`;
  const chosen = split === undefined ? "" : ` --split SPLIT${part}`;
  return `npm run synthmr -- train ${generator} --size ${size}${budget} --seed ${seed}${chosen} --data SLICES --out DIR`;
}
