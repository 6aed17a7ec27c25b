/** One text that two readers take for two, and texts of a size that is the attack. */
import { canonical, type Json, sha256 } from "../../../engine/json/value.ts";
import { release, rootBytes } from "../world.ts";
import { type Family, family, type Given, layRelease } from "./attack.ts";
import {
  root2,
  sealed,
  textOf,
  withBundle,
  withRelease,
  withRoots,
  withStatement,
  withText,
} from "./forge.ts";

const raw = (hex: string): Buffer => Buffer.from(hex, "hex");

/** Bytes in the place of some letters. */
const spliced = (text: string, before: string, bytes: Buffer): Buffer => {
  const at = text.indexOf(before);
  return Buffer.concat([
    Buffer.from(text.slice(0, at)),
    bytes,
    Buffer.from(text.slice(at + before.length)),
  ]);
};

/** The same statement with its members in another order. */
const unsorted = (text: string): string => {
  const { predicate, ...rest } = JSON.parse(text);
  return JSON.stringify({ predicate, ...rest });
};

const withPayload = (change: (payload: string) => string): Promise<Given> =>
  withRelease((e) => ({ ...e, payload: change(e.payload) }));

const withOneSignature = (change: (sig: string) => string): Promise<Given> =>
  withRelease((e) => ({
    ...e,
    signatures: e.signatures.map((each) =>
      each.keyid.length === 64 && !each.sig.startsWith("M")
        ? { ...each, sig: change(each.sig) }
        : each,
    ),
  }));

/** The last digit of a text in base64 has bits that say nothing. */
const malleable = (base64: string): string =>
  base64.replace(/([A-Za-z0-9+/])(=+)$/, (_, digit: string, padding: string) => {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return digits[digits.indexOf(digit) + 1]! + padding;
  });

async function bundleText(change: (text: string) => string | Uint8Array): Promise<Given> {
  return await withBundle(change(textOf((await release()).bundle)));
}

type Files = { path: string; text: string }[];

/** A bundle in canonical form that says something else, which everybody signed. */
async function bundleSaying(
  change: (file: Record<string, unknown> & { files: Files }) => void,
): Promise<Given> {
  const file = JSON.parse(textOf((await release()).bundle));
  change(file);
  return await withBundle(canonical(file as Json));
}

const inFile = (path: string, change: (text: string) => string) =>
  bundleSaying(({ files }) => {
    const file = files.find((each) => each.path === path)!;
    file.text = change(file.text);
  });

// biome-ignore format: one row a line is a table
export const TEXTS: Family = family("texts", layRelease, [
  ["sends an empty envelope", "canonical", () => withText(() => "")],
  ["sends an envelope of nothing", "form", () => withText(() => "{}")],
  ["sends a list for an envelope", "form", () => withText((t) => `[${t}]`)],
  ["adds a line's end to the envelope", "canonical", () => withText((t) => `${t}\n`)],
  ["begins the envelope with a byte order mark", "canonical", () => withText((t) => `\uFEFF${t}`)],
  ["names the payload twice", "canonical", () => withText((t) => t.replace("{", '{"payload":"",'))],
  ["sends two envelopes", "canonical", () => withText((t) => t + t)],
  ["adds a field to the envelope", "form", () => withText((t) => t.replace(/}$/, ',"zone":1}'))],
  ["writes a letter of the payload's type as an escape", "canonical", () => withText((t) => t.replace('"application/', '"\\u0061pplication/'))],
  ["breaks the payload into lines", "form", () => withPayload((p) => `${p.slice(0, 76)}\n${p.slice(76)}`)],
  ["writes the payload without its padding", "form", () => withPayload((p) => p.replace(/=*$/, p.endsWith("=") ? "" : "="))],
  ["writes the payload in the letters of URLs", "form", () => withPayload((p) => `${p.slice(0, -4)}-_8=`)],
  ["writes the payload in hexadecimal digits", "tampered", () => withPayload((p) => Buffer.from(p, "base64").toString("hex").padEnd(4, "0"))],
  ["changes the bits of a signature's base64 that say nothing", "form", () => withOneSignature(malleable)],
  ["writes a signature without its padding", "form", () => withOneSignature((s) => s.replace(/=+$/, ""))],
  ["writes a signature in the letters of URLs", "form", () => withOneSignature((s) => `_${s.slice(1)}`.replace(/^_/, "-"))],

  ["names the version twice in the statement", "canonical", () => withStatement((t) => t.replace('"version":1}', '"version":1,"version":2}'))],
  ["hides a field behind the name that every object has", "form", () => withStatement((t) => t.replace('"predicate":{', '"predicate":{"__proto__":{"version":9},'))],
  ["writes the version as 1e0", "canonical", () => withStatement((t) => t.replace('"version":1}', '"version":1e0}'))],
  ["writes the version as 1.0", "canonical", () => withStatement((t) => t.replace('"version":1}', '"version":1.0}'))],
  ["writes a version that only some readers can hold", "canonical", () => withStatement((t) => t.replace('"version":1}', '"version":9007199254740993}'))],
  ["writes a grace of minus nothing", "canonical", () => withStatement((t) => t.replace('"graceSeconds":3600', '"graceSeconds":-0'))],
  ["writes a letter of the stream as an escape", "canonical", () => withStatement((t) => t.replace('"stream":"ehr"', '"stream":"\\u0065hr"'))],
  ["writes half a letter", "canonical", () => withStatement((t) => t.replace('"stream":"ehr"', '"stream":"\\ud800"'))],
  ["writes bytes that are no UTF-8", "canonical", () => withStatement((t) => spliced(t, "ehr", raw("65c328")))],
  ["writes a letter in more bytes than it needs", "canonical", () => withStatement((t) => spliced(t, "ehr", raw("c1a56872")))],
  ["writes half a letter in bytes", "canonical", () => withStatement((t) => spliced(t, "ehr", raw("eda080")))],
  ["begins the statement with a byte order mark", "canonical", () => withStatement((t) => `\uFEFF${t}`)],
  ["puts white space into the statement", "canonical", () => withStatement((t) => t.replace(":", ": "))],
  ["ends the statement with a line's end", "canonical", () => withStatement((t) => `${t}\r\n`)],
  ["ends the statement with a zero byte", "canonical", () => withStatement((t) => `${t}\0`)],
  ["puts a comment into the statement", "canonical", () => withStatement((t) => t.replace("{", "{/* reviewed */"))],
  ["writes the members in another order", "canonical", () => withStatement(unsorted)],
  ["nests the statement so deep that a reader falls", "canonical", () => withStatement(() => `${"[".repeat(100_000)}${"]".repeat(100_000)}`)],
  ["signs a statement of another type", "form", () => withStatement((t) => t.replace("policy-release/v1", "policy-release/v2"))],
  ["signs a statement about another file", "form", () => withStatement((t) => t.replace('"name":"bundle.json"', '"name":"other.json"'))],
  ["signs a statement about where rules come from, and no bundle", "form", () => withStatement((t) => t.replace('"name":"bundle.json"', '"name":"provenance.json"'))],
  ["signs a statement about two bundles", "form", () => withStatement((t) => t.replace(/"subject":\[(.*?)\]/, '"subject":[$1,$1]'))],
  ["signs a statement about three files", "form", () => withStatement((t) => t.replace(/"subject":\[(.*?)\]/, '"subject":[$1,$1,$1]'))],
  ["signs a statement about no file", "form", () => withStatement((t) => t.replace(/"subject":\[.*?\]/, '"subject":[]'))],
  ["signs a statement with the digest of another kind", "form", () => withStatement((t) => t.replace('"sha256":"', '"md5":"'))],
  ["puts white space into the next root", "canonical", async () => withRoots({ 2: await sealed("root", JSON.stringify(root2(), null, 1), ["m.chen", "r.ode", "s.park"]) })],

  ["changes the bundle after it was signed", "bundle", async () => {
    const files = await release();
    return { files: { ...files, bundle: Buffer.from(textOf(files.bundle).replace("max: 20", "max: 99")) } };
  }],
  ["takes the bundle away", "bundle", async () => {
    const { bundle: _, ...files } = await release();
    return { files };
  }],
  ["sends an empty bundle", "bundle", async () => ({ files: { ...(await release()), bundle: Buffer.alloc(0) } })],
  ["adds a line's end to the bundle", "bundle", async () => {
    const files = await release();
    return { files: { ...files, bundle: Buffer.from(`${textOf(files.bundle)}\n`) } };
  }],
  // Decoded with mercy, these bytes are the text that was signed.
  ["writes a mark of the bundle in bytes that are no UTF-8", "canonical", () => replacementBundle()],
  ["signs a bundle with white space", "canonical", () => bundleText((t) => `${t} `)],
  ["signs a bundle with a byte order mark", "canonical", () => bundleText((t) => `\uFEFF${t}`)],
  ["signs a bundle that names its files twice", "canonical", () => bundleText((t) => t.replace("{", '{"files":[],'))],
  ["signs a bundle whose files are not in order", "form", () => bundleSaying((f) => { f.files = [...f.files].reverse() })],
  ["signs a bundle with two files of one name", "form", () => bundleSaying((f) => { f.files = [f.files[0]!, ...f.files] })],
  ["signs a bundle with a file outside it", "form", () => bundleSaying((f) => { f.files = [{ path: "../grants/all.yaml", text: "" }, ...f.files] })],
  ["signs a bundle with a hidden file", "form", () => bundleSaying((f) => { f.files = [{ path: ".git/config", text: "" }, ...f.files] })],
  ["signs a bundle of no files", "form", () => bundleSaying((f) => { f.files = [] })],
  ["signs a bundle with something that nobody looks at", "form", () => bundleSaying((f) => { f.ir = {} })],
  ["signs something else than a bundle", "form", () => bundleSaying((f) => { f.type = "phiward.bundle/2" })],
  ["signs a policy that was reviewed under another meaning of the language", "semantics", () => bundleSaying((f) => { f.semantics = "2" })],
  ["signs a policy with a word that the language does not have", "compile", () => inFile("policies/lookup.yaml", (t) => `${t}\nsudo: true\n`)],
  ["signs a policy that names a key twice", "compile", () => inFile("policies/lookup.yaml", (t) => `${t}\n${t}`)],
  ["signs a grant that ends on a day that does not exist", "compile", () => inFile("grants/lookup-bot.yaml", (t) => t.replace(/expires: .*/, "expires: 2027-02-30"))],
  ["signs a file that is no YAML", "compile", () => inFile("grants/lookup-bot.yaml", () => "grant: [")],
  ["signs a policy whose lines repeat themselves without end", "compile", () => inFile("policies/lookup.yaml", (t) => `${t}\nx: &a [*a, *a]\n`)],

  ["takes away what says where rules come from", "provenance", () => withProvenance("{}", undefined)],
  ["says otherwise where rules come from", "provenance", () => withProvenance("{}", "{ }")],
  ["signs an origin of rules in a form of its own", "canonical", () => withProvenance("{ }", "{ }")],
  ["signs an origin of rules that is none", "form", () => withProvenance("{}", "{}")],

  ["sends an envelope without end", "size", () => withText((t) => t + " ".repeat(2_200_000))],
  ["sends a root without end", "size", async () => withRoots({ 2: Buffer.concat([await rootBytes(root2()), Buffer.alloc(2_200_000, 32)]) })],
  ["hides a payload without end in the envelope", "size", () => withRelease((e) => ({ ...e, payload: Buffer.alloc(1_700_000, 32).toString("base64") }))],
  ["sends an origin of rules without end", "size", () => withProvenance("{}", " ".repeat(16 * 1024 * 1024 + 1))],
  ["sends a bundle without end", "size", async () => ({ files: { ...(await release()), bundle: Buffer.alloc(16 * 1024 * 1024 + 1, 32) } })],
]);

/** A release that names one file of origins, beside which another one lies. */
async function withProvenance(named: string, shown: string | undefined): Promise<Given> {
  const digest = sha256(named).slice("sha256:".length);
  const given = await withStatement((text) =>
    text.replace(
      /"subject":\[(.*?)\]/,
      `"subject":[$1,{"digest":{"sha256":"${digest}"},"name":"provenance.json"}]`,
    ),
  );
  return { ...given, more: shown === undefined ? {} : { "provenance.json": shown } };
}

/** A bundle that holds the mark of what could not be decoded; and the same with the bytes themselves. */
async function replacementBundle(): Promise<Given> {
  const given = await inFile("policies/lookup.yaml", (t) => `${t}# \uFFFD\n`);
  const text = textOf(given.files.bundle);
  return { files: { ...given.files, bundle: spliced(text, "\uFFFD", raw("ff")) } };
}
