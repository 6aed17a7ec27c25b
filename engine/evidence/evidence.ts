/**
 * Everything that an auditor asks of the path by which agents reach patient data, in one folder:
 *
 *     log ─ verify ▶ verdict      log ─ excerpt ▶ records ─▶ files, counts
 *     log ─ history ▶ how access came and went        state ─ release ▶ policies in force
 *                    facts ─ sections ▶ pages, tables ─▶ folder ─▶ manifest
 *
 * Nobody who reads it needs phiward: verify.mjs checks it alone.
 */
import { createHash, type KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { access } from "../access/access.ts";
import { excerptOf } from "../audit/index/excerpt.ts";
import type { Index } from "../audit/index/schema.ts";
import { NOTES_FILE } from "../audit/notes.ts";
import { query } from "../audit/query.ts";
import type { AdminRecord, AuditRecord, PolicyRecord } from "../audit/record.ts";
import { auditState, ownPublicKey, publicKey } from "../audit/state.ts";
import { verifyLog } from "../audit/verify/verify.ts";
import { keptProvenance, recordedChanges } from "../bundle/store/origins.ts";
import type { TokenEntry } from "../grant/entry.ts";
import { openTokenStore } from "../grant/file-store.ts";
import { listTokens } from "../grant/list.ts";
import type { Tree } from "../host/tree.ts";
import { own } from "../json/value.ts";
import type { ShownReport } from "../render/audit-report.ts";
import { activityReport } from "../review/activity.ts";
import { endOf, type Period, startOf } from "../review/period.ts";
import { findingsOf } from "../review/report.ts";
import { activitySignatures, reviewedOpenings, signaturesUnder } from "../review/signed.ts";
import type { HostConfig } from "./config.ts";
import { connectionsOf } from "./connections.ts";
import type { Facts } from "./facts.ts";
import { newFolder, type OutputFolder } from "./folder.ts";
import { historyOf } from "./history.ts";
import { MANIFEST, type Manifest, manifestOf } from "./manifest.ts";
import { notesWithin, type WrittenRecords, writeRecords } from "./records.ts";
import { registryOf, serversOf } from "./registry.ts";
import { type InForce, inForce } from "./release.ts";
import { startTally } from "./tally.ts";
import { writePages } from "./write.ts";

export interface EvidenceOptions {
  /** The gateway's state folder. */
  readonly state: string;
  /** Brought up to date by the caller. */
  readonly index: Index;
  /** Whole days. */
  readonly period: Period;
  /** When it is made, epoch milliseconds. */
  readonly now: number;
  /** A folder that is not there yet. */
  readonly output: string;
  /** Policies to be taken instead of those of the release. */
  readonly tree?: Tree | undefined;
  readonly config?: HostConfig | undefined;
  /** Whether the records themselves are in the folder. */
  readonly records: boolean;
  readonly onProgress?: ((records: number) => void) | undefined;
}

export interface Evidence {
  readonly folder: string;
  readonly facts: Facts;
  readonly manifest: Manifest;
  readonly files: number;
}

/** Rejects when something cannot be read. A log that is broken is no reason: the evidence says so. */
export async function writeEvidence(options: EvidenceOptions): Promise<Evidence> {
  const folder = newFolder(options.output);
  try {
    const facts = await gather(options, folder);
    writePages(facts, folder);
    const files = folder.files();
    const manifest = manifestOf(facts, files);
    folder.put(MANIFEST, manifest.text);
    folder.finish();
    return { folder: options.output, facts, manifest, files: Object.keys(files).length + 1 };
  } catch (error) {
    folder.abandon();
    throw error;
  }
}

async function gather(options: EvidenceOptions, folder: OutputFolder): Promise<Facts> {
  const { state, now, config, tree, index } = options;
  const [from, to] = [startOf(options.period), endOf(options.period) - 1];
  const policies = await inForce({ state, tree, trust: config?.trust, now });
  const { repository } = policies.loaded;
  const log = logOf(options, { from, to }, folder);
  const tokens = tokensOf(state);
  const history = historyOf({
    ...administration(log.folder, index, to),
    provenance: (digest) => keptProvenance(state, digest),
    principalOf: (id) => own(repository.grants, id)?.principal.id ?? "",
  });
  const reach = access(repository, now);
  return {
    period: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    made: new Date(now).toISOString(),
    chain: log.chain,
    tally: log.tally,
    review: reviewOf(options, log.folder, policies),
    history,
    inForce: policies,
    access: reach,
    registry: registryOf({
      repository,
      rows: reach.rows,
      tokens,
      tally: log.tally,
      provenance: policies.provenance,
      now,
    }),
    servers: serversOf(repository, vendorIn(policies), log.tally, now),
    tokens: tokens === undefined ? undefined : listTokens(tokens, repository, now),
    config: config?.file,
    connections: connectionsOf(config?.file, repository),
  };
}

function reviewOf(
  { state, index, period, now }: EvidenceOptions,
  folder: string,
  { loaded }: InForce,
): ShownReport {
  const report = activityReport({
    ...{ folder, index, period, now, loaded },
    reviewed: reviewedOpenings({ folder, index }),
    changesOf: recordedChanges(state),
  });
  const signatures = signaturesUnder(report, activitySignatures({ folder, index }));
  return { report, findings: findingsOf(report), signatures };
}

/** Verifies the whole log, and reads the part that shows the period. */
function logOf(
  { state, index, records: included, config, onProgress }: EvidenceOptions,
  period: { readonly from: number; readonly to: number },
  folder: OutputFolder,
) {
  const { log, keys } = auditState(state);
  const key = publicKeyOf({ log, keys }, config);
  const verification = verifyLog(log, { keys: key === undefined ? [] : [key], kept: [] });
  const excerpt = excerptOf(index, period);
  const tally = startTally();
  const none: WrittenRecords = { lines: 0, beside: 0, parts: [] };
  const records =
    excerpt === undefined
      ? none
      : writeRecords(log, excerpt, {
          period,
          into: included ? folder : undefined,
          each: (record) => tally.add(record),
          onProgress,
        });
  if (excerpt !== undefined && included) {
    const notes = [...notesWithin(join(log, NOTES_FILE), excerpt)];
    folder.put(`records/${NOTES_FILE}`, notes.map((note) => `${note}\n`).join(""));
    if (key !== undefined) {
      folder.put("records/checkpoint-key.pem", key.export({ type: "spki", format: "pem" }));
    }
  }
  const fingerprint = key === undefined ? undefined : fingerprintOf(key);
  return {
    folder: log,
    tally: tally.result(),
    chain: { verification, excerpt, records, included, fingerprint },
  };
}

function publicKeyOf(
  state: ReturnType<typeof auditState>,
  config: HostConfig | undefined,
): KeyObject | undefined {
  const beside = config?.checkpointKey === undefined ? undefined : `${config.checkpointKey}.pub`;
  return beside !== undefined && existsSync(beside)
    ? publicKey(beside, readFileSync(beside, "utf8"))
    : ownPublicKey(state);
}

function fingerprintOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

const PAGE = 10_000;

/** Administrative and policy records from the beginning to the end of the period, oldest first. */
function administration(
  log: string,
  index: Index,
  to: number,
): { readonly admin: readonly AdminRecord[]; readonly policy: readonly PolicyRecord[] } {
  const all = (kind: "admin" | "policy"): readonly AuditRecord[] => {
    const found: AuditRecord[] = [];
    for (let after: number | undefined; ; ) {
      const { records, next } = query(log, index, { kind, to }, { limit: PAGE, after });
      found.push(...records.map(({ record }) => record));
      if (next === undefined) return found.reverse();
      after = next;
    }
  };
  return {
    admin: all("admin").filter((record) => record.kind === "admin"),
    policy: all("policy").filter((record) => record.kind === "policy"),
  };
}

/** undefined where another store than the file keeps them. */
function tokensOf(state: string): readonly TokenEntry[] | undefined {
  return existsSync(join(state, "tokens.json")) ? openTokenStore(state).list() : undefined;
}

function vendorIn({ loaded }: InForce): (server: string) => string {
  return (server) => loaded.servers.get(server)?.located.value.vendor?.name ?? "";
}
