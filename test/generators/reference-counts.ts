/**
 * How many trained values the published networks have, layer by layer as the papers and the references define them
 * and without a look at the networks of this project. Buffers (noise images, filters, running means) do not count.
 */

/** What the counts of a network with levels of resolution depend on. */
export interface Pyramid {
  readonly resolution: number;
  readonly imageChannels: number;
  /** Channels at resolution r: base / r, at most max. */
  readonly base: number;
  readonly max: number;
}

export interface StylePyramid extends Pyramid {
  /** Length of z and of w. */
  readonly latent: number;
  readonly mappingLayers: number;
}

/** Kernel, and a bias where one is asked for. */
const conv = (kernel: number, from: number, to: number, bias = true): number =>
  kernel ** 2 * from * to + (bias ? to : 0);
const dense = (from: number, to: number): number => from * to + to;
const norm = (channels: number): number => 2 * channels;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const channelsAt = ({ base, max }: Pyramid, resolution: number): number => Math.min(base / resolution, max);

/** 4, 8, ..., the network's own. */
function resolutions({ resolution }: Pyramid): readonly number[] {
  return Array.from({ length: Math.log2(resolution) - 1 }, (_, i) => 4 * 2 ** i);
}

/** Progressive GAN, paper's table 2: a dense layer to 4x4, then two convolutions a resolution, each with a toRGB. */
export function progressiveGanGenerator(pyramid: Pyramid, latent: number): number {
  const { imageChannels } = pyramid;
  return sum(
    resolutions(pyramid).map((r) => {
      const [here, coarser] = [channelsAt(pyramid, r), channelsAt(pyramid, r / 2)];
      const first = r === 4 ? conv(4, latent, here) : conv(3, coarser, here);
      return first + conv(3, here, here) + conv(1, here, imageChannels);
    }),
  );
}

/** Discriminator of progressive GAN and of StyleGAN 1: the mirror image, with one map of statistics at the end. */
export function progressiveGanDiscriminator(pyramid: Pyramid): number {
  const { imageChannels } = pyramid;
  return sum(
    resolutions(pyramid).map((r) => {
      const [here, coarser] = [channelsAt(pyramid, r), channelsAt(pyramid, r / 2)];
      const blocks =
        r === 4
          ? conv(3, here + 1, here) + dense(16 * here, here) + dense(here, 1)
          : conv(3, here, here) + conv(3, here, coarser);
      return conv(1, imageChannels, here) + blocks;
    }),
  );
}

const mapping = ({ latent, mappingLayers }: StylePyramid): number => mappingLayers * dense(latent, latent);

/** StyleGAN 1, figure 1: every layer has a bias, a noise weight a channel, and a style of scale and shift. */
export function stylegan1Generator(pyramid: StylePyramid): number {
  const { imageChannels, latent } = pyramid;
  const epilogue = (channels: number): number => channels + channels + dense(latent, 2 * channels);
  const blocks = resolutions(pyramid).map((r) => {
    const [here, coarser] = [channelsAt(pyramid, r), channelsAt(pyramid, r / 2)];
    const first = r === 4 ? 16 * here : conv(3, coarser, here, false); // The constant stands for a convolution.
    return first + conv(3, here, here, false) + 2 * epilogue(here) + conv(1, here, imageChannels);
  });
  return mapping(pyramid) + sum(blocks);
}

/** StyleGAN 2 with skips: modulated convolutions, one noise strength a layer, a toRGB a resolution. */
export function stylegan2Generator(pyramid: StylePyramid): number {
  const { imageChannels, latent } = pyramid;
  const layer = (from: number, to: number): number => dense(latent, from) + conv(3, from, to) + 1;
  const blocks = resolutions(pyramid).map((r) => {
    const [here, coarser] = [channelsAt(pyramid, r), channelsAt(pyramid, r / 2)];
    const first = r === 4 ? 16 * here : layer(coarser, here);
    return first + layer(here, here) + dense(latent, here) + conv(1, here, imageChannels);
  });
  return mapping(pyramid) + sum(blocks);
}

/** Residual discriminator of StyleGAN 2 and 3: shortcuts without bias, one fromRGB. */
export function stylegan2Discriminator(pyramid: Pyramid): number {
  const { resolution, imageChannels } = pyramid;
  const blocks = resolutions(pyramid).map((r) => {
    const [here, coarser] = [channelsAt(pyramid, r), channelsAt(pyramid, r / 2)];
    return r === 4
      ? conv(3, here + 1, here) + dense(16 * here, here) + dense(here, 1)
      : conv(3, here, here) + conv(3, here, coarser) + conv(1, here, coarser, false);
  });
  return conv(1, imageChannels, channelsAt(pyramid, resolution)) + sum(blocks);
}

/** StyleGAN 3: layers by their cutoff frequency, which goes from 2 to half the resolution. */
export function stylegan3Generator(pyramid: StylePyramid, layers: number, kernel: number): number {
  const { resolution, imageChannels, base, max, latent } = pyramid;
  const [firstCutoff, criticalLayers] = [2, 2];
  const channels = Array.from({ length: layers + 1 }, (_, i) => {
    const exponent = Math.min(i / (layers - criticalLayers), 1);
    const cutoff = firstCutoff * (resolution / 2 / firstCutoff) ** exponent;
    return i === layers ? imageChannels : Math.round(Math.min(base / 2 / cutoff, max));
  });
  const [first = 0] = channels;
  const synthesis = channels.map((to, i) => {
    const from = channels[i - 1] ?? first;
    return dense(latent, from) + conv(i === layers ? 1 : kernel, from, to);
  });
  const input = dense(latent, 4) + first ** 2;
  return mapping(pyramid) + input + sum(synthesis);
}

export interface DenoiserShape {
  readonly imageChannels: number;
  readonly base: number;
  readonly multipliers: readonly number[];
  readonly blocks: number;
  /** Downsampling factors with attention. */
  readonly attention: readonly number[];
}

/** U-Net of guided-diffusion (`UNetModel`), scale-shift norm, convolutions that resample, fixed variance. */
export function guidedDiffusionUNet(shape: DenoiserShape): number {
  const { imageChannels, base, multipliers, blocks, attention } = shape;
  const residual = (from: number, to: number): number =>
    norm(from) +
    conv(3, from, to) +
    dense(4 * base, 2 * to) +
    norm(to) +
    conv(3, to, to) +
    shortcut(from, to);
  const shortcut = (from: number, to: number): number => (from === to ? 0 : conv(1, from, to));
  const attend = (channels: number): number =>
    norm(channels) + conv(1, channels, 3 * channels) + conv(1, channels, channels);
  const attendAt = (level: number, channels: number): number =>
    attention.includes(2 ** level) ? attend(channels) : 0;

  let [count, channels] = [dense(base, 4 * base) + dense(4 * base, 4 * base), base];
  const skips = [channels];
  count += conv(3, imageChannels, channels);
  multipliers.forEach((multiplier, level) => {
    for (let block = 0; block < blocks; block++) {
      count += residual(channels, multiplier * base);
      channels = multiplier * base;
      count += attendAt(level, channels);
      skips.push(channels);
    }
    if (level === multipliers.length - 1) return;
    count += conv(3, channels, channels);
    skips.push(channels);
  });
  count += 2 * residual(channels, channels) + attend(channels);
  for (let level = multipliers.length - 1; level >= 0; level--) {
    const to = (multipliers[level] ?? 0) * base;
    for (let block = 0; block <= blocks; block++) {
      count += residual(channels + (skips.pop() ?? 0), to);
      channels = to;
      count += attendAt(level, channels);
    }
    if (level > 0) count += conv(3, channels, channels);
  }
  return count + norm(channels) + conv(3, channels, imageChannels);
}
