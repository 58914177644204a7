import { basename } from "node:path";
import { Table, type Cell } from "../figures/table";
import { InputError, MissingResult } from "../errors";
import { countParameters } from "../generators/build-networks";
import { GENERATOR_NAMES, GENERATOR_TITLE, type GeneratorName } from "../generators/generator-config";
import { currentResults } from "./current-results";
import { GENERATOR_TABLES } from "./generator-tables";
import { ofGenerator } from "./of-generator";
import { FEWER_SUBJECTS_TITLE } from "./profile";
import { allTables, resultTables } from "./results/result-tables";
import type { Study } from "./study";

/** Tables of the study, by name. */
const TABLES = {
  environment: environmentTable,
  profile: profileTable,
  "cohort-facts": cohortTable,
  split: splitTable,
} as const;
export type TableName = keyof typeof TABLES;

/** Tables of what was found, which a run has where its profile asks for them. */
const OF_RESULTS =
  /^(((relative-)?dice-(unet|swin))|image-quality-.+|memorization|copies|cohort|cost|study-cost|stages|differences|missing|claims|effects)$/;

/** Whether the study has a table of that name, whatever the profile holds. */
export function isTableName(name: string): boolean {
  return (
    Object.hasOwn(TABLES, name) || ofGenerator(name, GENERATOR_TABLES) !== undefined || OF_RESULTS.test(name)
  );
}

/**
 * A table of the study, computed from its records: of the run, of one generator (`recipe-stylegan2`), or of what
 * was found so far (`dice-unet`).
 *
 * @throws InputError if there is no table of that name. @throws MissingResult if the run has nothing to put into it.
 */
export async function studyTable(study: Study, name: string): Promise<Table> {
  if (Object.hasOwn(TABLES, name)) return TABLES[name as TableName](study);
  const one = ofGenerator(name, GENERATOR_TABLES);
  if (one !== undefined) return one.make(study, one.generator);
  if (!OF_RESULTS.test(name))
    throw new InputError(`table ${name}`, "is not known", `Choose one of ${Object.keys(TABLES).join(", ")}`);
  const { results } = await currentResults(study);
  const make = allTables(results).get(name);
  if (make === undefined)
    throw new MissingResult(`table ${name}`, `the profile ${study.profile.name} holds none`);
  return make();
}

/** Every table of what was found whose name begins so. */
export async function studyTables(study: Study, beginning: string): Promise<readonly Table[]> {
  const { results } = await currentResults(study);
  return [...resultTables(results)].filter(([name]) => name.startsWith(beginning)).map(([, make]) => make());
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
    [
      "device",
      `${backend.device}, ${backend.threads} ${backend.threads === 1 ? "thread" : "threads"}, ${backend.precision}`,
    ],
    ["tfjs", backend.tfjsVersion],
    ["Node", node],
    ["processor", `${processor}, ${cores} cores, ${memoryGb} GB`],
    ["system", system],
    ...Object.entries(dependencies).map(([dependency, version]) => [dependency, version] as const),
    ["warning", backend.warning ?? "none"],
  ]);
}

function profileTable({ profile, context, stages }: Study): Table {
  const { cohort, split, size, segmenters, sampling, generatorWeights, fewerSubjects } = profile;
  const { recipe } = cohort;
  const { userCohort } = context;
  const { unet, swin } = segmenters;
  const grouped = (count: number): string => count.toLocaleString("en-US");
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
    ...GENERATOR_NAMES.map((name) => [GENERATOR_TITLE[name], generatorText(profile, context, name)] as const),
    [
      "weights of the generators",
      generatorWeights === "trained" ? "trained in the run" : "come with the project",
    ],
    ["generators of fewer subjects", FEWER_SUBJECTS_TITLE[fewerSubjects]],
    ["images drawn of each", grouped(sampling.images)],
    [
      "U-Net",
      `depth ${unet.network.depth}, ${unet.network.firstChannels} channels at first, ${grouped(unet.config.images)} images`,
    ],
    [
      "Swin transformer",
      `${swin.network.backbone.embedding} channels at first, ${grouped(swin.config.images)} images`,
    ],
    [
      "trainings",
      `${stages.generatorCells().length} of generators, ${stages.segmentationCells().length} of segmentation networks`,
    ],
    ["seed of split and intervals", String(profile.seed)],
  ]);
}

/** What a generator of the run is, in a few words. */
function generatorText(
  { generators }: Study["profile"],
  { publishedSamples }: Study["context"],
  name: GeneratorName,
): string {
  const published = publishedSamples?.[name];
  if (published !== undefined) return `${published.source}, published`;
  const config = generators[name];
  const { generator } = countParameters(config);
  return `${generator.toLocaleString("en-US")} parameters, ${config.training.images.toLocaleString("en-US")} images`;
}

async function cohortTable(study: Study): Promise<Table> {
  const { result } = await study.cohort();
  const { simulated, cohort } = study.words;
  const anatomy = result.anatomy === "sri24" ? "SRI24 atlas" : "analytic head (the atlas could not be had)";
  return listTable("cohort-facts", simulated ? "The simulated cohort." : `T${cohort.slice(1)}.`, [
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
