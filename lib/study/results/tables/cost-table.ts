import { Table } from "../../../figures/table";
import { generatorTitle } from "../names";
import type { GeneratorRecord, StudyResults } from "../study-results";

/** Images that the study drew of each generator. */
export const STUDY_IMAGES = 100_000;

/** What each generator costs: size, training, drawing as many images as the study drew, memory. */
export function costTable(results: StudyResults): Table {
  const { cohort, generators, profile } = results;
  return new Table({
    id: "cost",
    caption: `Cost of the generators at ${profile.size} x ${profile.size} pixels (${cohort.title}): parameters, training time and peak memory of the process, and the time of ${STUDY_IMAGES.toLocaleString("en-US")} images at the measured rate. Times of shipped weights are those of their training, on the machine named in their card.`,
    columns: [
      { label: "generator" },
      { label: "training subjects", digits: 0 },
      { label: "weights", align: "left" },
      { label: "parameters, generator (M)" },
      { label: "parameters, all (M)" },
      { label: "images seen (k)", digits: 0 },
      { label: "training (min)", digits: 1 },
      { label: "training images/s", digits: 1 },
      { label: "training memory (GB)" },
      { label: "sampling images/s", digits: 1 },
      { label: "100,000 images (h)" },
      { label: "sampling memory (GB)" },
    ],
    rows: generators.map((record) => [
      generatorTitle(record.cell.generator),
      record.cell.subjects,
      record.weights,
      record.parameters.generator / 1e6,
      record.parameters.all / 1e6,
      record.imagesSeen / 1e3,
      record.trainingSec / 60,
      record.imagesPerSec,
      record.peakMemoryBytes / 1e9,
      ...samplingCells(record),
    ]),
    sources: generators.map(({ origin, sampling }) => [
      origin.path,
      ...(sampling === null ? [] : [sampling.origin.path]),
    ]),
  });
}

function samplingCells({ sampling }: GeneratorRecord): readonly (number | null)[] {
  if (sampling === null) return [null, null, null];
  const { imagesPerSec, peakMemoryBytes } = sampling;
  return [imagesPerSec, STUDY_IMAGES / imagesPerSec / 3600, peakMemoryBytes / 1e9];
}

/** Time and memory of every stage of the run, and of all of them. */
export function stagesTable({ stages }: StudyResults): Table {
  const total = stages.reduce((sum, { origin }) => sum + orZero(origin.durationSec), 0);
  const highest = Math.max(0, ...stages.map(({ origin }) => orZero(origin.peakMemoryBytes)));
  return new Table({
    id: "stages",
    caption: "Time and largest resident memory of each stage of the run.",
    columns: [
      { label: "stage" },
      { label: "time (s)", digits: 1 },
      { label: "images", digits: 0 },
      { label: "images/s", digits: 1 },
      { label: "peak memory (GB)" },
    ],
    rows: [
      ...stages.map(({ origin: { name, durationSec, peakMemoryBytes }, images }) => [
        name,
        durationSec,
        images,
        images === null || durationSec === 0 ? null : images / durationSec,
        peakMemoryBytes / 1e9,
      ]),
      ["all stages", total, null, null, highest === 0 ? null : highest / 1e9],
    ],
    sources: stages.map(({ origin }) => [origin.path]),
    ruled: [stages.length],
  });
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
