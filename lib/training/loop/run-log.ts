import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { explainFileError } from "../../errors";
import { writeFileAtomic } from "../../storage/atomic-write";

/** One line of a run's log: the mean over the steps since the line before. */
export interface LogLine {
  /** Steps done. */
  readonly step: number;
  readonly imagesSeen: number;
  /** Mean loss of these steps. */
  readonly loss: number;
  readonly learningRate: number;
  readonly imagesPerSec: number;
  /** Training time so far, over all resumed parts. */
  readonly durationSec: number;
  readonly residentMb: number;
  /** Other numbers that a recipe tells, by name: further losses, penalties. */
  readonly details?: Readonly<Record<string, number>>;
}

const NAME = "log.jsonl";

/** The log of one training run: one JSON object a line, appended. */
export class RunLog {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, NAME);
  }

  append(line: LogLine): void {
    try {
      appendFileSync(this.path, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw explainFileError(this.path, error);
    }
  }

  /** Drops what a killed run wrote after its last checkpoint: those steps are done again. */
  truncateAfter(step: number): void {
    if (!existsSync(this.path)) return;
    const lines = this.read().filter((line) => line.step <= step);
    writeFileAtomic(this.path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  /** All whole lines; a line cut off by a kill is passed over. */
  read(): LogLine[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, "utf8")
      .split("\n")
      .flatMap((text) => parseLine(text));
  }
}

function parseLine(text: string): LogLine[] {
  try {
    return text === "" ? [] : [JSON.parse(text) as LogLine];
  } catch {
    return [];
  }
}
