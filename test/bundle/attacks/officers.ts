/** A builder that was taken over, before an officer's own machine, which makes the release again. */
import { join } from "node:path";
import { draftRelease } from "../../../engine/bundle/draft.ts";
import { wrap, writeEnvelope } from "../../../engine/bundle/dsse.ts";
import { writeProvenance } from "../../../engine/bundle/provenance.ts";
import { openStore, type Store } from "../../../engine/bundle/store.ts";
import { gitTree } from "../../../engine/host/git.ts";
import { gitHistory } from "../../../engine/host/history.ts";
import { sha256 } from "../../../engine/json/value.ts";
import type { ProvenanceFile, ReleaseStatement } from "../../../engine/schema/types.ts";
import { ALL, DAY, demand, type Name, NOW, rootBytes, SOURCES, signedBy, TRUST } from "../world.ts";
import { type Content, commitFiles, type Family, family, write, writeCase } from "./attack.ts";
import { bytes, OTHER_DIGEST, sealed, textOf } from "./forge.ts";

const LOOKUP = "policies/lookup.yaml";
const NARROWER = { [LOOKUP]: SOURCES[LOOKUP]!.replace("max: 20", "max: 10") };

/** A signed release and a draft that follows it, as they lie in the officer's folder. */
interface Scene {
  readonly commits: readonly [first: string, second: string];
  readonly statement: ReleaseStatement;
  readonly before: ReleaseStatement;
  readonly provenance: ProvenanceFile;
  /** The files of the release, by their path. */
  readonly files: Readonly<Record<string, Content>>;
}

/** What the builder writes otherwise; `undefined` takes a file away. */
type Change = (scene: Scene) => Promise<Readonly<Record<string, Content | undefined>>>;

let scene: Promise<Scene> | undefined;

async function layScene(folder: string, change: Change): Promise<void> {
  const policies = join(folder, "policies");
  const commits = [commitFiles(policies, SOURCES), commitFiles(policies, NARROWER)] as const;
  // The same files give the same commits, so that the first repository speaks for all.
  scene ??= makeScene(policies, commits);
  const made = await scene;
  for (const [path, content] of Object.entries({ ...made.files, ...(await change(made)) })) {
    if (content !== undefined) write(folder, join("release", path), content);
  }
  write(folder, "trust.json", JSON.stringify(TRUST));
  writeCase(folder, { kind: "sign", now: NOW, source: "release" });
}

async function makeScene(policies: string, commits: Scene["commits"]): Promise<Scene> {
  const root = await rootBytes();
  const store = openStore(TRUST, root, NOW, undefined, demand);
  const first = await draftOf(store, policies, commits[0]);
  const signed = bytes(writeEnvelope(await signedBy(first.envelope, ALL)));
  const second = await draftOf(store, policies, commits[1], { signed, said: first.said });
  return {
    commits,
    statement: JSON.parse(textOf(second.envelope.payload)),
    before: JSON.parse(textOf(first.envelope.payload)),
    provenance: JSON.parse(second.said),
    files: {
      "root/1.json": root,
      "previous.json": signed,
      "previous-provenance.json": first.said,
      "release.json": writeEnvelope(second.envelope),
      "bundle.json": second.bundle.text,
      "provenance.json": second.said,
    },
  };
}

async function draftOf(
  store: Store,
  policies: string,
  commit: string,
  last?: { readonly signed: Buffer; readonly said: string },
) {
  const draft = await draftRelease(
    store,
    last?.signed,
    (name) => gitTree(policies, name),
    {
      commit,
      path: "",
      lifeMs: 90 * DAY,
      graceSeconds: 3600,
      approvers: [],
      past: {
        history: (name, since) => gitHistory(policies, name, since),
        before: last === undefined ? undefined : bytes(last.said),
      },
    },
    demand,
  );
  return { ...draft, said: writeProvenance(draft.provenance!).text };
}

const draft = (statement: unknown): string => writeEnvelope(wrap("release", statement));

/** The draft with another predicate. */
const saying =
  (change: (predicate: ReleaseStatement["predicate"]) => object): Change =>
  async ({ statement }) => {
    const predicate = { ...statement.predicate, ...change(statement.predicate) };
    return { "release.json": draft({ ...statement, predicate }) };
  };

/** Another file of origins, which the draft names. */
const tracing =
  (change: (file: ProvenanceFile, scene: Scene) => object): Change =>
  async (scene) => {
    const { text, digest } = writeProvenance({
      ...scene.provenance,
      ...change(scene.provenance, scene),
    });
    const subject = scene.statement.subject.map((each) =>
      each.name === "provenance.json"
        ? { ...each, digest: { sha256: digest.slice("sha256:".length) } }
        : each,
    );
    return { "provenance.json": text, "release.json": draft({ ...scene.statement, subject }) };
  };

/** The release before, with another text or other signers; the draft follows it all the same. */
const following =
  (change: (scene: Scene) => ReleaseStatement, names: readonly Name[] = ALL): Change =>
  async (scene) => {
    const payload = wrap("release", change(scene)).payload;
    const previous = { version: 1, statement: sha256(textOf(payload)) };
    const predicate = { ...scene.statement.predicate, previous };
    return {
      "previous.json": await sealed("release", payload, names),
      "release.json": draft({ ...scene.statement, predicate }),
    };
  };

const changeOf = (scene: ReleaseStatement["predicate"], other: object): object => ({
  change: { ...scene.change, ...other },
});

// biome-ignore format: one row a line is a table
export const OFFICERS: Family = family("an officer's machine", layScene, [
  ["calls a narrower change no change", "proof", () => saying((p) => changeOf(p, { verdict: "same" }))],
  ["calls a change unknown, so that nobody asks what it does", "proof", () => saying((p) => changeOf(p, { verdict: "unknown" }))],
  ["shows the proof of something else", "proof", () => saying((p) => changeOf(p, { proof: OTHER_DIGEST }))],
  ["calls a broader first release a narrower one", "proof", () => async ({ before, files }) => ({
    "release.json": draft({ ...before, predicate: { ...before.predicate, ...changeOf(before.predicate, { verdict: "narrower" }) } }),
    "provenance.json": files["previous-provenance.json"], "previous.json": undefined,
  })],
  ["signs the bundle of one commit under the name of another", "bundle", () => async ({ statement, commits }) => ({
    "release.json": draft({ ...statement, predicate: { ...statement.predicate, source: { ...statement.predicate.source, commit: commits[0] } } }),
  })],
  ["puts another digest in the bundle's place", "bundle", () => async ({ statement }) => ({
    "release.json": draft({ ...statement, subject: [{ name: "bundle.json", digest: { sha256: "a".repeat(64) } }, ...statement.subject.slice(1)] }),
  })],
  ["compares with a release that its commit does not give", "bundle", () => following(({ before }) => ({ ...before, subject: [{ name: "bundle.json", digest: { sha256: "a".repeat(64) } }, ...before.subject.slice(1)] }))],
  ["hides the release before", "lineage", () => async () => ({ "previous.json": undefined })],
  ["calls the second release the first", "lineage", () => async ({ statement: { predicate: { previous: _, ...predicate }, ...rest } }) => ({ "release.json": draft({ ...rest, predicate }) })],
  ["follows a release that is not there", "lineage", () => saying(() => ({ previous: { version: 1, statement: OTHER_DIGEST } }))],
  ["compares with a release that the builder alone signed", "too-few", () => following(({ before }) => before, ["ci"])],
  ["compares with a release that nobody signed", "unsigned", () => following(({ before }) => before, [])],
  ["compares with a release that a stranger signed", "signer", () => following(({ before }) => before, ["stranger"])],
  ["puts a rule down to a commit that did not change it", "provenance", () => tracing((file, { commits }) => ({ changes: file.changes.map((each) => ({ ...each, commit: each.commit === commits[0] ? commits[1] : commits[0] })) }))],
  ["puts a rule down to a commit that is not there", "provenance", () => tracing((file) => ({ changes: file.changes.map((each) => ({ ...each, commit: "9".repeat(40) })) }))],
  ["says that a grant comes from an approved pull request long ago", "provenance", () => tracing((file, { commits }) => ({ changes: file.changes.map((each) => each.commit === commits[0] ? { ...each, pullRequest: { number: 7, from: "gate" }, approvers: [{ name: "m.chen", commit: commits[0] }] } : each) }))],
  ["says nothing of where a grant comes from", "provenance", () => tracing(() => ({ grants: {} }))],
  ["says where a grant comes from that is not there", "provenance", () => tracing((file) => ({ grants: { ...file.grants, "all-bots": 0 } }))],
  ["names a change that is not in the list", "form", () => tracing((file) => ({ grants: Object.fromEntries(Object.keys(file.grants).map((id) => [id, 99])) }))],
  ["says nothing of where rules come from", "provenance", () => async ({ statement }) => ({ "release.json": draft({ ...statement, subject: statement.subject.slice(0, 1) }) })],
  ["takes away what says where rules come from", "provenance", () => async () => ({ "provenance.json": undefined })],
  ["changes what says where rules come from after the draft was made", "provenance", () => async ({ files }) => ({ "provenance.json": textOf(bytes(String(files["provenance.json"]))).replace('"approvers":[]', '"approvers":[{"commit":"1111111111111111111111111111111111111111","name":"m.chen"}]') })],
  ["changes what the release before says of its rules", "provenance", () => async ({ files }) => ({ "previous-provenance.json": `${String(files["previous-provenance.json"])} ` })],
  ["puts white space into the draft", "canonical", () => async ({ files }) => ({ "release.json": `${String(files["release.json"])} ` })],
  ["shows a root for a draft", "purpose", () => async ({ files }) => ({ "release.json": files["root/1.json"] })],
]);
