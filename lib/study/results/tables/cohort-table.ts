import { Table } from "../../../figures/table";
import { generatorTitle, realSlices } from "../names";
import type { StudyResults } from "../study-results";

/** Subjects and slices of the cohort's parts, and the synthetic sets that stand for its training slices. */
export function cohortTable(results: StudyResults): Table {
  const { cohort, profile } = results;
  const { size } = profile;
  const real = realSlices(cohort);
  const parts = (["train", "validation", "test"] as const).map((part) => {
    const { subjects, slices, sha256 } = cohort[part];
    const tumour = part === "train" ? realTumourShare(results) : null;
    return [`${real}: ${part}`, subjects, slices, tumour, sha256.slice(0, 12)];
  });
  const synthetic = results.generators
    .filter(({ sampling }) => sampling !== null)
    .map(({ cell, sampling }) => {
      const { images = 0, withoutTumour = 0, origin } = sampling ?? {};
      return [
        `${generatorTitle(cell.generator)}, ${cell.subjects} training subjects`,
        null,
        images,
        images === 0 ? null : 100 * (1 - withoutTumour / images),
        origin?.key.slice(0, 12) ?? null,
      ];
    });
  return new Table({
    id: "cohort",
    caption: [
      `Data of ${cohort.title}: subjects and kept slices of each part, and the synthetic slices, ${size} x ${size} pixels. A hash names the slices (real) or the record (synthetic).`,
      ...cohort.notes.map((note) => `Differs from the study: ${note}.`),
    ].join(" "),
    columns: [
      { label: "slices" },
      { label: "subjects", digits: 0 },
      { label: "number", digits: 0 },
      { label: "with tumour, %", digits: 1 },
      { label: "hash begins", align: "left" },
    ],
    rows: [...parts, ...synthetic],
    ruled: [parts.length],
  });
}

/** Share of the real training slices with a tumour pixel, %, where it was counted. */
function realTumourShare({ images }: StudyResults): number | null {
  const found = images.find(({ cell }) => cell === null)?.statistics;
  return found === undefined || found.slices === 0 ? null : 100 * (1 - found.withoutTumour / found.slices);
}
