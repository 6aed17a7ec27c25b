/** Backups that are taken of a running gateway, and the drill: a machine is lost, and another goes on. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NOTES_FILE, splitNotes } from "../../engine/audit/notes.ts";
import { readRecords } from "../../engine/audit/read.ts";
import { publicKey } from "../../engine/audit/state.ts";
import { type Verification, verifyLog } from "../../engine/audit/verify/verify.ts";
import { writeFolder } from "../../engine/bundle/store/folder.ts";
import { watch } from "../../engine/bundle/store/poll.ts";
import { isRestored, markRestored } from "../../engine/bundle/store/restored.ts";
import { openEmergencyStore } from "../../engine/emergency/file-store.ts";
import { startDevGateway } from "../../engine/gateway/dev.ts";
import { openTokenStore } from "../../engine/grant/file-store.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { nodeHost } from "../../engine/host/host.ts";
import { type BackupReport, backUp } from "../../engine/operate/backup.ts";
import { type RestoreReport, restoreState } from "../../engine/operate/restore.ts";
import { backupJson, restoreJson } from "../../engine/render/backup.ts";
import { call, startWorld, type World } from "../support/gateway.ts";
import { exchange } from "../support/http-client.ts";
import { AFTERWARDS, releaseHistory } from "../support/release-history.ts";
import { startAlone } from "../support/release-kill.ts";
import { until } from "../support/until.ts";

let drawn = 0;
const fresh = (bytes: number): Buffer => Buffer.alloc(bytes, ++drawn % 250);

let work: string;
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "phiward-backup-"));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function backup(fields: Partial<Parameters<typeof backUp>[0]> = {}): Promise<BackupReport> {
  const to = join(work, "backup");
  return backUp({ state: world.state, to, keys: true, now: world.now, random: fresh, ...fields });
}

function restore(fields: Partial<Parameters<typeof restoreState>[0]> = {}): Promise<RestoreReport> {
  return restoreState({
    from: join(work, "backup"),
    state: join(work, "state"),
    keys: [ownKey()],
    kept: [],
    trustTokens: false,
    now: world.now,
    random: fresh,
    ...fields,
  });
}

function ownKey() {
  const path = join(world.state, "keys/checkpoint.pem.pub");
  return publicKey(path, readFileSync(path, "utf8"));
}

const verified = (folder: string): Verification =>
  verifyLog(join(folder, "audit"), { keys: [ownKey()], kept: [] });

/** The checkpoints that have left the machine by now. */
function keptNow() {
  const text = readFileSync(join(world.state, "audit", NOTES_FILE), "utf8");
  return [{ name: "kept", notes: splitNotes(text) }];
}

const ask = (as = "nurse") => world.post(call("get_patient", { patient_id: "p-1" }), { as });

describe("a backup of a gateway that runs", () => {
  test("is whole and signed, and on record, while calls go on", async () => {
    let going = true;
    const calls = (async () => {
      while (going) await ask();
    })();
    const report = await backup();
    going = false;
    await calls;
    expect(report).toMatchObject({ recorded: "recorded", keys: true });
    expect(verified(join(work, "backup"))).toMatchObject({
      verdict: "whole",
      last: { seq: report.head },
    });
    const record = await world.record({ kind: "admin", action: "state.backedup" });
    expect(record).toMatchObject({ details: { manifest: report.manifest, seq: report.head } });
  });

  test("holds no key unless that is asked for", async () => {
    await backup({ keys: false });
    expect(existsSync(join(work, "backup/keys/checkpoint.pem.pub"))).toBe(true);
    expect(existsSync(join(work, "backup/keys/checkpoint.pem"))).toBe(false);
    expect(existsSync(join(work, "backup/keys/subject-v1.key"))).toBe(false);
  });

  test("is not written into a folder that is in use", async () => {
    mkdirSync(join(work, "backup"));
    writeFileSync(join(work, "backup/file"), "");
    await expect(backup()).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("the drill", () => {
  test("another machine goes on with new tokens, the old ones are dead, and the old log is whole", async () => {
    await ask();
    await backup();
    // What happens from here on is lost with the machine.
    await ask();
    await world.gateway.runtime.log.checkpoint();
    const report = await restore({ kept: keptNow() });
    expect(report).toMatchObject({ continues: false, key: "given" });
    expect(report.lost).toBeGreaterThan(0);
    expect(report.tokensRevoked).toBe(Object.keys(world.tokens).length);
    expect(verified(report.log!)).toMatchObject({ verdict: "whole", last: { seq: report.head } });

    const state = join(work, "state");
    const host = { ...nodeHost, now: world.now };
    const other = await startDevGateway({ folder: world.folder, state, host });
    try {
      const port = Number(new URL(await other.gateway.listen("127.0.0.1", 0)).port);
      const post = async (token: string) =>
        (
          await exchange({
            port,
            method: "POST",
            path: "/mcp/ehr",
            headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
            body: JSON.stringify(call("get_patient", { patient_id: "p-1" })),
          })
        ).status;
      expect(await post(world.tokens.nurse!)).toBe(401);
      expect(await post(other.tokens.nurse!)).toBe(200);
      // What waited for a gateway goes into its chain within a moment.
      await until(() =>
        [...readRecords(join(state, "audit"))].some(
          (record) => record.kind === "admin" && record.action === "state.restored",
        ),
      );
    } finally {
      await other.gateway.stop();
    }
    const chain = verified(state);
    expect(chain).toMatchObject({ verdict: "whole", first: { seq: 1 } });
    expect(chain.origin).not.toBe(report.origin);
    const told = [...readRecords(join(state, "audit"))].filter(({ kind }) => kind === "admin");
    expect(told).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: "state.restored",
          details: expect.objectContaining({ origin: report.origin, seq: report.head }),
        }),
      ]),
    );
  });

  test("the chain goes on where checkpoints elsewhere show that nothing is missing", async () => {
    await world.restart();
    // The checkpoint of the stop is the last thing that left the machine.
    const kept = keptNow();
    await backup();
    const report = await restore({ kept });
    expect(report).toMatchObject({ continues: true, lost: 0, log: null, recorded: "recorded" });
    expect(verified(join(work, "state"))).toMatchObject({
      verdict: "whole",
      origin: report.origin,
      first: { seq: 1 },
    });
  });

  test("without anybody to ask the chain does not go on", async () => {
    await backup();
    expect(await restore()).toMatchObject({ continues: false, lost: null });
  });

  test("a token that was revoked stays so, also with --trust-tokens; others live on", async () => {
    const store = openTokenStore(world.state);
    const [victim] = store.list().filter(({ revokedAt }) => revokedAt === undefined);
    // Copied before the revocation, as far as the file goes; the log knows better.
    const before = readFileSync(join(world.state, "tokens.json"));
    await store.change(
      revokeTokens(({ id }) => id === victim!.id, { at: world.now(), random: fresh }),
    );
    await world.record({ kind: "admin", action: "token.revoked", token: victim!.id });
    const after = readFileSync(join(world.state, "tokens.json"));
    writeFileSync(join(world.state, "tokens.json"), before);
    await backup();
    writeFileSync(join(world.state, "tokens.json"), after);
    expect(await restore({ trustTokens: true })).toMatchObject({ tokensRevoked: 1 });
    const restored = openTokenStore(join(work, "state")).list();
    expect(restored.find(({ id }) => id === victim!.id)?.revokedAt).toBeDefined();
    expect(restored.some(({ revokedAt }) => revokedAt === undefined)).toBe(true);
  });

  test("an emergency grant that was open is closed", async () => {
    const at = world.now();
    const opening = {
      ...{ id: "0a1b2c3d-0000-7000-8000-000000000001", grant: "night", principal: "agent:night" },
      ...{ issued: at - 1000, openedBy: "person:s.hale", reason: "drill", at, until: at + 60_000 },
    };
    await backup();
    const copied = join(work, "other");
    cpSync(world.state, copied, { recursive: true });
    rmSync(join(copied, "audit/lock.sqlite"), { force: true });
    await openEmergencyStore(copied).change((openings) => ({
      openings: [...openings, opening],
      result: undefined,
    }));
    rmSync(join(work, "backup"), { recursive: true });
    await backup({ state: copied });
    expect(await restore()).toMatchObject({ openingsClosed: 1 });
    expect(openEmergencyStore(join(work, "state")).live()).toEqual([]);
  });
});

describe("nothing is restored", () => {
  const edit = (path: string, change: (text: string) => string): void => {
    const file = join(work, "backup", path);
    writeFileSync(file, change(readFileSync(file, "utf8")));
  };
  test.each<[string, () => void, string]>([
    [
      "of a backup whose tokens were changed",
      () => edit("tokens.json", (t) => `${t} `),
      "UNTRUSTED",
    ],
    [
      "of one whose manifest was changed with them",
      () => edit("backup.json", (text) => text.replace('"keys":true', '"keys":false')),
      "UNTRUSTED",
    ],
    [
      "of one with a file that leads out of it",
      () => edit("backup.json", (text) => text.replace('"tokens.json"', '"../../tokens.json"')),
      "INVALID_INPUT",
    ],
    [
      "of one whose log was changed",
      () => appendFileSync(join(work, "backup/audit/0000000001.jsonl"), "{}\n"),
      "UNTRUSTED",
    ],
    [
      "into a state folder that is in use",
      () => cpSync(world.state, join(work, "state"), { recursive: true }),
      "USAGE",
    ],
  ])("%s", async (_, change, code) => {
    await backup();
    change();
    await expect(restore()).rejects.toMatchObject({ code });
    if (code !== "USAGE") expect(existsSync(join(work, "state/tokens.json"))).toBe(false);
  });

  test("without keys, which the backup does not have", async () => {
    await backup({ keys: false });
    await expect(restore()).rejects.toMatchObject({ code: "UNREADABLE" });
    // With the keys that were kept apart it goes.
    rmSync(join(work, "state"), { recursive: true, force: true });
    cpSync(join(world.state, "keys"), join(work, "state/keys"), { recursive: true });
    expect(await restore()).toMatchObject({ key: "given" });
  });
});

test("a restored gateway takes its policy for overdue until a source has answered", async () => {
  const { steps } = await releaseHistory();
  const state = join(work, "state");
  const source = join(work, "releases");
  writeFolder(source, steps[1]!.files);
  const before = await startAlone(state, [watch(source, 1_000)], () => AFTERWARDS);
  expect(before.freshness(AFTERWARDS)).toBe("fresh");
  before.stop();
  markRestored(state);
  const silent = await startAlone(state, [watch(join(work, "nowhere"), 1_000)], () => AFTERWARDS);
  expect(silent.current()?.bundle.version).toBe("1");
  expect(silent.freshness(AFTERWARDS)).toBe("overdue");
  silent.stop();
  expect(isRestored(state)).toBe(true);
  const heard = await startAlone(state, [watch(source, 1_000)], () => AFTERWARDS);
  await heard.poll();
  expect(heard.freshness(AFTERWARDS)).toBe("fresh");
  expect(isRestored(state)).toBe(false);
  heard.stop();
});

test("the reports are of the form that their schema says", async () => {
  const ajv = new Ajv2020({ strict: false });
  const schema = readFileSync(
    join(import.meta.dirname, "../../schemas/report.schema.json"),
    "utf8",
  );
  ajv.addSchema(JSON.parse(schema) as object, "report");
  for (const report of [backupJson(await backup()), restoreJson(await restore())]) {
    expect(ajv.validate("report", report), ajv.errorsText()).toBe(true);
  }
});
