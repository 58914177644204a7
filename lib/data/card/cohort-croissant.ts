import { z } from "zod";
import { CROISSANT_CONTEXT } from "../croissant-context";
import type { CohortVersion } from "../simulation/simulation-version";
import { SRI24_ATTRIBUTION } from "../simulation/sri24-atlas";

/** What a description needs to know of a simulated cohort. */
export interface CohortFacts {
  readonly name: string;
  readonly version: CohortVersion;
  /** Of one cohort; undefined where the recipe is described, which gives one cohort a seed. */
  readonly seed?: number;
  readonly subjects?: number;
  readonly anatomy: "sri24" | "analytic";
  /** SHA-256 of `cohort.json`, where one stands beside the description. */
  readonly cohortSha256?: string;
}

/** Licences by their addresses, as schema.org wants them. */
const CC_BY_SA_3 = "https://creativecommons.org/licenses/by-sa/3.0/";
const CC0 = "https://creativecommons.org/publicdomain/zero/1.0/";

/** When each version of the simulation was first given away. */
const PUBLISHED = { "2": "2026-11-22", "3": "2026-11-29" } as const satisfies Record<CohortVersion, string>;

/** The files of a subject: what each is called and what it holds. */
const FILES = [
  ["t1", "T1-weighted volume"],
  ["t1ce", "T1-weighted volume with gadolinium"],
  ["t2", "T2-weighted volume"],
  ["flair", "FLAIR volume"],
  ["seg", "annotation: 0 other, 1 necrotic core and non-enhancing tumour, 2 edema, 4 enhancing tumour"],
] as const;

/**
 * A simulated cohort in Croissant 1.0 (JSON-LD): licence, attribution, files and one record a volume.
 *
 * @see https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html
 */
export function cohortCroissant(facts: CohortFacts): object {
  const { name, version, seed, subjects, anatomy, cohortSha256 } = facts;
  const size = subjects === undefined ? "" : ` ${subjects} subjects, seed ${seed ?? 1}.`;
  const head = anatomy === "sri24" ? "warped heads of the SRI24 atlas" : "heads drawn by formulas";
  return {
    "@context": CROISSANT_CONTEXT,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.0",
    name,
    description: `Simulated MR images of glioma patients in the layout of BraTS: tumours grown in ${head}, imaged by the signal equations of several sites.${size} No image is of a person.`,
    version: `${version}.0.0`,
    license: anatomy === "sri24" ? CC_BY_SA_3 : CC0,
    url: "https://doi.org/10.1038/s41597-024-03073-x",
    creator: { "@type": "Organization", name: "The SynthMR developers" },
    datePublished: PUBLISHED[version],
    citeAs: anatomy === "sri24" ? SRI24_ATTRIBUTION : "SynthMR, simulated cohort",
    keywords: ["simulated", "glioma", "brain", "MRI", "segmentation", "BraTS layout"],
    isLiveDataset: false,
    distribution: [
      ...(cohortSha256 === undefined ? [] : [cohortFile(cohortSha256)]),
      ...FILES.map(([suffix, what]) => fileSet(suffix, what)),
    ],
    recordSet: FILES.map(([suffix, what]) => volumes(suffix, what)),
  };
}

function cohortFile(sha256: string): object {
  return {
    "@type": "cr:FileObject",
    "@id": "cohort.json",
    name: "cohort.json",
    description: "The recipe that gives the bytes of every subject.",
    contentUrl: "cohort.json",
    encodingFormat: "application/json",
    sha256,
  };
}

function fileSet(suffix: string, what: string): object {
  return {
    "@type": "cr:FileSet",
    "@id": `${suffix}-files`,
    name: `${suffix}-files`,
    description: `Simulated ${what}, one file a subject, NIfTI-1, in the frame of BraTS.`,
    encodingFormat: "application/gzip",
    includes: `*/*_${suffix}.nii.gz`,
  };
}

/** One record a file: whose it is, and its bytes. */
function volumes(suffix: string, what: string): object {
  const id = `${suffix}-volumes`;
  const fileSet = { "@id": `${suffix}-files` };
  return {
    "@type": "cr:RecordSet",
    "@id": id,
    name: id,
    description: `One record a simulated subject: ${what}.`,
    key: { "@id": `${id}/subject` },
    field: [
      {
        "@type": "cr:Field",
        "@id": `${id}/subject`,
        name: `${id}/subject`,
        description: "Name of the subject, the same in every record set.",
        dataType: "sc:Text",
        source: {
          fileSet,
          extract: { fileProperty: "filename" },
          transform: { regex: `^(.+)_${suffix}\\.nii\\.gz$` },
        },
      },
      {
        "@type": "cr:Field",
        "@id": `${id}/content`,
        name: `${id}/content`,
        description: "The file, gzipped NIfTI-1.",
        dataType: "sc:Text",
        source: { fileSet, extract: { fileProperty: "fullpath" } },
      },
    ],
  };
}

const identified = z.looseObject({ "@id": z.string(), name: z.string() });

/** What Croissant 1.0 requires of a dataset like this one; a test holds both descriptions against it. */
export const croissantSchema = z.looseObject({
  "@context": z.looseObject({
    "@vocab": z.literal("https://schema.org/"),
    cr: z.url(),
    dct: z.url(),
    sc: z.url(),
  }),
  "@type": z.literal("sc:Dataset"),
  conformsTo: z.literal("http://mlcommons.org/croissant/1.0"),
  name: z.string().min(1),
  description: z.string().min(1),
  license: z.url(),
  url: z.url(),
  creator: z.looseObject({ "@type": z.enum(["Person", "Organization"]), name: z.string() }),
  datePublished: z.iso.date(),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  citeAs: z.string().min(1),
  distribution: z.array(
    z.union([
      identified.extend({
        "@type": z.literal("cr:FileObject"),
        contentUrl: z.string(),
        encodingFormat: z.string(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
      identified.extend({
        "@type": z.literal("cr:FileSet"),
        includes: z.string(),
        encodingFormat: z.string(),
      }),
    ]),
  ),
  recordSet: z.array(
    identified.extend({
      "@type": z.literal("cr:RecordSet"),
      field: z.array(
        identified.extend({
          "@type": z.literal("cr:Field"),
          dataType: z.string(),
          source: z.looseObject({}),
        }),
      ),
    }),
  ),
});
