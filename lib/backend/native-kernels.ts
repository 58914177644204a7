import { registerKernels } from "../setup/load-native";
import { nativeBackend, type NativeBackend } from "./native-ops";
import { threadCount } from "./threads";

let registered = false;

/**
 * Makes the project's own operations (lib/setup/kernels) known to TensorFlow. To be called once the native
 * backend is active; without effect where they could not be built.
 */
export function startKernels(): void {
  const native = nativeBackend();
  registered = native !== undefined && !native.isUsingGpuDevice && registerKernels(threadCount());
}

/** Runs `action` without the project's own operations: the way that every other backend takes. */
export function withoutKernels<T>(action: () => T): T {
  const before = registered;
  registered = false;
  try {
    return action();
  } finally {
    registered = before;
  }
}

/** The native backend where it has the project's own operations. */
export function kernelBackend(): NativeBackend | undefined {
  return registered ? nativeBackend() : undefined;
}
