import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { readGreyImage } from "../data/grey-png";
import { InputError } from "../errors";
import { SLICE_CHANNELS } from "../shape";
import { writeFileAtomic } from "../storage/atomic-write";
import { encodePng } from "../storage/encode-png";
import type { GeneratorWatch } from "./train-generator";

/** Images on a sheet. */
export const SHEET_IMAGES = 16;

/** Tiles are enlarged, each pixel to a square, to about this many pixels a side. */
const TILE_PIXELS = 64;

/**
 * A sheet of images as the network made them, mask included, all in grey: two images in a row, the channels of each
 * side by side. No figure, but drawn in milliseconds.
 *
 * @param images [N, H, W, C], 0 to 255. @param size H and W.
 * @returns PNG.
 */
export function sampleSheet(images: Uint8Array, size: number): Buffer {
  const count = images.length / (size ** 2 * SLICE_CHANNELS);
  const scale = Math.max(1, Math.round(TILE_PIXELS / size));
  const tile = size * scale;
  const [width, height] = [2 * SLICE_CHANNELS * tile, Math.ceil(count / 2) * tile];
  const sheet = new Uint8Array(width * height);
  for (let n = 0; n < count; n++)
    for (let channel = 0; channel < SLICE_CHANNELS; channel++) {
      const top = Math.floor(n / 2) * tile;
      const left = ((n % 2) * SLICE_CHANNELS + channel) * tile;
      for (let row = 0; row < tile; row++)
        for (let column = 0; column < tile; column++) {
          const pixel = (n * size + Math.floor(row / scale)) * size + Math.floor(column / scale);
          sheet[(top + row) * width + left + column] = images[pixel * SLICE_CHANNELS + channel] as number;
        }
    }
  return encodePng({ width, height, channels: 1, bytes: sheet });
}

/** The file of a sheet. */
export function sheetName(imagesSeen: number): string {
  return `samples-${String(imagesSeen).padStart(9, "0")}.png`;
}

/** Writes a sheet of the same images into a folder now and then. */
export function sheetWatch(folder: string, everyImages: number): GeneratorWatch {
  const seeds = Array.from({ length: SHEET_IMAGES }, (_, k) => k);
  return {
    everyImages,
    see: (images, imagesSeen) => {
      writeFileAtomic(join(folder, sheetName(imagesSeen)), sampleSheet(images.drawBatch(seeds), images.size));
    },
  };
}

/**
 * The images of a sheet as the network made them: tiles were enlarged by whole pixels.
 *
 * @param size H and W of the images.
 * @returns [N, H, W, C], 0 to 255.
 * @throws InputError if the file cannot be read, or is no sheet of such images.
 */
export function readSheet(path: string, size: number): Uint8Array {
  const scale = Math.max(1, Math.round(TILE_PIXELS / size));
  const tile = size * scale;
  const { grey, width } = readGreyImage(path, (w, h) => {
    // Sheets were square once, with empty rows at the end.
    if (w !== 2 * SLICE_CHANNELS * tile || h < (SHEET_IMAGES / 2) * tile)
      throw new InputError(path, `is ${w} x ${h} pixels, not a sheet of images of ${size} x ${size}`);
  });
  const images = new Uint8Array(SHEET_IMAGES * size ** 2 * SLICE_CHANNELS);
  for (let i = 0; i < images.length; i++) {
    const [pixel, channel] = [Math.floor(i / SLICE_CHANNELS), i % SLICE_CHANNELS];
    const [n, place] = [Math.floor(pixel / size ** 2), pixel % size ** 2];
    const row = Math.floor(n / 2) * tile + Math.floor(place / size) * scale;
    const column = ((n % 2) * SLICE_CHANNELS + channel) * tile + (place % size) * scale;
    images[i] = grey[row * width + column] as number;
  }
  return images;
}

/** A sheet in a training's folder. */
export interface Sheet {
  readonly path: string;
  readonly imagesSeen: number;
}

/** Sheets of a training at even steps, the earliest first: the first, the last and some between. */
export function someSheets(folder: string, most = 6): readonly Sheet[] {
  const all = listSheets(folder);
  if (all.length <= most) return all;
  return Array.from(
    { length: most },
    (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as Sheet,
  );
}

/**
 * Puts those that show how a training went into another folder, in place of the sheets that were there.
 *
 * @throws Error of the file system.
 */
export function replaceSheets(from: string, to: string): void {
  for (const { path } of listSheets(to)) rmSync(path);
  for (const { path } of someSheets(from)) copyFileSync(path, join(to, basename(path)));
}

function listSheets(folder: string): readonly Sheet[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const [, images] = /^samples-(\d+)\.png$/.exec(name) ?? [];
      return images === undefined ? [] : [{ path: join(folder, name), imagesSeen: Number(images) }];
    })
    .sort((a, b) => a.imagesSeen - b.imagesSeen);
}
