import { join } from "node:path";
import type { ReportContent, StageCost } from "../figures/report-content";
import { writeReport } from "../figures/report";
import type { Interval } from "../metrics/bootstrap";
import { writeJsonAtomic } from "../storage/atomic-write";
import { figureNames } from "./figures";
import { diceScores } from "./scores";
import type { StageResult } from "./stage";
import { reportTables } from "./stages/artefacts";
import type { Study } from "./study";

/** The files that sum up a run. */
export interface RunSummary {
  readonly reportPath: string;
  /** The result in one sentence. */
  readonly result: string;
}

/**
 * Writes `run.json` (what ran, with what, on what, and what came out) and `report.html`.
 *
 * @param extraStages Stages that ran beside those of the study, for the table of costs.
 */
export async function writeRunSummary(
  study: Study,
  extraStages: readonly StageResult<unknown>[],
): Promise<RunSummary> {
  const stages = [...(await study.stageResults()), ...extraStages];
  const { context, profile } = study;
  const result = await resultSentence(study);
  writeJsonAtomic(join(context.runFolder, "run.json"), {
    profile,
    provenance: study.provenance(),
    result,
    stages: stages.map((stage) => ({ ...stage, folder: undefined })),
  });
  const reportPath = join(context.runFolder, "report.html");
  await writeReport(reportPath, await reportContent(study, stages, result));
  return { reportPath, result };
}

async function reportContent(
  study: Study,
  stages: readonly StageResult<unknown>[],
  result: string,
): Promise<ReportContent> {
  const { profile, words } = study;
  const [real, synthetic] = await diceScores(study);
  const { provenance: facts, hashes } = await traces(study);
  return {
    title: "Brain tumour segmentation from synthetic MR images",
    subtitle: `A run of SynthMR, the companion to Akbar et al., Scientific Data 11:259 (2024); profile ${profile.name}, ${words.simulated ? "simulated cohort" : words.cohort}`,
    result,
    keyNumbers: [
      {
        name: "relative Dice",
        value: synthetic.relative.estimate.toFixed(2),
        note: interval(synthetic.relative),
      },
      { name: "Dice, real-trained", value: real.mean.estimate.toFixed(2), note: interval(real.mean) },
      {
        name: "Dice, synthetic-trained",
        value: synthetic.mean.estimate.toFixed(2),
        note: interval(synthetic.mean),
      },
    ],
    simulated: words.simulated,
    figures: await Promise.all(figureNames(study).map((name) => study.figure(name))),
    tables: await Promise.all(reportTables(study.context).map((name) => study.table(name))),
    whatWasRun: whatWasRun(study),
    differences: differences(study),
    provenance: facts,
    dataHashes: hashes,
    costs: stages.map(stageCost),
    limitations: await limitations(study),
    licences: [
      "Code: MIT licence.",
      words.simulated
        ? "Anatomy of the simulated cohort: SRI24 atlas (Rohlfing et al. 2010, Hum Brain Mapp 31:798-819, doi 10.1002/hbm.20906), CC BY-SA 3.0; slices in this report are adapted from it and carry the same licence."
        : "Data: the terms under which the cohort was obtained hold for what is made of it. Pictures of patients stand in this report only where --show-patients asked for them.",
    ],
    citation: [
      "Akbar MU, Larsson M, Blystad I, Eklund A. Brain tumor segmentation using synthetic MR images - a comparison of GANs and diffusion models. Scientific Data 11:259 (2024). doi 10.1038/s41597-024-03073-x.",
    ],
    command: `npm run reproduce -- --profile ${profile.name}${study.context.userCohort === undefined ? "" : " --data DIR"}${study.context.publishedSamples === undefined ? "" : " --images DIR"}`,
  };
}

async function limitations(study: Study): Promise<readonly string[]> {
  const { profile, words } = study;
  return [
    ...(profile.meaningful
      ? []
      : ["This profile only shows that every part works: its numbers mean nothing."]),
    ...(words.simulated
      ? [
          "The cohort is simulated. It says how the method behaves on brains and tumours of this simulation, not on patients.",
        ]
      : (await study.slices()).result.split.notes.map((note) => `Differs from the study: ${note}.`)),
    "One training of each network: the intervals are over test subjects and do not contain the spread between trainings.",
    ...(study.context.publishedSamples === undefined
      ? [
          "Of the study's five generators this run has the diffusion model, of its two segmentation networks the U-Net.",
        ]
      : [
          "The synthetic slices were published by others: unless their generator learnt from the training subjects of this run, the comparison with those says nothing of memorization.",
        ]),
  ];
}

/** The result with its numbers; says plainly where they mean nothing. */
async function resultSentence(study: Study): Promise<string> {
  const [real, synthetic] = await diceScores(study);
  const n = real.arm.subjects.length;
  const numbers = `On ${n} held-out subjects of ${study.words.simulated ? "a simulated cohort" : study.words.cohort}, a U-Net trained on ${study.sampleWords.slices} reached a mean Dice of ${synthetic.mean.estimate.toFixed(2)}, one trained on the real${study.words.simulated ? " (simulated)" : ""} slices ${real.mean.estimate.toFixed(2)}: ${(100 * synthetic.relative.estimate).toFixed(0)} % of it (95 % interval ${(100 * synthetic.relative.low).toFixed(0)} to ${(100 * synthetic.relative.high).toFixed(0)} %).`;
  return study.profile.meaningful
    ? numbers
    : `${numbers} This profile only tests the machinery; its numbers mean nothing.`;
}

async function traces(study: Study): Promise<{
  readonly provenance: ReportContent["provenance"];
  readonly hashes: ReportContent["dataHashes"];
}> {
  const { profile, backend } = study;
  const origin = study.provenance();
  const { train, validation, test } = (await study.slices()).result;
  const samples = (await study.samples()).result;
  const cohort = (await study.cohort()).result;
  return {
    provenance: [
      { name: "package", value: origin.package },
      { name: "commit", value: origin.commit ?? "not a checkout" },
      { name: "profile", value: profile.name },
      {
        name: "seed",
        value: `${profile.seed}${study.context.userCohort === undefined ? `; cohort ${profile.cohort.recipe.seed}` : ""}`,
      },
      {
        name: "backend",
        value: `${backend.backend} ${backend.tensorflowVersion ?? ""}, tfjs ${backend.tfjsVersion}`,
      },
      { name: "device", value: `${backend.device}, ${backend.threads} threads, ${backend.precision}` },
      { name: "processor", value: `${origin.processor}, ${origin.cores} cores, ${origin.memoryGb} GB` },
      { name: "system", value: `${origin.system}, Node ${origin.node}` },
      ...Object.entries(origin.dependencies).map(([name, value]) => ({ name, value })),
    ],
    hashes: [
      ...(cohort.sha256 === null ? [] : [{ name: "files of the cohort", sha256: cohort.sha256 }]),
      { name: "training slices", sha256: train.sha256 },
      { name: "validation slices", sha256: validation.sha256 },
      { name: "test slices", sha256: test.sha256 },
      { name: "synthetic slices", sha256: samples.sha256 },
    ],
  };
}

function whatWasRun({ profile, words, context }: Study): readonly string[] {
  const { cohort, split, size, diffusion, sampling, segmentation } = profile;
  const weights =
    profile.generatorWeights === "trained"
      ? `trained in this run on ${diffusion.training.images.toLocaleString("en-US")} images`
      : "with weights that come with the project, trained on the same training slices";
  return [
    `${context.userCohort === undefined ? `${cohort.recipe.subjects} simulated subjects, split by subject: ${split.test} to test, ${split.validation} to choose weights, the rest to train` : `Subjects of ${words.cohort}, split by subject (see the table of the split)`}. Slices as in the study, averaged down to ${size} x ${size} pixels.`,
    context.publishedSamples === undefined
      ? `A diffusion model of five channels (four sequences and the mask), ${weights}; ${sampling.images.toLocaleString("en-US")} synthetic slices drawn from it.`
      : `In place of a generator's samples: published images (${context.publishedSamples.source}), brought to ${size} x ${size} pixels as the real slices are.`,
    `The study's U-Net, once on the real${words.simulated ? " (simulated)" : ""} slices and once on the synthetic ones, ${segmentation.training.images.toLocaleString("en-US")} images each; both tested on the same held-out subjects as volumes.`,
    "Every synthetic slice compared with every training slice by Pearson correlation, with held-out real slices as the reference.",
  ];
}

function differences({ profile, words, context }: Study): ReportContent["differences"] {
  const { segmentation, size } = profile;
  return [
    {
      what: "cohort",
      study: "BraTS 2020 and BraTS 2021",
      here: words.simulated ? "simulated" : words.cohort,
    },
    { what: "slices", study: "256 x 256", here: `${size} x ${size}` },
    ...(context.publishedSamples === undefined ? generatorDifferences(profile) : []),
    {
      what: "U-Net",
      study: "116 million parameters, 32 million images, 10 trainings",
      here: `depth ${segmentation.network.depth}, ${segmentation.network.firstChannels} channels at first, ${segmentation.training.images.toLocaleString("en-US")} images, 1 training`,
    },
  ];
}

function generatorDifferences({ diffusion, sampling }: Study["profile"]): ReportContent["differences"] {
  return [
    {
      what: "diffusion",
      study:
        "64 channels, 4000 linear steps, predicts the noise; training length not published in the sources at hand",
      here: `${diffusion.network.baseChannels} channels, ${diffusion.schedule.steps} ${diffusion.schedule.name} steps, predicts the ${diffusion.target}, ${diffusion.training.images.toLocaleString("en-US")} images seen`,
    },
    {
      what: "sampling",
      study: "ancestral, all steps, 100,000 images",
      here: `${sampling.method.kind === "ddim" ? `DDIM, ${sampling.method.steps} steps` : "ancestral"}, ${sampling.images.toLocaleString("en-US")} images`,
    },
  ];
}

function stageCost({ stage, durationSec, peakMemoryMb, result }: StageResult<unknown>): StageCost {
  return { stage, durationSec, images: imagesOf(result), peakMemoryBytes: peakMemoryMb * 2 ** 20 };
}

/** Images that a stage trained on in this run, or drew. */
function imagesOf(result: unknown): number | null {
  if (typeof result !== "object" || result === null) return null;
  if ("weights" in result && result.weights === "shipped") return null;
  if ("imagesSeen" in result && typeof result.imagesSeen === "number") return result.imagesSeen;
  return "images" in result && typeof result.images === "number" ? result.images : null;
}

function interval({ low, high }: Interval): string {
  return `95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}`;
}
