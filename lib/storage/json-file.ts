import { readFileSync } from "node:fs";
import type { z } from "zod";
import { explainFileError, InputError } from "../errors";

/**
 * Reads a JSON file and checks its form.
 *
 * @param what What it should be, as messages say it: "a split".
 * @param remedy What the user can do where it is not, in the imperative.
 * @throws InputError naming the file and the first field at fault.
 */
export function readJson<T>(path: string, schema: z.ZodType<T>, what: string, remedy?: string): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(path, "is not JSON", remedy);
    throw explainFileError(path, error);
  }
  const checked = schema.safeParse(parsed);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new InputError(
    field === "" ? path : `${path}: ${field}`,
    `is not ${what}${issue === undefined ? "" : ` (${issue.message})`}`,
    remedy,
  );
}
