/** Seconds a subject, on one core of the machine of environment.md: for the estimate of times, at any size. */
export const SEC_PER_SUBJECT: Readonly<Record<string, number>> = { cohort: 1.9, slices: 0.4, volumes: 0.35 };

/** The same, and seconds an image of other kinds of work at 32 pixels, on the machine with AMX, two stages side by side. */
export const SEC_PER_IMAGE_32: Readonly<Record<string, number>> = {
  ...SEC_PER_SUBJECT,
  "progressive-gan": 0.004,
  stylegan1: 0.0044,
  stylegan2: 0.0042,
  stylegan3: 0.0137,
  diffusion: 0.005,
  "samples-progressive-gan": 0.0005,
  "samples-stylegan1": 0.0009,
  "samples-stylegan2": 0.0006,
  "samples-stylegan3": 0.0035,
  "samples-diffusion": 0.0128, // 25 steps took 0.032
  unet: 0.0031,
  "unet-augmented": 0.0041,
  swin: 0.0083,
  "swin-augmented": 0.0093,
  features: 0.0008,
  quality: 0.0013,
  memorization: 0.0019,
  copies: 0.019,
  "reference-memorization": 0.04,
  "reference-copies": 0.1,
};

/** The same at 64 pixels: networks that segment and the diffusion model's drawing on AVX512, the rest on AMX. */
export const SEC_PER_IMAGE_64: Readonly<Record<string, number>> = {
  ...SEC_PER_SUBJECT,
  "progressive-gan": 0.0143,
  stylegan1: 0.0131,
  stylegan2: 0.0165,
  stylegan3: 0.0445,
  diffusion: 0.0195,
  "samples-progressive-gan": 0.003,
  "samples-stylegan1": 0.006,
  "samples-stylegan2": 0.0036,
  "samples-stylegan3": 0.0142,
  "samples-diffusion": 0.075,
  unet: 0.0165,
  "unet-augmented": 0.0195,
  swin: 0.034,
  features: 0.0012,
  quality: 0.0016,
  memorization: 0.01,
  copies: 0.03,
  "reference-memorization": 0.1,
  "reference-copies": 0.35,
};
