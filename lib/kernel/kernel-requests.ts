import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { z } from "zod";
import { PROJECT_ROOT } from "../storage/project-root";
import { PROTOCOL_VERSION } from "./message";

/** What the requests of a front end hold, under the names of the messaging protocol. */
export const EXECUTE_REQUEST = z.object({
  code: z.string(),
  silent: z.boolean().default(false),
  store_history: z.boolean().default(true),
  stop_on_error: z.boolean().default(true),
  user_expressions: z.record(z.string(), z.string()).default({}),
});
export const CURSOR_REQUEST = z.object({ code: z.string(), cursor_pos: z.number().int().nonnegative() });
export const CODE_REQUEST = z.object({ code: z.string() });
export const SHUTDOWN_REQUEST = z.object({ restart: z.boolean().default(false) });
export const COMM_OPEN = z.object({ comm_id: z.string() });
export const HISTORY_REQUEST = z.object({
  hist_access_type: z.enum(["range", "tail", "search"]),
  output: z.boolean().default(false),
  session: z.number().int().optional(),
  start: z.number().int().optional(),
  stop: z.number().int().nullish(),
  n: z.number().int().nullish(),
  pattern: z.string().nullish(),
  unique: z.boolean().optional(),
});

/** Answer to kernel_info_request. */
export function kernelInformation(): Readonly<Record<string, unknown>> {
  const version = packageVersion();
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "synthmr",
    implementation_version: version,
    banner: `SynthMR ${version} (TypeScript ${ts.version} on Node ${process.versions.node})`,
    language_info: {
      name: "typescript",
      version: ts.version,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      // The mode is for JupyterLab; name and typescript are for the classic notebook.
      codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    },
    help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
    debugger: false,
  };
}

/** Version of the project, which is that of its kernel. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return version;
}
