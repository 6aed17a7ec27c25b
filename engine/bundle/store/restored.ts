/**
 * A state folder that was restored may be behind: releases and emergency stops of the time since the
 * backup are not in it. So until a source has answered once, its policy is as good as overdue.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MARK = "restored";

export function markRestored(state: string): void {
  writeFileSync(join(state, MARK), "", { mode: 0o600, flush: true });
}

export function isRestored(state: string): boolean {
  return existsSync(join(state, MARK));
}

/** A source has answered. */
export function forgetRestored(state: string): void {
  rmSync(join(state, MARK), { force: true });
}
