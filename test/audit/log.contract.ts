/** What every AuditLog promises. */
import { expect, test } from "vitest";
import type { AuditLog } from "../../engine/audit/log.ts";
import type { AuditRecord } from "../../engine/audit/record.ts";
import { canonical, type JsonObject, sha256 } from "../../engine/json/value.ts";
import { entry } from "./entry.ts";
import { NODE, START, uuid } from "./generate.ts";

export interface Subject {
  readonly log: AuditLog;
  /** What has been recorded, as a reader finds it. */
  readonly records: () => readonly AuditRecord[];
}

export function auditLogContract(open: (dev: boolean) => Promise<Subject>): void {
  test("numbers the records 1, 2, 3 and links each to the one before", async () => {
    const { log, records } = await open(false);
    const appended = [0, 1, 2].map((n) => log.append(entry(n)));
    expect(appended.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await Promise.all(appended.map(({ durable }) => durable));
    const found = records();
    expect(found.map(({ seq, id }) => ({ seq, id }))).toEqual(
      appended.map(({ seq, id }) => ({ seq, id })),
    );
    expect(found.map(({ at }) => Date.parse(at) - START)).toEqual([0, 1, 2]);
    expect(found[1]!.prev).toBe(found[0]!.hash);
    expect(found[2]!.prev).toBe(found[1]!.hash);
    for (const record of found) {
      const { hash, ...rest } = record;
      expect(sha256(canonical(rest as unknown as JsonObject))).toBe(`sha256:${hash}`);
    }
  });

  test("two logs begin with different genesis values", async () => {
    const [a, b] = await Promise.all([open(false), open(false)]);
    await Promise.all([a.log.append(entry(0)).durable, b.log.append(entry(0)).durable]);
    expect(a.records()[0]!.prev).not.toBe(b.records()[0]!.prev);
  });

  test("gives a record the id that the entry brings, and otherwise a fresh one", async () => {
    const { log } = await open(false);
    expect(log.append(entry(0, { id: uuid(7) })).id).toBe(uuid(7));
    const [a, b] = [log.append(entry(1)).id, log.append(entry(2)).id];
    expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(a).not.toBe(b);
  });

  test("the head is the newest record at once, before anything is on disk", async () => {
    const { log } = await open(false);
    expect(log.head.seq).toBe(0);
    const { durable } = log.append(entry(5));
    expect(log.head).toMatchObject({ seq: 1, at: START + 5 });
    await durable;
  });

  test("marks every record of a development gateway, and no other", async () => {
    const [dev, real] = [await open(true), await open(false)];
    await Promise.all([dev.log.append(entry(0)).durable, real.log.append(entry(0)).durable]);
    expect(dev.records()[0]!.dev).toBe(true);
    expect(real.records()[0]).not.toHaveProperty("dev");
  });

  test("a checkpoint signs the record before it, and is not repeated when there is nothing new", async () => {
    const { log, records } = await open(false);
    await log.checkpoint();
    expect(records()).toEqual([]);
    log.append(entry(0));
    await log.checkpoint();
    await log.checkpoint();
    const [first, second, ...rest] = records();
    expect(rest).toEqual([]);
    expect(second).toMatchObject({
      kind: "checkpoint",
      node: NODE,
      count: 1,
      root: first!.hash,
      origin: `${NODE}/${first!.prev.slice(0, 16)}`,
    });
  });

  test("closing signs what is new, and then nothing can be recorded", async () => {
    const { log, records } = await open(false);
    log.append(entry(0));
    await log.close();
    expect(records().map(({ kind }) => kind)).toEqual(["rejected", "checkpoint"]);
    expect(log.dead).toBe("the log is closed");
    const refused = log.append(entry(1));
    expect(refused.seq).toBe(0);
    await expect(refused.durable).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    expect(records()).toHaveLength(2);
  });

  test("an entry that has no canonical form is refused, and the next one takes its number", async () => {
    const { log, records } = await open(false);
    const refused = log.append(entry(Number.NaN));
    expect(refused.seq).toBe(0);
    await expect(refused.durable).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    await log.append(entry(1)).durable;
    expect(records().map(({ seq }) => seq)).toEqual([1]);
  });
}
