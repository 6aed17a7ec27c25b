/** `node hostile-build.ts FOLDER COMMIT`: the digest of the bundle, as this process sees it. */
import { buildBundle } from "../../engine/bundle/bundle.ts";
import { gitTree } from "../../engine/host/git.ts";

const [folder, commit] = process.argv.slice(2);
const { digest } = await buildBundle(await gitTree(folder!, commit!));
process.stdout.write(digest);
