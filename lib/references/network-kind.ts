import { z } from "zod";
import { Rng } from "../backend/rng";
import { InputError } from "../errors";
import { Params } from "../models/params";
import { ShapeParams } from "../models/shape-params";
import {
  loadReferenceWeights,
  toReferenceWeights,
  type FixedValues,
  type NameMap,
} from "../models/weights/reference-weights";
import type { StoredTensor } from "../storage/safetensors";
import type { ComputedOutput } from "./comparison";
import type { ReferenceCase } from "./reference-case";

export type Weights = ReadonlyMap<string, StoredTensor>;
/** Settings in the reference's own terms. */
export type Meta = Readonly<Record<string, unknown>>;

/** A network of this project that a public implementation also has, and how to go from one to the other. */
export interface NetworkSpec<Config, Network> {
  /** What this project's files of weights call it. */
  readonly kind: string;
  /** What case files of the reference are called; the longest match at the start of a name counts. */
  readonly reference: string;
  /** Names of parameters that only this network has, all of them. */
  readonly marks: readonly string[];
  /** Brings other generations of the reference's names to the one in use. */
  readonly adapt?: (weights: Weights) => Weights;
  /** Settings that the names and shapes of the weights tell, in the reference's terms. */
  readonly infer: (weights: WeightShapes) => Meta;
  /** Settings that they suggest, where nothing else tells them. */
  readonly guess?: (weights: WeightShapes) => Meta;
  /** The reference's settings, checked and bounded, in this project's terms. */
  readonly meta: z.ZodType<Config>;
  /** This project's settings, checked, as its own files hold them. */
  readonly config: z.ZodType<Config>;
  readonly make: (params: Params, config: Config) => Network;
  readonly names: (config: Config) => NameMap;
  readonly fixed?: (config: Config) => FixedValues;
  /** Computes the outputs of a case, one after another. */
  readonly run: (network: Network, config: Config, reference: ReferenceCase) => Iterable<ComputedOutput>;
}

/** The same with the types of one network hidden, so that all stand in one list. */
export interface NetworkKind<Network = unknown> {
  readonly kind: string;
  readonly reference: string;
  readonly marks: readonly string[];
  /**
   * Builds the network with a reference's weights.
   *
   * @param subject Named in errors: the file.
   * @param meta Settings that the shapes do not tell; none may contradict them.
   */
  fromReference(subject: string, weights: Weights, meta: Meta): BuiltNetwork<Network>;
  /**
   * Builds the network from this project's own settings, its values still to be read.
   *
   * @param values How many there will be: settings that ask for more are refused.
   */
  fromConfig(subject: string, config: unknown, values: number): BuiltNetwork<Network>;
}

/** A network with its parameters. */
export interface BuiltNetwork<Network = unknown> {
  readonly config: unknown;
  readonly network: Network;
  readonly params: Params;
  run(reference: ReferenceCase): Iterable<ComputedOutput>;
  /** Its values by the reference's names, in the reference's layout. */
  toReference(): Map<string, StoredTensor>;
}

/** Closes a description of a network over its types. */
export function networkKind<Config, Network>(spec: NetworkSpec<Config, Network>): NetworkKind<Network> {
  const { kind, reference, marks } = spec;
  return {
    kind,
    reference,
    marks,
    fromReference: (subject, given, meta) => {
      const weights = spec.adapt?.(given) ?? given;
      const config = configOf(spec, subject, weights, meta);
      const built = build(spec, subject, config);
      try {
        loadReferenceWeights(built.params, spec.names(config), weights, spec.fixed?.(config));
      } catch (error) {
        built.params.dispose();
        throw error instanceof InputError ? new InputError(subject, error.message) : error;
      }
      return built;
    },
    fromConfig: (subject, config, values) => {
      const settings = parseSettings(spec.config, subject, config);
      checkSize(spec, subject, settings, values);
      return build(spec, subject, settings);
    },
  };
}

/**
 * The settings of a reference's weights. Those given may not contradict the weights, nor ask for more values than
 * there are, so that the file's size bounds what is allocated.
 */
function configOf<Config, Network>(
  spec: NetworkSpec<Config, Network>,
  subject: string,
  weights: Weights,
  meta: Meta,
): Config {
  const shapes = new WeightShapes(subject, weights);
  const inferred = spec.infer(shapes);
  for (const [key, told] of Object.entries(inferred)) {
    const given = meta[key];
    if (given !== undefined && given !== null && JSON.stringify(given) !== JSON.stringify(told))
      throw new InputError(
        subject,
        `${key} is said to be ${JSON.stringify(given)}, but the weights are of ${JSON.stringify(told)}`,
      );
  }
  const config = parseSettings(spec.meta, subject, { ...spec.guess?.(shapes), ...meta, ...inferred });
  checkSize(spec, subject, config, shapes.total);
  return config;
}

/** More than this many times the values of a file are not allocated; fewer may be missing, which is said later. */
const MOST_TIMES = 2;

/** Refuses settings of a network of far more values than there are, before it is allocated. */
function checkSize<Config, Network>(
  spec: NetworkSpec<Config, Network>,
  subject: string,
  config: Config,
  values: number,
): void {
  const asked = new ShapeParams();
  declare(spec, subject, asked, config);
  if (asked.total > MOST_TIMES * values)
    throw new InputError(
      subject,
      `its settings are of a network of ${asked.total} values, but there are ${values}`,
    );
}

/** Checks settings. @throws InputError naming the first that is wrong. */
export function parseSettings<T>(schema: z.ZodType<T>, subject: string, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(
    `${subject}: ${issue?.path.join(".") || "settings"}`,
    issue?.message ?? "not understood",
  );
}

function build<Config, Network>(
  spec: NetworkSpec<Config, Network>,
  subject: string,
  config: Config,
): BuiltNetwork<Network> {
  const params = new Params(Rng.fromSeed(1));
  const network = declare(spec, subject, params, config);
  return {
    config,
    network,
    params,
    run: (reference) => spec.run(network, config, reference),
    toReference: () => toReferenceWeights(params, spec.names(config), spec.fixed?.(config)),
  };
}

/** Networks check how their settings fit together as they are declared. */
function declare<Config, Network>(
  { make }: NetworkSpec<Config, Network>,
  subject: string,
  params: Params,
  config: Config,
): Network {
  try {
    return make(params, config);
  } catch (error) {
    params.dispose();
    throw error instanceof RangeError ? new InputError(subject, error.message) : error;
  }
}

/** Shapes of a reference's parameters, as settings are read from them. */
export class WeightShapes {
  constructor(
    private readonly subject: string,
    private readonly weights: Weights,
  ) {
    for (const [name, { shape }] of weights)
      if (shape.includes(0)) throw new InputError(subject, `${name} has no values`);
  }

  /** The number of values of all parameters. */
  get total(): number {
    return [...this.weights.values()].reduce(
      (sum, { shape }) => sum + shape.reduce((size, axis) => size * axis, 1),
      0,
    );
  }

  get names(): string[] {
    return [...this.weights.keys()];
  }

  /** The number of axes of a parameter; undefined where it is not there. */
  rank(name: string): number | undefined {
    return this.weights.get(name)?.shape.length;
  }

  has(name: string): boolean {
    return this.weights.has(name);
  }

  /** The length of an axis of a parameter. @throws InputError if it has none. */
  size(name: string, axis: number): number {
    const size = this.weights.get(name)?.shape[axis];
    if (size === undefined) throw new InputError(this.subject, `has no ${name} of rank above ${axis}`);
    return size;
  }

  /** How many of the names made of 0, 1, 2, ... are there, up to the first that is not. */
  count(name: (index: number) => string): number {
    let count = 0;
    while (this.weights.has(name(count))) count++;
    return count;
  }
}
