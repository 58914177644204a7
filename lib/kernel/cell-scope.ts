type Read = () => unknown;
type Write = (value: unknown) => void;

/** A variable of a cell, as the cell itself sees it. */
interface CellName {
  readonly read: Read;
  readonly write: Write | undefined;
  /** Whether functions of the cell use it, so that its value outlives a later declaration. */
  readonly captured: boolean;
}

/** The names that cells have left for the cells after them. */
export class CellScope {
  /** What scripts know as `$cells`. */
  readonly view = Object.create(null) as Record<string, unknown>;
  private readonly names = new Map<string, CellName>();

  /**
   * Takes over the names of a cell that has ended, or that has failed half-way: those that have a value.
   *
   * @returns The names, and the values that they had in an earlier cell where nothing else holds these.
   */
  adopt(
    reads: Readonly<Record<string, Read>>,
    writes: Readonly<Record<string, Write>>,
    captured: readonly string[],
  ): { kept: string[]; replaced: unknown[] } {
    const kept: string[] = [];
    const replaced: unknown[] = [];
    for (const [name, read] of Object.entries(reads)) {
      if (!hasValue(read)) continue;
      const earlier = this.names.get(name);
      if (earlier && !earlier.captured) replaced.push(valueOf(earlier.read));
      this.declare(name, { read, write: writes[name], captured: captured.includes(name) });
      kept.push(name);
    }
    return { kept, replaced };
  }

  /** The present values of all names. */
  values(): ReadonlyMap<string, unknown> {
    return new Map([...this.names].map(([name, { read }]) => [name, valueOf(read)]));
  }

  private declare(name: string, variable: CellName): void {
    this.names.set(name, variable);
    Object.defineProperty(this.view, name, {
      get: variable.read,
      ...(variable.write ? { set: variable.write } : {}),
      enumerable: true,
      configurable: true,
    });
  }
}

/** Whether a cell has come as far as the declaration. */
function hasValue(read: Read): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function valueOf(read: Read): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
