import { createHmac, createSecretKey } from "node:crypto";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  loadOrCreateSubjectKey,
  loadSubjectKeys,
  pseudonyms,
} from "../../engine/audit/pseudonym.ts";
import { pseudonymsOf } from "../../engine/audit/state.ts";
import { temporaryFolder } from "./folder.ts";

const KEY = Buffer.alloc(32, 7);
const OLD = Buffer.alloc(32, 8);
const keys = new Map([
  ["v1", createSecretKey(OLD)],
  ["v2", createSecretKey(KEY)],
]);

describe("a pseudonym", () => {
  test("is the HMAC-SHA-256 of the id under the current key, remembered or not", () => {
    // So few are remembered that most are computed anew.
    const { of } = pseudonyms(keys, "v2", 2);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("p-1", "p-2", "p-3", "é", "p-1 ", "p".repeat(300)), {
          maxLength: 20,
        }),
        (ids) => {
          for (const id of ids) {
            expect(of(id)).toBe(createHmac("sha256", KEY).update(id, "utf8").digest("hex"));
          }
        },
      ),
    );
  });

  test("for a look-up there is one under every key, the old ones too", () => {
    const expected = [OLD, KEY].map((key) => createHmac("sha256", key).update("p-1").digest("hex"));
    expect(pseudonyms(keys, "v2").all("p-1")).toEqual(expected);
  });

  test("under a key that nobody has cannot be made", () => {
    expect(() => pseudonyms(keys, "v3")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
  });
});

describe("subject keys", () => {
  test("are made once, 32 random bytes, for their owner alone", () => {
    const folder = join(temporaryFolder(), "keys");
    const made = loadOrCreateSubjectKey(folder, "v1");
    const path = join(folder, "subject-v1.key");
    expect(readFileSync(path)).toEqual(made.export());
    expect(made.symmetricKeySize).toBe(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(loadOrCreateSubjectKey(folder, "v1").equals(made)).toBe(true);
    expect(loadOrCreateSubjectKey(folder, "v2").equals(made)).toBe(false);
    writeFileSync(join(folder, "other.key"), "");
    expect([...loadSubjectKeys(folder).keys()]).toEqual(["v1", "v2"]);
  });

  test("that others may read, or of another length, are refused", () => {
    const folder = temporaryFolder();
    const path = join(folder, "subject-v1.key");
    loadOrCreateSubjectKey(folder, "v1");
    chmodSync(path, 0o604);
    expect(() => loadOrCreateSubjectKey(folder, "v1")).toThrow(
      expect.objectContaining({ code: "EXPOSED_KEY" }),
    );
    chmodSync(path, 0o600);
    writeFileSync(path, "short");
    expect(() => loadSubjectKeys(folder)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});

describe("looking a patient up", () => {
  const folders = () => {
    const keyFolder = temporaryFolder();
    loadOrCreateSubjectKey(keyFolder, "v1");
    return { log: "", keys: keyFolder };
  };
  test("reads the id as a call's argument is read", () => {
    const state = folders();
    const [plain] = pseudonymsOf("p-17", state);
    for (const id of [
      "Patient/p-17",
      "https://ehr.example/fhir/Patient/p-17",
      " p-17 ",
      "Patient/p-17/_history/2",
    ]) {
      expect(pseudonymsOf(id, state)).toEqual([plain]);
    }
    expect(pseudonymsOf("p-18", state)).not.toEqual([plain]);
  });

  test.each(["", "a,b", "Group/7", "x/"])(
    "`%s` does not name one patient, and no error repeats it",
    (id) => {
      const state = folders();
      expect(() => pseudonymsOf(id, state)).toThrow(
        expect.objectContaining({ code: "USAGE", message: "the id does not name one patient" }),
      );
    },
  );

  test("without a key is no answer", () => {
    expect(() => pseudonymsOf("p-1", { log: "", keys: temporaryFolder() })).toThrow(
      expect.objectContaining({ code: "UNREADABLE" }),
    );
  });
});
