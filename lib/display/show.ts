import { inspect } from "node:util";
import { MissingResult } from "../errors";
import { h } from "../figures/markup";
import { cellOutput } from "./cell-host";
import { isDisplayable } from "./displayable";
import type { MimeBundle } from "./displayable";
import { isTensor, tensorBundle } from "./tensor-bundle";
import { imageBundle, isImage, isVolume, volumeBundle } from "./volume-bundle";

/** Characters of the text of one value. */
const MOST_TEXT = 100_000;

/**
 * Shows a value in the cell that runs: a figure or table in every form that it has, anything else as text.
 * Outside of a notebook its text is printed.
 *
 * @param value A Displayable, a string (shown as it is), any other value, or a promise of one; where what was
 *   promised is a result that the run does not hold, that is said instead.
 */
export async function show(value: unknown): Promise<void> {
  // Taken before waiting: another cell may run by the time that the bundle is made.
  const output = cellOutput();
  const shown = await orMissing(value);
  const bundle = await bundleOf(shown);
  if (output === null) {
    console.log(String(bundle["text/plain"]));
    return;
  }
  output(bundle);
  // A picture does not carry its caption, as a table does.
  if (isPicture(shown, bundle)) output(captionBundle(shown.caption));
}

function isPicture(value: unknown, bundle: MimeBundle): value is { readonly caption: string } {
  if (typeof value !== "object" || value === null || !("image/png" in bundle)) return false;
  return "caption" in value && typeof value.caption === "string";
}

function captionBundle(caption: string): MimeBundle {
  return { "text/html": h("p", {}, h("small", {}, caption)).source, "text/plain": caption };
}

async function orMissing(value: unknown): Promise<unknown> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof MissingResult) return `Not in this run. ${error.message}`;
    throw error;
  }
}

/** The MIME bundle of any value; `text/plain` is always in it. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  if (typeof value === "string") return { "text/plain": cut(value) };
  if (typeof value !== "object" || value === null) return { "text/plain": cut(inspect(value)) };
  if (isDisplayable(value)) {
    const bundle = await value.mimeBundle();
    return "text/plain" in bundle ? bundle : { ...bundle, "text/plain": `[${value.constructor.name}]` };
  }
  if (isTensor(value)) return tensorBundle(value);
  if (isVolume(value)) return volumeBundle(value);
  if (isImage(value)) return imageBundle(value);
  return { "text/plain": cut(inspect(value)) };
}

function cut(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  return `${text.slice(0, MOST_TEXT)}\n[output cut: ${(text.length - MOST_TEXT).toLocaleString("en-US")} more characters]`;
}
