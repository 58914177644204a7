import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { explainFileError, InputError } from "../errors";
import type { Conversion } from "../references/convert-weights";

interface ImportFlags {
  readonly as?: string;
  readonly config?: string;
  readonly out: string;
}

/** `synthmr weights`: from the names and layouts of public implementations to this project's, and back. */
export function register(program: Command): void {
  const weights = program
    .command("weights")
    .description("Translate weights between public implementations and this project.");
  weights
    .command("import")
    .description("Make a network file of weights with a public implementation's names.")
    .argument(
      "<file>",
      "safetensors with the names of NVlabs, GenForce, guided-diffusion, Hugging Face or the study",
    )
    .requiredOption("--out <file>", "the network file to write")
    .option("--as <network>", "which network (default: told by the names of the weights)")
    .option(
      "--config <json>",
      "settings that the weights do not tell, in the implementation's terms: JSON, or a file of it",
    )
    .addHelpText("after", () => `\nNetworks: ${NETWORKS}`)
    .action(async (file: string, { as, config, out }: ImportFlags) => {
      const { importWeights } = await start();
      const kind = as === undefined ? {} : { kind: as };
      report("imported", importWeights({ file, ...kind, meta: readConfig(config), out }), out);
    });
  weights
    .command("export")
    .description("Write the weights of a network file with the public implementation's names and layout.")
    .argument("<file>", "a network file of this project")
    .requiredOption("--out <file>", "the safetensors file to write")
    .action(async (file: string, { out }: { readonly out: string }) => {
      const { exportWeights } = await start();
      report("exported", exportWeights(file, out), out);
    });
}

/** For the help text, which must not load the networks. */
const NETWORKS =
  "progressive-gan-generator, progressive-gan-discriminator, stylegan1-generator, stylegan1-discriminator, " +
  "stylegan2-generator, stylegan2-discriminator, stylegan3-generator, diffusion-unet, unet, upernet-swin";

async function start(): Promise<typeof import("../references/convert-weights")> {
  const { startBackend } = await import("../backend/start");
  await startBackend({ precision: "float32" });
  return import("../references/convert-weights");
}

function readConfig(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const isJson = text.trimStart().startsWith("{");
  let value: unknown;
  try {
    value = JSON.parse(isJson ? text : readFileSync(text, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError("--config", "is not JSON");
    throw explainFileError(text, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InputError("--config", "is not a JSON object");
  return value as Record<string, unknown>;
}

function report(verb: string, { kind, reference, config, values }: Conversion, out: string): void {
  console.log(`${verb} ${values} values of ${kind} (${reference}): ${out}\n${JSON.stringify(config)}`);
}
