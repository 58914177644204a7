/**
 * The tensor library as models see it: tfjs-core alone, so that every model runs on any backend, a
 * browser's included. The method forms (`x.add(y)`) and the gradients are registered by `startBackend`
 * in Node and by the `@tensorflow/tfjs` bundle in a browser.
 */
// A reference, unlike an import of types, stays in the declarations that cells see.
/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops" preserve="true" />

export * from "@tensorflow/tfjs-core";
