import { guidedDiffusion } from "./guided-diffusion";
import type { NetworkKind } from "./network-kind";
import { progressiveGanDiscriminator, progressiveGanGenerator } from "./progressive-gan";
import { studyUnet } from "./study-unet";
import { stylegan1Discriminator, stylegan1Generator } from "./stylegan1";
import { stylegan2Discriminator, stylegan2Generator } from "./stylegan2";
import { stylegan3Generator } from "./stylegan3";
import { upernetSwin } from "./upernet-swin";

/**
 * Every network of this project that a public implementation also has; a new one is one line here. Where one has
 * all the marks of another, it stands before it.
 */
export const NETWORK_KINDS: readonly NetworkKind[] = [
  stylegan1Generator,
  progressiveGanGenerator,
  stylegan1Discriminator,
  progressiveGanDiscriminator,
  stylegan2Generator,
  stylegan2Discriminator,
  stylegan3Generator,
  guidedDiffusion,
  studyUnet,
  upernetSwin,
];
