import { MISSING, Table, type Cell } from "../figures/table";
import { architectureOf, type Architecture } from "../generators/architecture";
import {
  GENERATOR_TITLE,
  sizeOf,
  type GeneratorConfig,
  type GeneratorName,
} from "../generators/generator-config";
import { recipeOf } from "../generators/recipe";
import { studyConfig } from "../generators/study-configs";
import { currentResults } from "./current-results";
import { imageFacts } from "./generator-facts";
import { STUDY_IMAGES } from "./results/tables/cost-table";
import { realSlices } from "./results/names";
import type { Study } from "./study";

/** Tables of one generator, by the beginning of their names: `architecture-stylegan2`. */
export const GENERATOR_TABLES = {
  architecture: ({ profile }: Study, name: GeneratorName) => architectureTable(profile.generators[name]),
  recipe: ({ profile }: Study, name: GeneratorName) => recipeTable(profile.generators[name]),
  generator: generatorTable,
  images: imagesTable,
  quality: generatorQualityTable,
} as const;

/** The networks part by part, with the numbers of trained values here and in the study. */
export function architectureTable(config: GeneratorConfig): Table {
  const theirs = studyConfig(`brats2020/${config.kind}`);
  const [here, study] = [architectureOf(config), architectureOf(theirs)];
  const blocks = study.map((network, i) => networkRows(here[i], network));
  const [size, studySize] = [sizeOf(config), sizeOf(theirs)];
  return new Table({
    id: `architecture-${config.kind}`,
    caption: `${heading(config.kind)}, part by part: channels (features of a mapping) and parameters, here for images of ${size} x ${size} pixels and with the study's settings for ${studySize} x ${studySize}. Five channels of an image: four sequences and the mask.`,
    columns: [
      { label: "part" },
      { label: `channels, ${size} px` },
      { label: `parameters, ${size} px` },
      { label: `channels, ${studySize} px (study)` },
      { label: `parameters, ${studySize} px (study)` },
    ],
    rows: blocks.flat(),
    ruled: blocks.slice(0, -1).map((_, i) => blocks.slice(0, i + 1).flat().length),
  });
}

/** The parts of a network in the study's order, then those that it does not have, then the sum. */
function networkRows(here: Architecture | undefined, study: Architecture): readonly (readonly Cell[])[] {
  const own = here?.parts ?? [];
  const names = [...new Set([...study.parts, ...own].map(({ part }) => part))];
  const of = (parts: Architecture["parts"], name: string): readonly Cell[] => {
    const found = parts.find(({ part }) => part === name);
    return [found?.channels ?? null, found === undefined ? null : grouped(found.parameters)];
  };
  const sum = (parts: Architecture["parts"]): string =>
    grouped(parts.reduce((total, { parameters }) => total + parameters, 0));
  return [
    ...names.map((name) => [`${study.network}: ${name}`, ...of(own, name), ...of(study.parts, name)]),
    [`${study.network}, all`, null, sum(own), null, sum(study.parts)],
  ];
}

/** How the generator is trained and sampled here, beside the study's settings. */
export function recipeTable(config: GeneratorConfig): Table {
  const [here, study] = [recipeOf(config), recipeOf(studyConfig(`brats2020/${config.kind}`))];
  const names = [...new Set([...study, ...here].map(({ what }) => what))];
  const value = (settings: typeof here, name: string): string | null =>
    settings.find(({ what }) => what === name)?.value ?? null;
  return new Table({
    id: `recipe-${config.kind}`,
    caption: `${heading(config.kind)}, training and sampling: the study's settings for BraTS 2020, where not published those of the implementation that it ran, and the settings of this profile.`,
    columns: [
      { label: "setting" },
      { label: "study", align: "left" },
      { label: "here", align: "left" },
      { label: "", align: "left" },
    ],
    rows: names.map((name) => {
      const [theirs, ours] = [value(study, name), value(here, name)];
      const unsure = config.kind === "diffusion" && name === "images seen";
      const shown = unsure
        ? `not published; ${theirs ?? MISSING} in the example of the authors' code`
        : theirs;
      return [name, shown, ours, theirs === ours ? "same" : "differs"];
    }),
  });
}

/** Where the weights come from and what they cost, and what the study's number of images costs. */
async function generatorTable(study: Study, name: GeneratorName): Promise<Table> {
  const { result } = await study.generator(name);
  const { result: samples } = await study.samples(name);
  const { weights, parameters, imagesSeen, trainingSec, imagesPerSec, sameTrainingSlices } = result;
  const hours = samples.imagesPerSec === null ? null : STUDY_IMAGES / samples.imagesPerSec / 3600;
  const rows: readonly (readonly [string, Cell])[] = [
    ["weights", weights === "trained" ? "trained in this run" : "come with the project"],
    ["trained on exactly this run's training slices", sameTrainingSlices ? "yes" : "no"],
    ["parameters of the network that draws", grouped(parameters.generator)],
    ["parameters of all networks in training", grouped(parameters.all)],
    ["images seen in training", grouped(imagesSeen)],
    ["training time, min", (trainingSec / 60).toFixed(1)],
    ["images a second in training", imagesPerSec.toFixed(1)],
    ["images drawn in this run", grouped(samples.images)],
    ["images a second in drawing", samples.imagesPerSec?.toFixed(1) ?? null],
    [`hours for the study's ${grouped(STUDY_IMAGES)} images at that rate`, hours?.toFixed(2) ?? null],
  ];
  return new Table({
    id: `generator-${name}`,
    caption: `${heading(name)}, trained on slices of ${study.words.cohort}. Rates and times on the machine that did it.`,
    columns: [{ label: "" }, { label: "value" }],
    rows,
  });
}

/** What can be counted in the images: tumours, impossible masks, repeats. */
async function imagesTable(study: Study, name: GeneratorName): Promise<Table> {
  const { masks, distinct, compared, tumours } = await imageFacts(study, name);
  const percent = (share: number): number => 100 * share;
  return new Table({
    id: `images-${name}`,
    caption: `${heading(name)}: what can be counted in ${grouped(masks.images)} of its images and in the training slices of ${study.words.cohort}. Distinct: farther from the nearest other image than the nearest 1 % of real slices are from theirs (pixels averaged to ${COMPARED}, ${compared} images of each). Impossible masks: no brain, a tumour outside of it, or scattered pixels.`,
    columns: [{ label: "" }, { label: "synthetic, %", digits: 1 }, { label: "real, %", digits: 1 }],
    rows: [
      ["images with a tumour", percent(tumours.synthetic.share), percent(tumours.real.share)],
      [
        "median area of those tumours, of the image",
        percent(tumours.synthetic.medianArea),
        percent(tumours.real.medianArea),
      ],
      ["distinct images", percent(distinct), 99],
      ["impossible masks", percent(masks.impossible / masks.images), null],
    ],
  });
}

const COMPARED = "16 x 16";

/** Precision, recall and their kin of one generator, by each extractor. */
async function generatorQualityTable(study: Study, name: GeneratorName): Promise<Table> {
  await study.imageQuality(name);
  const { results } = await currentResults(study);
  const { cohort } = results;
  const records = results.quality.filter(
    ({ cell }) => cell.generator === name && cell.subjects === cohort.train.subjects,
  );
  return new Table({
    id: `quality-${name}`,
    caption: `${heading(name)}: its images against ${realSlices(cohort)} slices (${cohort.title}). Precision: share of synthetic images near real ones; recall: share of real ones near synthetic ones; density and coverage after Naeem et al. 2020. 95 % bootstrap intervals over images.`,
    columns: [
      { label: "features of" },
      { label: "real images", digits: 0 },
      { label: "synthetic images", digits: 0 },
      { label: "precision" },
      { label: "recall" },
      { label: "density" },
      { label: "coverage" },
    ],
    rows: records.map(({ extractor, realCount, syntheticCount, precision, recall, density, coverage }) => [
      extractor,
      realCount,
      syntheticCount,
      precision,
      recall,
      density,
      coverage,
    ]),
  });
}

/** The generator's name at the beginning of a sentence. */
function heading(name: GeneratorName): string {
  const title = GENERATOR_TITLE[name];
  return title.charAt(0).toUpperCase() + title.slice(1);
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
