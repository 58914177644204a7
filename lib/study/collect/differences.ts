import { MASK_DECODING_TITLE } from "../../data/mask-decoding";
import type { GeneratorConfig } from "../../generators/generator-config";
import { backgroundText } from "../../generators/recipe";
import { SAMPLING_TITLE } from "../../sampling/diffusion-sampler";
import { FEWER_SUBJECTS_TITLE } from "../profile";
import type { StudyResults } from "../results/study-results";
import type { Study } from "../study";

const NOT_PUBLISHED = "not published in the sources at hand";

/** What a run does otherwise than the study, as far as the study's settings are known. */
export function differencesOf({ profile, words, stages }: Study): StudyResults["differences"] {
  const { size, segmenters, sampling, generatorWeights, fewerSubjects } = profile;
  const { unet, swin } = segmenters;
  const ofGenerators = (text: (sampling: GeneratorConfig["sampling"]) => string): string =>
    [...new Set(Object.values(profile.generators).map(({ sampling }) => text(sampling)))].join("; ");
  const { diffusion, stylegan2 } = profile.generators;
  const seeds = new Set(stages.segmentationCells().map(({ seed }) => seed)).size;
  const differences = [
    {
      what: "cohort",
      study: "BraTS 2020 and BraTS 2021",
      here: words.simulated ? "simulated" : words.cohort,
    },
    { what: "training subjects", study: "313 and 1195", here: count(stages.grid.trainingSubjects) },
    { what: "slices", study: "256 x 256", here: `${size} x ${size}` },
    { what: "images drawn of each generator", study: "100,000", here: count(sampling.images) },
    {
      what: "classes of a generated mask",
      study: MASK_DECODING_TITLE.thresholds,
      here: ofGenerators(({ masks }) => MASK_DECODING_TITLE[masks]),
    },
    {
      what: "background of a generated image",
      study: backgroundText(0),
      here: ofGenerators(({ blackBelow }) => backgroundText(blackBelow)),
    },
    { what: "trainings of each row", study: "10", here: count(seeds) },
    {
      what: "U-Net",
      study: "116,014,272 parameters, 32,000,000 images",
      here: `depth ${unet.network.depth}, ${unet.network.firstChannels} channels at first, ${count(unet.config.images)} images`,
    },
    {
      what: "Swin transformer",
      study: "Swin-B, 128 channels at first; number of images " + NOT_PUBLISHED,
      here: `${swin.network.backbone.embedding} channels at first, ${count(swin.config.images)} images`,
    },
    {
      what: "StyleGAN 2 and 3",
      study: "25,000,000 images",
      here: `${count(stylegan2.training.images)} and ${count(profile.generators.stylegan3.training.images)} images, weights ${generatorWeights}`,
    },
    {
      what: "StyleGAN 2 and 3 of fewer subjects",
      // 25,000,000 images of 313 subjects and of 1195; of the other generators it is not known.
      study: FEWER_SUBJECTS_TITLE["same images"],
      here: FEWER_SUBJECTS_TITLE[fewerSubjects],
    },
    {
      what: "diffusion model",
      study: `64 channels, 4000 linear steps, predicts the noise, ancestral sampling; number of images ${NOT_PUBLISHED}`,
      here: `${diffusion.network.baseChannels} channels, ${diffusion.schedule.steps} ${diffusion.schedule.name} steps, predicts the ${diffusion.target}, ${SAMPLING_TITLE[diffusion.sampling.method.kind]} sampling, ${count(diffusion.training.images)} images`,
    },
  ];
  return differences.filter(({ study, here }) => study !== here);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
