import { describe, expect, test } from "vitest";
import { memoryLog } from "../../engine/audit/memory-log.ts";
import { entry } from "./entry.ts";
import { openLog, recordsIn, temporaryFolder } from "./folder.ts";
import { KEYS, NODE, START } from "./generate.ts";
import { auditLogContract } from "./log.contract.ts";

const memory = (dev: boolean) =>
  memoryLog({
    node: NODE,
    now: () => START,
    key: KEYS.privateKey,
    ...(dev ? { dev: true as const } : {}),
  });

describe("the log in memory", () => {
  auditLogContract(async (dev) => {
    const log = memory(dev);
    return { log, records: () => log.records };
  });

  test("can be told to die", async () => {
    const log = memory(false);
    await log.append(entry(0)).durable;
    log.die("the test says so");
    expect(log.dead).toBe("the test says so");
    await expect(log.append(entry(1)).durable).rejects.toThrow("the test says so");
    expect(log.lines).toHaveLength(1);
  });
});

describe("the log on disk", () => {
  auditLogContract(async (dev) => {
    const folder = temporaryFolder();
    const log = await openLog(folder, { dev });
    return { log, records: () => recordsIn(folder) };
  });
});
