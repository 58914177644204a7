import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Rng } from "../backend/rng";
import { explainFileError, InputError } from "../errors";
import { sha256 } from "../storage/content-hash";
import { PROJECT_ROOT } from "../storage/project-root";
import { splitSubjects, type Split, type SplitCounts } from "./split";

/** The splits of the study, `data-manifests/splits/<name>.json`. */
export const PUBLISHED_SPLITS = ["brats2020", "brats2021"] as const;
export type PublishedSplitName = (typeof PUBLISHED_SPLITS)[number];

export const PUBLISHED_SPLIT_SCHEMA = z
  .strictObject({
    $schema: z.string(),
    name: z.enum(PUBLISHED_SPLITS),
    title: z.string(),
    source: z.string().describe("Where the split was published."),
    citation: z.string(),
    note: z.string().describe("What is known of it and what is not."),
    idPattern: z.string().describe("Regular expression of the subjects' ids."),
    subjects: z.int().positive().describe("How many subjects the cohort has."),
    train: z.int().positive().describe("How many of them train."),
    prefixes: z.array(z.int().positive()).describe("Sizes of the training sets that the study used."),
    order: z
      .array(z.string())
      .nullable()
      .describe(
        "Every subject in the study's order, those that train first; null where it is not published.",
      ),
    test: z.array(z.string()).min(1),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("Of the order, or of the test subjects where there is none: ids joined by line feeds."),
  })
  .describe("How the study split a cohort into training and test subjects.");
export type PublishedSplit = z.infer<typeof PUBLISHED_SPLIT_SCHEMA>;

/** A split for the subjects that are there, and what sets it apart from the published one. */
export interface ChosenSplit {
  readonly split: Split;
  /** Subjects of the published split that are not there. */
  readonly missing: { readonly train: readonly string[]; readonly test: readonly string[] };
  /** One sentence each: what differs from the study, and what that changes. */
  readonly notes: readonly string[];
}

/**
 * Reads a split of the study.
 *
 * @throws InputError if there is none of that name, or its file was changed.
 */
export function readPublishedSplit(name: string): PublishedSplit {
  if (!(PUBLISHED_SPLITS as readonly string[]).includes(name))
    throw new InputError(`split ${name}`, "is not known", `Choose one of ${PUBLISHED_SPLITS.join(", ")}`);
  const path = join(PROJECT_ROOT, "data-manifests", "splits", `${name}.json`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw explainFileError(path, error);
  }
  const published = PUBLISHED_SPLIT_SCHEMA.parse(JSON.parse(text));
  if (sha256(Buffer.from((published.order ?? published.test).join("\n"))) !== published.sha256)
    throw new InputError(path, "was changed: its subjects do not have the hash that it states");
  return published;
}

/** The split of the study whose names all of some subjects have; undefined where none fits. */
export function fittingSplit(ids: readonly string[]): PublishedSplit | undefined {
  return PUBLISHED_SPLITS.map(readPublishedSplit).find(({ idPattern }) => {
    const pattern = new RegExp(idPattern);
    return ids.length > 0 && ids.every((id) => pattern.test(id));
  });
}

/**
 * Splits the subjects that are there as the study did. Validation subjects are drawn from those that train: the
 * study drew them too, by a seed of its own.
 *
 * @param prefix Train on the first so many of the study's order only, as its smaller sets.
 * @throws InputError if the order is not known that far, or no subject is left to train or to test.
 */
export function applyPublishedSplit(
  published: PublishedSplit,
  ids: readonly string[],
  { validation, prefix = published.train }: { readonly validation: number; readonly prefix?: number },
  rng: Rng,
): ChosenSplit {
  const subject = `split ${published.name}`;
  const there = new Set(ids);
  const test = published.test.filter((id) => there.has(id));
  const training = trainingSubjects(published, ids, prefix);
  const train = training.filter((id) => there.has(id));
  if (test.length === 0)
    throw new InputError(subject, `none of its ${published.test.length} test subjects is there`);
  if (train.length <= validation)
    throw new InputError(
      subject,
      `${train.length} of its training subjects are there, ${validation} are to validate`,
    );
  const drawn = splitSubjects(train, { validation, test: 0 }, rng);
  const missing = {
    train: training.filter((id) => !there.has(id)),
    test: published.test.filter((id) => !there.has(id)),
  };
  const name = prefix === published.train ? published.name : `${published.name}, first ${prefix}`;
  // The training subjects stand in the study's order where it is known.
  const split = {
    name,
    train: train.filter((id) => drawn.train.includes(id)),
    validation: drawn.validation,
    test,
  };
  return { split, missing, notes: differences(published, prefix, train.length, missing) };
}

/**
 * The split of a cohort: the study's where the subjects are named so and some of them test there, else one by the
 * seed.
 */
export function chooseSplit(ids: readonly string[], counts: SplitCounts, rng: Rng): ChosenSplit {
  const published = fittingSplit(ids);
  const held = published?.test.filter((id) => ids.includes(id)).length ?? 0;
  if (published !== undefined && held > 0 && ids.length - held > counts.validation)
    return applyPublishedSplit(published, ids, { validation: counts.validation }, rng);
  const split = splitSubjects(ids, counts, rng);
  return {
    split,
    missing: { train: [], test: [] },
    notes: ["the split is drawn by the seed, it is not the study's"],
  };
}

/** All that the study would train on; where its order is not known, all that do not test. */
function trainingSubjects(
  { name, order, train, test }: PublishedSplit,
  ids: readonly string[],
  prefix: number,
): readonly string[] {
  if (!(Number.isSafeInteger(prefix) && prefix >= 1 && prefix <= train))
    throw new InputError(`split ${name}`, `has ${train} training subjects, not ${prefix}`);
  if (order !== null) return order.slice(0, prefix);
  if (prefix !== train)
    throw new InputError(
      `split ${name}`,
      "has no smaller training sets: its order is not published in the sources at hand",
    );
  return [...ids].sort().filter((id) => !test.includes(id));
}

const MOST_NAMED = 5;

function differences(
  { order, train: wholeTrain, test }: PublishedSplit,
  prefix: number,
  found: number,
  missing: ChosenSplit["missing"],
): readonly string[] {
  const notes: string[] = [];
  const named = (ids: readonly string[]): string =>
    `${ids.slice(0, MOST_NAMED).join(", ")}${ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : ""}`;
  if (prefix !== wholeTrain) notes.push(`trains on the first ${prefix} subjects of the study's order`);
  if (missing.train.length > 0)
    notes.push(
      `trains on ${found} of ${prefix} subjects; missing: ${named(missing.train)}; networks see less variety than the study's`,
    );
  else if (order === null && found !== wholeTrain)
    notes.push(`trains on ${found} subjects where the study had ${wholeTrain}`);
  if (missing.test.length > 0)
    notes.push(
      `tests on ${test.length - missing.test.length} of ${test.length} subjects; missing: ${named(missing.test)}; means are over fewer subjects and not those of the study`,
    );
  return notes;
}
