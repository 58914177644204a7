import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";
import { FOLDER } from "../setup/manifest";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a dataset's manifest says, `data-manifests/datasets/<name>.json`. */
export const DATASET_MANIFEST_SCHEMA = z
  .strictObject({
    $schema: z.string(),
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    title: z.string().min(1),
    kind: z.enum(["cohort", "synthetic images", "tissue maps", "network weights"]),
    description: z.string().min(1),
    version: z.string().min(1),
    source: z.url().describe("The page that describes the data."),
    access: z
      .discriminatedUnion("kind", [
        z.strictObject({
          kind: z.literal("package"),
          manifest: z.string().describe("The manifest in data-manifests that lists the wheel and its files."),
        }),
        z.strictObject({ kind: z.literal("agreement"), steps: z.array(z.string().min(1)).min(1) }),
      ])
      .describe("A package is fetched; for what needs an agreement the steps are told."),
    licence: z.string().min(1).describe("SPDX identifier, or a sentence."),
    terms: z.array(z.string()).describe("What its users agree to, as far as it is known here."),
    redistribution: z.string().min(1).describe("What of it, or of what is made from it, may be passed on."),
    citation: z.array(z.string().min(1)).min(1),
    files: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe("A file, or a pattern of files."),
          description: z.string().min(1),
          format: z.string().describe("Media type."),
          count: z.int().positive().nullable().describe("null where it is not known here."),
          bytes: z
            .int()
            .positive()
            .nullable()
            .describe("Of all files of the pattern; null where it is not known here."),
          sha256: Sha256.nullable().describe("null where it is not known here."),
        }),
      )
      .min(1),
    use: z.string().min(1).describe("The command that takes the data."),
  })
  .describe("A set of files from outside that SynthMR can use.");
export type DatasetManifest = z.infer<typeof DATASET_MANIFEST_SCHEMA>;

const DATASETS = join(FOLDER, "datasets");

/** Names of the datasets, sorted. */
export function datasetNames(): readonly string[] {
  return readdirSync(DATASETS)
    .filter((name) => name.endsWith(".json") && name !== "dataset.schema.json")
    .map((name) => name.replace(/\.json$/, ""))
    .sort();
}

/**
 * Reads the manifest of a dataset.
 *
 * @throws InputError if there is none of that name, or it does not follow the schema.
 */
export function readDatasetManifest(name: string): DatasetManifest {
  const names = datasetNames();
  if (!names.includes(name))
    throw new InputError(`data set ${name}`, "is not known", `Choose one of ${names.join(", ")}`);
  const path = join(DATASETS, `${name}.json`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(path, "is not JSON");
    throw explainFileError(path, error);
  }
  const manifest = DATASET_MANIFEST_SCHEMA.safeParse(parsed);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new InputError(
    `${path}: ${issue?.path.join(".") ?? ""}`,
    issue?.message ?? "does not follow the schema",
  );
}
