import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CompiledFunction } from "../../../lib/backend/graph/compiled-function";
import { narrowGraph } from "../../../lib/backend/graph/narrow-graph";
import type { GraphNode } from "../../../lib/backend/graph/saved-model";
import { supportsBfloat16 } from "../../../lib/backend/mixed-precision";
import type { NativeBinding } from "../../../lib/backend/native-ops";
import { Rng } from "../../../lib/backend/rng";
import { startBackend } from "../../../lib/backend/start";
import * as tf from "../../../lib/backend/tf";

const test = suite("narrow graph");

const TYPE = 6;
const binding = { TF_FLOAT: 1, TF_ATTR_TYPE: TYPE, TF_ATTR_BOOL: 4 } as NativeBinding;
const IMAGES = [8, 32, 32, 32];

function node(name: string, operation: string, inputs: readonly string[], shape = IMAGES): GraphNode {
  const attributes = operation === "Const" ? [] : [{ name: "T", type: TYPE, value: 1 }];
  return { name, operation, inputs: inputs.map((input) => `${input}:0`), attributes, shape };
}

const kernel = node("kernel", "Const", [], [3, 3, 32, 32]);
const x = node("x", "Placeholder", []);

/** `Conv2D*` is one in bfloat16. */
function described(nodes: readonly GraphNode[]): string[] {
  return nodes.map(({ operation, attributes }) =>
    attributes.some(({ name, value }) => name === "T" && value === 14) ? `${operation}*` : operation,
  );
}

test("keeps what lies between two large convolutions in bfloat16, and casts at both ends once", () => {
  const nodes = [
    kernel,
    x,
    node("a", "Conv2D", ["x", "kernel"]),
    node("b", "LeakyRelu", ["a"]),
    node("c", "Conv2D", ["b", "kernel"]),
    node("out", "Identity", ["c"]),
  ];
  const narrowed = narrowGraph(nodes, binding);
  assert.equal(described(narrowed), [
    ...["Const", "Placeholder", "Cast", "Cast", "Conv2D*", "LeakyRelu*", "Conv2D*", "Cast", "Identity"],
  ]);
  assert.equal(narrowed.at(-1)?.inputs, ["cast2:0"]);
});

test("leaves what is read by float32 operations, and small products, in float32", () => {
  const small = node("small", "Const", [], [1, 1, 32, 5]);
  const nodes = [
    kernel,
    small,
    x,
    node("a", "Conv2D", ["x", "kernel"]),
    node("sum", "Add", ["a", "x"]),
    node("mean", "Mean", ["sum"], [8, 32]),
    node("image", "Conv2D", ["sum", "small"], [8, 32, 32, 5]),
  ];
  assert.equal(described(narrowGraph(nodes, binding)).slice(-4), ["Cast", "Add", "Mean", "Conv2D"]);
});

test("lets a norm read and give bfloat16 without a cast", () => {
  const norm: GraphNode = {
    ...node("norm", "SynthmrNorm", ["a"]),
    attributes: [
      { name: "X", type: TYPE, value: 1 },
      { name: "Y", type: TYPE, value: 1 },
    ],
  };
  const nodes = [
    kernel,
    x,
    node("a", "Conv2D", ["x", "kernel"]),
    norm,
    node("c", "Conv2D", ["norm", "kernel"]),
  ];
  const narrowed = narrowGraph(nodes, binding);
  assert.equal(described(narrowed).slice(2), ["Cast", "Cast", "Conv2D*", "SynthmrNorm", "Conv2D*"]);
  assert.equal(
    narrowed.find(({ name }) => name === "norm")?.attributes.map(({ value }) => value),
    [14, 14],
  );
});

test("gives what the graph in float32 gives, but for the rounding of bfloat16", async () => {
  await startBackend({ precision: "float32" });
  if (!supportsBfloat16()) return;
  const rng = Rng.fromSeed(3);
  const weights = rng.fork("kernel").normal<tf.Rank.R4>([3, 3, 32, 32]).div<tf.Tensor4D>(17);
  const body = ([images]: readonly tf.Tensor[]): tf.Tensor[] => {
    const conv = (h: tf.Tensor): tf.Tensor => tf.conv2d(h as tf.Tensor4D, weights, 1, "same");
    return [conv(tf.leakyRelu(conv(images as tf.Tensor)))];
  };
  const images = rng.fork("images").normal([4, 16, 16, 32]);
  const [wide, narrow] = (["float32", "bfloat16"] as const).map((products) => {
    const compiled = new CompiledFunction(body, products);
    const [output] = compiled.run([images], rng);
    compiled.dispose();
    return output as tf.Tensor;
  }) as [tf.Tensor, tf.Tensor];
  const apart = tf.tidy(() => narrow.sub(wide).norm().div(wide.norm()).dataSync()[0] as number);
  assert.ok(apart > 1e-4 && apart < 0.02, String(apart));
  tf.dispose([weights, images, wide, narrow]);
});

test.run();
