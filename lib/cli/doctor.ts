import type { Command } from "commander";

/**
 * `synthmr doctor` inside the command-line program. Through `npm run synthmr -- doctor` it is answered before
 * any set-up, by the same function.
 */
export function register(program: Command): void {
  program
    .command("doctor")
    .description("Tell what the project runs on, what is missing and how to mend it.")
    .option("--json", "as JSON")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { doctor } = await import("../setup/doctor");
      process.exitCode = await doctor(json === true ? ["--json"] : []);
    });
}
