import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputError } from "../../../lib/errors";
import { drawBinomial } from "../../../lib/study/results/binomial";
import { imageStatistics } from "../../../lib/study/results/image-statistics";
import { hasResults, readPictures, readResults, writeResults } from "../../../lib/study/results/results-file";
import { writeRoCrate } from "../../../lib/study/results/ro-crate";
import { withLock } from "../../../lib/storage/lock";
import { discSlices } from "../../figures/examples";
import { near } from "../../near";
import { emptyResults, trained } from "./made-up";
import { wholePictures, wholeStudy } from "./whole-study";

const test = suite("files of the results");

async function inFolder(work: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "synthmr-results-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("results and pictures are read back as they were written, a value that is not defined too", async () => {
  await inFolder(async (folder) => {
    const results = emptyResults({ segmentation: [trained({}, [0.5, Number.NaN])] });
    assert.not.ok(hasResults(folder));
    await writeResults(folder, results, wholePictures());
    assert.ok(hasResults(folder));
    assert.equal(readResults(folder), results);
    assert.ok(Number.isNaN(readResults(folder).segmentation[0]?.dice.edema[1]));
    const [read, written] = [readPictures(folder), wholePictures()];
    assert.equal(
      read.pairs.map(({ r }) => r),
      written.pairs.map(({ r }) => r),
    );
    const bytes = ({ overlays, generators }: typeof read): readonly number[][] =>
      [overlays?.predictions[0]?.classes, generators[0]?.slices.images].map((part) => Array.from(part ?? []));
    assert.equal(bytes(read), bytes(written));
  });
});

test("who collects while another does waits, and takes away what a killed one has left", async () => {
  await inFolder(async (folder) => {
    const without = { real: null, generators: [], overlays: null, pairs: [] };
    const left = join(folder, "pictures.part-1");
    mkdirSync(left);
    let open = (): void => undefined;
    const held = withLock(
      join(folder, "collect.lock"),
      () =>
        new Promise<void>((resolve) => {
          open = resolve;
        }),
    );
    const writing = [wholePictures(), without].map((pictures) =>
      writeResults(folder, emptyResults(), pictures),
    );
    await setTimeout(400);
    assert.not.ok(hasResults(folder));
    open();
    await Promise.all([held, ...writing]);
    assert.ok(hasResults(folder) && !existsSync(left));
    const { generators, pairs } = readPictures(folder);
    assert.ok((generators.length === 0) === (pairs.length === 0));
    assert.equal(
      readdirSync(folder).filter((name) => name !== "pictures"),
      ["measures.json", "results.json"],
    );
  });
});

test("results of another version are refused in one line", async () => {
  await inFolder((folder) => {
    writeFileSync(join(folder, "results.json"), JSON.stringify({ ...emptyResults(), format: "older" }));
    assert.throws(
      () => readResults(folder),
      (error: unknown) => error instanceof InputError && /format/.test(error.message),
    );
    writeFileSync(join(folder, "results.json"), "{");
    assert.throws(() => readResults(folder), /is not JSON/);
    assert.throws(() => readPictures(folder), /no such file/);
  });
});

test("a crate lists every file with its hash, the records as actions and the claims with their verdicts", async () => {
  await inFolder(async (folder) => {
    await writeResults(join(folder, "results"), wholeStudy(), wholePictures());
    writeFileSync(join(folder, "a b.csv"), "1\r\n");
    const path = writeRoCrate(folder, wholeStudy(), {
      datePublished: "2026-01-01",
      software: { name: "synthmr", version: "1" },
    });
    const { "@context": context, "@graph": graph } = JSON.parse(readFileSync(path, "utf8")) as {
      "@context": string;
      "@graph": {
        "@id": string;
        "@type": string;
        sha256?: string;
        hasPart?: { "@id": string }[];
        about?: { "@id": string };
      }[];
    };
    assert.is(context, "https://w3id.org/ro/crate/1.1/context");
    const ids = graph.map((entity) => entity["@id"]);
    assert.is(new Set(ids).size, ids.length);
    const root = graph.find((entity) => entity["@id"] === "./");
    assert.ok(root?.hasPart?.every((part) => ids.includes(part["@id"])));
    // printf '1\r\n' | sha256sum
    const csv = graph.find((entity) => entity["@id"] === "a%20b.csv");
    assert.is(csv?.sha256, "f1b2f662800122bed0ff255693df89c4487fbdcf453d3524a42d4ec20c3d9c04");
    assert.is(graph.filter((entity) => entity["@type"] === "Claim").length, 9);
    assert.ok(graph.some((entity) => entity["@type"] === "CreateAction"));
    const everyReference = JSON.stringify(graph).match(/\{"@id":"[^"]+"\}/g) ?? [];
    for (const reference of everyReference) {
      const { "@id": id } = JSON.parse(reference) as { "@id": string };
      assert.ok(ids.includes(id) || id.startsWith("https://w3id.org/ro/crate"), id);
    }
  });
});

test("counts tumour pixels and grey values of each class", () => {
  const set = discSlices(2, 1);
  const { slices, withoutTumour, tumourPixels, pixelCm2, grey } = imageStatistics(set);
  assert.equal([slices, withoutTumour, tumourPixels.length], [2, 0, 2]);
  near([pixelCm2], [(25.6 / 16) ** 2], 1e-12);
  const counted = grey.t1w
    .slice(1)
    .flat()
    .reduce((sum, count) => sum + count, 0);
  // Every tumour pixel of the discs is brighter than 0.
  assert.is(
    counted,
    tumourPixels.reduce((sum, pixels) => sum + pixels, 0),
  );
});

test("binomial draws follow the distribution function", () => {
  // n = 2, p = 0.25: P(0) = 0.5625, P(1) = 0.375, P(2) = 0.0625.
  assert.equal(
    [0, 0.56, 0.57, 0.93, 0.94, 0.999].map((u) => drawBinomial(2, 0.25, u)),
    [0, 0, 1, 1, 2, 2],
  );
  assert.is(drawBinomial(10, 0, 0.9), 0);
  assert.is(drawBinomial(10, 1, 0.9), 10);
  // n p = 500, standard deviation 15.8: the 97.5th percentile is 500 + 1.96 x 15.8 = 531.
  assert.is(drawBinomial(1000, 0.5, 0.975), 531);
  assert.ok(Number.isNaN(drawBinomial(10, Number.NaN, 0.5)));
});

test.run();
