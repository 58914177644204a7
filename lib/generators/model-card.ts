import { z } from "zod";
import { durationText } from "../display/progress-text";
import { GENERATOR_NAMES, GENERATOR_TITLE } from "./generator-config";
import { trainingData } from "./training-record";

/** One number that was measured on a model's samples. */
const scoreSchema = z.object({
  /** Such as "Dice of a U-Net trained on its samples, relative to real slices". */
  measure: z.string(),
  /** The value as people read it, with its unit. */
  value: z.string(),
  /** How it was measured: on what, with how many. */
  detail: z.string().optional(),
});
export type ModelScore = z.infer<typeof scoreSchema>;
export const scoresSchema = z.array(scoreSchema);

/** What is known of weights that come with the project. */
export const cardSchema = z.object({
  /** SHA-256 of the weights file. */
  sha256: z.string(),
  generator: z.enum(GENERATOR_NAMES),
  /** Height and width of its images. */
  size: z.number(),
  /** Trained values of the network that makes the images. */
  parameters: z.number(),
  data: trainingData,
  imagesSeen: z.number(),
  trainingSec: z.number(),
  seed: z.number(),
  command: z.string(),
  /** Of the code that trained it. */
  commit: z.string(),
  scores: scoresSchema,
  limits: z.array(z.string()),
});
export type ModelCard = z.infer<typeof cardSchema>;

/** What holds of every small model of simulated slices. */
export function usualLimits(size: number): string[] {
  return [
    "It knows a simulated cohort only, not patients: of no use for diagnosis, or for training a network meant for patients.",
    `${size}x${size} pixels hide what is smaller than about ${Math.round(256 / size)} mm.`,
    "Masks are grey codes that the network learns like an image: between background (0) and edema (102) lies the code of the necrotic core (51), so thin borders of the wrong class occur, as they can in the study's own images. `generate --masks neighbours` reads each pixel together with those around it, `--masks thresholds` leaves the grey values.",
  ];
}

/** The card as a page. */
export function formatModelCard(name: string, card: ModelCard): string {
  const { generator, size, parameters, data, imagesSeen, trainingSec, seed, command, scores, limits } = card;
  const rows: readonly (readonly [string, string])[] = [
    ["generator", `${GENERATOR_TITLE[generator]}; ${grouped(parameters)} parameters`],
    ["training data", `${data.source}: ${grouped(data.slices)} slices of ${grouped(data.subjects)} subjects`],
    ["budget", `${grouped(imagesSeen)} images in ${durationText(trainingSec)}`],
    ["seed, command", `${seed}; \`${command}\``],
    [
      "weights",
      "moving average, half precision, `weights.safetensors`; hashes in `card.json`, losses in `log.jsonl`",
    ],
    ["use", `\`npm run synthmr -- generate ${name} --seeds 0-63 --out DIR\``],
  ];
  return `# Model card: ${name}

Makes ${size}x${size} axial brain MR slices with five channels: T1w, T1w-Gd, T2w, FLAIR and the tumour mask as a grey code (0, 51, 102, 204).

| | |
| --- | --- |
${rows.map(([what, text]) => `| ${what} | ${text} |`).join("\n")}

## Scores

${scores.length === 0 ? "Not measured yet." : scoreTable(scores)}

## Limits

${limits.map((limit) => `- ${limit}`).join("\n")}

## Licence

Code MIT. The training slices are adapted from the SRI24 atlas (Rohlfing et al. 2010), CC BY-SA 3.0; the weights are given under the same licence.
`;
}

function scoreTable(scores: readonly ModelScore[]): string {
  const lines = scores.map(({ measure, value, detail = "" }) => `| ${measure} | ${value} | ${detail} |`);
  return ["| measure | value | how |", "| --- | --- | --- |", ...lines].join("\n");
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
