import type { MimeBundle } from "../display/displayable";
import { loadedModule } from "./cell-modules";

/** What this uses of a tensor. */
interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isDisposed: boolean;
  readonly size: number;
  dispose(): void;
}

interface Measured {
  readonly numTensors: number;
  readonly numBytes: number;
}

interface TensorCore {
  engine(): { readonly backendName?: string };
  memory(): Measured;
}

const CORE = /@tensorflow[\\/]tfjs-core[\\/]dist[\\/]tf-core\.node\.js$/;
/** Objects that a search for tensors visits before it gives up, and then releases nothing. */
const MOST_VISITED = 200_000;

/** Keeps account of the tensors that cells leave behind. */
export class TensorMemory {
  private readonly left = new Map<number, Measured>();

  /** Tensors at present; null while no cell has loaded TensorFlow. */
  measure(): Measured | null {
    const core = loadedModule(CORE) as TensorCore | undefined;
    // Without a backend there are no tensors, and the question would be an error.
    if (!core?.engine().backendName) return null;
    const { numTensors, numBytes } = core.memory();
    return { numTensors, numBytes };
  }

  /** Notes what a cell has left. */
  record(cell: number, before: Measured | null): void {
    const after = this.measure();
    if (!after) return;
    const numTensors = after.numTensors - (before?.numTensors ?? 0);
    if (numTensors !== 0)
      this.left.set(cell, { numTensors, numBytes: after.numBytes - (before?.numBytes ?? 0) });
  }

  /**
   * Frees the tensors of values whose names have been declared anew: a tensor, or plain lists and records of
   * tensors. What a name that lives still reaches stays, and so does everything where that cannot be told.
   */
  release(replaced: readonly unknown[], live: ReadonlyMap<string, unknown>): void {
    const old = new Set(replaced.flatMap((value) => [...(tensorsIn(value, isPlain) ?? [])]));
    if (old.size === 0) return;
    const used = tensorsIn([...live.values()], () => true);
    if (used === null) return;
    for (const tensor of old) if (!used.has(tensor) && !tensor.isDisposed) tensor.dispose();
  }

  /** What the process and its tensors take. */
  report(live: ReadonlyMap<string, unknown>): MimeBundle {
    const { rss, heapUsed, external } = process.memoryUsage();
    const tensors = this.measure();
    const lines = [
      `process ${megabytes(rss)}, of it JavaScript ${megabytes(heapUsed)}, buffers ${megabytes(external)}`,
      tensors
        ? `tensors ${tensors.numTensors}, ${megabytes(tensors.numBytes)}`
        : "tensors none: TensorFlow is not loaded",
      ...[...this.left].map(
        ([cell, { numTensors, numBytes }]) =>
          `  cell ${cell} ${numTensors > 0 ? "left" : "freed"} ${Math.abs(numTensors)}, ${megabytes(Math.abs(numBytes))}`,
      ),
      ...[...live].flatMap(([name, value]) => namedTensors(name, value)),
    ];
    return { "text/plain": lines.join("\n") };
  }
}

function namedTensors(name: string, value: unknown): string[] {
  const found = [...(tensorsIn(value, isPlain) ?? [])].filter(({ isDisposed }) => !isDisposed);
  if (found.length === 0) return [];
  const [first] = found;
  if (found.length === 1 && first && first === value)
    return [`  ${name}: [${first.shape.join(", ")}] ${first.dtype}`];
  const values = found.reduce((sum, { size }) => sum + size, 0);
  return [`  ${name}: ${found.length} tensors, ${values.toLocaleString("en-US")} values`];
}

/**
 * All tensors that a value reaches.
 *
 * @param enters Whether to look into an object.
 * @returns null where there is too much to look at.
 */
function tensorsIn(value: unknown, enters: (object: object) => boolean): Set<Tensor> | null {
  const found = new Set<Tensor>();
  const seen = new Set<object>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null || seen.has(next) || ArrayBuffer.isView(next)) continue;
    if (seen.size > MOST_VISITED) return null;
    seen.add(next);
    if (isTensor(next)) found.add(next);
    else if (enters(next)) waiting.push(...parts(next));
  }
  return found;
}

function parts(object: object): unknown[] {
  if (Array.isArray(object)) return object as unknown[];
  if (object instanceof Map) return [...object.keys(), ...object.values()] as unknown[];
  if (object instanceof Set) return [...object] as unknown[];
  // Getters may compute, or load what nobody has asked for.
  return Object.values(Object.getOwnPropertyDescriptors(object)).map(({ value }): unknown => value);
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return (
    prototype === null ||
    prototype === Object.prototype ||
    Array.isArray(object) ||
    object instanceof Map ||
    object instanceof Set
  );
}

function isTensor(object: object): object is Tensor {
  return "dataId" in object && "shape" in object && "dtype" in object && "dispose" in object;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
