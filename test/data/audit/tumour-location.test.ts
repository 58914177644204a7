import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fieldOf, tumourLocation, viewSizes } from "../../../lib/data/audit/tumour-location";
import { near } from "../../near";
import { countableVolumes } from "./volumes";

const test = suite("tumourLocation");

test("finds the centre of mass in mm and the cells of each view", () => {
  const { centreMm, cells, brainCells } = tumourLocation(countableVolumes());
  // Voxels x = 1..6, y = 2, z = 1: centres at (i + 0.5) mm.
  near(centreMm ?? [], [4, 2.5, 1.5], 1e-12);
  assert.equal(cells, { axial: [0, 1], coronal: [0, 1], sagittal: [0] });
  assert.equal(brainCells, { axial: [0, 1, 2, 3], coronal: [0, 1], sagittal: [0, 1] });
});

test("covers the same field whatever the voxels", () => {
  const volumes = countableVolumes();
  assert.equal(fieldOf({ ...volumes, pixelMm: 2, voxelMm3: 12 }), [16, 16, 12]);
  assert.equal(viewSizes([240, 240, 155]), { axial: [60, 60], coronal: [60, 39], sagittal: [60, 39] });
});

test.run();
