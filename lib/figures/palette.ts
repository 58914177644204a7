import { GENERATOR_NAMES, GENERATOR_TITLE } from "../generators/generator-config";

/**
 * Colours of the figures. One colour stands for one source of images in every figure; the set is that of
 * Okabe and Ito (2008), which stays apart under the common colour-vision deficiencies.
 */

/** Where images come from, or what a network was trained on. */
export const SOURCES = ["real", ...GENERATOR_NAMES, "published", "heldOut"] as const;
export type Source = (typeof SOURCES)[number];

/** One colour a source. */
export const SOURCE_COLOUR: Readonly<Record<Source, string>> = {
  real: "#3b3b3b",
  "progressive-gan": "#e69f00",
  stylegan1: "#56b4e9",
  stylegan2: "#0072b2",
  stylegan3: "#009e73",
  diffusion: "#d55e00",
  published: "#cc79a7",
  heldOut: "#8a8a8a",
};

/** The name of each source as it stands in legends. */
export const SOURCE_LABEL: Readonly<Record<Source, string>> = {
  real: "real",
  ...GENERATOR_TITLE,
  published: "published images",
  heldOut: "held-out real",
};

type Rgb = readonly [number, number, number];

/**
 * Colours of the tumour classes by class index, as in the study's overlays: 1 green, 2 blue, 3 red. The
 * three differ in lightness too, so that they can be told apart without colour vision.
 */
export const CLASS_RGB: readonly [Rgb, Rgb, Rgb, Rgb] = [
  [0, 0, 0],
  [64, 214, 110],
  [48, 112, 255],
  [232, 32, 44],
];

/** The classes' names as they stand in figures and tables, by class index 1, 2, 3. */
export const CLASS_LABEL = ["necrotic core", "edema", "enhancing tumour"] as const;

/** A colour as CSS writes it. */
export function cssColour([red, green, blue]: Rgb): string {
  return `rgb(${red},${green},${blue})`;
}

/** A hexadecimal colour with an opacity in [0, 1]. */
export function withOpacity(colour: string, opacity: number): string {
  const channel = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  return `rgba(${channel(1)},${channel(3)},${channel(5)},${opacity})`;
}

/** Ink of axes and text, and the paper. */
export const INK = "#1a1a1a";
export const FAINT = "#d9d9d9";
export const PAPER = "#ffffff";
