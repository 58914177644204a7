/**
 * Defines exports of a module that load what they need when they are first read. A cell that imports one
 * function of the library then pays for that function alone, not for plotly and TensorFlow.
 *
 * @param exported The module's `exports`.
 * @param loaders One function a name; it loads a module and gives its export of that name.
 */
export function lazyExports(exported: object, loaders: Readonly<Record<string, () => unknown>>): void {
  for (const [name, load] of Object.entries(loaders))
    Object.defineProperty(exported, name, { enumerable: true, configurable: true, get: load });
}
