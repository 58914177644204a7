import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { EXIT, explainFileError, InputError, RunError } from "../errors";
import { PROJECT_ROOT } from "../storage/project-root";
import { register as registerBench } from "./bench";
import { register as registerData } from "./data";
import { register as registerDoctor } from "./doctor";
import { register as registerGenerate } from "./generate";
import { register as registerFigure } from "./figure";
import { register as registerKernel } from "./kernel";
import { register as registerLab } from "./lab";
import { register as registerModel } from "./model";
import { register as registerNotebook } from "./notebook";
import { register as registerReproduce } from "./reproduce";
import { register as registerScore } from "./score";
import { register as registerStudy } from "./study";
import { register as registerTrain } from "./train";
import { register as registerVerify } from "./verify";
import { register as registerWeights } from "./weights";

const COMMANDS = [
  registerReproduce,
  registerStudy,
  registerData,
  registerFigure,
  registerTrain,
  registerGenerate,
  registerModel,
  registerScore,
  registerVerify,
  registerWeights,
  registerNotebook,
  registerKernel,
  registerLab,
  registerDoctor,
  registerBench,
];

/** The `synthmr` command. Each command stands in a file of its own and loads what it needs when it runs. */
async function main(): Promise<void> {
  const program = new Command("synthmr")
    .description("Reproduce a comparison of GANs and diffusion models for synthetic brain tumour MR images.")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError("(add --help for the options)");
  // A subcommand takes over the settings above when it is made.
  for (const register of COMMANDS) register(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return version;
}

/** Prints an error as its reader needs it and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const explained = explainFileError("", error);
  if (explained instanceof InputError) {
    console.error(`synthmr: ${explained.message}`);
    return EXIT.usage;
  }
  if (error instanceof RunError) {
    console.error(`synthmr: ${error.message}`);
    return EXIT.failed;
  }
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  return EXIT.failed;
}

void main();
