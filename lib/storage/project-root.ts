import { join } from "node:path";

/** The project's folder: this file stands two folders below it, in lib/storage or in dist/storage. */
export const PROJECT_ROOT = join(__dirname, "..", "..");
