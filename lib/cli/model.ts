import { resolve } from "node:path";
import type { Command } from "commander";
import type { ModelScore } from "../generators/model-card";

interface ShipFlags {
  readonly from: string;
  readonly scores?: string;
  readonly limit: readonly string[];
}

interface RenewFlags {
  readonly scores?: string;
  readonly asConfigured?: boolean;
}

/** `synthmr model`: the generators that come with the project. */
export function register(program: Command): void {
  const model = program.command("model").description("the generators that come with the project");
  model
    .command("ship")
    .description("put a trained generator under lib/zoo, in half precision with its card")
    .argument("<name>", "its folder in lib/zoo, such as stylegan2-64")
    .requiredOption("--from <folder>", "the folder of a finished training (synthmr train)")
    .option("--scores <file>", 'JSON: [{"measure": "...", "value": "...", "detail": "..."}, ...]')
    .option("--limit <sentence...>", "what a reader must know beside the usual limits", [])
    .action(async (name: string, { from, scores, limit }: ShipFlags) => {
      const { shipModel } = await import("../generators/ship-model");
      const folder = shipModel({
        from: resolve(from),
        name,
        scores: scores === undefined ? [] : await readScores(scores),
        limits: limit,
      });
      console.log(`shipped ${folder}`);
    });
  registerRenew(model);
}

/** `synthmr model renew`: after scores were measured, or the page's form has changed. */
function registerRenew(model: Command): void {
  model
    .command("renew")
    .description("write the card of a model of lib/zoo anew, with a sheet of its images if it has none")
    .argument("<name>", "its folder in lib/zoo")
    .option("--scores <file>", "as of ship, in place of those on the card")
    .option(
      "--as-configured",
      "its images are drawn from now on as the settings of its generator and size say",
    )
    .action(async (name: string, { scores, asConfigured = false }: RenewFlags) => {
      const { startBackend } = await import("../backend/start");
      const { renewCard } = await import("../generators/renew-card");
      const { smallConfig } = await import("../generators/small-configs");
      const { readCard } = await import("../generators/zoo");
      await startBackend();
      const measured = scores === undefined ? {} : { scores: await readScores(scores) };
      const { generator, size } = readCard(name);
      const drawing = asConfigured ? { sampling: smallConfig(generator, size).sampling } : {};
      console.log(`renewed ${renewCard({ name, ...measured, ...drawing })}`);
    });
}

async function readScores(path: string): Promise<readonly ModelScore[]> {
  const { scoresSchema } = await import("../generators/model-card");
  const { readJson } = await import("../storage/json-file");
  return readJson(path, scoresSchema, "a list of scores", 'Expected [{"measure": "...", "value": "..."}]');
}
