import type { MimeBundle } from "./displayable";
import { pngOfPixels } from "./pixel-picture";

/** What is shown of a tensor of any backend. */
interface ShownTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  readonly isDisposed: boolean;
  dataSync(): ArrayLike<number>;
}

const MOST_SHOWN = 8;
/** Values above which a look at all of them would hold up the cell. */
const MOST_READ = 2 ** 26;
/** Pixels along the sides of what is taken for an image. */
const SMALLEST_IMAGE = 8;
const LARGEST_IMAGE = 1024;
const MOST_IMAGES = 16;

export function isTensor(value: object): value is ShownTensor {
  return "dataId" in value && "shape" in value && "dtype" in value && "dataSync" in value;
}

/** A tensor by shape, type, range and first values; as a picture, too, where it can be one. */
export function tensorBundle(tensor: ShownTensor): MimeBundle {
  const { shape, dtype, size, isDisposed } = tensor;
  const heading = `Tensor [${shape.join(", ")}] ${dtype}`;
  if (isDisposed) return { "text/plain": `${heading}, disposed` };
  if (size === 0 || size > MOST_READ || !/^(float32|int32|bool)$/.test(dtype))
    return { "text/plain": `${heading}, ${size.toLocaleString("en-US")} values` };
  const values = tensor.dataSync();
  const { low, high, mean, unusual } = summarize(values);
  const range = `range [${written(low)}, ${written(high)}], mean ${written(mean)}`;
  const note = unusual > 0 ? `, ${unusual.toLocaleString("en-US")} not finite` : "";
  const first = Array.from({ length: Math.min(size, MOST_SHOWN) }, (_, i) => written(values[i] as number));
  const text = `${heading}, ${range}${note}\n[${first.join(", ")}${size > MOST_SHOWN ? ", ..." : ""}]`;
  const picture = pictureOf(shape, values, low, high);
  return picture === null ? { "text/plain": text } : { "image/png": picture, "text/plain": text };
}

function summarize(values: ArrayLike<number>): { low: number; high: number; mean: number; unusual: number } {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let unusual = 0;
  for (const value of Array.prototype.values.call(values) as IterableIterator<number>) {
    if (!Number.isFinite(value)) {
      unusual++;
      continue;
    }
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  return { low, high, mean: sum / (values.length - unusual), unusual };
}

/** Images of one, three or four channels, side by side, from the lowest value (black) to the highest (white). */
function pictureOf(
  shape: readonly number[],
  values: ArrayLike<number>,
  low: number,
  high: number,
): string | null {
  if (shape.length !== 3 && shape.length !== 4) return null;
  const [count = 1, height = 0, width = 0, channels = 0] = shape.length === 3 ? [1, ...shape] : shape;
  const isSide = (side: number): boolean => side >= SMALLEST_IMAGE && side <= LARGEST_IMAGE;
  if (![1, 3, 4].includes(channels) || !isSide(height) || !isSide(width) || !(high > low)) return null;
  const images = Math.min(count, MOST_IMAGES, Math.floor((4 * LARGEST_IMAGE) / width));
  const scale = 255 / (high - low);
  return pngOfPixels(width * images, height, (x, y) => {
    const image = Math.floor(x / width);
    const at = ((image * height + y) * width + (x % width)) * channels;
    const grey = (channel: number): number => ((values[at + channel] as number) - low) * scale;
    return channels === 1 ? [grey(0), grey(0), grey(0)] : [grey(0), grey(1), grey(2)];
  });
}

function written(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
