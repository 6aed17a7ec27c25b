/** Signed releases, as the command line and the gateway use them. */
export { type BuiltBundle, buildBundle } from "./bundle.ts";
export { MAX_CARRY_BYTES, readCarry, writeCarry } from "./carry.ts";
export { CHECKS, type Check, type CheckMade, type Demand, Refused, startChecks } from "./checks.ts";
export { type Draft, draftRelease } from "./draft.ts";
export { readEnvelope, wrap, writeEnvelope } from "./dsse.ts";
export {
  BUNDLE,
  HALT_FILE,
  HEARTBEAT,
  haltFile,
  PREVIOUS,
  PREVIOUS_PROVENANCE,
  PROVENANCE,
  RELEASE,
  type ReleaseFiles,
  releaseBytes,
  releaseContents,
  rootFile,
} from "./files.ts";
export { type GateReview, readGateReport } from "./gate-report.ts";
export { type Halt, takeHalt } from "./halt.ts";
export { takeHeartbeat } from "./heartbeat.ts";
export type { PublicKey } from "./keys.ts";
export { lastSigned, type TreeAt } from "./last-signed.ts";
export { newHalt } from "./new-halt.ts";
export { newHeartbeat } from "./new-heartbeat.ts";
export { firstRoot, type NewSeats, nextRoot, type Person } from "./new-root.ts";
export { type Origin, originOf } from "./origin.ts";
export { takeProvenance, writeProvenance } from "./provenance.ts";
export { redoDraft } from "./redo.ts";
export { type Root, readRoot } from "./root.ts";
export { addSignature, releaseConditions, type Signed } from "./sign.ts";
export { newMachineKey, openSigner, readPublicKey } from "./signer/key-file.ts";
export { withoutRevoked } from "./signers.ts";
export { sigstoreBundles } from "./sigstore.ts";
export { readCarried } from "./store/carried.ts";
export { readFolder, writeFolder } from "./store/folder.ts";
export { readGit, releaseTag } from "./store/git.ts";
export { lastRun } from "./store/last-run.ts";
export { keepOrigins, recordedChanges, recordedOrigins } from "./store/origins.ts";
export { publishBeside, publishGit, publishHeartbeat } from "./store/publish.ts";
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
export { followRoots, takeHalts, type Verification, verifyRelease } from "./verify.ts";
export { verifyRead } from "./verify-read.ts";
