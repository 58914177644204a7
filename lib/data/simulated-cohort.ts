import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../errors";

/** Whether a folder says of itself that its subjects are simulated: `cohort.json` stands in it and tells so. */
export function isSimulatedCohort(folder: string): boolean {
  const path = join(folder, "cohort.json");
  if (!existsSync(path)) return false;
  try {
    const cohort = JSON.parse(readFileSync(path, "utf8")) as unknown;
    return (
      typeof cohort === "object" && cohort !== null && "simulated" in cohort && cohort.simulated === true
    );
  } catch {
    throw new InputError(path, "is not valid JSON");
  }
}
