import { efficientnetBlocks } from "./efficientnet-lite";
import { frozenConvNames } from "./frozen-names";
import type { NameMap } from "../weights/reference-weights";

/** Every variable and buffer of EfficientNet-Lite0 in ml-illustrated's PyTorch port. */
export function efficientnetNames(): NameMap {
  return new Map([
    ...frozenConvNames("stem", "_conv_stem", "_bn0"),
    ...efficientnetBlocks().flatMap(({ expansion }, i) => {
      const [path, name] = [`block${i}`, `_blocks.${i}`];
      return [
        ...(expansion === 1 ? [] : frozenConvNames(`${path}/expand`, `${name}._expand_conv`, `${name}._bn0`)),
        ...frozenConvNames(`${path}/filter`, `${name}._depthwise_conv`, `${name}._bn1`, true),
        ...frozenConvNames(`${path}/project`, `${name}._project_conv`, `${name}._bn2`),
      ];
    }),
    ...frozenConvNames("head", "_conv_head", "_bn1"),
    ["classifier/kernel", "_fc.weight"],
    ["classifier/bias", "_fc.bias"],
  ]);
}
