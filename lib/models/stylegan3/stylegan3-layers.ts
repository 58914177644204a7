import type { AxisFilter } from "../layers/band-matrix";
import type { RadialFilter } from "../layers/filtered-leaky-relu";
import { kaiserFilter, radialFilter } from "../layers/low-pass-filter";

/** What decides on sizes, channels and filters of the layers, in the reference's terms. */
export interface Stylegan3LayersConfig {
  /** Height and width of the images: any size. */
  readonly resolution: number;
  readonly imageChannels: number;
  /** Channels at a cutoff frequency f: channelBase / (2 f), at most channelMax. */
  readonly channelBase: number;
  readonly channelMax: number;
  /** Layers but the input and the last, which makes the image (`num_layers`); reference: 14. */
  readonly layers: number;
  /** How many of them, the last, are sampled critically (`num_critical`); reference: 2. */
  readonly criticalLayers: number;
  /** Cutoff of the first layer, in cycles an image; reference: 2. */
  readonly firstCutoff: number;
  /** Stopband of the first layer; reference: 2^2.1. */
  readonly firstStopband: number;
  /** Stopband of the last layer over its cutoff; reference: 2^0.3. */
  readonly lastStopbandRatio: number;
  /** Pixels beyond the image's border (`margin_size`); reference: 10. */
  readonly margin: number;
  /** Side of the kernels: 3 for T, 1 for R. */
  readonly kernelSize: number;
  /** Taps of a filter a sample of the lower rate (`filter_size`); reference: 6. */
  readonly filterSize: number;
  /** Rate at the rectifier over that of the layer (`lrelu_upsampling`); reference: 2. */
  readonly rectifierUpsampling: number;
  /** Filters that treat all directions alike, but at critical sampling: false for T, true for R. */
  readonly radialFilters: boolean;
}

/** The signal between two layers. */
export interface SignalPlan {
  readonly channels: number;
  /** Height and width in pixels, margin included. */
  readonly size: number;
  /** Pixels an image width. */
  readonly samplingRate: number;
  /** Highest frequency that is kept, in cycles an image. */
  readonly cutoff: number;
  /** Half the width of the band between kept and removed frequencies. */
  readonly halfWidth: number;
}

/** The signals after each layer, the last of which is the image; the input network gives the first as well. */
export function planSignals(config: Stylegan3LayersConfig): SignalPlan[] {
  const { resolution, layers, criticalLayers, firstCutoff, firstStopband, channelMax } = config;
  const lastCutoff = resolution / 2;
  const lastStopband = lastCutoff * config.lastStopbandRatio;
  return Array.from({ length: layers + 1 }, (_, i) => {
    const exponent = Math.min(i / (layers - criticalLayers), 1);
    const cutoff = firstCutoff * (lastCutoff / firstCutoff) ** exponent;
    const stopband = firstStopband * (lastStopband / firstStopband) ** exponent;
    const samplingRate = 2 ** Math.ceil(Math.log2(Math.min(2 * stopband, resolution)));
    return {
      channels:
        i === layers
          ? config.imageChannels
          : roundEven(Math.min(config.channelBase / 2 / cutoff, channelMax)),
      size: i >= layers - 1 ? resolution : samplingRate + 2 * config.margin,
      samplingRate,
      cutoff,
      halfWidth: Math.max(stopband, samplingRate / 2) - cutoff,
    };
  });
}

/** The filters of one layer. */
export interface FilterPlan {
  /** Height and width of what the convolution gives. */
  readonly size: number;
  readonly before: AxisFilter;
  readonly after: AxisFilter | RadialFilter;
}

/**
 * The filters around the rectifier of a layer.
 *
 * @param radial Whether the second one treats all directions alike.
 * @see Karras et al. 2021, arXiv 2106.12423, appendix C.3 on the padding.
 */
export function planFilters(
  config: Stylegan3LayersConfig,
  from: SignalPlan,
  to: SignalPlan,
  radial: boolean,
): FilterPlan {
  const { filterSize, rectifierUpsampling, kernelSize } = config;
  const samplingRate = Math.max(from.samplingRate, to.samplingRate) * rectifierUpsampling;
  const up = samplingRate / from.samplingRate;
  const down = samplingRate / to.samplingRate;
  const upTaps = tapCount(filterSize, up);
  const downTaps = tapCount(filterSize, down);
  const size = from.size + kernelSize - 1;
  const total = (to.size - 1) * down + 1 - size * up + upTaps + downTaps - 2;
  const start = Math.floor((total + up) / 2);
  const enlarging = lowPass(upTaps, samplingRate, from);
  const before: AxisFilter = {
    // The zeros between the pixels lower the mean.
    taps: enlarging.map((tap) => tap * up),
    up,
    down: 1,
    padding: [start, total - start],
  };
  if (!radial || downTaps === 1)
    return {
      size,
      before,
      after: { taps: lowPass(downTaps, samplingRate, to), up: 1, down, padding: [0, 0] },
    };
  const filter = radialFilter({ taps: downTaps, cutoff: to.cutoff, width: 2 * to.halfWidth, samplingRate });
  return { size, before, after: { radial: filter, side: downTaps, down } };
}

/** A filter where the rate changes; else one tap of 1. */
function tapCount(filterSize: number, factor: number): number {
  return factor > 1 ? filterSize * factor : 1;
}

function lowPass(taps: number, samplingRate: number, { cutoff, halfWidth }: SignalPlan): Float64Array {
  if (taps === 1) return Float64Array.of(1);
  return kaiserFilter({ taps, cutoff, width: 2 * halfWidth, samplingRate });
}

/** The nearest integer, of two equally near the even one. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
