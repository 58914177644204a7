import { join } from "node:path";
import type { SliceSet } from "../../data/slice-set";
import { writeReport } from "../../figures/report";
import type { Fact, ReportContent } from "../../figures/report-content";
import { written } from "../../figures/table";
import { TUMOUR_CLASSES } from "../../shape";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { auditFigures, auditMontage } from "./audit-figures";
import { cohortLabel, type AuditResult } from "./audit-result";
import { auditTables } from "./audit-tables";
import { classDifficulty, FAILED_BELOW } from "./difficulty";
import { readPublishedRanges } from "./published-ranges";
import { meanWholeTumour, type WholeTumourMethod } from "./transfer";

/** The files of an audit. */
export interface AuditFilesWritten {
  readonly jsonPath: string;
  readonly reportPath: string;
  /** The audit in one sentence. */
  readonly sentence: string;
}

/**
 * Writes `audit.json` and `audit.html`.
 *
 * @param pictured Slices to show; undefined shows no picture of a subject.
 * @param command What was run, for the foot of the report.
 */
export async function writeAudit(
  result: AuditResult,
  outFolder: string,
  pictured: SliceSet | undefined,
  command: string,
): Promise<AuditFilesWritten> {
  const jsonPath = join(outFolder, "audit.json");
  const reportPath = join(outFolder, "audit.html");
  writeJsonAtomic(jsonPath, result);
  const { name } = readPublishedRanges();
  const sentence = auditSentence(result);
  const pictures = pictured === undefined ? [] : [auditMontage(result, pictured)];
  await writeReport(reportPath, {
    title: `Audit of the cohort ${result.cohort.name}`,
    subtitle: `${cohortLabel(result.cohort)}, measured against what is known of BraTS`,
    result: sentence,
    keyNumbers: keyNumbers(result),
    simulated: result.cohort.simulated,
    figures: [...pictures, ...auditFigures(result, name)],
    tables: auditTables(result, name),
    ...texts(result),
    costs: [],
    dataHashes: [],
    command,
  });
  return { jsonPath, reportPath, sentence };
}

/** What came out, with its numbers. */
export function auditSentence(result: AuditResult): string {
  const { cohort, difficulty } = result;
  const judged = cohort.rows.filter(({ verdict }) => verdict !== null);
  const inside = judged.filter(({ verdict }) => verdict === "inside").length;
  const measures = `Of ${judged.length} measures of ${cohortLabel(cohort)}, ${inside} have their median inside the ${readPublishedRanges().name}`;
  const last = difficulty.at(-1);
  if (last === undefined) return `${measures}.`;
  const classes = TUMOUR_CLASSES.map((name) => classDifficulty(last, name));
  const dice = [2, 1, 0].map((i) => written(classes[i]?.mean ?? Number.NaN, 2)).join(", ");
  return `${measures}; the study's U-Net, scaled down, reached a Dice of ${dice} (enhancing tumour, edema, necrotic core) on its held-out subjects, where it reached 0.80, 0.79, 0.60 on BraTS 2020.`;
}

function keyNumbers({ cohort, difficulty, heads, transfer }: AuditResult): ReportContent["keyNumbers"] {
  const judged = cohort.rows.filter(({ verdict }) => verdict !== null);
  const inside = judged.filter(({ verdict }) => verdict === "inside").length;
  const last = difficulty.at(-1);
  const brain = heads.find(({ extent }) => extent === "brain");
  const numbers: (Fact & { readonly note: string })[] = [
    { name: "measures inside", value: `${inside} of ${judged.length}`, note: "medians in published ranges" },
  ];
  if (last !== undefined) {
    const failed = TUMOUR_CLASSES.map((name) => 100 * classDifficulty(last, name).failedShare);
    const mean = TUMOUR_CLASSES.reduce((sum, name) => sum + classDifficulty(last, name).mean / 3, 0);
    numbers.push({
      name: "mean Dice",
      value: written(mean, 2),
      note: `${written(Math.max(...failed), 0)} % of subjects below ${FAILED_BELOW} in the worst class`,
    });
  }
  if (brain !== undefined)
    numbers.push({
      name: "head to head",
      value: written(brain.others[50] ?? Number.NaN, 2),
      note: `median best correlation with another subject, within the brain; ${written(brain.neighbours.at(-1)?.percentiles[50] ?? Number.NaN, 2)} with the own slice 5 mm away`,
    });
  if (transfer !== null) {
    const hausdorff95 = (method: WholeTumourMethod): string =>
      written(meanWholeTumour(transfer, method, "hausdorff95Mm"), 1);
    numbers.push({
      name: "on the other cohort",
      value: written(meanWholeTumour(transfer, "network", "dice"), 2),
      note: `Dice of the whole tumour, learnt from this cohort alone; Hausdorff 95 ${hausdorff95("network")} mm, ${hausdorff95("thresholdFromTraining")} mm with a threshold on FLAIR`,
    });
  }
  return numbers;
}

function texts(
  result: AuditResult,
): Pick<
  ReportContent,
  "whatWasRun" | "differences" | "provenance" | "limitations" | "licences" | "citation"
> {
  const { cohort, split, difficulty, transfer } = result;
  const trained = difficulty.length > 0 || transfer !== null;
  return {
    whatWasRun: [
      "Every subject was measured as a volume: volumes of the labels, contrasts, intensities, spectra and place of the tumour. What is shown are means, medians and percentiles over subjects.",
      ...(trained
        ? [
            `The study's U-Net at ${split.size} x ${split.size} pixels with a quarter of its channels; of the subjects learnt from, the last fifth, at most 24, chose the weights; ${split.test} other subjects tested them.`,
          ]
        : []),
    ],
    differences: trained
      ? [
          { what: "slices", study: "256 x 256", here: `${split.size} x ${split.size}` },
          { what: "U-Net", study: "64 channels at first, depth 6", here: "16 channels at first" },
          {
            what: "budget",
            study: "32 million images, 10 trainings",
            here: `${(difficulty.at(-1)?.imagesSeen ?? transfer?.imagesSeen ?? 0).toLocaleString("en-US")} images, 1 training`,
          },
        ]
      : [],
    provenance: [
      { name: "cohort", value: cohort.recipe ?? cohort.name },
      { name: "seed of the audit", value: String(split.seed) },
      { name: "subjects", value: `${split.train} to learn from, ${split.test} to test` },
    ],
    limitations: [
      `${readPublishedRanges().note}`,
      result.massEffect.length > 0
        ? "Midline shift and ventricles come from the displacement that made the heads; what is published of them is too little to judge by."
        : "Midline shift is not measured: it needs the midline of each head, which labels and intensities alone do not give.",
      ...(cohort.simulated
        ? ["The cohort is simulated: nothing here is a finding about patients."]
        : ["Published ranges and this cohort may share cases."]),
    ],
    licences:
      cohort.attribution === null ? ["Code: MIT licence."] : ["Code: MIT licence.", cohort.attribution],
    citation: [
      "Akbar MU, Larsson M, Blystad I, Eklund A. Brain tumor segmentation using synthetic MR images - a comparison of GANs and diffusion models. Scientific Data 11:259 (2024). doi 10.1038/s41597-024-03073-x.",
    ],
  };
}
