import { isStaged, readBackendState, wasmWarning } from "../setup/backend-state";
import { loadNative } from "../setup/load-native";
import type { ProductFormat } from "./mixed-precision";
import { nativeBackend, type NativeBinding } from "./native-ops";
import * as tf from "./tf";
import { threadCount } from "./threads";

/** The number format in which convolutions and matrix products multiply; everything else is float32. */
export type Precision = "float32" | ProductFormat;

/** What computes, for run records and for the user. */
export interface BackendInfo {
  readonly backend: "tensorflow" | "wasm";
  readonly device: "cpu" | "gpu";
  /** Threads of one operation. */
  readonly threads: number;
  /** Version of libtensorflow; null on wasm. */
  readonly tensorflowVersion: string | null;
  readonly tfjsVersion: string;
  readonly precision: Precision;
  /** Why the native backend is not in use, and what mends it; null where it is. */
  readonly warning: string | null;
}

export interface BackendOptions {
  /** Default: `$SYNTHMR_BACKEND`, else tensorflow where set-up could stage it, else wasm. */
  readonly backend?: "tensorflow" | "wasm";
  /** Default "auto": the fastest format of which the backend keeps training sound. */
  readonly precision?: Precision | "auto";
}

let started: Promise<BackendInfo> | undefined;

/**
 * Starts the tensor backend and registers the method forms and the gradients of tfjs. A second call gives
 * what the first one started.
 *
 * @throws Error if `backend` asks for "tensorflow" and it cannot be loaded, or if an earlier call started
 * another backend than the one asked for.
 */
export async function startBackend(options: BackendOptions = {}): Promise<BackendInfo> {
  started ??= start(options);
  const info = await started;
  if (options.backend !== undefined && options.backend !== info.backend) {
    throw new Error(
      `the ${info.backend} backend is in use already: ask for ${options.backend} before it starts`,
    );
  }
  return info;
}

async function start({ backend, precision = "auto" }: BackendOptions): Promise<BackendInfo> {
  const wanted = backend ?? process.env["SYNTHMR_BACKEND"];
  const reason = wanted === "wasm" ? asked(backend) : await startNative();
  if (reason === undefined) return nativeInfo(precision);
  if (wanted === "tensorflow") throw new Error(reason);
  const { startWasm } = await import("./wasm-backend");
  await startWasm();
  if (backend === undefined && process.env["SYNTHMR_WARNED"] === undefined)
    process.emitWarning(reason, "SynthmrWarning");
  return {
    backend: "wasm",
    device: "cpu",
    threads: 1,
    tensorflowVersion: null,
    tfjsVersion: tf.version_core,
    precision: "float32",
    warning: reason,
  };
}

function asked(backend: BackendOptions["backend"]): string {
  return backend === "wasm"
    ? "the wasm backend was asked for"
    : wasmWarning("SYNTHMR_BACKEND is set to wasm", "unset it");
}

/** Loads tfjs-node. @returns Undefined, or the warning that says why it cannot be used. */
async function startNative(): Promise<string | undefined> {
  const state = readBackendState();
  if (state?.backend === "wasm")
    return wasmWarning(state.reason ?? "unknown reason", state.remedy ?? "run the set-up");
  const setUp = "run `npm run synthmr -- setup`";
  if (state !== undefined && !isStaged(state))
    return wasmWarning("its files in node_modules are not complete", setUp);
  process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threadCount());
  try {
    loadNative();
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split("\n");
    return wasmWarning(`it does not load: ${why}`, setUp);
  }
  await tf.setBackend("tensorflow");
  return undefined;
}

async function nativeInfo(precision: Precision | "auto"): Promise<BackendInfo> {
  const native = nativeBackend();
  if (native === undefined) throw new Error("the tensorflow backend did not start");
  const binding: NativeBinding & { readonly TF_Version?: string } = native.binding;
  return {
    backend: "tensorflow",
    device: native.isUsingGpuDevice ? "gpu" : "cpu",
    threads: threadCount(),
    tensorflowVersion: binding.TF_Version ?? null,
    tfjsVersion: tf.version_core,
    precision: await choosePrecision(precision),
    warning: null,
  };
}

/** @throws Error if bfloat16 is asked for and the processor or the library cannot do it. */
async function choosePrecision(wish: Precision | "auto"): Promise<Precision> {
  if (wish === "auto" || wish === "float32") return "float32";
  const { enableProducts, supportsBfloat16 } = await import("./mixed-precision");
  if (wish === "bfloat16" && !supportsBfloat16())
    throw new Error("bfloat16 is not available on this machine");
  enableProducts(wish);
  return wish;
}
