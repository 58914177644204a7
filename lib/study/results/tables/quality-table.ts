import { digitsFor, Table } from "../../../figures/table";
import { DEFAULT_LEVEL } from "../../../metrics/bootstrap";
import { qualityNames } from "../../../metrics/image-quality";
import { generatorTitle, realSlices, slug } from "../names";
import type { QualityRecord, StudyResults } from "../study-results";

/** Image quality of each generator by one extractor; its measures are FID, KID and Inception score for the canonical one alone. */
export function qualityTable(results: StudyResults, extractor: string): Table {
  const { cohort, quality } = results;
  const records = quality.filter(({ extractor: name }) => name === extractor);
  const canonical = records.some((record) => record.canonical);
  const names = qualityNames({ extractor, canonical });
  const short = (name: string): string => name.replace(` (${extractor})`, "");
  const warnings = [...new Set(records.flatMap((record) => record.warnings))];
  return new Table({
    id: qualityTableName(extractor),
    caption: `Image quality of ${records.length} sets of synthetic slices against ${realSlices(cohort)} slices (${cohort.title}), features of ${extractor}${canonical ? "" : ", which is not the network of FID, KID and Inception score"}. ${100 * DEFAULT_LEVEL} % bootstrap intervals over images.${warnings.map((warning) => ` ${warning}`).join("")}`,
    columns: [
      { label: "generator" },
      { label: "training subjects", digits: 0 },
      { label: "real images", digits: 0 },
      { label: "synthetic images", digits: 0 },
      { label: short(names.frechetDistance), digits: digitsOf(records, "frechetDistance") },
      { label: short(names.kernelDistance), digits: digitsOf(records, "kernelDistance") },
      { label: short(names.classScore) },
      { label: "precision" },
      { label: "recall" },
      { label: "density" },
      { label: "coverage" },
    ],
    rows: records.map((record) => [
      generatorTitle(record.cell.generator),
      record.cell.subjects,
      record.realCount,
      record.syntheticCount,
      ...measuresOf(record),
    ]),
    sources: records.map(({ origin }) => [origin.path]),
  });
}

/** The table's name: `image-quality-` and the extractor's. */
export function qualityTableName(extractor: string): string {
  return `image-quality-${slug(extractor)}`;
}

/** Features of different networks have distances of different sizes. */
function digitsOf(records: readonly QualityRecord[], measure: "frechetDistance" | "kernelDistance"): number {
  return digitsFor(records.map((record) => record[measure].estimate));
}

function measuresOf(record: QualityRecord): readonly (QualityRecord["precision"] | null)[] {
  return [
    record.frechetDistance,
    record.kernelDistance,
    record.classScore,
    record.precision,
    record.recall,
    record.density,
    record.coverage,
  ];
}
