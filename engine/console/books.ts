/** What the pages read: the log, its index, the tokens, and the policy in force. */
import { type IndexReport, indexReport } from "../audit/index/find.ts";
import { freshIndex } from "../audit/index/fresh.ts";
import type { Index } from "../audit/index/schema.ts";
import { type AuditState, auditState } from "../audit/state.ts";
import type { BarStore } from "../grant/bar-store.ts";
import type { TokenStore } from "../grant/store.ts";
import type { PolicyReader } from "./policy.ts";

export interface Books {
  /** The engine's state folder. */
  readonly state: string;
  readonly audit: AuditState;
  readonly tokens: TokenStore;
  /** Identities of issuers that are let in no longer. */
  readonly bars: BarStore;
  readonly policy: PolicyReader;
}

export function openBooks(books: Omit<Books, "audit">): Books {
  return { ...books, audit: auditState(books.state) };
}

/** Asks the index, brought up to date first. */
export function withIndex<T>({ audit }: Books, ask: (index: Index, report: IndexReport) => T): T {
  const index = freshIndex(audit.log);
  try {
    return ask(index, indexReport(audit.log, index));
  } finally {
    index.close();
  }
}
