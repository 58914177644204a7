import { randomUUID } from "node:crypto";
import { h } from "../figures/markup";
import type { CellOutput } from "./cell-host";
import type { MimeBundle } from "./displayable";
import { durationText } from "./progress-text";

/** A result that was taken from a run, and how long it took there. */
export interface TakenResult {
  readonly title: string;
  readonly durationSec: number;
}

/** Results that one cell takes from a run, on one line that opens into a list: there may be fifty. */
export class TakenResults {
  private readonly id = randomUUID();
  private readonly taken: TakenResult[] = [];

  constructor(private readonly output: CellOutput) {}

  /** Shows one more. */
  add(result: TakenResult): void {
    const update = this.taken.length > 0;
    this.taken.push(result);
    this.output(takenBundle(this.taken), { id: this.id, update });
  }
}

/** The line and its list; a single result is a line of its own. */
export function takenBundle(taken: readonly TakenResult[]): MimeBundle {
  const [first] = taken;
  if (first !== undefined && taken.length === 1) {
    const line = takenText(first);
    return { "text/html": h("div", {}, line).source, "text/plain": line };
  }
  const totalSec = taken.reduce((sum, { durationSec }) => sum + durationSec, 0);
  const summary = `${taken.length} results taken from the run, where they took ${durationText(totalSec)} in all`;
  const lines = taken.map(({ title, durationSec }) => `${title}: ${durationText(durationSec)}`);
  const list = h("ul", {}, ...lines.map((line) => h("li", {}, line)));
  return {
    "text/html": h("details", {}, h("summary", {}, summary), list).source,
    "text/plain": [`${summary}:`, ...lines.map((line) => `  ${line}`)].join("\n"),
  };
}

/** What is said of one result. */
export function takenText({ title, durationSec }: TakenResult): string {
  return `${title}: taken from the run, where it took ${durationText(durationSec)}`;
}
