/** What an attacker can make: any bytes, signed by whoever is on their side. */
import { signedBytes, wrap, writeEnvelope } from "../../../engine/bundle/dsse.ts";
import type { ReleaseFiles } from "../../../engine/bundle/files.ts";
import { firstRoot, nextRoot } from "../../../engine/bundle/new-root.ts";
import { ROLES, type Role } from "../../../engine/bundle/roles.ts";
import { sha256 } from "../../../engine/json/value.ts";
import type { EnvelopeFile, RootFile } from "../../../engine/schema/types.ts";
import { newSshKey, type Oddity, type SshKey, type SshType, sshSignature } from "../ssh-signer.ts";
import {
  ALL,
  DAY,
  KEYS,
  type Name,
  NOW,
  PEOPLE,
  ROOT,
  ROOT_SIGNERS,
  release,
  rootBytes,
  signedBy,
} from "../world.ts";
import type { Given } from "./attack.ts";

export const OTHER_DIGEST: `sha256:${string}` = `sha256:${"a".repeat(64)}`;

export const bytes = (text: string): Buffer => Buffer.from(text);
export const textOf = (file: Uint8Array | undefined): string => Buffer.from(file!).toString("utf8");

/** Any payload, in any form, under good signatures. */
export async function sealed(
  role: Role,
  payload: string | Uint8Array,
  names: readonly Name[] = ALL,
): Promise<Buffer> {
  const envelope = { role, payload: Buffer.from(payload), signatures: [] };
  return bytes(writeEnvelope(await signedBy(envelope, names)));
}

/** Roots, and nothing under them. */
export async function nothingSigned(): Promise<ReleaseFiles> {
  const { roots } = await release();
  return { roots };
}

/** The text of the statement that everybody signed, before it was changed. */
export async function statement(): Promise<string> {
  return payloadOf((await release()).release!);
}

export function payloadOf(envelope: Uint8Array): string {
  return Buffer.from(openEnvelope(envelope).payload, "base64").toString("utf8");
}

export function openEnvelope(envelope: Uint8Array): EnvelopeFile {
  return JSON.parse(textOf(envelope));
}

/** As the format writes it, whatever it holds. */
export function closeEnvelope({ payload, payloadType, signatures }: EnvelopeFile): Buffer {
  const list = signatures.map(({ keyid, sig }) => ({ keyid, sig }));
  return bytes(JSON.stringify({ payload, payloadType, signatures: list }));
}

/** The good release, with another envelope. */
export async function withRelease(
  change: (envelope: EnvelopeFile) => EnvelopeFile | Promise<EnvelopeFile>,
): Promise<Given> {
  const files = await release();
  return {
    files: { ...files, release: closeEnvelope(await change(openEnvelope(files.release!))) },
  };
}

/** The good release, with the envelope's text changed. */
export async function withText(change: (text: string) => string | Uint8Array): Promise<Given> {
  const files = await release();
  return { files: { ...files, release: Buffer.from(change(textOf(files.release))) } };
}

/** The good release, with a statement whose text was changed before everybody signed it. */
export async function withStatement(change: (text: string) => string | Uint8Array): Promise<Given> {
  const text = change(await statement());
  return { files: { ...(await release()), release: await sealed("release", text) } };
}

/** One signature of the good release is another one. */
export async function withSignatureOf(
  name: Name,
  change: (signature: Buffer, message: Buffer) => Buffer,
): Promise<Given> {
  const { id } = KEYS[name].publicKey;
  return await withRelease((envelope) => {
    const message = signedBytes({
      role: "release",
      payload: Buffer.from(envelope.payload, "base64"),
    });
    const signatures = envelope.signatures.map(({ keyid, sig }) => ({
      keyid,
      sig: keyid === id ? change(Buffer.from(sig, "base64"), message).toString("base64") : sig,
    }));
    return { ...envelope, signatures };
  });
}

/** The good release under another bundle, which everybody signed. */
export async function withBundle(bundle: string | Uint8Array): Promise<Given> {
  const content = Buffer.from(bundle);
  const digest = sha256(content.toString("utf8")).slice("sha256:".length);
  const given = await withStatement((text) =>
    text.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${digest}"`),
  );
  return { files: { ...given.files, bundle: content } };
}

/** A root as an attacker writes it, without its types. */
export type LooseRoot = Record<string, unknown> &
  Record<"keys" | "people" | "roles" | "extraFor", Record<string, unknown>>;

/** A trust file that names a root with this sense, and that root. */
export async function withFirstRoot(
  change: (file: LooseRoot) => void,
  names: readonly Name[] = ROOT_SIGNERS,
  signers: readonly Name[] = ALL,
): Promise<Given> {
  const file = structuredClone(ROOT) as unknown as LooseRoot;
  change(file);
  return await withRootText(textOf(wrap("root", file).payload), names, signers);
}

export async function withRootText(
  text: string | Uint8Array,
  names: readonly Name[] = ROOT_SIGNERS,
  signers: readonly Name[] = ALL,
): Promise<Given> {
  const files = await release(signers);
  const digest = sha256(Buffer.from(text).toString("utf8"));
  return {
    files: { ...files, roots: new Map([[1, await sealed("root", text, names)]]) },
    trust: { root: { version: 1, digest } },
  };
}

/** The root after the first. */
export function root2(change: Partial<Parameters<typeof nextRoot>[1]> = {}): RootFile {
  return nextRoot(ROOT, {
    add: [],
    remove: [],
    revoke: [],
    now: NOW,
    lifeMs: 365 * DAY,
    ...change,
  });
}

/** The good release, after this root. */
export async function withNextRoot(
  file: unknown,
  names: readonly Name[] = ROOT_SIGNERS,
): Promise<Given> {
  return await withRoots({ 2: await rootBytes(file, names) });
}

export async function withRoots(roots: Readonly<Record<number, Uint8Array>>): Promise<Given> {
  const files = await release();
  const more = Object.entries(roots).map(([version, root]) => [Number(version), root] as const);
  return { files: { ...files, roots: new Map([...files.roots, ...more]) } };
}

/** The security officer signs with an SSH key, in a way of their own. */
export async function withSshOfficer(
  type: SshType,
  odd: Oddity | ((key: SshKey, message: Buffer) => Buffer) = {},
): Promise<Given> {
  const officer = newSshKey(type);
  const people = PEOPLE.map((person) =>
    person.name === "s.park" ? { ...person, key: officer.publicKey } : person,
  );
  const [stream, { repository }] = Object.entries(ROOT.streams)[0]!;
  const { domain } = ROOT;
  const file = firstRoot({ domain, stream, repository, people, now: NOW - DAY, lifeMs: 365 * DAY });
  const root = wrap("root", file);
  const sign = typeof odd === "function" ? odd : undefined;
  const of = (role: Role, envelope: Buffer, how: Oddity): Buffer => {
    const file = openEnvelope(envelope);
    const message = signedBytes({ role, payload: Buffer.from(file.payload, "base64") });
    const space = ROLES[role].namespace;
    const signature =
      role === "release" && sign
        ? sign(officer, message)
        : sshSignature(officer, message, space, how);
    const added = { keyid: officer.publicKey.id, sig: signature.toString("base64") };
    return closeEnvelope({ ...file, signatures: [...file.signatures, added] });
  };
  const unsignedRoot = await sealed("root", root.payload, ["m.chen", "r.ode"]);
  const files: ReleaseFiles = {
    ...(await release()),
    roots: new Map([[1, of("root", unsignedRoot, {})]]),
    release: of(
      "release",
      await sealed("release", await statement(), ["ci", "m.chen", "r.ode"]),
      sign ? {} : (odd as Oddity),
    ),
  };
  return { files, trust: { root: { version: 1, digest: sha256(textOf(root.payload)) } } };
}
