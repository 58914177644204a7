import type { Sequence } from "../shape";

/** What one file of a subject holds. */
export type SubjectPart = Sequence | "segmentation";
export const SUBJECT_PARTS = ["t1w", "t1wGd", "t2w", "flair", "segmentation"] as const;

/** How a file name of BraTS is put together: `<stem><separator><suffix>.nii.gz`. */
export interface BratsName {
  /** The subject's id; empty where the file is named by its part alone. */
  readonly stem: string;
  readonly separator: string;
  readonly part: SubjectPart;
  /** The challenges until 2021 wrote `_t1ce`, those since 2023 `-t1c`; names that both have count as neither. */
  readonly naming: Naming | undefined;
}
export type Naming = "until 2021" | "since 2023";

/** How each naming ends its files. */
export const SUFFIXES = {
  "until 2021": { t1w: "t1", t1wGd: "t1ce", t2w: "t2", flair: "flair", segmentation: "seg" },
  "since 2023": { t1w: "t1n", t1wGd: "t1c", t2w: "t2w", flair: "t2f", segmentation: "seg" },
} as const satisfies Record<Naming, Record<SubjectPart, string>>;

/** Endings of the files that can hold a volume; of a pair the header stands for both. */
export const VOLUME_ENDING = /\.(nii|hdr)(\.gz)?$/i;

const PART_OF_SUFFIX = new Map(
  (["until 2021", "since 2023"] as const).flatMap((naming) =>
    SUBJECT_PARTS.map((part) => [SUFFIXES[naming][part], { part, naming: namingOf(part, naming) }] as const),
  ),
);

/** What a file name says, in any case of letters; undefined where it is not named as a part of a subject. */
export function parseBratsName(name: string): BratsName | undefined {
  const bare = name.replace(VOLUME_ENDING, "");
  if (bare === name) return undefined;
  const [, stem = "", separator = "", suffix = ""] = /^(?:(.*)([_-]))?([A-Za-z0-9]+)$/s.exec(bare) ?? [];
  const known = PART_OF_SUFFIX.get(suffix.toLowerCase() as (typeof SUFFIXES)[Naming][SubjectPart]);
  return known === undefined ? undefined : { stem, separator, ...known };
}

function namingOf(part: SubjectPart, naming: Naming): Naming | undefined {
  return part === "segmentation" ? undefined : naming;
}
