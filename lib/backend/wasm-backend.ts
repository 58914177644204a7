import Module from "node:module";
import * as tf from "./tf";
import { registerWasmKernels } from "./wasm-kernels";

/**
 * Starts the portable backend: WebAssembly, one thread in Node. Packages that load tfjs-node by name (danfojs)
 * get the portable tfjs in its place, if they are imported after this.
 */
export async function startWasm(): Promise<void> {
  // The bundle registers the method forms, the gradients and the JavaScript backend, whose advice to install
  // a native backend would come in the middle of the output.
  const bundle: unknown = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-wasm");
  standIn("@tensorflow/tfjs-node", bundle);
  registerWasmKernels();
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend does not start on this machine");
}

/** Lets `require(name)` give `exports`, whether the package itself could be loaded or not. */
function standIn(name: string, exports: unknown): void {
  const path = require.resolve(name);
  const stand = new Module(path);
  stand.exports = exports;
  stand.loaded = true;
  require.cache[path] = stand;
}
