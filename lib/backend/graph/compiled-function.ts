import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeBackend, type NativeBackend } from "../native-ops";
import type { Rng } from "../rng";
import * as tf from "../tf";
import { GraphRecorder, type ForkPath } from "./graph-recorder";
import { narrowGraph } from "./narrow-graph";
import { encodeSavedModel, GRAPH_TAG } from "./saved-model";

/** What can be compiled: tensors in, tensors out, random draws from `rng` and its forks only. */
export type TensorFunction = (inputs: readonly tf.Tensor[], rng: Rng) => readonly tf.Tensor[];

/**
 * A function of tensors that runs as one TensorFlow graph. Its operations are recorded at the first call with
 * inputs of given shapes; later calls hand the whole graph to TensorFlow, which starts an operation in a
 * fraction of the time that a call from JavaScript takes, and runs independent ones side by side. Results are
 * those of the recorded operations, bit for bit as far as was seen.
 *
 * The function must depend on its inputs and on the tensor draws of `rng` alone. Anything else that it reads,
 * variables and numbers from JavaScript above all, keeps the value that it had when it was recorded.
 *
 * Where there is no native backend, or `$SYNTHMR_EAGER` is 1, the function is simply called.
 */
export class CompiledFunction {
  private readonly graphs = new Map<string, LoadedGraph>();

  /** @param products "bfloat16": large products, and what lies between them, as in `narrowGraph`. */
  constructor(
    private readonly body: TensorFunction,
    private readonly products: "float32" | "bfloat16" = "float32",
  ) {}

  /** @returns Tensors that the caller disposes of. */
  run(inputs: readonly tf.Tensor[], rng: Rng): tf.Tensor[] {
    const native = nativeBackend();
    if (native === undefined || process.env["SYNTHMR_EAGER"] === "1")
      return tf.tidy(() => this.body(inputs, rng).map((output) => output.clone()));
    const shapes = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join();
    let graph = this.graphs.get(shapes);
    if (graph === undefined) {
      graph = recordGraph(native, this.body, inputs, rng, this.products === "bfloat16");
      this.graphs.set(shapes, graph);
    }
    return runGraph(native, graph, inputs, rng);
  }

  /** Frees the graphs; the next call records anew. */
  dispose(): void {
    const native = nativeBackend();
    for (const { id } of this.graphs.values()) native?.binding.deleteSavedModel(id);
    this.graphs.clear();
  }
}

interface LoadedGraph {
  /** The addon's number of the loaded graph. */
  readonly id: number;
  /** Names of placeholders and outputs, as the addon reads them: joined by commas. */
  readonly inputNames: string;
  readonly outputNames: string;
  readonly seedPaths: readonly ForkPath[];
}

function recordGraph(
  native: NativeBackend,
  body: TensorFunction,
  inputs: readonly tf.Tensor[],
  rng: Rng,
  narrow: boolean,
): LoadedGraph {
  const recorder = new GraphRecorder(native);
  inputs.forEach((tensor, i) => {
    recorder.input(`input${i}`, tensor);
  });
  const outputNames = tf.tidy(() =>
    recorder.record(() =>
      body(inputs, rng.watchedBy(recorder))
        .map((output) => recorder.output(output))
        .join(),
    ),
  );
  recorder.finish();
  const { seedPaths } = recorder;
  const nodes = narrow ? narrowGraph(recorder.nodes, native.binding) : recorder.nodes;
  const placeholders = [...inputs.map((_, i) => `input${i}:0`), ...seedPaths.map((_, i) => `seed${i}:0`)];
  const folder = mkdtempSync(join(tmpdir(), "synthmr-graph-"));
  try {
    writeFileSync(join(folder, "saved_model.pb"), encodeSavedModel(nodes, native.binding));
    const id = native.binding.loadSavedModel(folder, GRAPH_TAG);
    return { id, inputNames: placeholders.join(), outputNames, seedPaths };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runGraph(
  native: NativeBackend,
  graph: LoadedGraph,
  inputs: readonly tf.Tensor[],
  rng: Rng,
): tf.Tensor[] {
  return tf.tidy(() => {
    const seeds = graph.seedPaths.map((path) => tf.tensor1d([...rng.fork(...path).key], "int32"));
    const ids = native.getInputTensorIds([...inputs, ...seeds]);
    return native.binding
      .runSavedModel(graph.id, ids, graph.inputNames, graph.outputNames)
      .map((output) => native.createOutputTensor(output));
  });
}
