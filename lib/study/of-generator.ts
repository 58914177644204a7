import { GENERATOR_NAMES, type GeneratorName } from "../generators/generator-config";

/** What is made of one generator, by a name that ends with the generator's: `recipe-stylegan2`. */
export function ofGenerator<Makers extends Readonly<Record<string, unknown>>>(
  name: string,
  makers: Makers,
): { readonly make: Makers[keyof Makers]; readonly generator: GeneratorName } | undefined {
  for (const generator of GENERATOR_NAMES) {
    const kind = name.endsWith(`-${generator}`) ? name.slice(0, -generator.length - 1) : "";
    if (Object.hasOwn(makers, kind)) return { make: makers[kind as keyof Makers], generator };
  }
  return undefined;
}
