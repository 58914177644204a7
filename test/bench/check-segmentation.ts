import { Rng } from "../../lib/backend/rng";
import * as tf from "../../lib/backend/tf";
import type { BenchCase } from "../../lib/bench/bench-case";
import { UPerNetSwin } from "../../lib/models/swin/upernet-swin";
import { UNet } from "../../lib/models/unet/unet";
import { outputSide } from "../../lib/models/unet/unet-size";
import type { BuiltNetwork } from "../../lib/references/network-kind";
import { CLASS_COUNT } from "../../lib/shape";
import {
  deepSupervisionWeights,
  labelTensors,
  segmentationLoss,
  SWIN_DICE,
  UNET_DICE,
} from "../../lib/training/segmentation/segmentation-loss";
import { STUDY_SWIN_SEGMENTATION } from "../../lib/training/segmentation/segmentation";
import { inputLayout } from "../../lib/training/segmentation/segmentation-input";
import { addGradient, CHECK_SAMPLES, emptyCheck, stored, type CheckTensors } from "./check-tensors";

/** Logits in training mode and the gradient of the study's loss. */
export function segmentationCheck(built: BuiltNetwork, { size }: BenchCase): CheckTensors {
  const { network } = built;
  if (!(network instanceof UNet || network instanceof UPerNetSwin))
    throw new Error("the case has no segmentation network");
  const rng = Rng.fromSeed(7);
  const check = emptyCheck();
  const side = inputLayout(network.config, size).inputSide;
  const images = rng.fork("images").normal<tf.Rank.R4>([CHECK_SAMPLES, side, side, 4]);
  const out = network instanceof UNet ? outputSide(network.config, side) : side;
  const labels = Uint8Array.from(rng.fork("labels").uniforms(CHECK_SAMPLES * out * out), (u) =>
    Math.floor(u * CLASS_COUNT),
  );
  const read = labelTensors(labels, CLASS_COUNT);
  const apply = (): tf.Tensor4D[] => network.apply(images, rng.fork("dropout"));
  const weights =
    network instanceof UNet
      ? deepSupervisionWeights(network.config.depth - 1)
      : [1, STUDY_SWIN_SEGMENTATION.auxiliaryWeight];
  const dice = network instanceof UNet ? UNET_DICE : SWIN_DICE;
  check.inputs.set("images", stored(images));
  check.inputs.set("labels", { dtype: "U8", shape: [CHECK_SAMPLES, out, out], bytes: labels });
  tf.tidy(() => {
    apply().forEach((logits, level) => check.outputs.set(`logits${level}`, stored(logits)));
  });
  addGradient(check, "gradient/network", built, () => segmentationLoss(apply(), read, weights, dice));
  tf.dispose([images, read.oneHot, read.counted, read.count]);
  return check;
}
