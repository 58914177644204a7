import { Rng } from "../../lib/backend/rng";
import * as tf from "../../lib/backend/tf";
import type { BenchCase } from "../../lib/bench/bench-case";
import type { Workload } from "../../lib/bench/workload";
import { EFFICIENTNET_SIDE, type EfficientNetLite0 } from "../../lib/models/classifiers/efficientnet-lite";
import type { DiffusionUNet } from "../../lib/models/diffusion/diffusion-unet";
import type { Params } from "../../lib/models/params";
import type { BuiltNetwork } from "../../lib/references/network-kind";
import { SLICE_CHANNELS } from "../../lib/shape";
import { fromFloat32, type StoredTensor } from "../../lib/storage/safetensors";
import { variableGradients } from "../../lib/training/optimizers/gradients";
import { ganCheck } from "./check-gan";
import { segmentationCheck } from "./check-segmentation";

/** Samples that are compared. */
export const CHECK_SAMPLES = 4;

/** What both sides compute with, and what this one finds. */
export interface CheckTensors {
  readonly inputs: Map<string, StoredTensor>;
  readonly outputs: Map<string, StoredTensor>;
  /** For each phase of gradients, `gradient/<phase>`, the number of trained values. */
  readonly gradientValues: Map<string, number>;
}

/** Outputs and gradients of a case's networks, in float32. */
export function checkTensors(benchCase: BenchCase, { networks }: Workload): CheckTensors {
  const network = networks.get("network");
  switch (benchCase.network) {
    case "diffusion-unet":
      return denoiserCheck(required(network) as BuiltNetwork<DiffusionUNet>, benchCase.size);
    case "unet":
    case "upernet-swin":
      return segmentationCheck(required(network), benchCase);
    case "efficientnet-lite0":
      return featureCheck(required(network) as BuiltNetwork<EfficientNetLite0>);
    default:
      return ganCheck(benchCase, networks);
  }
}

function required<T>(network: T | undefined): T {
  if (network === undefined) throw new Error("the case has no network");
  return network;
}

/** Moves every trained value a little, so that none is 0: a layer that starts as the zero map hides all before it. */
export function disturb(params: Params, rng: Rng): void {
  for (const [path, variable] of params.variables)
    tf.tidy(() => {
      variable.assign(variable.add(rng.fork("disturb", path).normal(variable.shape).mul(DISTURBANCE)));
    });
}
const DISTURBANCE = 0.05;

/** What `make` computes. */
export function computed(make: () => tf.Tensor): StoredTensor {
  const tensor = tf.tidy(make);
  try {
    return stored(tensor);
  } finally {
    tensor.dispose();
  }
}

export function stored(tensor: tf.Tensor): StoredTensor {
  return fromFloat32(Float32Array.from(tensor.dataSync()), tensor.shape);
}

/** A uniform draw between -1 and 1, as images are. */
export function drawImages(rng: Rng, shape: [number, number, number, number]): tf.Tensor4D {
  return rng.uniform<tf.Rank.R4>(shape).mul(2).sub<tf.Tensor4D>(1);
}

/**
 * Adds the gradient of a loss to the outputs, by the reference's names.
 *
 * @param phase `gradient/<phase>`.
 */
export function addGradient(
  { outputs, gradientValues }: CheckTensors,
  phase: string,
  built: BuiltNetwork,
  loss: () => tf.Scalar,
): void {
  const { params } = built;
  const { loss: value, gradients } = variableGradients(params, loss, "zero");
  const before = new Map([...params.variables].map(([path, variable]) => [path, variable.clone()]));
  // Gradients stand in for the weights for as long as these are turned to the reference's layout.
  for (const [path, variable] of params.variables) variable.assign(gradients.get(path) ?? variable);
  for (const [name, tensor] of built.toReference()) outputs.set(`${phase}/${name}`, tensor);
  for (const [path, variable] of params.variables) variable.assign(before.get(path) ?? variable);
  gradientValues.set(phase, params.count);
  outputs.set(`loss of ${phase.replace("gradient/", "")}`, stored(value));
  tf.dispose([value, [...gradients.values()], [...before.values()]]);
}

export function emptyCheck(): CheckTensors {
  return { inputs: new Map(), outputs: new Map(), gradientValues: new Map() };
}

function denoiserCheck(built: BuiltNetwork<DiffusionUNet>, size: number): CheckTensors {
  const rng = Rng.fromSeed(7);
  const check = emptyCheck();
  const shape: [number, number, number, number] = [CHECK_SAMPLES, size, size, SLICE_CHANNELS];
  const images = drawImages(rng.fork("images"), shape);
  const wanted = rng.fork("wanted").normal<tf.Rank.R4>(shape);
  const timesteps = tf.tensor1d(Array.from({ length: CHECK_SAMPLES }, (_, i) => 250 * i));
  const apply = (): tf.Tensor4D => built.network.apply(images, timesteps);
  for (const [name, tensor] of Object.entries({ images, wanted, timesteps }))
    check.inputs.set(name, stored(tensor));
  check.outputs.set("predicted", computed(apply));
  addGradient(check, "gradient/network", built, () => apply().sub(wanted).square().mean());
  tf.dispose([images, wanted, timesteps]);
  return check;
}

function featureCheck({ network }: BuiltNetwork<EfficientNetLite0>): CheckTensors {
  const check = emptyCheck();
  const images = drawImages(Rng.fromSeed(7), [2, EFFICIENTNET_SIDE, EFFICIENTNET_SIDE, 3]);
  check.inputs.set("images", stored(images));
  check.outputs.set(
    "features",
    computed(() => network.features(images)),
  );
  images.dispose();
  return check;
}
