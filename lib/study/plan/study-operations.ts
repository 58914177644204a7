import type { ProfileName } from "../profile";

/** The networks that take time. StyleGAN 3 is trained against StyleGAN 2's discriminator. */
export type StudyNetwork =
  | "progressive-gan generator"
  | "progressive-gan discriminator"
  | "stylegan1 generator"
  | "stylegan1 discriminator"
  | "stylegan2 generator"
  | "stylegan2 discriminator"
  | "stylegan3 generator"
  | "diffusion denoiser"
  | "swin"
  | "unet";

/** The profiles for a GPU: too long to have been run, so their cost is estimated. */
export const COSTED_PROFILES = ["workstation", "paper"] as const satisfies readonly ProfileName[];
export type CostedProfile = (typeof COSTED_PROFILES)[number];

/**
 * Floating-point operations of one image forwards through the networks of a profile, at its size: two for each
 * multiplication of a convolution or a matrix product, counted while TensorFlow ran them
 * (`test/slow/study-operations.ts` counts again).
 */
export const FORWARD_OPERATIONS: Readonly<Record<CostedProfile, Readonly<Record<StudyNetwork, number>>>> = {
  workstation: {
    "progressive-gan generator": 27.79e9,
    "progressive-gan discriminator": 27.79e9,
    "stylegan1 generator": 27.9e9,
    "stylegan1 discriminator": 27.86e9,
    "stylegan2 generator": 61.41e9,
    "stylegan2 discriminator": 63.15e9,
    "stylegan3 generator": 385.6e9,
    "diffusion denoiser": 69.15e9,
    swin: 28.27e9,
    unet: 5.851e9,
  },
  paper: {
    "progressive-gan generator": 36.94e9,
    "progressive-gan discriminator": 36.94e9,
    "stylegan1 generator": 37.16e9,
    "stylegan1 discriminator": 37.09e9,
    "stylegan2 generator": 90.93e9,
    "stylegan2 discriminator": 93.72e9,
    "stylegan3 generator": 673.1e9,
    "diffusion denoiser": 167.5e9,
    swin: 156.5e9,
    unet: 297.1e9,
  },
};

/** Whether a profile's cost is estimated. */
export function isCosted(name: ProfileName): name is CostedProfile {
  return COSTED_PROFILES.some((costed) => costed === name);
}
