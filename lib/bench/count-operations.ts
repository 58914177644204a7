import { nativeBackend, type NativeBackend, type NativeBinding } from "../backend/native-ops";
import { operationCost } from "./operation-cost";
import type { StepKind } from "./timing";

/**
 * Floating-point operations of a step, in convolutions and matrix products, the mean over all kinds of steps. They
 * are counted from the operations that TensorFlow is asked for while each kind runs once. Of a recorded graph,
 * operations whose results nothing reads are left out, as TensorFlow leaves them out.
 *
 * @param kinds None of them may have run before: a graph shows its operations only while it is recorded.
 * @returns null where the backend is not TensorFlow.
 */
export function countOperations(kinds: readonly StepKind[]): number | null {
  const native = nativeBackend();
  if (native === undefined) return null;
  const watch = new OperationWatch(native);
  return kinds.reduce((sum, { share, run }) => sum + share * watch.count(run), 0);
}

interface SeenOperation {
  readonly inputIds: readonly number[];
  readonly outputIds: readonly number[];
  readonly cost: number;
}

/** Stands between tfjs and its addon, and takes down what passes. */
class OperationWatch {
  private readonly graphCosts = new Map<number, number>();
  private readonly shapes = new Map<number, readonly number[]>();
  /** Operations that ran by themselves, or for a graph that is not closed yet. */
  private seen: SeenOperation[] = [];
  /** What something else than an operation asks for: results of a graph. */
  private readonly results = new Set<number>();
  /** What was asked for last; an operation follows at once where it is for one. */
  private asked: number[] = [];
  private graphRuns = 0;

  constructor(private readonly native: NativeBackend) {}

  /** @returns The cost of all that the action runs. */
  count(action: () => void): number {
    const { native } = this;
    const { binding } = native;
    const lookUp = native.getInputTensorIds.bind(native);
    native.binding = this.watched(binding);
    native.getInputTensorIds = (tensors) => {
      const ids = lookUp(tensors);
      for (const id of this.asked) this.results.add(id);
      this.asked = ids;
      tensors.forEach(({ shape }, i) => this.shapes.set(ids[i] ?? -1, shape));
      return ids;
    };
    this.graphRuns = 0;
    try {
      action();
    } finally {
      native.binding = binding;
      native.getInputTensorIds = lookUp;
    }
    const alone = this.seen.splice(0).reduce((sum, { cost }) => sum + cost, 0);
    return this.graphRuns + alone;
  }

  private watched(binding: NativeBinding): NativeBinding {
    const copy: Record<string, unknown> = {};
    for (const name of Object.getOwnPropertyNames(binding)) copy[name] = Reflect.get(binding, name);
    const watching: Partial<NativeBinding> = {
      executeOp: (name, attributes, inputIds, outputs) => {
        this.asked = [];
        const results = binding.executeOp(name, attributes, inputIds, outputs);
        const inputs = inputIds.map((id) => this.shapes.get(id) ?? []);
        const cost = operationCost({ name, attributes, inputs, output: results[0]?.shape ?? [] });
        for (const { id, shape } of results) this.shapes.set(id, shape);
        this.seen.push({ inputIds, outputIds: results.map(({ id }) => id), cost });
        return results;
      },
      loadSavedModel: (...call) => {
        const graph = binding.loadSavedModel(...call);
        this.graphCosts.set(graph, this.closeGraph());
        return graph;
      },
      runSavedModel: (graph, ...call) => {
        this.graphRuns += this.graphCosts.get(graph) ?? 0;
        return binding.runSavedModel(graph, ...call);
      },
    };
    return Object.assign(copy, watching) as unknown as NativeBinding;
  }

  /** The cost of what was seen, as far as results depend on it. */
  private closeGraph(): number {
    for (const id of this.asked.splice(0)) this.results.add(id);
    const needed = this.results;
    let sum = 0;
    for (const { inputIds, outputIds, cost } of this.seen.splice(0).reverse()) {
      if (!outputIds.some((id) => needed.has(id))) continue;
      for (const id of inputIds) needed.add(id);
      sum += cost;
    }
    return sum;
  }
}
