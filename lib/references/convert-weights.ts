import { InputError } from "../errors";
import { readNetworkDescription, readNetwork, writeNetwork } from "../models/weights/network-file";
import { readSafetensors, writeSafetensors } from "../storage/safetensors";
import type { BuiltNetwork, Meta, NetworkKind, Weights } from "./network-kind";
import { NETWORK_KINDS } from "./network-kinds";
import { WEIGHTS_PREFIX } from "./reference-case";

/** What a conversion did. */
export interface Conversion {
  readonly kind: string;
  readonly reference: string;
  /** Settings in this project's terms. */
  readonly config: unknown;
  /** Number of values, buffers included. */
  readonly values: number;
}

export interface ImportOptions {
  /** Weights by a reference's names: a safetensors file, or a reference case. */
  readonly file: string;
  /** This project's or the reference's name of the network; by the names of the weights where left out. */
  readonly kind?: string;
  /** Settings that the weights do not tell, in the reference's terms. */
  readonly meta: Meta;
  readonly out: string;
}

/**
 * Turns a reference's weights into a network file of this project.
 *
 * @throws InputError if the file cannot be read, or its weights are not those of the network.
 */
export function importWeights({ file, kind, meta, out }: ImportOptions): Conversion {
  const weights = weightsOf(readSafetensors(file).tensors);
  const found = kind === undefined ? recognise(file, weights) : kindNamed(kind);
  const built = found.fromReference(file, weights, meta);
  try {
    writeNetwork(out, built.params, { kind: found.kind, config: built.config });
    return conversion(found, built);
  } finally {
    built.params.dispose();
  }
}

/**
 * Turns a network file of this project into the reference's names and layout.
 *
 * @throws InputError if the file cannot be read, or it is of a network that no reference has.
 */
export function exportWeights(file: string, out: string): Conversion {
  const description = readNetworkDescription(file);
  const found = kindNamed(description.kind);
  const built = found.fromConfig(file, description.config, valueCount(readSafetensors(file).tensors));
  try {
    readNetwork(file, built.params);
    // "format" is what PyTorch's readers look for.
    const metadata = { format: "pt", reference: found.reference };
    writeSafetensors(out, { tensors: built.toReference(), metadata });
    return conversion(found, built);
  } finally {
    built.params.dispose();
  }
}

/** The names by which `--as` knows networks. */
export function kindNames(): readonly string[] {
  return NETWORK_KINDS.map(({ kind }) => kind);
}

function kindNamed(name: string): NetworkKind {
  const found = NETWORK_KINDS.find(({ kind, reference }) => kind === name || reference === name);
  if (found === undefined)
    throw new InputError(name, "is no network with a reference", `Known: ${kindNames().join(", ")}`);
  return found;
}

function recognise(file: string, weights: Weights): NetworkKind {
  const found = NETWORK_KINDS.find(({ marks }) => marks.every((mark) => weights.has(mark)));
  if (found === undefined)
    throw new InputError(file, "its names are those of no known reference", "Say which with --as");
  return found;
}

/** The weights of a reference case, or all tensors of a plain file. */
function weightsOf(tensors: Weights): Weights {
  const own = [...tensors].filter(([name]) => name.startsWith(WEIGHTS_PREFIX));
  if (own.length === 0) return tensors;
  return new Map(own.map(([name, tensor]) => [name.slice(WEIGHTS_PREFIX.length), tensor]));
}

function conversion({ kind, reference }: NetworkKind, { config, params }: BuiltNetwork): Conversion {
  const all = [...params.variables.values(), ...params.buffers.values()];
  return { kind, reference, config, values: all.reduce((sum, { size }) => sum + size, 0) };
}

function valueCount(tensors: Weights): number {
  return [...tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((size, axis) => size * axis, 1),
    0,
  );
}
