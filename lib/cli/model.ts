import type { Command } from "commander";

interface ShipOptions {
  readonly profile: string;
  readonly out?: string;
}

/** `synthmr model`: the generators that come with the project. */
export function register(program: Command): void {
  const model = program.command("model").description("the generators that come with the project");
  model
    .command("ship")
    .description("put the generator that a run has trained under lib/zoo, in half precision with its card")
    .argument("<name>", "its folder in lib/zoo")
    .option("--profile <name>", "the profile of the run", "laptop")
    .option("--out <folder>", "the run's folder (default: runs/<profile>)")
    .action(async (name: string, options: ShipOptions) => {
      const { openStudy } = await import("../study/study");
      const { shipModel } = await import("../study/ship-model");
      const run = options.out === undefined ? {} : { runFolder: options.out };
      const folder = await shipModel(await openStudy({ profile: options.profile, ...run }), name);
      console.log(`shipped ${folder}`);
    });
}
