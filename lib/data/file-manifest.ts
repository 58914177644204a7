import { z } from "zod";
import { InputError } from "../errors";
import { MANIFESTS, manifestNames, readManifestFile } from "../setup/manifest";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A path inside a wheel or the cache: relative, and without a way up. */
const InnerPath = z.string().regex(/^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./+-]*$/);

const Wheel = z.strictObject({
  package: z.string().min(1),
  version: z.string().min(1),
  pythonVersion: z.string().min(1),
  abi: z.string().min(1),
  platforms: z.array(z.string().min(1)).min(1),
  sizeBytes: z.int().positive().optional(),
  sha256: Sha256,
  files: z
    .array(z.strictObject({ path: InnerPath, to: InnerPath }))
    .optional()
    .describe("Files wanted from the wheel; the list of files below holds size and hash of each."),
  folders: z.array(InnerPath).optional().describe("Folders wanted whole; the wheel's hash covers them."),
});

const Steps = z.array(z.string().min(1)).min(1);

const Access = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("package"),
    folder: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]*$/)
      .describe("The folder of the user's cache that holds the files."),
    unpackedBytes: z.int().positive().describe("Room that the files take."),
    wheels: z.array(Wheel).min(1),
  }),
  z.strictObject({ kind: z.literal("download"), steps: Steps }),
  z.strictObject({ kind: z.literal("agreement"), steps: Steps }),
]);

const File = z.strictObject({
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
});

const Evidence = z.string().min(1).describe("Where it was read, or that it was not checked.");

/** What the project knows of files from outside, `data-manifests/<name>.json`. */
export const FILE_MANIFEST_SCHEMA = z
  .strictObject({
    $schema: z.string(),
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    title: z.string().min(1),
    kind: z.enum(["cohort", "synthetic images", "tissue maps", "network weights", "software library"]),
    description: z.string().min(1),
    version: z.string().min(1),
    source: z.url().describe("The page that describes the files."),
    access: Access.describe(
      "A package is fetched out of the Python package index; the steps to a download or an agreement are told.",
    ),
    licence: z.string().min(1).describe("SPDX identifier, or a sentence."),
    terms: z.array(z.string()).describe("What its users agree to, as far as it is known here."),
    redistribution: z.string().min(1).describe("What of it, or of what is made from it, may be passed on."),
    citation: z.array(z.string().min(1)).min(1),
    checked: z
      .strictObject({
        access: Evidence,
        licence: Evidence,
        redistribution: Evidence,
        citation: Evidence,
        files: Evidence,
      })
      .describe("What the statements of the manifest rest on."),
    files: z.array(File).min(1),
    use: z.string().min(1).describe("What takes the files."),
  })
  .describe("A set of files from outside that SynthMR can use.");
export type FileManifest = z.infer<typeof FILE_MANIFEST_SCHEMA>;

/**
 * Reads the manifest of that name and holds it against the schema.
 *
 * @throws InputError if there is none of that name, or it does not follow the schema.
 */
export function readFileManifest(name: string): FileManifest {
  const names = manifestNames();
  if (!names.includes(name))
    throw new InputError(`manifest ${name}`, "is not known", `Choose one of ${names.join(", ")}`);
  const subject = `${MANIFESTS}/${name}.json`;
  const manifest = FILE_MANIFEST_SCHEMA.safeParse(parsedFile(name, subject));
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new InputError(
    `${subject}: ${issue?.path.join(".") ?? ""}`,
    issue?.message ?? "does not follow the schema",
  );
}

function parsedFile(name: string, subject: string): unknown {
  try {
    return readManifestFile(name);
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(subject, "is not JSON");
    throw error;
  }
}
