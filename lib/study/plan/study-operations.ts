/** The networks of the study's settings that take time. StyleGAN 3 is trained against StyleGAN 2's discriminator. */
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

/**
 * Floating-point operations of one image forwards, at 256 x 256 pixels with the study's settings: two for each
 * multiplication of a convolution or a matrix product, counted while TensorFlow ran them
 * (`test/slow/study-operations.ts` counts again).
 */
export const FORWARD_OPERATIONS: Readonly<Record<StudyNetwork, number>> = {
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
};
