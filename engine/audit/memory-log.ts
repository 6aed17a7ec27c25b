/** The log in memory: for tests and for programs that keep nothing. The same chain, no disk. */
import { type KeyObject, randomUUID } from "node:crypto";
import { genesis, link } from "./chain.ts";
import { checkpointEntry, originOf } from "./checkpoint.ts";
import { type AuditLog, auditUnavailable, type Head, refusedAppend, UNWRITABLE } from "./log.ts";
import type { AuditRecord } from "./record.ts";

export interface MemoryLogOptions {
  readonly node: string;
  readonly now: () => number;
  readonly dev?: true;
  /** Signs checkpoints; without it there are none. */
  readonly key?: KeyObject;
}

export interface MemoryLog extends AuditLog {
  /** The lines as they would stand on disk, without their ends. */
  readonly lines: readonly string[];
  readonly records: readonly AuditRecord[];
  /** From now on nothing can be recorded. */
  die(reason: string): void;
}

export function memoryLog({ node, now, dev, key }: MemoryLogOptions): MemoryLog {
  const lines: string[] = [];
  let head: Head = { seq: 0, hash: genesis(), at: 0 };
  const origin = originOf(node, head.hash);
  let signed = 0;
  let dead: string | undefined;

  const log: MemoryLog = {
    append(entry) {
      const id = entry.id ?? randomUUID();
      if (dead !== undefined) return refusedAppend(id, auditUnavailable(dead));
      const linked = link(entry, id, { node, dev }, head);
      if (linked === undefined) return refusedAppend(id, auditUnavailable(UNWRITABLE));
      lines.push(linked.line);
      head = linked.head;
      return { id, seq: head.seq, durable: Promise.resolve() };
    },
    get dead() {
      return dead;
    },
    failing: undefined,
    unpublished: undefined,
    get head() {
      return head;
    },
    async checkpoint() {
      if (key === undefined || head.seq === signed) return;
      const { seq, durable } = log.append(checkpointEntry(origin, head, key, now()));
      signed = seq;
      await durable;
    },
    async close() {
      if (dead === undefined) await log.checkpoint();
      dead ??= "the log is closed";
    },
    lines,
    get records() {
      return lines.map((line) => JSON.parse(line) as AuditRecord);
    },
    die(reason) {
      dead ??= reason;
    },
  };
  return log;
}
