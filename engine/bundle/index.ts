/** Signed releases, as the command line and the gateway use them. */
export { type BuiltBundle, buildBundle } from "./bundle.ts";
export { CHECKS, type Check, type CheckMade, type Demand, startChecks } from "./checks.ts";
export { type Draft, draftRelease, lastSigned, redoDraft, type TreeAt } from "./draft.ts";
export { readEnvelope, wrap, writeEnvelope } from "./dsse.ts";
export { BUNDLE, PREVIOUS, RELEASE, type ReleaseFiles, releaseBytes, rootFile } from "./files.ts";
export type { PublicKey } from "./keys.ts";
export { firstRoot, nextRoot, type Person } from "./new-root.ts";
export { type Root, readRoot } from "./root.ts";
export { addSignature, releaseConditions, type Signed } from "./sign.ts";
export { newMachineKey, openSigner, readPublicKey } from "./signer/key-file.ts";
export { readFolder, writeFolder } from "./store/folder.ts";
export { publishGit, readGit, releaseTag } from "./store/git.ts";
export { readSource } from "./store/source.ts";
export {
  type Reached,
  type Release,
  reachedBy,
  readRelease,
  type Store,
  takeBundle,
  takeRelease,
  takeRoot,
  type VerifiedRelease,
} from "./store.ts";
export { readTrust } from "./trust.ts";
export { believing } from "./untrusted.ts";
export { followRoots, type Verification, verifyRelease } from "./verify.ts";
