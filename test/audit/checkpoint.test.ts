import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, verify } from "node:crypto";
import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  claimOf,
  keyId,
  loadOrCreateCheckpointKey,
  openCheckpoint,
  signCheckpoint,
} from "../../engine/audit/checkpoint.ts";
import { appendNote, newestNote, notesOf, splitNotes } from "../../engine/audit/notes.ts";
import { temporaryFolder } from "./folder.ts";
import { KEYS, ORIGIN, patient } from "./generate.ts";

const CHECKPOINT = { origin: ORIGIN, count: 1000, root: patient(1) };
const NOTE = signCheckpoint(CHECKPOINT, KEYS.privateKey);

describe("a checkpoint", () => {
  test("is a C2SP signed note: anybody can check it with the form's description and Ed25519", () => {
    const [text, signatures] = NOTE.split("\n\n") as [string, string];
    const [dash, name, encoded] = signatures.trim().split(" ") as [string, string, string];
    const bytes = Buffer.from(encoded, "base64");
    const { x } = KEYS.publicKey.export({ format: "jwk" });
    const id = hash(
      "sha256",
      Buffer.concat([Buffer.from(`${ORIGIN}\n\x01`), Buffer.from(x!, "base64url")]),
      "buffer",
    ).subarray(0, 4);
    expect(dash).toBe("—");
    expect(name).toBe(ORIGIN);
    expect(bytes.subarray(0, 4)).toEqual(id);
    expect(verify(null, Buffer.from(`${text}\n`), KEYS.publicKey, bytes.subarray(4))).toBe(true);
    expect(text.split("\n")).toEqual([
      ORIGIN,
      "1000",
      Buffer.from(CHECKPOINT.root, "hex").toString("base64"),
    ]);
  });

  test("has the key id of the form's own example", () => {
    // The verifier key of sum.golang.org: name, key id, and 0x01 with the public key.
    const [name, id, key] =
      "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".split("+") as [
        string,
        string,
        string,
      ];
    const raw = Buffer.from("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "base64").subarray(1);
    const publicKey = createPublicKey({
      format: "jwk",
      key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") },
    });
    expect(key).not.toBe("");
    expect(keyId(name, publicKey)).toBe(id);
  });

  test("that was signed is opened with the public key alone", () => {
    expect(openCheckpoint(NOTE, KEYS.publicKey)).toEqual({ ok: true, checkpoint: CHECKPOINT });
    expect(claimOf(NOTE)).toEqual(CHECKPOINT);
  });

  test("with a signature of somebody else beside it is opened as well", () => {
    const witness = "— witness.example AAAAAAAA\n";
    expect(openCheckpoint(NOTE + witness, KEYS.publicKey)).toMatchObject({ ok: true });
  });

  test("in which any byte was changed is not believed, and nothing of it comes back", () => {
    const bytes = Buffer.from(NOTE);
    // The last characters of base64 hold bits that nobody reads.
    const read = NOTE.trimEnd().length;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 127 }), (at, change) => {
        const copy = Buffer.from(bytes);
        copy[at] = copy[at]! ^ change;
        const opened = openCheckpoint(copy.toString("utf8"), KEYS.publicKey);
        if (opened.ok) expect({ at, ...opened }).toMatchObject({ checkpoint: CHECKPOINT });
        else expect(Object.keys(opened)).toEqual(["ok", "says"]);
        if (at < read - 100) expect(opened.ok).toBe(false);
      }),
    );
  });

  test("of another key is not believed", () => {
    const other = generateKeyPairSync("ed25519").publicKey;
    expect(openCheckpoint(NOTE, other)).toEqual({
      ok: false,
      says: "it is signed with another key",
    });
  });

  test.each([
    ["nothing", ""],
    ["no signature", NOTE.split("\n\n")[0]!],
    ["a count that is none", NOTE.replace("\n1000\n", "\n1e3\n")],
    ["a count with a zero before it", NOTE.replace("\n1000\n", "\n01000\n")],
    ["text after it", `${NOTE}more`],
    ["an extension line, which nobody reads", NOTE.replace("\n\n", "\nmore\n\n")],
  ])("%s is no note", (_, note) => {
    expect(openCheckpoint(note, KEYS.publicKey).ok).toBe(false);
    expect(claimOf(note)).toBeUndefined();
  });
});

describe("files of notes", () => {
  const notes = (count: number): string[] =>
    Array.from({ length: count }, (_, i) =>
      signCheckpoint({ ...CHECKPOINT, count: i + 1 }, KEYS.privateKey),
    );
  test("hold one note after the other, however many, and the newest is found at once", () => {
    const path = join(temporaryFolder(), "notes");
    expect([...notesOf(path)]).toEqual([]);
    expect(newestNote(path)).toBeUndefined();
    // More than one chunk of the reader.
    const all = notes(700);
    writeFileSync(path, all.map((note) => `${note}\n`).join(""));
    expect([...notesOf(path)]).toEqual(all);
    expect(newestNote(path)).toBe(all.at(-1));
    expect(splitNotes(readFileSync(path, "utf8"))).toEqual(all);
  });

  test("are read alike wherever a piece of the file ends in them", () => {
    const path = join(temporaryFolder(), "notes");
    const all = notes(2);
    const text = all.map((note) => `${note}\n`).join("");
    // What comes before moves each byte of the two notes to the end of a piece of 64 KB.
    const longest = 64 * 1024 - NOTE.length;
    for (let before = longest - Buffer.byteLength(text); before <= longest; before++) {
      const origin = "o".repeat(100);
      const fill = `${origin}\n1\n${CHECKPOINT.root}\n\n— ${"s".repeat(before)}\n`;
      writeFileSync(path, `${fill}\n${text}`);
      expect([...notesOf(path)].slice(1), `${before}`).toEqual(all);
    }
  });

  test("whose last note was torn by a crash are read without it, and go on in a line of their own", async () => {
    const path = join(temporaryFolder(), "notes");
    const [first, torn, next] = notes(3) as [string, string, string];
    const bytes = Buffer.from(`${torn}\n`);
    for (let written = 0; written <= bytes.length; written++) {
      const whole = written >= bytes.length - 1 ? [first, torn] : [first];
      writeFileSync(path, Buffer.concat([Buffer.from(`${first}\n`), bytes.subarray(0, written)]));
      expect([...notesOf(path)], `${written}`).toEqual(whole);
      expect(newestNote(path)).toBe(whole.at(-1));
      await appendNote(path, next);
      expect([...notesOf(path)]).toEqual([...whole, next]);
    }
  });

  test("that grow while they are read give what was there when the reading began", () => {
    const path = join(temporaryFolder(), "notes");
    const all = notes(5);
    writeFileSync(path, all.map((note) => `${note}\n`).join(""));
    const reading = notesOf(path);
    const first = reading.next().value;
    appendFileSync(path, `${all[0]}\n`);
    expect([first, ...reading]).toEqual(all);
  });
});

describe("the signing key", () => {
  test("is made once, for its owner alone, with the public key beside it", () => {
    const path = join(temporaryFolder(), "keys", "checkpoint.pem");
    const made = loadOrCreateCheckpointKey(path);
    const again = loadOrCreateCheckpointKey(path);
    expect(again.publicKey.equals(made.publicKey)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(createPublicKey(readFileSync(`${path}.pub`)).equals(made.publicKey)).toBe(true);
    expect(createPrivateKey(readFileSync(path)).equals(made.privateKey)).toBe(true);
  });

  test("that others may read is refused", () => {
    const path = join(temporaryFolder(), "checkpoint.pem");
    loadOrCreateCheckpointKey(path);
    chmodSync(path, 0o640);
    expect(() => loadOrCreateCheckpointKey(path)).toThrow(
      expect.objectContaining({ code: "EXPOSED_KEY", help: expect.stringContaining("chmod 600") }),
    );
  });

  test("of another kind is refused", () => {
    const path = join(temporaryFolder(), "checkpoint.pem");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(path, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    expect(() => loadOrCreateCheckpointKey(path)).toThrow("is no Ed25519 key");
  });
});
