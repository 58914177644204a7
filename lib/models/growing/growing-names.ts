import { FIRST_RESOLUTION, levelResolutions } from "./growing";
import type { GrowingDiscriminatorConfig } from "./growing-discriminator";
import type { NameMap, ReferenceParameter } from "../weights/reference-weights";
import { linearOfImage, type LayoutOf } from "../weights/torch-layout";

/** The names of growing networks in GenForce's PyTorch ports, which count layers and blocks without their size. */

/** For a variable's path, its name in the reference, and how it lies there if not as its rank says. */
export type NamePair = readonly [path: string, parameter: string | ReferenceParameter];

/** How far a network has grown: in both references and both families. */
export const LOD_NAME: NamePair = ["lod", "lod"];

/** Variables and buffers of `PGGANDiscriminator` and `StyleGANDiscriminator`. */
export function growingDiscriminatorNames(config: GrowingDiscriminatorConfig): NameMap {
  const sides = levelResolutions(config).reverse();
  const pairs = sides.flatMap((side, i): NamePair[] => {
    const [path, first, second] = [`block${side}`, `layer${2 * i}`, `layer${2 * i + 1}`];
    const fromImage = layerNames(`${path}/fromImage`, `input${i}`);
    if (side !== FIRST_RESOLUTION)
      return [...fromImage, ...layerNames(`${path}/conv0`, first), ...layerNames(`${path}/conv1`, second)];
    const flattened = linearOfImage(FIRST_RESOLUTION, FIRST_RESOLUTION);
    return [
      ...fromImage,
      ...layerNames(`${path}/conv`, first),
      ...layerNames(`${path}/dense0`, second, flattened),
      ...layerNames(`${path}/dense1`, `layer${2 * i + 2}`),
    ];
  });
  return new Map<string, string | ReferenceParameter>([LOD_NAME, ...pairs]);
}

/** Kernel and bias of a layer. */
export function layerNames(path: string, name: string, layout?: LayoutOf): NamePair[] {
  return [kernelName(path, name, layout), [`${path}/bias`, `${name}.bias`]];
}

/** The kernel of a layer. */
export function kernelName(path: string, name: string, layout?: LayoutOf): NamePair {
  const weight = `${name}.weight`;
  return [`${path}/kernel`, layout === undefined ? weight : { name: weight, layout }];
}

/** Kernels of layers that enlarge, [h, w, K, C] here, where the reference enlarges first: [K, C, h, w], flipped. */
export const enlargingFirst: LayoutOf = (shape) => ({ ...enlargingWithin(shape), flipped: [2, 3] });

/** The same where the reference enlarges within the convolution: [K, C, h, w]. */
export const enlargingWithin: LayoutOf = ([height = 0, width = 0, out = 0, inner = 0]) => ({
  stored: [out, inner, height, width],
  axes: [2, 3, 0, 1],
});
