import { isStaged, readBackendState, wasmWarning } from "../setup/backend-state";
import { loadNative } from "../setup/load-native";
import { enableProducts, supportsBfloat16, type ProductFormat } from "./mixed-precision";
import { startKernels } from "./native-kernels";
import { nativeBackend, type NativeBinding } from "./native-ops";
import * as tf from "./tf";
import { bfloat16IsFaster } from "./processor";
import { setSamplingPrecision } from "./sampling-precision";
import { threadCount } from "./threads";
import { setTrainingFormat } from "./training-precision";
import { readTuning, type BackendTuning } from "./tuning";

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
  /** "mixed": the large products of training steps and of samplers in bfloat16, everything else in float32. */
  readonly precision: Precision | "mixed";
  /** Why the native backend is not in use, and what mends it; null where it is. */
  readonly warning: string | null;
}

export interface BackendOptions {
  /** Default: `$SYNTHMR_BACKEND`, else tensorflow where set-up could stage it, else wasm. */
  readonly backend?: "tensorflow" | "wasm";
  /**
   * Default "auto": "mixed" where bfloat16 is the faster format, unless the machine was measured and
   * float32 found faster; else float32. A format that is named is that of all products.
   */
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
  const tuning = readTuning();
  const reason = wanted === "wasm" ? asked(backend) : await startNative(tuning);
  if (reason === undefined) return nativeInfo(precision, tuning);
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
async function startNative(tuning: BackendTuning | undefined): Promise<string | undefined> {
  const state = readBackendState();
  if (state?.backend === "wasm")
    return wasmWarning(state.reason ?? "unknown reason", state.remedy ?? "run the set-up");
  const setUp = "run `npm run synthmr -- setup`";
  if (state !== undefined && !isStaged(state))
    return wasmWarning("its files in node_modules are not complete", setUp);
  // From here on, the number is the same for everything that asks, child processes included.
  process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threadCount(process.env, tuning?.threads));
  try {
    loadNative();
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split("\n");
    return wasmWarning(`it does not load: ${why}`, setUp);
  }
  await tf.setBackend("tensorflow");
  startKernels();
  return undefined;
}

function nativeInfo(precision: Precision | "auto", tuning: BackendTuning | undefined): BackendInfo {
  const native = nativeBackend();
  if (native === undefined) throw new Error("the tensorflow backend did not start");
  const binding: NativeBinding & { readonly TF_Version?: string } = native.binding;
  return {
    backend: "tensorflow",
    device: native.isUsingGpuDevice ? "gpu" : "cpu",
    threads: threadCount(),
    tensorflowVersion: binding.TF_Version ?? null,
    tfjsVersion: tf.version_core,
    precision: choosePrecision(precision, native.isUsingGpuDevice, tuning),
    warning: null,
  };
}

/** @throws Error if bfloat16 is asked for and the processor or the library cannot do it. */
function choosePrecision(
  wish: Precision | "auto",
  gpu: boolean,
  tuning: BackendTuning | undefined,
): BackendInfo["precision"] {
  if (wish === "auto") {
    const faster = tuning?.trainingBfloat16 ?? bfloat16IsFaster();
    if (gpu || !faster || !supportsBfloat16()) return "float32";
    setTrainingFormat("bfloat16");
    setSamplingPrecision("bfloat16");
    return "mixed";
  }
  if (wish === "float32") return wish;
  if (wish === "bfloat16" && !supportsBfloat16())
    throw new Error("bfloat16 is not available on this machine");
  enableProducts(wish);
  return wish;
}
