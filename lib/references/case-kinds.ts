import { InputError } from "../errors";
import { compare, notCovered, type Comparison, type ComputedOutput } from "./comparison";
import { ddimSample, diffusionCoefficients, diffusionStep } from "./diffusion-process";
import { verifyMetrics } from "./metrics-case";
import type { NetworkKind } from "./network-kind";
import { NETWORK_KINDS } from "./network-kinds";
import type { ReferenceCase } from "./reference-case";
import { studyUnetLoss } from "./study-unet-loss";

/** A kind of case: how it is recognised and what is done with it. */
export interface CaseKind {
  /** What case files of this kind are called, or begin with. */
  readonly reference: string;
  /** Tensors that every such case has, and no case of a kind that stands later in the list. */
  readonly marks: readonly string[];
  readonly verify: (reference: ReferenceCase) => readonly Comparison[];
}

/** Every kind of case. */
export const CASE_KINDS: readonly CaseKind[] = [
  computed("openai-diffusion-coefficients", ["out.betas", "out.posterior_variance"], diffusionCoefficients),
  computed("openai-diffusion-step", ["in.x0", "in.x_t", "out.q_sample"], diffusionStep),
  computed("openai-diffusion-ddim", ["in.x_T", "out.sample"], ddimSample),
  ...NETWORK_KINDS.map(networkCase),
  computed("study-unet-loss", ["in.logits", "in.labels"], studyUnetLoss),
  { reference: "metrics", marks: ["features.real", "features.fake"], verify: verifyMetrics },
];

/** A case whose outputs are computed one by one. */
function computed(
  reference: string,
  marks: readonly string[],
  run: (reference: ReferenceCase) => Iterable<ComputedOutput>,
): CaseKind {
  return { reference, marks, verify: (given) => compareAll(given, () => run(given)) };
}

/** A case of a network: its weights, inputs and outputs. */
function networkCase(kind: NetworkKind): CaseKind {
  return {
    reference: kind.reference,
    marks: kind.marks.map((name) => `weights.${name}`),
    verify: (given) => {
      const built = kind.fromReference(given.path, given.weights, given.meta);
      try {
        return compareAll(given, () => built.run(given));
      } finally {
        built.params.dispose();
      }
    },
  };
}

/**
 * Compares with a case's outputs, in the case's order; what is not computed is not covered.
 *
 * @throws InputError if the case has no outputs, or its inputs cannot be computed with.
 */
function compareAll(reference: ReferenceCase, run: () => Iterable<ComputedOutput>): Comparison[] {
  if (reference.outputs.size === 0) throw new InputError(reference.path, "has no outputs to compare with");
  const byName = new Map<string, ComputedOutput>();
  try {
    for (const output of run()) byName.set(output.name, output);
  } catch (error) {
    if (error instanceof InputError || !(error instanceof Error)) throw error;
    // Inputs that do not fit the network show as faults of a tensor operation or of a range.
    throw new InputError(reference.path, `cannot be computed: ${error.message.split("\n")[0]}`);
  }
  return [...reference.outputs].map(([name, expected]) => {
    const output = byName.get(name);
    return output === undefined ? notCovered(name) : compare(output, expected);
  });
}
