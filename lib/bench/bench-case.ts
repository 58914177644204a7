import { readFileSync } from "node:fs";
import { z } from "zod";
import { explainFileError, InputError } from "../errors";

/** The networks whose speed can be measured. */
export const BENCH_NETWORKS = [
  "diffusion-unet",
  "progressive-gan",
  "stylegan1",
  "stylegan2",
  "stylegan3",
  "unet",
  "upernet-swin",
  "efficientnet-lite0",
] as const;
export type BenchNetwork = (typeof BENCH_NETWORKS)[number];

/** The most pixels of a batch: 64 images of 256 x 256. */
const MOST_PIXELS = 2 ** 22;

const benchCaseSchema = z
  .strictObject({
    /** How results name it. */
    name: z.string().min(1).max(200).default("case"),
    network: z.enum(BENCH_NETWORKS),
    /** Whole training steps, images drawn, or features of images. */
    work: z.enum(["train", "sample", "features"]).default("train"),
    /** Height and width of the images. */
    size: z.int().min(8).max(1024),
    batch: z.int().min(1).max(1024),
    precision: z.enum(["auto", "float32", "bfloat16"]).default("auto"),
    /** Settings of the network as its files of weights hold them; a GAN's: { generator, discriminator }. */
    config: z.unknown().optional(),
  })
  .superRefine(({ network, work, size, batch }, context) => {
    if (!WORK[network].includes(work))
      context.addIssue({
        code: "custom",
        path: ["work"],
        message: `${network} can ${WORK[network].join(" or ")}`,
      });
    if (batch * size * size > MOST_PIXELS)
      context.addIssue({
        code: "custom",
        path: ["batch"],
        message: `asks for more than ${MOST_PIXELS} pixels a step`,
      });
  });

/** One thing to be timed: a network, what it does, in which size. */
export type BenchCase = z.infer<typeof benchCaseSchema>;

const GENERATOR_WORK: readonly string[] = ["train", "sample"];
const WORK: Readonly<Record<BenchNetwork, readonly string[]>> = {
  "diffusion-unet": GENERATOR_WORK,
  "progressive-gan": GENERATOR_WORK,
  stylegan1: GENERATOR_WORK,
  stylegan2: GENERATOR_WORK,
  stylegan3: GENERATOR_WORK,
  unet: ["train"],
  "upernet-swin": ["train"],
  "efficientnet-lite0": ["features"],
};

/** @throws InputError naming the first field that is wrong. */
export function parseBenchCase(subject: string, value: unknown): BenchCase {
  const parsed = benchCaseSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new InputError(
    field === "" ? subject : `${subject}: ${field}`,
    issue?.message ?? "is not understood",
  );
}

/** Reads the description of a case. @throws InputError if the file cannot be read or is not one. */
export function readBenchCase(path: string): BenchCase {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw explainFileError(path, error);
  }
  try {
    return parseBenchCase(path, JSON.parse(text));
  } catch (error) {
    throw error instanceof SyntaxError ? new InputError(path, "is not JSON") : error;
  }
}
