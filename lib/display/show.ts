import { inspect } from "node:util";
import { cellOutput } from "./cell-output";
import { isDisplayable } from "./displayable";
import type { MimeBundle } from "./displayable";

/**
 * Shows a value in the cell that runs: a figure or table in every form that it has, anything else as text.
 * Outside of a notebook its text is printed.
 *
 * @param value A Displayable, a string (shown as it is), or any other value.
 */
export async function show(value: unknown): Promise<void> {
  // Taken before waiting: another cell may run by the time that the bundle is made.
  const output = cellOutput();
  const bundle = await bundleOf(value);
  if (output) output(bundle);
  else console.log(String(bundle["text/plain"]));
}

/** The MIME bundle of any value; `text/plain` is always in it. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  if (typeof value === "string") return { "text/plain": value };
  if (!isDisplayable(value)) return { "text/plain": inspect(value) };
  const bundle = await value.mimeBundle();
  return "text/plain" in bundle ? bundle : { ...bundle, "text/plain": `[${value.constructor.name}]` };
}
