/** One order of the past: session, number, source, and the text of its result where there was one. */
interface Remembered {
  readonly line: number;
  readonly source: string;
  readonly output: string | null;
}

/** What a front end asks of the history. @see the messaging protocol, "history_request". */
export interface HistoryQuery {
  readonly hist_access_type: "range" | "tail" | "search";
  readonly output: boolean;
  readonly session?: number | undefined;
  readonly start?: number | undefined;
  readonly stop?: number | null | undefined;
  readonly n?: number | null | undefined;
  readonly pattern?: string | null | undefined;
  readonly unique?: boolean | undefined;
}

type HistoryEntry = [session: number, line: number, input: string | [string, string | null]];

const SESSION = 1;
const MOST_REMEMBERED = 10_000;

/** The cells that this kernel has run; nothing of them is written to the disk. */
export class CellHistory {
  private readonly entries: Remembered[] = [];

  /** @param result The MIME bundle of the cell's result, if it had one. */
  add(line: number, source: string, result: unknown): void {
    const text =
      typeof result === "object" && result !== null && "text/plain" in result ? result["text/plain"] : null;
    this.entries.push({ line, source, output: typeof text === "string" ? text : null });
    if (this.entries.length > MOST_REMEMBERED) this.entries.shift();
  }

  find(query: HistoryQuery): HistoryEntry[] {
    return this.choose(query).map(({ line, source, output }) => [
      SESSION,
      line,
      query.output ? [source, output] : source,
    ]);
  }

  private choose(query: HistoryQuery): readonly Remembered[] {
    const last = (entries: readonly Remembered[]): readonly Remembered[] =>
      query.n === undefined || query.n === null
        ? entries
        : entries.slice(-Math.max(query.n, 0) || entries.length);
    switch (query.hist_access_type) {
      case "tail":
        return last(this.entries);
      case "range": {
        // Sessions are counted from 1, or backwards from the present one, which is 0.
        if (![undefined, 0, SESSION].includes(query.session)) return [];
        const { start = 0, stop } = query;
        return this.entries.filter(
          ({ line }) => line >= start && (stop === undefined || stop === null || line < stop),
        );
      }
      case "search": {
        const pattern = globPattern(query.pattern ?? "*");
        const found = this.entries.filter(({ source }) => pattern.test(source));
        return last(query.unique ? latestOfEach(found) : found);
      }
    }
  }
}

function latestOfEach(entries: readonly Remembered[]): readonly Remembered[] {
  return [...new Map(entries.map((entry) => [entry.source, entry])).values()];
}

/** `*` for any text, `?` for any character. */
function globPattern(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${escaped}$`);
}
