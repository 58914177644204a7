import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../storage/content-hash";

/**
 * Names the code that is running: SHA-256 over every compiled file of the library, 16 digits. What takes
 * seconds (figures, notebooks, report) is made again when it changes; trainings are not.
 */
export function codeHash(): string {
  const root = join(__dirname, "..");
  const parts = sourceFiles(root).map((path) => Buffer.from(sha256(readFileSync(path))));
  return sha256(...parts).slice(0, 16);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourceFiles(path);
      return /\.(js|mjs|ts)$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
    });
}
