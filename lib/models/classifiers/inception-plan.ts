/** A convolution of a branch: name, kernel, channels out, and for the reducing ones the stride. */
export interface ConvPlan {
  readonly name: string;
  readonly kernel: readonly [number, number];
  readonly channels: number;
  /** 2 without margin; default 1 with one. */
  readonly stride?: 2;
}

/** One way through a module: pooling, then convolutions one after another, the last perhaps several side by side. */
export interface BranchPlan {
  /** Before the convolutions: 3x3, of stride 1 with a margin, or of stride 2 without one. */
  readonly pool?: "mean" | "max" | "reduce";
  readonly convs: readonly ConvPlan[];
  /** Applied side by side to what the convolutions gave. */
  readonly split?: readonly ConvPlan[];
}

/** A module: branches whose outputs are joined, in this order. */
export interface ModulePlan {
  readonly name: string;
  readonly branches: readonly BranchPlan[];
}

const conv = (name: string, height: number, width: number, channels: number, stride?: 2): ConvPlan => ({
  name,
  kernel: [height, width],
  channels,
  ...(stride === undefined ? {} : { stride }),
});

/** The convolutions before the modules; all without margin but for the third, max pooling after 2b and 4a. */
export const INCEPTION_STEM: readonly (ConvPlan & { readonly padded?: true; readonly pooled?: true })[] = [
  conv("Conv2d_1a_3x3", 3, 3, 32, 2),
  conv("Conv2d_2a_3x3", 3, 3, 32),
  { ...conv("Conv2d_2b_3x3", 3, 3, 64), padded: true, pooled: true },
  conv("Conv2d_3b_1x1", 1, 1, 80),
  { ...conv("Conv2d_4a_3x3", 3, 3, 192), pooled: true },
];

/** Modules at 35x35. */
const mixed5 = (name: string, poolChannels: number): ModulePlan => ({
  name,
  branches: [
    { convs: [conv("branch1x1", 1, 1, 64)] },
    { convs: [conv("branch5x5_1", 1, 1, 48), conv("branch5x5_2", 5, 5, 64)] },
    {
      convs: [
        conv("branch3x3dbl_1", 1, 1, 64),
        conv("branch3x3dbl_2", 3, 3, 96),
        conv("branch3x3dbl_3", 3, 3, 96),
      ],
    },
    { pool: "mean", convs: [conv("branch_pool", 1, 1, poolChannels)] },
  ],
});

/** Modules at 17x17; convolutions of 7x7 as one along each axis. */
const mixed6 = (name: string, width: number): ModulePlan => ({
  name,
  branches: [
    { convs: [conv("branch1x1", 1, 1, 192)] },
    {
      convs: [
        conv("branch7x7_1", 1, 1, width),
        conv("branch7x7_2", 1, 7, width),
        conv("branch7x7_3", 7, 1, 192),
      ],
    },
    {
      convs: [
        conv("branch7x7dbl_1", 1, 1, width),
        conv("branch7x7dbl_2", 7, 1, width),
        conv("branch7x7dbl_3", 1, 7, width),
        conv("branch7x7dbl_4", 7, 1, width),
        conv("branch7x7dbl_5", 1, 7, 192),
      ],
    },
    { pool: "mean", convs: [conv("branch_pool", 1, 1, 192)] },
  ],
});

/** Modules at 8x8. The second pools by the maximum: a slip of the original that every FID has since carried. */
const mixed7 = (name: string, pool: "mean" | "max"): ModulePlan => ({
  name,
  branches: [
    { convs: [conv("branch1x1", 1, 1, 320)] },
    {
      convs: [conv("branch3x3_1", 1, 1, 384)],
      split: [conv("branch3x3_2a", 1, 3, 384), conv("branch3x3_2b", 3, 1, 384)],
    },
    {
      convs: [conv("branch3x3dbl_1", 1, 1, 448), conv("branch3x3dbl_2", 3, 3, 384)],
      split: [conv("branch3x3dbl_3a", 1, 3, 384), conv("branch3x3dbl_3b", 3, 1, 384)],
    },
    { pool, convs: [conv("branch_pool", 1, 1, 192)] },
  ],
});

/** The modules, in order, under the names of torchvision. */
export const INCEPTION_MODULES: readonly ModulePlan[] = [
  mixed5("Mixed_5b", 32),
  mixed5("Mixed_5c", 64),
  mixed5("Mixed_5d", 64),
  {
    name: "Mixed_6a",
    branches: [
      { convs: [conv("branch3x3", 3, 3, 384, 2)] },
      {
        convs: [
          conv("branch3x3dbl_1", 1, 1, 64),
          conv("branch3x3dbl_2", 3, 3, 96),
          conv("branch3x3dbl_3", 3, 3, 96, 2),
        ],
      },
      { pool: "reduce", convs: [] },
    ],
  },
  mixed6("Mixed_6b", 128),
  mixed6("Mixed_6c", 160),
  mixed6("Mixed_6d", 160),
  mixed6("Mixed_6e", 192),
  {
    name: "Mixed_7a",
    branches: [
      { convs: [conv("branch3x3_1", 1, 1, 192), conv("branch3x3_2", 3, 3, 320, 2)] },
      {
        convs: [
          conv("branch7x7x3_1", 1, 1, 192),
          conv("branch7x7x3_2", 1, 7, 192),
          conv("branch7x7x3_3", 7, 1, 192),
          conv("branch7x7x3_4", 3, 3, 192, 2),
        ],
      },
      { pool: "reduce", convs: [] },
    ],
  },
  mixed7("Mixed_7b", "mean"),
  mixed7("Mixed_7c", "max"),
];
