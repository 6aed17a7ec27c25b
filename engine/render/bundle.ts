/** What the commands about releases answer. */
import type { BuiltBundle } from "../bundle/bundle.ts";
import type { Draft } from "../bundle/draft.ts";
import type { PublicKey } from "../bundle/keys.ts";
import type { Root } from "../bundle/root.ts";
import type { Signed } from "../bundle/sign.ts";
import type { Release } from "../bundle/store.ts";
import type { Verification } from "../bundle/verify.ts";
import type { AllOf, AnyOf, ProvenanceFile } from "../schema/types.ts";
import { originText } from "./origin.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

export interface Built {
  readonly bundle: BuiltBundle;
  readonly commit: string;
  /** Absent when only the bundle was made. */
  readonly draft?: Draft;
}

export function buildJson({ bundle, commit, draft }: Built): object {
  return {
    schema: "phiward.bundle-build/1",
    digest: bundle.digest,
    bytes: bundle.bytes,
    commit,
    ...(draft === undefined
      ? {}
      : { version: draft.predicate.version, change: draft.predicate.change.verdict }),
  };
}

export function buildText({ bundle, draft }: Built, paint: Paint): string {
  if (draft === undefined) return bundle.digest;
  const { version, previous, change } = draft.predicate;
  const what = previous === undefined ? "the first release" : changeText(change.verdict, paint);
  return [
    bundle.digest,
    `version ${version}, ${what}: nobody has signed it yet`,
    ...(draft.provenance === undefined ? [] : changesText(draft.provenance, paint)),
  ].join("\n");
}

/** The changes that its grants and rules come from. */
export function changesText({ changes }: ProvenanceFile, paint: Paint): readonly string[] {
  const cut = changes.some(({ orBefore }) => orBefore);
  return [
    paint("dim", "its grants and rules come from:"),
    ...changes.map((change) => `  ${originText(change)}`),
    ...(cut ? [paint("yellow", "the history is cut off: fetch all of it to know more")] : []),
  ];
}

function changeText(verdict: string, paint: Paint): string {
  const grave = verdict === "broader" || verdict === "unknown";
  return paint(
    grave ? "yellow" : "green",
    `${verdict} than the release before`.replace("same than", "the same as"),
  );
}

export function signedJson({ by, signers, missing }: Signed): object {
  return { schema: "phiward.signed/1", by, signers, missing };
}

export function signedText({ by, missing }: Signed, paint: Paint): string {
  const lines = [`${paint("green", "signed")} by ${visible(by.person)} (${visible(by.group)})`];
  const open = missing.map(({ group, more }) => `${more} of ${visible(group)}`);
  lines.push(
    open.length === 0 ? "everybody who must sign has signed" : `still missing: ${open.join(", ")}`,
  );
  return lines.join("\n");
}

function releaseOf({ predicate, statement, digest }: Omit<Release, "signers">): object {
  const { version, epoch, source } = predicate;
  return { version, epoch, digest, statement, commit: source.commit };
}

export function releaseVerifyJson({
  verdict,
  checks,
  release,
  refused,
  rootVersion,
}: Verification): object {
  return {
    schema: "phiward.bundle-verify/1",
    verdict,
    release: release === undefined ? null : releaseOf(release),
    root: rootVersion ?? null,
    signers: release?.signers ?? [],
    checks,
    refused: refused ?? null,
  };
}

export function releaseVerifyText(
  { checks, release, refused }: Verification,
  paint: Paint,
): string {
  if (refused !== undefined) {
    const attack = checks.find(({ name }) => name === refused.check)?.attack ?? "";
    return [
      `${paint(["bold", "red"], "UNTRUSTED")}  ${refused.check}: ${visible(refused.says)}`,
      paint("dim", `  this check stops ${attack}`),
    ].join("\n");
  }
  const { predicate, digest, signers } = release!;
  return [
    `${paint(["bold", "green"], "TRUSTED")}  version ${predicate.version}  ${digest}`,
    `  from commit ${predicate.source.commit}`,
    ...columns(
      signers.map(({ person, group, keyid }) => [
        "  signed by",
        visible(person),
        visible(group),
        keyid,
      ]),
    ),
    paint("dim", `  ${plural(checks.length, "check")} passed`),
  ].join("\n");
}

export function releaseJson(release: Omit<Release, "signers">, keyids: readonly string[]): object {
  return {
    schema: "phiward.bundle-inspect/1",
    digest: release.digest,
    statement: release.statement,
    release: release.predicate,
    signatures: keyids,
  };
}

export function releaseText(
  release: Omit<Release, "signers">,
  keyids: readonly string[],
  paint: Paint,
): string {
  const { predicate, digest } = release;
  const { source, tests, change } = predicate;
  const rows = [
    ["version", `${predicate.version}, epoch ${predicate.epoch}`],
    ["stream", `${predicate.domain} ${predicate.stream}`],
    ["bundle", digest],
    ["commit", source.commit],
    ["repository", source.repository],
    ["pull request", source.pullRequest === undefined ? "not said" : String(source.pullRequest)],
    ["approved by", source.approvers.map(({ name }) => name).join(", ") || "not said"],
    ["tests", tests === undefined ? "not said" : `${tests.passed} passed`],
    ["change", change.verdict],
    ["valid", `${predicate.issued} to ${predicate.expires}`],
    ["signatures", keyids.join(", ") || "none"],
  ];
  return [
    paint("yellow", "not verified: this is what the release says of itself"),
    ...columns(
      rows.map(([key, value]) => [`  ${key}`, visible(value!)]),
      (text, column) => (column === 0 ? paint("dim", text) : text),
    ),
  ].join("\n");
}

export interface Reproduced {
  readonly version: number;
  readonly commit: string;
  readonly released: string;
  readonly rebuilt: string;
}

export function reproduceJson(reproduced: Reproduced): object {
  return {
    schema: "phiward.bundle-reproduce/1",
    ...reproduced,
    same: reproduced.released === reproduced.rebuilt,
  };
}

export function reproduceText(
  { version, commit, released, rebuilt }: Reproduced,
  paint: Paint,
): string {
  return released === rebuilt
    ? `${paint("green", "the same")}  version ${version} is what commit ${commit} gives: ${rebuilt}`
    : `${paint("red", "different")}  version ${version} is ${released}, and commit ${commit} gives ${rebuilt}`;
}

export interface Published {
  readonly version: number;
  readonly commit: string;
  readonly tag: string;
}

export function publishJson(published: Published): object {
  return { schema: "phiward.bundle-publish/1", ...published };
}

export function publishText({ version, tag }: Published, paint: Paint): string {
  return `${paint("green", "published")} version ${version} as ${tag}`;
}

export interface Carried {
  readonly version: number;
  readonly file: string;
  readonly bytes: number;
}

export function carriedJson(carried: Carried): object {
  return { schema: "phiward.bundle-carry/1", ...carried };
}

export function carriedText({ version, file, bytes }: Carried, paint: Paint): string {
  return `${paint("green", "written")} version ${version} to ${visible(file)}, ${bytes} bytes`;
}

/** Sigstore bundles, and where they were written. */
export type Exported = readonly {
  readonly person: string;
  readonly keyid: string;
  readonly file: string;
}[];

export function exportedJson(bundles: Exported): object {
  return { schema: "phiward.bundle-export/1", bundles };
}

export function exportedText(bundles: Exported, paint: Paint): string {
  if (bundles.length === 0) return "no machine signed this release: there is nothing to export";
  return columns(
    bundles.map(({ person, file }) => [paint("green", "written"), visible(person), visible(file)]),
  ).join("\n");
}

export function keyJson(key: PublicKey): object {
  return {
    schema: "phiward.key/1",
    keyid: key.id,
    scheme: key.scheme,
    touch: key.application !== undefined,
  };
}

export function keyText(key: PublicKey): string {
  const kind =
    key.application !== undefined
      ? "security key"
      : key.scheme === "sshsig"
        ? "SSH key"
        : "machine key";
  return [`${key.id}  ${kind}`, "compare this id with its owner, on another way than it came"].join(
    "\n",
  );
}

export function rootJson({ file, digest }: Root): object {
  return { schema: "phiward.root/1", digest, root: file };
}

export function rootText({ file, digest }: Root, paint: Paint): string {
  const roles = [
    ...Object.entries(file.roles),
    ...Object.entries(file.extraFor).map(([name, role]) => [`${name}, also`, role] as const),
  ];
  return [
    `${paint("bold", `root ${file.version} of ${visible(file.domain)}`)}  ${digest}`,
    `  valid until ${file.expires}`,
    ...columns(
      Object.entries(file.people).map(([person, { group, keys }]) => [
        `  ${visible(person)}`,
        visible(group),
        keys.join(" "),
      ]),
    ),
    ...columns(roles.map(([name, role]) => [`  ${name}`, seatsText(role)])),
  ].join("\n");
}

function seatsText(role: AllOf | AnyOf): string {
  const texts = ("allOf" in role ? role.allOf : role.anyOf).map(
    ({ group, threshold }) => `${threshold} of ${visible(group)}`,
  );
  return texts.join("allOf" in role ? " and " : " or ");
}
