import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { explainFileError } from "../../errors";
import { writeJsonAtomic } from "../../storage/atomic-write";
import { sha256 } from "../../storage/content-hash";
import { makeClaims } from "./claims";
import { verdictText, whyText } from "./claims/claim";
import { recordsOf } from "./results-report";
import type { Origin, StudyResults } from "./study-results";

const METADATA = "ro-crate-metadata.json";
/** Files larger than this are listed with their size and without a hash. */
const LARGEST_HASHED_BYTES = 2 ** 28;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  json: "application/json",
  jsonl: "application/jsonl",
  csv: "text/csv",
  svg: "image/svg+xml",
  png: "image/png",
  pdf: "application/pdf",
  tex: "application/x-tex",
  ipynb: "application/x-ipynb+json",
};

/** A node of the crate's graph. */
type Entity = Readonly<Record<string, unknown>> & { readonly "@id": string };

/** A file of the crate. */
export interface CrateFile {
  /** From the crate's folder, with "/" between. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined where the file is too large to be read for it. */
  readonly sha256: string | undefined;
}

/** What the crate says of itself beside its results. */
export interface CrateFacts {
  /** ISO 8601, when the crate was made; RO-Crate asks for it. */
  readonly datePublished: string;
  readonly software: { readonly name: string; readonly version: string };
}

/**
 * Describes a folder with a run as RO-Crate 1.1: writes `ro-crate-metadata.json` over all of its files.
 *
 * @returns The path of the metadata.
 * @throws InputError if the folder cannot be read or written.
 */
export function writeRoCrate(folder: string, results: StudyResults, facts: CrateFacts): string {
  const path = join(folder, METADATA);
  writeJsonAtomic(path, roCrate(results, listFiles(folder), facts));
  return path;
}

/**
 * RO-Crate 1.1 metadata of a run: the files, the records as actions with their inputs and settings, and the
 * claims with their verdicts.
 *
 * @see https://www.researchobject.org/ro-crate/specification/1.1/
 */
export function roCrate(
  results: StudyResults,
  files: readonly CrateFile[],
  { datePublished, software }: CrateFacts,
): Readonly<Record<string, unknown>> {
  const known = new Set(files.map(({ path }) => path));
  const actions = recordsOf(results).map((origin) => actionOf(origin, known));
  const claims = makeClaims(results).map((claim): Entity => ({
    "@id": `#claim-${claim.id}`,
    "@type": "Claim",
    name: claim.statement,
    text: `${verdictText(claim)}. ${whyText(claim)}`,
    about: { "@id": "./" },
  }));
  const graph: readonly Entity[] = [
    {
      "@id": METADATA,
      "@type": "CreativeWork",
      conformsTo: { "@id": "https://w3id.org/ro/crate/1.1" },
      about: { "@id": "./" },
    },
    rootOf(results, files, [...actions, ...claims], datePublished),
    ...files.map(fileEntity),
    ...actions,
    ...claims,
    ...contextual(results, software),
  ];
  return { "@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph };
}

function rootOf(
  { profile, cohort }: StudyResults,
  files: readonly CrateFile[],
  mentioned: readonly Entity[],
  datePublished: string,
): Entity {
  return {
    "@id": "./",
    "@type": "Dataset",
    name: `SynthMR, profile ${profile.name}, ${cohort.title}`,
    description: `A run of the companion to Akbar et al. 2024 on ${cohort.title}: segmentation networks trained on real${cohort.simulated ? " (simulated)" : ""} and synthetic brain MR slices.`,
    datePublished,
    license: { "@id": cohort.simulated ? "https://creativecommons.org/licenses/by-sa/3.0/" : "#data-terms" },
    citation: { "@id": "https://doi.org/10.1038/s41597-024-03073-x" },
    hasPart: files.map(({ path }) => reference(encodePath(path))),
    mentions: mentioned.map(({ "@id": id }) => reference(id)),
  };
}

function fileEntity({ path, sizeBytes, sha256: hash }: CrateFile): Entity {
  const type = MEDIA_TYPES[path.slice(path.lastIndexOf(".") + 1)];
  return {
    "@id": encodePath(path),
    "@type": "File",
    name: path.slice(path.lastIndexOf("/") + 1),
    contentSize: String(sizeBytes),
    ...(type === undefined ? {} : { encodingFormat: type }),
    ...(hash === undefined ? {} : { sha256: hash }),
  };
}

/** A record as the action that made it. */
function actionOf(origin: Origin, files: ReadonlySet<string>): Entity {
  const { name, path, key, seed, commit, durationSec, settings } = origin;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const made = [...files].filter((file) => folder !== "" && file.startsWith(folder));
  return {
    "@id": `#action-${encodeURIComponent(path)}`,
    "@type": "CreateAction",
    name,
    identifier: key,
    instrument: { "@id": "#software" },
    description: `Settings: ${JSON.stringify(settings)}; seed ${seed ?? "none"}; commit ${commit ?? "not a checkout"}; ${durationSec.toFixed(1)} s.`,
    result: made.map((file) => reference(encodePath(file))),
  };
}

function contextual({ cohort }: StudyResults, software: CrateFacts["software"]): readonly Entity[] {
  return [
    {
      "@id": "#software",
      "@type": "SoftwareApplication",
      name: software.name,
      softwareVersion: software.version,
      license: { "@id": "https://spdx.org/licenses/MIT" },
    },
    { "@id": "https://spdx.org/licenses/MIT", "@type": "CreativeWork", name: "MIT licence" },
    {
      "@id": "https://doi.org/10.1038/s41597-024-03073-x",
      "@type": "ScholarlyArticle",
      name: "Brain tumor segmentation using synthetic MR images - a comparison of GANs and diffusion models",
    },
    cohort.simulated
      ? {
          "@id": "https://creativecommons.org/licenses/by-sa/3.0/",
          "@type": "CreativeWork",
          name: "CC BY-SA 3.0, of the SRI24 atlas from which the cohort is adapted",
        }
      : {
          "@id": "#data-terms",
          "@type": "CreativeWork",
          name: "The terms under which the cohort was obtained",
        },
  ];
}

/** All files below a folder but the metadata itself, sorted. */
function listFiles(folder: string, below = ""): readonly CrateFile[] {
  try {
    return readdirSync(join(folder, below), { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = below === "" ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) return listFiles(folder, path);
        if (!entry.isFile() || path === METADATA) return [];
        const sizeBytes = statSync(join(folder, path)).size;
        const hash = sizeBytes > LARGEST_HASHED_BYTES ? undefined : sha256(readFileSync(join(folder, path)));
        return [{ path, sizeBytes, sha256: hash }];
      });
  } catch (error) {
    throw explainFileError(join(folder, below), error);
  }
}

/** A path as the crate writes it: percent-encoded between slashes. */
function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function reference(id: string): { readonly "@id": string } {
  return { "@id": id };
}
