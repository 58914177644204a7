import type { Rng } from "../../../backend/rng";
import { SEQUENCE_LABEL } from "../../../figures/slice-view";
import { Table, type Cell } from "../../../figures/table";
import { DEFAULT_LEVEL, type Interval } from "../../../metrics/bootstrap";
import { bootstrapShares, memorizationSummary } from "../memorization-shares";
import { generatorTitle, realSlices } from "../names";
import type { MemorizationRecord, StudyResults } from "../study-results";

const EXTENT = { image: "whole image", brain: "within the brain" } as const;

/** Best matches with training slices, of each generator's images and of held-out real slices. */
export function memorizationTable(results: StudyResults, rng: Rng): Table {
  const { cohort, memorization } = results;
  const sequences = [...new Set(memorization.map(({ sequence }) => SEQUENCE_LABEL[sequence]))];
  return new Table({
    id: "memorization",
    caption: `Highest Pearson correlation of each image with any training slice of its generator (${sequences.join(", ")}; ${cohort.title}), beside that of held-out ${realSlices(cohort)} slices. Above threshold: share of images above the 99th percentile of the held-out slices, 1 % where they are no nearer to training than those, with its ${100 * DEFAULT_LEVEL} % bootstrap interval over images and held-out subjects. Attack: area under the curve of guessing from the images who was in training, 0.5 where nothing is given away. Copies: share of images that the distance-ratio test calls copies.`,
    columns: [
      { label: "generator" },
      { label: "training subjects", digits: 0 },
      { label: "compared", align: "left" },
      { label: "images", digits: 0 },
      { label: "median", digits: 3 },
      { label: "95th percentile", digits: 3 },
      { label: "held-out median", digits: 3 },
      { label: "held-out 99th percentile", digits: 3 },
      { label: "above threshold, %", digits: 1 },
      { label: "attack" },
      { label: "copies, %", digits: 1 },
    ],
    rows: memorization.map((record) => rowOf(record, rng)),
    sources: memorization.map(({ origin }) => [origin.path]),
  });
}

function rowOf(record: MemorizationRecord, rng: Rng): readonly Cell[] {
  const { synthetic, heldOut, threshold } = memorizationSummary(record);
  return [
    generatorTitle(record.cell.generator),
    record.cell.subjects,
    EXTENT[record.extent],
    synthetic.count,
    synthetic.median,
    synthetic.p95,
    heldOut.median,
    threshold,
    inPercent(bootstrapShares([record], ([share = Number.NaN]) => share, rng)),
    record.membership,
    100 * record.copyShare,
  ];
}

function inPercent({ estimate, low, high }: Interval): Interval {
  return { estimate: 100 * estimate, low: 100 * low, high: 100 * high };
}
