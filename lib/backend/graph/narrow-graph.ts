import type { NativeBinding, OpAttribute } from "../native-ops";
import type { GraphNode } from "./saved-model";

/** TensorFlow's number of bfloat16. */
const BFLOAT16 = 14;

/** Products, and the positions of what they multiply: images and kernel, or two matrices. */
const PRODUCTS: Readonly<Record<string, readonly [number, number]>> = {
  Conv2D: [0, 1],
  Conv2DBackpropInput: [2, 1],
  BatchMatMulV2: [0, 1],
};

/** What can compute in the format of its inputs, and how many of these are numbers; -1: all but the last. */
const BETWEEN: Readonly<Record<string, number>> = {
  Add: 2,
  AddV2: 2,
  BiasAdd: 2,
  ConcatV2: -1,
  DepthwiseConv2dNative: 2,
  LeakyRelu: 1,
  Mul: 2,
  PadV2: 1,
  Relu: 1,
  Reshape: 1,
  ResizeNearestNeighbor: 1,
  SynthmrFilter: 1,
  Transpose: 1,
};

/** A norm with two formats: of what it reads, `X`, and of what it gives, `Y`. Inside it computes in float32. */
const NORM = "SynthmrNorm";

/** TensorFlow makes one operation of a convolution and its bias, where both are in one format. */
const FUSED = "BiasAdd";

/**
 * Products with fewer multiplications than this, in all or for each value that they read or make, stay in float32.
 * Casts are fewer than where each product casts its own values (see `mixed-precision`), so less is asked for: on a
 * Zen 4 core a convolution 3x3 of 16 to 16 channels (72 a value) takes 0.62 of the time without casts, of 32 to 32
 * channels 0.47.
 */
const LEAST_MULTIPLICATIONS = 2 ** 22;
const LEAST_PER_VALUE = 64;

/**
 * A recorded graph in which large products multiply bfloat16, and in which what lies between two of them computes
 * in bfloat16 as well, where most of what reads it does. All else stays in float32: norms, sums of residual
 * blocks, small products, what makes an image of features, all inputs and outputs. Inside, products sum in float32.
 *
 * @param nodes In an order in which they can run.
 */
export function narrowGraph(nodes: readonly GraphNode[], binding: NativeBinding): GraphNode[] {
  const graph = new NarrowedGraph(nodes, binding);
  for (const node of nodes) graph.add(node);
  return graph.nodes;
}

class NarrowedGraph {
  readonly nodes: GraphNode[] = [];
  private readonly shapes = new Map<string, readonly number[]>();
  /** Nodes that may compute in bfloat16, by name, and which of their inputs are numbers. */
  private readonly candidates = new Map<string, readonly number[]>();
  /** Outputs that are in bfloat16 now. */
  private readonly narrowed = new Set<string>();
  /** The same values in the other format, by the output's name. */
  private readonly copies = new Map<string, string>();

  constructor(
    nodes: readonly GraphNode[],
    private readonly binding: NativeBinding,
  ) {
    for (const { name, shape } of nodes) if (shape !== undefined) this.shapes.set(`${name}:0`, shape);
    this.findCandidates(nodes);
  }

  add(node: GraphNode): void {
    const numbers = this.candidates.get(node.name);
    if (node.operation === NORM) {
      this.addNorm(node, numbers !== undefined);
      return;
    }
    const isProduct = node.operation in PRODUCTS;
    if (numbers === undefined || !(isProduct || numbers.some((i) => this.carries(node, i)))) {
      this.nodes.push({ ...node, inputs: node.inputs.map((input) => this.wide(input)) });
      return;
    }
    this.nodes.push({
      ...node,
      inputs: node.inputs.map((input, i) => (numbers.includes(i) ? this.narrow(input) : input)),
      attributes: node.attributes.map((attribute) =>
        attribute.name === "T" ? { ...attribute, value: BFLOAT16 } : attribute,
      ),
    });
    this.narrowed.add(`${node.name}:0`);
  }

  private addNorm(node: GraphNode, narrowResult: boolean): void {
    const { TF_FLOAT } = this.binding;
    const [x = ""] = node.inputs;
    const formats: Readonly<Record<string, number>> = {
      X: this.narrowed.has(x) ? BFLOAT16 : TF_FLOAT,
      Y: narrowResult ? BFLOAT16 : TF_FLOAT,
    };
    this.nodes.push({
      ...node,
      inputs: node.inputs.map((input, i) => (i === 0 ? input : this.wide(input))),
      attributes: node.attributes.map((attribute) => ({
        ...attribute,
        value: formats[attribute.name] ?? attribute.value,
      })),
    });
    if (narrowResult) this.narrowed.add(`${node.name}:0`);
  }

  /** Goes backwards: what reads a node is decided on before the node is. */
  private findCandidates(nodes: readonly GraphNode[]): void {
    const votes = new Map<string, number>();
    for (const node of [...nodes].reverse()) {
      const { name, operation, inputs } = node;
      const numbers = this.numbersOf(node);
      const read = votes.get(`${name}:0`) ?? 0;
      if (numbers !== undefined && (operation in PRODUCTS || operation === FUSED || read > 0))
        this.candidates.set(name, numbers);
      // A norm takes either, so it does not mind what it reads.
      const vote = operation === NORM ? 0 : this.candidates.has(name) ? 1 : -1;
      for (const input of inputs) votes.set(input, (votes.get(input) ?? 0) + vote);
    }
  }

  /** Which inputs are numbers; undefined where the node must stay in float32. */
  private numbersOf(node: GraphNode): readonly number[] | undefined {
    const { operation, inputs, attributes } = node;
    if (operation === NORM) return [];
    if (!attributes.some(({ name, value }) => name === "T" && value === this.binding.TF_FLOAT))
      return undefined;
    const positions = PRODUCTS[operation];
    if (positions !== undefined) return this.pays(node, positions) ? positions : undefined;
    const count = BETWEEN[operation];
    if (count === undefined) return undefined;
    return inputs.map((_, i) => i).slice(0, count < 0 ? inputs.length - 1 : count);
  }

  private pays(node: GraphNode, positions: readonly [number, number]): boolean {
    const { operation, shape = [], attributes } = node;
    const [left = [], right = []] = positions.map((i) => this.shapes.get(node.inputs[i] ?? ""));
    const transposed = attributes.some(({ name, value }) => name === "adj_x" && value === true);
    const pixels = (images: readonly number[]): number => size(images.slice(0, 3));
    const multiplications =
      operation === "BatchMatMulV2"
        ? size(shape) * (left.at(transposed ? -2 : -1) ?? 0)
        : Math.min(pixels(left), pixels(shape)) * size(right);
    const values = size(left) + size(right) + size(shape);
    return multiplications >= LEAST_MULTIPLICATIONS && multiplications >= LEAST_PER_VALUE * values;
  }

  /** Whether an input is in bfloat16 and about as large as what comes of it: not a bias or the like. */
  private carries({ inputs, shape = [] }: GraphNode, position: number): boolean {
    const input = inputs[position] ?? "";
    return this.narrowed.has(input) && 4 * size(this.shapes.get(input) ?? []) >= size(shape);
  }

  private narrow(output: string): string {
    return this.narrowed.has(output) ? output : this.cast(output, this.binding.TF_FLOAT, BFLOAT16);
  }

  private wide(output: string): string {
    return this.narrowed.has(output) ? this.cast(output, BFLOAT16, this.binding.TF_FLOAT) : output;
  }

  /** Cast once for all that read it. */
  private cast(output: string, from: number, to: number): string {
    const known = this.copies.get(output);
    if (known !== undefined) return known;
    const { TF_ATTR_TYPE, TF_ATTR_BOOL } = this.binding;
    const name = `cast${this.copies.size}`;
    const attributes: readonly OpAttribute[] = [
      { name: "SrcT", type: TF_ATTR_TYPE, value: from },
      { name: "DstT", type: TF_ATTR_TYPE, value: to },
      { name: "Truncate", type: TF_ATTR_BOOL, value: false },
    ];
    this.nodes.push({ name, operation: "Cast", inputs: [output], attributes });
    this.copies.set(output, `${name}:0`);
    return `${name}:0`;
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((values, length) => values * length, 1);
}
