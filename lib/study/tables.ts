import { basename } from "node:path";
import { diceTable } from "../figures/dice-table";
import { Table, type Cell } from "../figures/table";
import { InputError } from "../errors";
import { diceScores } from "./scores";
import type { Study } from "./study";

/** Tables of the study, by name. */
const TABLES = {
  environment: environmentTable,
  profile: profileTable,
  cohort: cohortTable,
  split: splitTable,
  diffusion: diffusionTable,
  samples: samplesTable,
  dice: dice,
  memorization: memorizationTable,
} as const;
export type TableName = keyof typeof TABLES;

/**
 * A table of the study, computed from its records.
 *
 * @throws InputError if there is no table of that name.
 */
export function studyTable(study: Study, name: string): Promise<Table> {
  if (!Object.hasOwn(TABLES, name))
    throw new InputError(`table ${name}`, "is not known", `Choose one of ${Object.keys(TABLES).join(", ")}`);
  return Promise.resolve(TABLES[name as TableName](study));
}

/** A table of names and values. */
function listTable(
  id: string,
  caption: string,
  rows: readonly (readonly [string, Cell])[],
  digits = 0,
): Table {
  return new Table({ id, caption, columns: [{ label: "" }, { label: "value", digits }], rows });
}

function environmentTable(study: Study): Table {
  const {
    backend,
    node,
    commit,
    processor,
    cores,
    memoryGb,
    system,
    dependencies,
    package: name,
  } = study.provenance();
  return listTable("environment", "What computed this run.", [
    ["package", name],
    ["commit", commit ?? "not a checkout"],
    [
      "backend",
      `${backend.backend}${backend.tensorflowVersion === null ? "" : ` ${backend.tensorflowVersion}`}`,
    ],
    ["device", `${backend.device}, ${backend.threads} threads, ${backend.precision}`],
    ["tfjs", backend.tfjsVersion],
    ["Node", node],
    ["processor", `${processor}, ${cores} cores, ${memoryGb} GB`],
    ["system", system],
    ...Object.entries(dependencies).map(([dependency, version]) => [dependency, version] as const),
    ["warning", backend.warning ?? "none"],
  ]);
}

function profileTable({ profile, context }: Study): Table {
  const { cohort, split, size, segmentation } = profile;
  const { recipe } = cohort;
  const { userCohort, publishedSamples } = context;
  return listTable("profile", `The profile ${profile.name}: ${profile.purpose}.`, [
    [
      "cohort",
      userCohort === undefined
        ? `simulated (${recipe.name} ${recipe.version}, seed ${recipe.seed}), ${recipe.subjects} subjects`
        : `${userCohort.simulated ? "simulated, " : ""}folder ${basename(userCohort.path)}`,
    ],
    [
      "held out",
      userCohort === undefined
        ? `${split.test} test, ${split.validation} validation subjects`
        : "as the study where the names fit, else in its shares",
    ],
    ["slices", `${size} x ${size} pixels`],
    ...(publishedSamples === undefined
      ? generatorRows(profile)
      : [["synthetic slices", `${publishedSamples.source}, published`] as const]),
    ["U-Net", `depth ${segmentation.network.depth}, ${segmentation.network.firstChannels} channels at first`],
    ["U-Net training", `${segmentation.training.images.toLocaleString("en-US")} images`],
    ["seed", String(profile.seed)],
  ]);
}

function generatorRows({
  diffusion,
  sampling,
  generatorWeights,
}: Study["profile"]): readonly (readonly [string, Cell])[] {
  const { network, schedule, target, training } = diffusion;
  const method =
    sampling.method.kind === "ddim" ? `DDIM, ${sampling.method.steps} steps` : "ancestral, all steps";
  return [
    ["diffusion network", `${network.baseChannels} channels x ${network.channelMultipliers.join(", ")}`],
    ["noise schedule", `${schedule.name}, ${schedule.steps} steps, predicts the ${target}`],
    ["diffusion training", `${training.images.toLocaleString("en-US")} images, weights ${generatorWeights}`],
    ["sampling", `${sampling.images} images, ${method}`],
  ];
}

async function cohortTable(study: Study): Promise<Table> {
  const { result } = await study.cohort();
  const { simulated, cohort } = study.words;
  const anatomy = result.anatomy === "sri24" ? "SRI24 atlas" : "analytic head (the atlas could not be had)";
  return listTable("cohort", simulated ? "The simulated cohort." : `T${cohort.slice(1)}.`, [
    ["subjects", result.ids.length],
    ["first and last", `${result.ids[0] ?? "–"} to ${result.ids.at(-1) ?? "–"}`],
    ...(result.anatomy === null ? [] : [["anatomy", anatomy] as const]),
    ["folder", result.folderName],
    ...(result.sha256 === null ? [] : [["SHA-256 of its files begins", result.sha256.slice(0, 12)] as const]),
    ...(result.leftOut.length === 0 ? [] : [["left out", result.leftOut.join("; ")] as const]),
  ]);
}

async function splitTable(study: Study): Promise<Table> {
  const { result } = await study.slices();
  const row = (name: "train" | "validation" | "test") =>
    [name, result[name].subjects.length, result[name].slices, result[name].sha256.slice(0, 12)] as const;
  return new Table({
    id: "split",
    caption: [
      `${study.words.simulated ? "Simulated subjects" : "Subjects"} and their kept slices (${result.size} x ${result.size} pixels) on each side of the split ("${result.split.name}").`,
      ...result.split.notes.map((note) => `Differs from the study: ${note}.`),
    ].join(" "),
    columns: [
      { label: "part" },
      { label: "subjects", digits: 0 },
      { label: "slices", digits: 0 },
      { label: "SHA-256 begins" },
    ],
    rows: [row("train"), row("validation"), row("test")],
  });
}

async function diffusionTable(study: Study): Promise<Table> {
  const { result } = await study.diffusion();
  const weights = result.weights === "trained" ? "trained in this run" : "shipped with the project";
  return listTable("diffusion", `The diffusion model, trained on slices of ${study.words.cohort}.`, [
    ["weights", weights],
    ["trained on exactly these training slices", result.sameTrainingSlices ? "yes" : "no"],
    ["parameters", result.parameters.toLocaleString("en-US")],
    ["images seen", result.imagesSeen.toLocaleString("en-US")],
    ["images a second in training", result.imagesPerSec.toFixed(0)],
    ["training time, min", (result.trainingSec / 60).toFixed(1)],
    ["last loss", result.finalLoss.toPrecision(3)],
  ]);
}

async function samplesTable(study: Study): Promise<Table> {
  const { result } = await study.samples();
  return listTable("samples", `S${study.sampleWords.slices.slice(1)}.`, [
    ["slices", result.images],
    ["without a tumour pixel", result.withoutTumour],
    ...(result.imagesPerSec === null ? [] : [["slices a second", result.imagesPerSec.toFixed(1)] as const]),
    ["SHA-256 begins", result.sha256.slice(0, 12)],
  ]);
}

async function dice(study: Study): Promise<Table> {
  return diceTable({ id: "dice", summaries: await diceScores(study), simulated: study.words.simulated });
}

async function memorizationTable(study: Study): Promise<Table> {
  const { result } = await study.memorization();
  const { simulated, cohort } = study.words;
  const rows = result.summaries.flatMap(({ extent, synthetic, heldOut, shareAbove }) => {
    const where = extent === "image" ? "whole image" : "within the brain";
    return [
      [
        `synthetic, ${where}`,
        synthetic.count,
        synthetic.median,
        synthetic.p95,
        synthetic.max,
        100 * shareAbove,
      ],
      [
        `held-out real${simulated ? " (simulated)" : ""}, ${where}`,
        heldOut.count,
        heldOut.median,
        heldOut.p95,
        heldOut.max,
        null,
      ],
    ];
  });
  return new Table({
    id: "memorization",
    caption: `Highest Pearson correlation of each slice with any training slice (T1w-Gd), ${cohort.replace("the simulated", "simulated")}; the last column is the share above the 99th percentile of held-out slices, 1 % where synthetic slices are no nearer than those.`,
    columns: [
      { label: "slices compared" },
      { label: "n", digits: 0 },
      { label: "median", digits: 3 },
      { label: "95th percentile", digits: 3 },
      { label: "maximum", digits: 3 },
      { label: "above threshold, %", digits: 1 },
    ],
    rows,
  });
}
