import { frozenConvNames } from "./frozen-names";
import { INCEPTION_MODULES, INCEPTION_STEM } from "./inception-plan";
import type { NameMap } from "../weights/reference-weights";

/** Every variable and buffer of Inception v3 in pytorch-fid's file of weights. */
export function inceptionNames(): NameMap {
  const layers = [
    ...INCEPTION_STEM.map(({ name }) => ({ path: name, name })),
    ...INCEPTION_MODULES.flatMap((module) =>
      module.branches
        .flatMap(({ convs, split = [] }) => [...convs, ...split])
        .map(({ name }) => ({ path: `${module.name}/${name}`, name: `${module.name}.${name}` })),
    ),
  ];
  return new Map([
    ...layers.flatMap(({ path, name }) => frozenConvNames(path, `${name}.conv`, `${name}.bn`)),
    ["fc/kernel", "fc.weight"],
    ["fc/bias", "fc.bias"],
  ]);
}
