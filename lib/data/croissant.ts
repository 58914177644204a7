import { CROISSANT_CONTEXT } from "./croissant-context";
import type { FileManifest } from "./file-manifest";

/**
 * A manifest as Croissant JSON-LD, which other programs and catalogues read. Files whose hash is known are file
 * objects, patterns of files are file sets; nothing is said that the manifest does not say.
 *
 * @see Croissant format specification, version 1.0.
 */
export function croissantOf(manifest: FileManifest): Readonly<Record<string, unknown>> {
  const { name, title, description, version, source, licence, terms, citation, redistribution } = manifest;
  return {
    "@context": CROISSANT_CONTEXT,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.0",
    "@id": name,
    name: title,
    description,
    version: semanticVersion(version),
    url: source,
    license: licence,
    usageInfo: [...terms, redistribution].join(" "),
    citeAs: citation.join(" "),
    conditionsOfAccess:
      manifest.access.kind === "package"
        ? `Fetched by synthmr data fetch ${name}.`
        : manifest.access.steps.join(" "),
    distribution: [
      ...repositories(manifest),
      ...manifest.files.map((file) => distributionOf(manifest, file)),
    ],
  };
}

/** Patterns of files have to say what they are part of: the folder in which the data stand once obtained. */
function repositories({ name, source, files }: FileManifest): readonly unknown[] {
  if (files.every(({ sha256 }) => sha256 !== null)) return [];
  return [
    {
      "@type": "cr:FileSet",
      "@id": `${name}-folder`,
      name: `${name}-folder`,
      description: `The folder in which the data stand once they are obtained from ${source}.`,
      encodingFormat: "inode/directory",
      includes: "*",
    },
  ];
}

function distributionOf(
  { name, source }: FileManifest,
  file: FileManifest["files"][number],
): Readonly<Record<string, unknown>> {
  const shared = {
    "@id": file.name,
    name: file.name,
    description: file.description,
    encodingFormat: file.format,
  };
  const size = file.bytes === null ? {} : { contentSize: `${file.bytes} B` };
  return file.sha256 === null
    ? {
        "@type": "cr:FileSet",
        ...shared,
        ...size,
        containedIn: { "@id": `${name}-folder` },
        includes: file.name,
      }
    : { "@type": "cr:FileObject", ...shared, ...size, contentUrl: source, sha256: file.sha256 };
}

/** Croissant asks for three numbers. */
function semanticVersion(version: string): string {
  const numbers = version.split(".");
  return /^\d+(\.\d+)*$/.test(version) && numbers.length < 3
    ? [...numbers, "0", "0"].slice(0, 3).join(".")
    : version;
}
