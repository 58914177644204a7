import * as tf from "../../backend/tf";
import type { GenerateOptions, MappingOptions, StyleGenerator, SynthesisOptions } from "../gan";
import { clampMagnitude } from "../layers/activation";
import { FilteredLeakyRelu } from "../layers/filtered-leaky-relu";
import { FourierFeatures } from "../layers/fourier-features";
import { MagnitudeMean } from "../layers/magnitude-mean";
import { ModulatedConv, unitStyles } from "../layers/modulated-convolution";
import { ModulatedPointwise } from "../layers/modulated-pointwise";
import { features, overPixels, type ScaledFeatures } from "../layers/scaled-features";
import { MappingNetwork, type MappingConfig } from "../layers/mapping-network";
import type { Params } from "../params";
import { mixedStyles } from "../layers/style-mixing";
import { planFilters, planSignals, type SignalPlan, type Stylegan3LayersConfig } from "./stylegan3-layers";

/** Settings of the network, in the reference's terms. */
export interface Stylegan3GeneratorConfig extends Stylegan3LayersConfig {
  /** The reference's mapping has 2 layers. */
  readonly mapping: MappingConfig;
  /** Factor on the image (`output_scale`); reference: 0.25. */
  readonly outputScale: number;
  /** Largest magnitude behind a rectifier: 256 in the reference, for its half precision; null for none. */
  readonly convClamp: number | null;
  /** Weight of the old mean in an update of a layer's input magnitude; reference: 0.5^(batch / 20000). */
  readonly magnitudeDecay: number;
}

/**
 * The generator of StyleGAN 3, T or R by its settings; its discriminator is that of StyleGAN 2.
 *
 * @see Karras et al. 2021, arXiv 2106.12423; `Generator` of NVlabs' stylegan3, networks_stylegan3.
 */
export class Stylegan3Generator implements StyleGenerator {
  readonly latentSize: number;
  readonly styleSize: number;
  readonly resolution: number;
  readonly imageChannels: number;
  readonly layerCount: number;
  private readonly mapping: MappingNetwork;
  private readonly input: FourierFeatures;
  private readonly layers: readonly SynthesisLayer[];
  private readonly toImage: ToImage;

  constructor(
    readonly params: Params,
    config: Stylegan3GeneratorConfig,
  ) {
    const { latentSize, styleSize } = config.mapping;
    this.latentSize = latentSize;
    this.styleSize = styleSize;
    this.resolution = config.resolution;
    this.imageChannels = config.imageChannels;
    this.layerCount = config.layers + 2;
    this.mapping = new MappingNetwork(params.scope("mapping"), config.mapping, this.layerCount, Math.SQRT2);
    const signals = planSignals(config);
    const { channels, size, samplingRate, cutoff: bandwidth } = signalAt(signals, 0);
    this.input = new FourierFeatures(params.scope("input"), {
      channels,
      styleSize,
      size,
      samplingRate,
      bandwidth,
    });
    this.layers = Array.from({ length: config.layers }, (_, i) => {
      const critical = i >= config.layers - config.criticalLayers;
      const [from, to] = [signalAt(signals, Math.max(i - 1, 0)), signalAt(signals, i)];
      return new SynthesisLayer(
        params.scope(`layer${i}`),
        config,
        from,
        to,
        config.radialFilters && !critical,
      );
    });
    this.toImage = new ToImage(
      params.scope("toImage"),
      config,
      signalAt(signals, config.layers - 1).channels,
    );
  }

  apply(z: tf.Tensor2D, options: GenerateOptions = {}): tf.Tensor4D {
    return tf.tidy(() => this.synthesize(mixedStyles(this, z, options), options));
  }

  map(z: tf.Tensor2D, options: MappingOptions = {}): tf.Tensor3D {
    return this.mapping.apply(z, options);
  }

  synthesize(w: tf.Tensor3D, { updateAverages = false }: SynthesisOptions = {}): tf.Tensor4D {
    return tf.tidy(() => {
      const styles = unitStyles(w); // L of [N, W]
      const [first, ...others] = styles;
      const last = others.pop();
      if (first === undefined || last === undefined)
        throw new RangeError("there are fewer styles than layers");
      const input: ScaledFeatures = { values: this.input.apply(first) };
      const x = this.layers.reduce((h, layer, i) => layer.apply(h, others[i] ?? last, updateAverages), input);
      return this.toImage.apply(x, last, updateAverages);
    });
  }
}

function signalAt(signals: readonly SignalPlan[], index: number): SignalPlan {
  const signal = signals[index];
  if (signal === undefined) throw new RangeError(`there is no layer ${index}`);
  return signal;
}

/** Modulated convolution, bias and filtered leaky rectifier. */
class SynthesisLayer {
  private readonly magnitude: MagnitudeMean;
  private readonly conv: ModulatedConv | ModulatedPointwise;
  private readonly bias: tf.Variable<tf.Rank.R1>; // [K]
  private readonly rectifier: FilteredLeakyRelu;
  private readonly clamp: number | null;

  constructor(
    params: Params,
    config: Stylegan3GeneratorConfig,
    from: SignalPlan,
    to: SignalPlan,
    radial: boolean,
  ) {
    const { kernelSize, mapping, magnitudeDecay, convClamp } = config;
    const shape = { inChannels: from.channels, outChannels: to.channels, styleSize: mapping.styleSize };
    this.magnitude = new MagnitudeMean(params, magnitudeDecay);
    this.conv =
      kernelSize === 1
        ? new ModulatedPointwise(params, { ...shape, demodulate: true })
        : new ModulatedConv(params, { ...shape, kernelSize, padding: "full" });
    this.bias = params.fill<tf.Rank.R1>("bias", [to.channels], 0);
    this.clamp = convClamp;
    this.rectifier = new FilteredLeakyRelu(params, {
      ...planFilters(config, from, to, radial),
      channels: to.channels,
      clamp: convClamp,
    });
  }

  /** @param w [N, W]. */
  apply(x: ScaledFeatures, w: tf.Tensor2D, updateAverages: boolean): ScaledFeatures {
    return tf.tidy(() => {
      const gain = this.magnitude.gain(x, updateAverages);
      if (this.conv instanceof ModulatedPointwise)
        return { values: this.rectifier.apply(this.conv.apply(x, w, gain).add(this.bias)) };
      const { values, norm } = this.conv.apply(x, w, gain);
      const scaled = {
        values: values.add<tf.Tensor4D>(overPixels(norm.mul(this.bias))),
        scale: norm.reciprocal(),
      };
      // A limit applies to the features themselves, so they cannot be left without their scale.
      if (this.clamp !== null) return { values: this.rectifier.apply(features(scaled)) };
      return { values: this.rectifier.apply(scaled.values), scale: scaled.scale };
    });
  }
}

/** The image from the features of the last layer: a modulated map of single pixels, not demodulated. */
class ToImage {
  private readonly magnitude: MagnitudeMean;
  private readonly map: ModulatedPointwise;
  private readonly bias: tf.Variable<tf.Rank.R1>; // [C]

  constructor(
    params: Params,
    private readonly config: Stylegan3GeneratorConfig,
    inChannels: number,
  ) {
    const { imageChannels, mapping, magnitudeDecay } = config;
    this.magnitude = new MagnitudeMean(params, magnitudeDecay);
    this.map = new ModulatedPointwise(params, {
      inChannels,
      outChannels: imageChannels,
      styleSize: mapping.styleSize,
      demodulate: false,
    });
    this.bias = params.fill<tf.Rank.R1>("bias", [imageChannels], 0);
  }

  /** @param w [N, W]. @returns [N, H, W, image channels]. */
  apply(x: ScaledFeatures, w: tf.Tensor2D, updateAverages: boolean): tf.Tensor4D {
    const { outputScale, convClamp } = this.config;
    const gain = this.magnitude.gain(x, updateAverages).mul(outputScale);
    const image = this.map.apply(x, w, gain).add<tf.Tensor4D>(this.bias.mul(outputScale));
    return convClamp === null ? image : clampMagnitude(image, convClamp * outputScale);
  }
}
