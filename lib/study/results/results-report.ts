import { join } from "node:path";
import type { Figure } from "../../figures/figure";
import { writeReport } from "../../figures/report";
import type { ArtefactOrigin, ReportClaim, ReportContent, ReportRecord } from "../../figures/report-content";
import { written } from "../../figures/table";
import { makeClaims } from "./claims";
import { caveatOf, VERDICTS, verdictText, type Claim, type Verdict } from "./claims/claim";
import { generatorTitle } from "./names";
import { notebookOf } from "./notebook-of";
import { resultTables } from "./result-tables";
import type { Origin, StudyResults } from "./study-results";
import { comparisonsWithReal } from "./tables/relative-dice-table";

const REPORT = "report.html";

const TONES: Readonly<Record<Verdict, ReportClaim["tone"]>> = {
  reproduced: "good",
  "in part": "part",
  "not reproduced": "bad",
  "not tested at this scale": "open",
};

/** The report and what it says first. */
export interface WrittenReport {
  readonly reportPath: string;
  /** The result in one sentence. */
  readonly result: string;
}

/**
 * Writes the report of a run into its folder: one HTML file that needs no other.
 *
 * @throws InputError if the folder cannot be written.
 */
export async function writeResultsReport(
  runFolder: string,
  results: StudyResults,
  figures: ReadonlyMap<string, () => Figure>,
): Promise<WrittenReport> {
  const reportPath = join(runFolder, REPORT);
  const content = resultsReport(results, figures);
  await writeReport(reportPath, content);
  return { reportPath, result: content.result };
}

/** What the report of a run holds. */
export function resultsReport(
  results: StudyResults,
  makers: ReadonlyMap<string, () => Figure>,
): ReportContent {
  const { cohort, profile, environment } = results;
  const claims = makeClaims(results);
  const figures = [...makers.values()].map((make) => make());
  const tables = [...resultTables(results).values()]
    .map((make) => make())
    .filter(({ rows }) => rows.length > 0);
  return {
    title: "Brain tumour segmentation from synthetic MR images",
    subtitle: `A run of SynthMR, the companion to Akbar et al., Scientific Data 11:259 (2024); profile ${profile.name}, ${cohort.title}`,
    result: resultSentence(results, claims),
    keyNumbers: keyNumbers(results, claims),
    simulated: cohort.simulated,
    claims: claims.map(reportClaim),
    records: recordsOf(results).map(reportRecord),
    artefacts: new Map([...figures, ...tables].map(({ id }) => [id, artefactOrigin(id, profile.name)])),
    interactive: true,
    figures,
    tables,
    whatWasRun: whatWasRun(results),
    differences: [],
    provenance: [
      { name: "profile", value: `${profile.name}: ${profile.purpose}` },
      { name: "seed", value: String(profile.seed) },
      ...environment,
    ],
    dataHashes: [
      ...(cohort.sha256 === null ? [] : [{ name: "files of the cohort", sha256: cohort.sha256 }]),
      ...(["train", "validation", "test"] as const).map((part) => ({
        name: `${part} slices`,
        sha256: cohort[part].sha256,
      })),
    ],
    costs: [],
    limitations: limitations(results),
    licences: licences(results),
    citation: [
      "Akbar MU, Larsson M, Blystad I, Eklund A. Brain tumor segmentation using synthetic MR images - a comparison of GANs and diffusion models. Scientific Data 11:259 (2024). doi 10.1038/s41597-024-03073-x.",
      "SynthMR itself: see CITATION.cff.",
    ],
    command: results.command,
  };
}

/** Every record that a number of the run was made of, each once. */
export function recordsOf(results: StudyResults): readonly Origin[] {
  const { segmentation, generators, quality, memorization, copies, stages } = results;
  const origins = [
    ...stages,
    ...generators.flatMap(({ origin, sampling }) => [{ origin }, ...(sampling === null ? [] : [sampling])]),
    ...segmentation,
    ...quality,
    ...memorization,
    ...copies,
  ].map(({ origin }) => origin);
  return [...new Map(origins.map((origin) => [origin.path, origin])).values()];
}

function reportClaim(claim: Claim): ReportClaim {
  const { id, statement, why, study, rule, needed, effects, verdict } = claim;
  return {
    id,
    statement,
    verdict: verdictText(claim),
    tone: TONES[verdict],
    why,
    study,
    rule,
    needed,
    caveat: caveatOf(claim),
    effects: effects.map((effect) => ({
      what: effect.what,
      value: written(effect.value.estimate, effect.digits),
      interval: `(${written(effect.value.low, effect.digits)} to ${written(effect.value.high, effect.digits)})`,
      over: effect.over,
      trainings: effect.seeds,
      sources: [...new Set(effect.origins.map(({ path }) => path))],
    })),
  };
}

function reportRecord({
  name,
  path,
  key,
  seed,
  commit,
  durationSec,
  peakMemoryBytes,
  settings,
}: Origin): ReportRecord {
  return {
    path,
    name,
    facts: [
      { name: "record", value: path },
      { name: "key", value: key },
      { name: "seed", value: seed === null ? "none" : String(seed) },
      { name: "commit", value: commit ?? "not a checkout" },
      { name: "time", value: `${written(durationSec, 1)} s` },
      { name: "peak memory", value: `${written(peakMemoryBytes / 1e9, 2)} GB` },
    ],
    settings,
  };
}

function artefactOrigin(id: string, profile: string): ArtefactOrigin {
  return { notebook: notebookOf(id), command: `npm run synthmr -- figure ${id} --profile ${profile}` };
}

/** What became of the claims, and the relative Dice of each generator. */
function resultSentence(results: StudyResults, claims: readonly Claim[]): string {
  const { cohort, profile } = results;
  const relative = comparisonsWithReal(results, "unet")
    .filter(({ row: { row } }) => !row.real && !row.augmentation)
    .map(
      ({ row: { row }, relative: { estimate } }) =>
        `${generatorTitle(row.generator)} ${(100 * estimate).toFixed(0)} %`,
    );
  const dice =
    relative.length === 0
      ? ""
      : ` U-Nets trained on synthetic slices alone reached, of the Dice of one trained on ${cohort.simulated ? "real (simulated)" : "real"} slices: ${relative.join(", ")}.`;
  const nothing = profile.meaningful
    ? ""
    : " This profile only tests the machinery; its numbers mean nothing.";
  const stated = claims.filter((claim) => claim.stated);
  return `Of ${stated.length} statements of the study, checked on ${cohort.title}: ${verdictCounts(stated)}.${dice}${nothing}`;
}

/** "2 reproduced, 1 in part", from best to worst. */
function verdictCounts(claims: readonly Claim[]): string {
  const counts = VERDICTS.map((verdict) => [
    claims.filter((claim) => claim.verdict === verdict).length,
    verdict,
  ]);
  return counts
    .filter(([count]) => count !== 0)
    .map((part) => part.join(" "))
    .join(", ");
}

/** Best and worst generator by relative Dice, and the share of memorized images with few subjects. */
function keyNumbers(results: StudyResults, claims: readonly Claim[]): ReportContent["keyNumbers"] {
  const rows = comparisonsWithReal(results, "unet")
    .filter(({ row: { row } }) => !row.real && !row.augmentation)
    .sort((a, b) => b.relative.estimate - a.relative.estimate);
  const ends = rows.length < 2 ? rows : [rows[0], rows.at(-1)];
  const few = claims.find(({ id }) => id === "memorization-few-subjects")?.effects[0];
  return [
    ...ends.flatMap((row, i) =>
      row === undefined
        ? []
        : [
            {
              name: `relative Dice, ${i === 0 ? "best" : "lowest"}: ${generatorTitle(row.row.row.generator)}`,
              value: written(row.relative.estimate, 2),
              note: `95 % interval ${written(row.relative.low, 2)} to ${written(row.relative.high, 2)}`,
            },
          ],
    ),
    ...(few === undefined
      ? []
      : [
          {
            name: few.what,
            value: `${written(100 * few.value.estimate, 1)} %`,
            note: "1 % where nothing is memorized",
          },
        ]),
    {
      name: "trainings finished",
      value: String(results.segmentation.length + results.generators.length),
      note: `of ${results.planned.segmentation.length + results.planned.generators.length} planned`,
    },
  ];
}

function whatWasRun({ cohort, profile, generators, segmentation, planned }: StudyResults): readonly string[] {
  const names = [...new Set(generators.map(({ cell }) => generatorTitle(cell.generator)))];
  const shipped = generators.filter(({ weights }) => weights === "shipped").length;
  return [
    `${cohort.title}: ${cohort.train.subjects} training, ${cohort.validation.subjects} validation and ${cohort.test.subjects} test subjects, split by subject; ${cohort.train.slices.toLocaleString("en-US")} training slices of ${profile.size} x ${profile.size} pixels.`,
    names.length === 0
      ? "No generator."
      : `Generators: ${names.join(", ")}; the weights of ${shipped} of ${generators.length} trainings come with the project.`,
    `Segmentation networks: ${segmentation.length} of ${planned.segmentation.length} planned trainings, all tested on the same held-out subjects as volumes.`,
  ];
}

function limitations({ profile, cohort, segmentation, quality }: StudyResults): readonly string[] {
  const seeds = new Set(segmentation.map(({ cell }) => cell.seed)).size;
  return [
    ...(profile.meaningful
      ? []
      : ["This profile only shows that every part works: its numbers mean nothing."]),
    ...(cohort.simulated
      ? [
          "The cohort is simulated. It says how the method behaves on brains and tumours of this simulation, not on patients.",
        ]
      : []),
    `Intervals are over test subjects or images; the study trained ten times a row, this run ${seeds === 1 ? "once" : `up to ${seeds} times`}.`,
    `Slices are ${profile.size} x ${profile.size} pixels, networks and budgets smaller than the study's: the table of differences says by how much.`,
    "The numbers of the study's tables are not in the sources at hand: only what its abstract states is compared.",
    ...(quality.length > 0 && quality.every(({ canonical }) => !canonical)
      ? [
          "Image quality is measured in features of other networks than that of FID, KID and Inception score; the values cannot be compared with theirs.",
        ]
      : []),
  ];
}

function licences({ cohort }: StudyResults): readonly string[] {
  return [
    "Code: MIT licence.",
    cohort.simulated
      ? "Anatomy of the simulated cohort: SRI24 atlas (Rohlfing et al. 2010, Hum Brain Mapp 31:798-819, doi 10.1002/hbm.20906), CC BY-SA 3.0; slices in this report are adapted from it and carry the same licence."
      : "Data: the terms under which the cohort was obtained hold for what is made of it. Pictures of patients stand in this report only where --show-patients asked for them.",
  ];
}
