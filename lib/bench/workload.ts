import type { BuiltNetwork } from "../references/network-kind";
import type { StepKind } from "./timing";

/** Something that can be timed: networks at work. */
export interface Workload {
  readonly networks: WorkloadNetworks;
  /** Trained values of all networks. */
  readonly parameters: number;
  /** Images that a step sees or makes. */
  readonly images: number;
  readonly kinds: readonly StepKind[];
  dispose(): void;
}

/** The networks of a case by what they are for. */
export type WorkloadNetworks = ReadonlyMap<NetworkRole, BuiltNetwork>;
export type NetworkRole = "network" | "generator" | "discriminator";

/** Trained values of some networks. */
export function parametersOf(networks: WorkloadNetworks): number {
  return [...networks.values()].reduce((sum, { params }) => sum + params.count, 0);
}

/** Frees the networks. */
export function disposeNetworks(networks: WorkloadNetworks): void {
  for (const { params } of networks.values()) params.dispose();
}
