import { readFileManifest } from "../data/file-manifest";
import { explainFileError, InputError } from "../errors";
import { sha256OfFile } from "../setup/file-record";

/** The file that defines FID, which no package index carries. */
const MANIFEST = "inception-fid";

/** @throws InputError if a file cannot be read, or is not the one that defines FID and Inception score. */
export async function requireCanonicalWeights(path: string): Promise<void> {
  const found = await sha256OfFile(path).catch((error: unknown) => {
    throw explainFileError(path, error);
  });
  const { files } = readFileManifest(MANIFEST);
  const [file] = files;
  if (file?.sha256 !== found)
    throw new InputError(
      path,
      `is not ${file?.name} (SHA-256 ${file?.sha256})`,
      `synthmr data fetch ${MANIFEST} tells how to get it`,
    );
}
