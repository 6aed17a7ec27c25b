/** The verifier that is handed over says exactly what `audit verify` says, and needs nothing of ours. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type Verification,
  type VerifyOptions,
  verifyLog,
} from "../../engine/audit/verify/verify.ts";
import { KEYS } from "../audit/generate.ts";
import { DAMAGE, rewrite, segmentsOf, written } from "./damage.ts";

const VERIFIER = resolve(import.meta.dirname, "../../engine/evidence/verify.mjs");
/** Without a name that the compiler follows: it is no module of ours. */
const standalone = (await import(`${VERIFIER}`)) as {
  readonly verifyLog: (folder: string, options: VerifyOptions) => Omit<Verification, "archived">;
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "phiward-verifier-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type Said = Omit<Verification, "archived">;

/** The engine also asks the index, and knows of archives; here is neither. */
function both(folder: string, options: Partial<VerifyOptions> = {}): [Said, Said] {
  const asked = { keys: [KEYS.publicKey], kept: [], ...options };
  const { archived, ...ours } = verifyLog(folder, asked);
  expect(archived).toBeNull();
  const { witnesses } = ours.checkpoints;
  const checkpoints = {
    ...ours.checkpoints,
    witnesses: witnesses.filter(({ name }) => name !== "index.sqlite"),
  };
  return [{ ...ours, checkpoints }, standalone.verifyLog(folder, asked)];
}

describe("both verifiers say the same, word for word", () => {
  test.each(DAMAGE)("of %s", (_, damage) => {
    const [folder, aside] = [join(temporaryFolder(), "log"), join(temporaryFolder(), "log")];
    written(folder);
    damage(folder, aside);
    const [ours, theirs] = both(folder);
    expect(theirs).toEqual(ours);
  });

  test("of checkpoints that were kept elsewhere: of this log, of another, and of one that was rewritten", () => {
    const [folder, other] = [join(temporaryFolder(), "log"), join(temporaryFolder(), "log")];
    written(folder);
    written(other, 40, {}, 2);
    const notes = (of: string): string[] =>
      readFileSync(join(of, "checkpoints.notes"), "utf8")
        .split(/\n\n(?!—)/)
        .map((one) => `${one.trim()}\n`)
        .filter((one) => one !== "\n");
    const renamed = notes(folder).map((note) => note.replaceAll("gw-1/", "gw-7/"));
    const rows = [
      notes(folder),
      notes(folder).toReversed(),
      notes(other),
      renamed,
      [...renamed, ...notes(folder)],
      ["none\n"],
    ];
    for (const kept of rows) {
      const [ours, theirs] = both(folder, { kept: [{ name: "kept", notes: kept }] });
      expect(theirs).toEqual(ours);
    }
    rewrite(folder, segmentsOf(folder).slice(0, 2));
    rmSync(join(folder, "checkpoints.notes"));
    const [ours, theirs] = both(folder, { kept: [{ name: "kept", notes: notes(other) }] });
    expect(theirs).toEqual(ours);
  });

  test("without a key", () => {
    const folder = join(temporaryFolder(), "log");
    written(folder);
    const [ours, theirs] = both(folder, { keys: [] });
    expect(theirs).toEqual(ours);
    expect(theirs.checkpoints.unverified).toBeGreaterThan(0);
  });

  test("of any byte that is changed, anywhere", () => {
    const folder = join(temporaryFolder(), "log");
    written(folder);
    const path = join(folder, "0000000002.jsonl");
    const before = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(before.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(before);
        bytes[at] = bytes[at]! ^ change;
        writeFileSync(path, bytes);
        const [ours, theirs] = both(folder);
        expect(theirs).toEqual(ours);
        expect(theirs.verdict).toBe("broken");
      }),
      { numRuns: 150 },
    );
  });

  test("of any number of records that are taken out, doubled or moved", () => {
    const folder = join(temporaryFolder(), "log");
    written(folder);
    const whole = segmentsOf(folder);
    const all = whole.flat();
    const moves = fc.array(
      fc.tuple(
        fc.constantFrom("out", "twice", "move"),
        fc.nat(all.length - 1),
        fc.nat(all.length - 1),
      ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(moves, (deeds) => {
        const lines = [...all];
        for (const [deed, at, to] of deeds) {
          const line = lines[at % lines.length]!;
          if (deed !== "twice") lines.splice(at % lines.length, 1);
          if (deed !== "out") lines.splice(to % (lines.length + 1), 0, line);
        }
        rewrite(folder, [lines, ...whole.slice(1).map(() => [])]);
        const [ours, theirs] = both(folder);
        expect(theirs).toEqual(ours);
      }),
      { numRuns: 150 },
    );
  });
});

test("a record whose text is not canonical is told, although its hash fits", () => {
  const folder = join(temporaryFolder(), "log");
  written(folder, 3, { everyRecords: 1000, lastCheckpoint: false });
  const [lines] = segmentsOf(folder) as [string[]];
  const record = JSON.parse(lines[2]!) as Record<string, unknown>;
  const { hash: _, ...rest } = record;
  // The same members, and one of them with white space before its value.
  const text = JSON.stringify(rest).replace('"id":', '"id": ');
  const sealed = seal(text);
  rewrite(folder, [[...lines.slice(0, 2), sealed]]);
  expect(standalone.verifyLog(folder, { keys: [], kept: [] }).problems).toEqual([
    expect.objectContaining({ kind: "form", seq: 3, says: "record 3 is not in canonical form" }),
  ]);
});

function seal(text: string): string {
  const hash = createHash("sha256").update(text).digest("hex");
  return text.replace(',"id"', `,"hash":"${hash}","id"`);
}
