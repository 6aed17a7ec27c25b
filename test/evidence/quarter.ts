/** A small hospital quarter and the evidence of it, made once for a file of tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import {
  type Evidence,
  type EvidenceOptions,
  writeEvidence,
} from "../../engine/evidence/evidence.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { parsePeriod, periodBetween } from "../../engine/review/period.ts";
import { type Quarter, writeQuarter } from "../quarter/generate.ts";

/** After the quarter, before its grants end. */
export const NOW = Date.UTC(2026, 9, 3, 12);
export const QUARTER = parsePeriod("2026-Q3");
/** A part of it that neither begins nor ends with the log. */
export const AUGUST = periodBetween("2026-08-05", "2026-08-20");

export interface Made {
  readonly quarter: Quarter;
  /** A new folder within the temporary one. */
  readonly folder: (name: string) => string;
  readonly write: (name: string, options?: Partial<EvidenceOptions>) => Promise<Evidence>;
}

/** Call it at the top of a file; what it returns may be used in the tests. */
export function smallQuarter(calls: number): () => Made {
  let made: Made | undefined;
  let work = "";
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "phiward-evidence-"));
    const quarter = await writeQuarter({ folder: join(work, "hospital"), calls });
    const folder = (name: string): string => join(work, name);
    made = {
      quarter,
      folder,
      write: (name, options) => evidenceOf(quarter, folder(name), options),
    };
  }, 60_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  return () => made!;
}

async function evidenceOf(
  { state, repository }: Quarter,
  output: string,
  options: Partial<EvidenceOptions> = {},
): Promise<Evidence> {
  const index = freshIndex(join(state, "audit"));
  try {
    return await writeEvidence({
      ...{ state, index, output, now: NOW, period: QUARTER, records: true },
      tree: diskTree(repository),
      ...options,
    });
  } finally {
    index.close();
  }
}
