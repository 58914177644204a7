import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Rng } from "../../backend/rng";
import type { ShardedSlices } from "../../data/sharded-slices";
import { efficientnetExtractor } from "../../features/efficientnet-extractor";
import { extractFeatures, type FeatureExtractor } from "../../features/feature-extractor";
import { inceptionExtractor } from "../../features/inception-extractor";
import { segmentationExtractor } from "../../features/segmentation-extractor";
import type { NamedFeatures } from "../../metrics/image-quality";
import { Params } from "../../models/params";
import { UNet } from "../../models/unet/unet";
import { readNetwork } from "../../models/weights/network-file";
import { readManifest } from "../../setup/manifest";
import { cacheFolder } from "../../storage/cache-folder";
import { fromFloat32, readSafetensors, toFloat32, writeSafetensors } from "../../storage/safetensors";
import type { StageResult, StudyContext } from "../stage";
import { defineStage, type StudyStage } from "../study-stage";
import { SEGMENTATION_WEIGHTS, type SegmentationResult } from "./segmentation";
import { SliceStore, type SlicesResult } from "./slices";

/** Networks whose features image quality is measured in. */
const EXTRACTORS = ["segmentation", "efficientnet", "inception"] as const;
export type ExtractorKind = (typeof EXTRACTORS)[number];

const FILE = "features.safetensors";

const schema = z.object({
  extractors: z.array(z.object({ kind: z.enum(EXTRACTORS), name: z.string(), canonical: z.boolean() })),
  images: z.number(),
});
export type RealFeaturesResult = z.infer<typeof schema>;

/** The networks that are at hand: the run's own U-Net; others where their files are. Nothing is downloaded. */
export function extractorsOf({ inceptionWeights }: StudyContext): readonly ExtractorKind[] {
  const efficientnet = join(
    cacheFolder(),
    readManifest("efficientnet-lite0").folder,
    "efficientnet-lite0.pth",
  );
  return [
    "segmentation",
    ...(existsSync(efficientnet) ? (["efficientnet"] as const) : []),
    ...(inceptionWeights === undefined ? [] : (["inception"] as const)),
  ];
}

/** Features of real training slices, which the images of every generator are compared with. */
export function realFeaturesStage(
  context: StudyContext,
  slices: StudyStage<SlicesResult>,
  encoder: StudyStage<SegmentationResult>,
): StudyStage<RealFeaturesResult> {
  const { sequence, images } = context.profile.quality;
  const kinds = extractorsOf(context);
  return defineStage<RealFeaturesResult>({
    name: "real-features",
    title: "Extracting features of real slices",
    settings: { sequence, images, extractors: kinds },
    inputs: { slices, encoder },
    schema,
    files: [FILE],
    work: { kind: "features", images: images * kinds.length },
    run: async (folder, report, need) => {
      const { train } = need(slices).result;
      const real = new SliceStore(context, need(slices)).training(train.subjects.length);
      const found: { readonly kind: ExtractorKind; readonly features: NamedFeatures }[] = [];
      for (const [done, kind] of kinds.entries()) {
        report({ done, total: kinds.length, unit: "networks", doneAtStart: 0 });
        found.push({ kind, features: await featuresBy(context, kind, need(encoder), real, images) });
      }
      real.close();
      writeFeatures(join(folder, FILE), found);
      const extractors = found.map(({ kind, features }) => ({
        kind,
        name: features.extractor,
        canonical: features.canonical,
      }));
      return { result: { extractors, images: Math.min(images, real.count) } };
    },
  });
}

/**
 * Features of some slices at even steps, by one network.
 *
 * @param most How many slices at most.
 */
export async function featuresBy(
  context: StudyContext,
  kind: ExtractorKind,
  encoder: StageResult<SegmentationResult>,
  slices: ShardedSlices,
  most: number,
): Promise<NamedFeatures> {
  const extractor = await openExtractor(context, kind, encoder);
  try {
    const count = Math.min(most, slices.count);
    const positions = Array.from({ length: count }, (_, i) => Math.floor((i * slices.count) / count));
    return extractFeatures(extractor, slices, positions);
  } finally {
    extractor.dispose();
  }
}

/** Reads what the stage has written, for one of its networks. */
export function readRealFeatures(
  { folder, result }: StageResult<RealFeaturesResult>,
  kind: ExtractorKind,
): NamedFeatures {
  const { tensors } = readSafetensors(join(folder, FILE));
  const facts = result.extractors.find((extractor) => extractor.kind === kind);
  const values = tensors.get(kind);
  if (facts === undefined || values === undefined) throw new Error(`${FILE} has no features of ${kind}`);
  const [count = 0, size = 0] = values.shape;
  const { name: extractor, canonical } = facts;
  // Probabilities of real slices enter no measure.
  return { count, size, values: toFloat32(values), extractor, canonical, probabilities: undefined };
}

async function openExtractor(
  context: StudyContext,
  kind: ExtractorKind,
  encoder: StageResult<SegmentationResult>,
): Promise<FeatureExtractor> {
  const { sequence } = context.profile.quality;
  if (kind === "efficientnet") return efficientnetExtractor({ sequence });
  if (kind === "segmentation") return encoderExtractor(context, encoder);
  const { inceptionWeights: weights } = context;
  if (weights === undefined) throw new Error("the weights of Inception are not at hand");
  return inceptionExtractor({ sequence, weights });
}

function encoderExtractor(
  context: StudyContext,
  { folder }: StageResult<SegmentationResult>,
): FeatureExtractor {
  const params = new Params(Rng.fromSeed(0));
  const network = new UNet(params, context.profile.segmenters.unet.network);
  readNetwork(join(folder, SEGMENTATION_WEIGHTS), params);
  const extractor = segmentationExtractor(network, "real training slices");
  return {
    ...extractor,
    dispose: () => {
      extractor.dispose();
      params.dispose();
    },
  };
}

function writeFeatures(
  path: string,
  found: readonly { readonly kind: ExtractorKind; readonly features: NamedFeatures }[],
): void {
  const tensors = new Map(
    found.map(({ kind, features: { values, count, size } }) => [kind, fromFloat32(values, [count, size])]),
  );
  writeSafetensors(path, { tensors, metadata: {} });
}
