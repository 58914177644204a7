import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { explainFileError, InputError } from "../errors";

/** Channels of an image in the order of a slice, by the word that ends a file's name or names its folder. */
const CHANNELS = ["T1", "T1CE", "T2", "FLAIR", "SEG"] as const;
type Channel = (typeof CHANNELS)[number];

/** One published image: a PNG for each channel. */
export interface PublishedImage {
  readonly name: string;
  /** In the order of a slice's channels. */
  readonly paths: readonly [string, string, string, string, string];
}

/** What a folder of published images holds. */
export interface PublishedImages {
  readonly folder: string;
  /** A subfolder for each channel, as StyleGAN and diffusion were published, or all in one, as progressive GAN. */
  readonly layout: "folders" | "flat";
  /** How images were matched over channels: by their names, or by their sorted order as the study's loader does. */
  readonly matchedBy: "name" | "order";
  /** How many names follow each pattern, such as `seed<n>`. */
  readonly patterns: Readonly<Record<string, number>>;
  /** PNGs of each channel. */
  readonly counts: Readonly<Record<Channel, number>>;
  /** Complete images, by name. */
  readonly images: readonly PublishedImage[];
  /** Names that lack a channel, with the channels that they lack. */
  readonly incomplete: readonly { readonly name: string; readonly lacks: readonly Channel[] }[];
}

/** `seed0007_T1.png`, `image_7_T1.png`, `Sample_7_T1.png`, `Subject_009_slice_76_T1.png`, or any `<name>T1.png`. */
const CHANNEL_ENDING = /[_-]?(T1CE|T1GD|T1|T2|FLAIR|SEG)\.png$/i;

const PATTERNS = {
  "seed<n>": /^seed\d+$/i,
  "image_<n>": /^image_?\d+$/i,
  "Sample_<n>": /^sample_?\d+$/i,
  "Subject_<id>_slice_<z>": /^subject_.+_slice_\d+$/i,
} as const;

/**
 * Finds the images of a published set (BRGANDI) and matches their channels. A channel that an image lacks is
 * noted; nothing is read yet.
 *
 * @throws InputError if the folder is missing or holds no complete image, or channels cannot be matched.
 * @see The study's loader, Segmentation/data/dataset.py: subfolders T1, T1CE or T1ce, T2, FLAIR or flair, SEG,
 *   Seg or seg, or one folder of `*T1.png`, `*T1CE.png`, `*T2.png`, `*FLAIR.png`, `*Seg.png`.
 */
export function findPublishedImages(folder: string): PublishedImages {
  const folders = channelFolders(folder);
  const files = folders === undefined ? filesInOne(folder) : filesInFolders(folders);
  const counts = Object.fromEntries(CHANNELS.map((channel) => [channel, files[channel].length])) as Record<
    Channel,
    number
  >;
  const layout = folders === undefined ? "flat" : "folders";
  const byName = matchByName(files);
  const matched =
    byName.images.length > 0 ? byName : layout === "folders" ? matchByOrder(folder, files) : byName;
  if (matched.images.length === 0)
    throw new InputError(
      folder,
      "holds no image with all of T1, T1CE, T2, FLAIR and Seg",
      "Expected subfolders of these names, or files named <name>_T1.png, <name>_T1CE.png and so on",
    );
  return { folder, layout, counts, patterns: countPatterns(matched.images), ...matched };
}

interface NamedFile {
  readonly name: string;
  readonly path: string;
}
type ChannelFiles = Readonly<Record<Channel, readonly NamedFile[]>>;

/** The subfolder of each channel; undefined where there is none of them. @throws InputError if some are missing. */
function channelFolders(folder: string): Readonly<Record<Channel, string>> | undefined {
  const names = listNames(folder);
  const found = CHANNELS.map((channel) => {
    const same = names.filter((name) => name.toLowerCase() === channel.toLowerCase());
    if (same.length > 1) throw new InputError(folder, `has both ${same.join(" and ")}`);
    return same[0];
  });
  if (found.every((name) => name === undefined)) return undefined;
  const missing = CHANNELS.filter((_, i) => found[i] === undefined);
  if (missing.length > 0) throw new InputError(folder, `has no folder ${missing.join(", ")}`);
  return Object.fromEntries(CHANNELS.map((channel, i) => [channel, join(folder, found[i] ?? "")])) as Record<
    Channel,
    string
  >;
}

function filesInFolders(folders: Readonly<Record<Channel, string>>): ChannelFiles {
  const entries = CHANNELS.map((channel) => {
    const names = listNames(folders[channel]).filter((name) => /\.png$/i.test(name));
    const files = names.map((name) => ({
      // A name without the channel's word stands for itself.
      name: CHANNEL_ENDING.test(name) ? name.replace(CHANNEL_ENDING, "") : name.replace(/\.png$/i, ""),
      path: join(folders[channel], name),
    }));
    return [channel, files];
  });
  return Object.fromEntries(entries) as ChannelFiles;
}

function filesInOne(folder: string): ChannelFiles {
  const files: Record<Channel, NamedFile[]> = { T1: [], T1CE: [], T2: [], FLAIR: [], SEG: [] };
  for (const file of listNames(folder)) {
    const word = CHANNEL_ENDING.exec(file)?.[1]?.toUpperCase();
    if (word === undefined) continue;
    const channel = word === "T1GD" ? "T1CE" : (word as Channel);
    files[channel].push({ name: file.replace(CHANNEL_ENDING, ""), path: join(folder, file) });
  }
  return files;
}

function matchByName(files: ChannelFiles): Pick<PublishedImages, "matchedBy" | "images" | "incomplete"> {
  const found = new Map<string, Partial<Record<Channel, string>>>();
  for (const channel of CHANNELS)
    for (const { name, path } of files[channel]) {
      const image = found.get(name) ?? {};
      if (image[channel] !== undefined)
        throw new InputError(path, `is the second ${channel} of ${name}, beside ${basename(image[channel])}`);
      image[channel] = path;
      found.set(name, image);
    }
  const images: PublishedImage[] = [];
  const incomplete: { name: string; lacks: Channel[] }[] = [];
  for (const [name, image] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { T1, T1CE, T2, FLAIR, SEG } = image;
    if (T1 && T1CE && T2 && FLAIR && SEG) images.push({ name, paths: [T1, T1CE, T2, FLAIR, SEG] });
    else incomplete.push({ name, lacks: CHANNELS.filter((channel) => image[channel] === undefined) });
  }
  return { matchedBy: "name", images, incomplete };
}

/** As the study's loader: the first file of each folder belong together, and so on. */
function matchByOrder(
  folder: string,
  files: ChannelFiles,
): Pick<PublishedImages, "matchedBy" | "images" | "incomplete"> {
  const count = files.T1.length;
  const odd = CHANNELS.find((channel) => files[channel].length !== count);
  if (odd !== undefined)
    throw new InputError(
      folder,
      `holds ${count} files of T1 and ${files[odd].length} of ${odd}, with other names`,
    );
  const images = files.T1.map(({ name }, i) => {
    const path = (channel: Channel): string => files[channel][i]?.path ?? "";
    const paths = [path("T1"), path("T1CE"), path("T2"), path("FLAIR"), path("SEG")] as const;
    return { name, paths };
  });
  return { matchedBy: "order", images, incomplete: [] };
}

function countPatterns(images: readonly PublishedImage[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of images) {
    const known = Object.entries(PATTERNS).find(([, pattern]) => pattern.test(name));
    const pattern = known?.[0] ?? "other";
    counts[pattern] = (counts[pattern] ?? 0) + 1;
  }
  return counts;
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch (error) {
    throw explainFileError(folder, error);
  }
}
