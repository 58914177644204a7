import { z } from "zod";
import * as tf from "../../backend/tf";
import { InputError } from "../../errors";
import {
  fromFloat32,
  fromFloat32AsHalf,
  readSafetensors,
  toFloat32,
  writeSafetensors,
} from "../../storage/safetensors";
import type { Params } from "../params";

/** What a file of weights says of the network that they belong to. */
export interface NetworkDescription {
  readonly kind: string;
  readonly config: unknown;
  /** How it is used, for those who know what it is a part of. */
  readonly use?: unknown;
}

const descriptionSchema = z.object({ kind: z.string(), config: z.unknown(), use: z.unknown().optional() });

/**
 * What network a file of weights belongs to.
 *
 * @throws InputError if the file cannot be read or does not say.
 */
export function readNetworkDescription(path: string): NetworkDescription {
  const { metadata } = readSafetensors(path);
  try {
    return descriptionSchema.parse(JSON.parse(metadata["network"] ?? "null"));
  } catch {
    throw new InputError(path, "is not a network file of this project: it does not say of which network");
  }
}

/** Writes a network's variables and buffers by their paths, atomically: float32, or half precision for files to ship. */
export function writeNetwork(
  path: string,
  params: Params,
  description: NetworkDescription,
  precision: "float32" | "float16" = "float32",
): void {
  const store = precision === "float32" ? fromFloat32 : fromFloat32AsHalf;
  const tensors = new Map(
    [...params.variables, ...params.buffers].map(([name, variable]) => [
      name,
      store(Float32Array.from(variable.dataSync()), variable.shape),
    ]),
  );
  writeSafetensors(path, { tensors, metadata: { network: JSON.stringify(description) } });
}

/**
 * Reads weights into a network that was built from the same config; any float type.
 *
 * @throws InputError if a variable is missing, too many, or of another shape.
 */
export function readNetwork(path: string, params: Params): void {
  const { tensors } = readSafetensors(path);
  for (const [name, variable] of [...params.variables, ...params.buffers]) {
    const stored = tensors.get(name);
    if (stored === undefined) throw new InputError(path, `has no weights named ${name}`);
    if (!tf.util.arraysEqual([...stored.shape], variable.shape))
      throw new InputError(path, `${name} has the shape [${stored.shape}], expected [${variable.shape}]`);
    tf.tidy(() => {
      variable.assign(tf.tensor(toFloat32(stored), variable.shape));
    });
  }
  const extra = [...tensors.keys()].find((name) => !params.variables.has(name) && !params.buffers.has(name));
  if (extra !== undefined)
    throw new InputError(path, `has weights for ${extra}, which this network does not have`);
}
