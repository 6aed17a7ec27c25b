/** Grants, a clock and countable chance for the tests of tokens. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TokenChange } from "../../engine/grant/change.ts";
import type { TokenEntry } from "../../engine/grant/entry.ts";
import type { Grant } from "../../engine/policy/ir.ts";
import { DAY } from "../../engine/policy/time.ts";

export const NOW = Date.UTC(2026, 9, 1, 12);
export const ISSUED = Date.UTC(2026, 8, 1);

export function grantOf(fields: Partial<Grant> = {}): Grant {
  return {
    id: "g1",
    principal: { kind: "agent", id: "agent:bot-1" },
    purpose: "treatment",
    access: {},
    attributes: {},
    issued: ISSUED,
    expires: ISSUED + 181 * DAY,
    ...fields,
  };
}

export function grantsOf(...grants: readonly Grant[]): { grants: Record<string, Grant> } {
  return { grants: Object.fromEntries(grants.map((grant) => [grant.id, grant])) };
}

/** 1, 2, 3…: every token differs, and every run is the same. */
export function countingRandom(): (bytes: number) => Uint8Array {
  let count = 0;
  return (bytes) => new Uint8Array(bytes).fill(++count);
}

export function changeAt(at = NOW, random = countingRandom()): TokenChange {
  return { at, by: "person:a.example", random };
}

export function entryOf(fields: Partial<TokenEntry> = {}): TokenEntry {
  const hash = fields.hash ?? "ab".repeat(32);
  return {
    id: hash.slice(0, 12),
    hash,
    grant: "g1",
    principal: "agent:bot-1",
    kind: "agent",
    issued: ISSUED,
    createdAt: NOW,
    expiresAt: NOW + DAY,
    ...fields,
  };
}

export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "phiward-tokens-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
