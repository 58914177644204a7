import { join } from "node:path";
import { InputError } from "../../errors";
import { generatorName, segmentationName } from "../grid/cells";
import { RESULTS_FILE, RESULTS_FOLDER, writeResults } from "../results/results-file";
import type { StudyPictures } from "../results/study-pictures";
import type { CohortFacts, StudyResults } from "../results/study-results";
import { readFinished, type StageResult } from "../stage";
import type { SlicesResult } from "../stages/slices";
import { missingReason } from "../study-stage";
import type { Study } from "../study";
import { maySeeSubjects } from "../user-cohort";
import {
  generatorRecord,
  imageRecords,
  copiesRecords,
  memorizationRecords,
  qualityRecords,
  segmentationRecord,
} from "./collect-cells";
import { collectPictures } from "./collect-pictures";
import { differencesOf } from "./differences";
import { originOf } from "./origin";

/** What a run has found so far, and the few slices that its figures show. */
export interface CollectedResults {
  readonly results: StudyResults;
  readonly pictures: StudyPictures;
}

/**
 * Puts everything that is finished into one object. Writes nothing: notebooks that run side by side collect, too.
 *
 * @throws InputError if the slices are not prepared yet.
 */
export async function collectResults(study: Study): Promise<CollectedResults> {
  const { context, stages } = study;
  const slices = readFinished(context, stages.slices);
  if (slices === undefined)
    throw new InputError(context.runFolder, "holds no slices yet", "Begin with synthmr study run");
  const generators = stages.generatorCells();
  const segmentation = stages.segmentationCells();
  const results: StudyResults = {
    format: "synthmr-results-1",
    ...runFacts(study),
    cohort: await cohortFacts(study, slices),
    planned: { generators: [...generators], segmentation: [...segmentation] },
    missing: missingCells(study),
    segmentation: segmentation.flatMap((cell) => segmentationRecord(study, cell) ?? []),
    generators: generators.flatMap((cell) => generatorRecord(study, cell) ?? []),
    images: imageRecords(study, slices, generators),
    quality: generators.flatMap((cell) => qualityRecords(study, cell)),
    memorization: generators.flatMap((cell) => memorizationRecords(study, cell)),
    copies: generators.flatMap((cell) => copiesRecords(study, cell)),
    stages: finishedStages(study),
    differences: differencesOf(study),
  };
  return { results, pictures: collectPictures(study, slices, generators, segmentation) };
}

/** The same, written into the run's folder. @returns Path of the results. */
export async function writeCollected(study: Study): Promise<CollectedResults & { readonly path: string }> {
  const collected = await collectResults(study);
  const folder = join(study.context.runFolder, RESULTS_FOLDER);
  await writeResults(folder, collected.results, collected.pictures);
  return { ...collected, path: join(folder, RESULTS_FILE) };
}

function runFacts(study: Study): Pick<StudyResults, "profile" | "command" | "environment"> {
  const { context, profile } = study;
  const { name, purpose, meaningful, size, seed } = profile;
  const published = Object.keys(context.publishedSamples ?? {}).map(
    (generator) => ` --images ${generator}=DIR`,
  );
  const data = context.userCohort === undefined ? "" : " --data DIR";
  const first = context.firstSeed === undefined ? "" : ` --first-seed ${context.firstSeed}`;
  const {
    package: software,
    commit,
    node,
    backend,
    system,
    processor,
    cores,
    memoryGb,
    dependencies,
  } = study.provenance();
  const environment = [
    ["package", software],
    ["commit", commit ?? "not a checkout"],
    ["Node", node],
    ["backend", `${backend.backend} ${backend.tensorflowVersion ?? ""}`.trim()],
    ["device", `${backend.device}, ${backend.precision}`],
    ["processor", `${processor}, ${cores} cores, ${memoryGb} GB`],
    ["system", system],
    ...Object.entries(dependencies),
  ];
  return {
    profile: { name, purpose, meaningful, size, seed },
    command: `npm run reproduce -- --profile ${name}${first}${data}${published.join("")}`,
    environment: environment.map(([label = "", value = ""]) => ({ name: label, value })),
  };
}

async function cohortFacts(study: Study, slices: StageResult<SlicesResult>): Promise<CohortFacts> {
  const { stages, words, context } = study;
  const { train, validation, test, split } = slices.result;
  const cohort = await study.cohort();
  const part = ({ subjects, slices: count, sha256 }: SlicesResult["train"]): CohortFacts["train"] => ({
    subjects: subjects.length,
    slices: count,
    sha256,
  });
  const count = cohort.result.ids.length;
  return {
    name: stages.grid.cohort,
    title: words.simulated ? `simulated cohort, ${count} subjects` : `${words.cohort}, ${count} subjects`,
    simulated: words.simulated,
    mayShow: maySeeSubjects(context),
    train: part(train),
    validation: part(validation),
    test: part(test),
    sha256: cohort.result.sha256,
    notes: [...split.notes],
  };
}

/** Planned cells that cannot run, with the reason. */
function missingCells({ stages }: Study): StudyResults["missing"] {
  const named = [
    ...stages.generatorCells().map((cell) => [generatorName(cell), stages.samples(cell)] as const),
    ...stages.segmentationCells().map((cell) => [segmentationName(cell), stages.segmentation(cell)] as const),
  ];
  return named.flatMap(([name, stage]) => {
    const reason = missingReason(stage);
    return reason === undefined ? [] : [{ name, reason }];
  });
}

function finishedStages(study: Study): StudyResults["stages"] {
  return study.stages.all().flatMap((stage) => {
    const record = readFinished(study.context, stage);
    if (record === undefined) return [];
    const { images, kind } = stage.work;
    return [{ origin: originOf(record, null), images: kind === "cohort" || images === 0 ? null : images }];
  });
}
