/**
 * A hospital's quarter: the policy repository with its 404 grants, and the state folder of a gateway
 * that ran on it from July to September 2026, with nine stories hidden in it (stories.ts). The same
 * seed and number of calls give the same bytes. Memory does not grow with the number of calls.
 *
 *     node test/quarter/generate.ts FOLDER 10000000
 */
import { createPublicKey } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Entry } from "../../engine/audit/record.ts";
import { keepOrigins } from "../../engine/bundle/store/origins.ts";
import type { TokenEntry } from "../../engine/grant/entry.ts";
import { mintToken, tokenId } from "../../engine/grant/token.ts";
import { tokenFileText } from "../../engine/grant/token-file.ts";
import { numbers } from "../audit/generate.ts";
import { hourlyEntries } from "./calls.ts";
import { HOUR, QUARTER_END, QUARTER_START } from "./cast.ts";
import { type Hospital, openHospital, subjectKey } from "./hospital.ts";
import { type LogWriter, NODE, openLogWriter } from "./log.ts";
import { LEAVER, type Release, releasesOf } from "./releases.ts";
import { bytesOf, signingKey } from "./seed.ts";
import { activated, admin, disturbances, type Planted, tellStories } from "./stories.ts";

export type { Planted } from "./stories.ts";

export interface QuarterOptions {
  readonly folder: string;
  /** About so many ordinary calls; those of the stories are added. */
  readonly calls: number;
  readonly seed?: number;
  /** Hears how many records have been written. */
  readonly onProgress?: (records: number) => void;
}

export interface Quarter {
  /** The state folder of the gateway. */
  readonly state: string;
  /** The policy repository as it is at the end. */
  readonly repository: string;
  readonly records: number;
  readonly planted: Planted;
  readonly releases: readonly Release[];
  /** Token by grant: the secrets themselves. Those of `privacy-officer` and `security-officer` may sign. */
  readonly tokens: ReadonlyMap<string, string>;
}

export async function writeQuarter(options: QuarterOptions): Promise<Quarter> {
  const { folder, calls, seed = 1, onProgress = () => {} } = options;
  const state = join(folder, "state");
  const repository = join(folder, "policies");
  const releases = await releasesOf(seed);
  const hospital = openHospital(seed, numbers(seed), releases);
  const tokens = tokensOf(seed, releases[0]!);
  const { entries, planted, openings } = tellStories(
    hospital,
    (grant) => tokens.get(grant)!.entry.id,
  );

  writeFiles(repository, releases.at(-1)!.sources);
  writeKeys(join(state, "keys"), seed);
  for (const { provenance } of releases) await keepOrigins(state, Buffer.from(provenance));
  writeFiles(state, {
    "tokens.json": tokenFileText([...tokens.values()].map(({ entry }) => entry)),
    "openings.json": `${JSON.stringify({ version: "1", openings }, null, 1)}\n`,
  });
  const told = [...beginning(hospital, tokens), ...entries].sort((a, b) => a.at - b.at);
  const log = openLogWriter(join(state, "audit"), seed);
  writeEntries(log, hospital, calls, told, onProgress);
  const records = log.close(QUARTER_END);
  return {
    ...{ state, repository, records, planted, releases },
    tokens: new Map([...tokens].map(([grant, { token }]) => [grant, token])),
  };
}

/** The ordinary calls and the stories, in the order of time. */
function writeEntries(
  log: LogWriter,
  hospital: Hospital,
  calls: number,
  told: readonly Entry[],
  onProgress: (records: number) => void,
): void {
  let next = 0;
  let written = 0;
  /** Outcomes that come after the hour of their call. */
  let later: Entry[] = [];
  for (const { end, entries } of hourlyEntries(hospital, calls, disturbances)) {
    for (; next < told.length && told[next]!.at < end; next++) entries.push(told[next]!);
    const all = [...later, ...entries].sort((a, b) => a.at - b.at);
    later = [];
    for (const entry of all) {
      if (entry.at >= end) later.push(entry);
      else {
        log.add(entry);
        written++;
      }
    }
    if (!disturbances.isDown(end - 1)) log.checkpoint(end - 1);
    onProgress(written);
  }
  for (const entry of later) log.add(entry);
}

interface Minted {
  readonly token: string;
  readonly entry: TokenEntry;
}

const ISSUED_AT = QUARTER_START + HOUR / 2;

/** One token for each grant of the first release. */
function tokensOf(seed: number, { repository }: Release): ReadonlyMap<string, Minted> {
  return new Map(
    Object.values(repository.grants).map((grant) => {
      const { token, hash } = mintToken(() => bytesOf(seed, `token ${grant.id}`));
      const { id: principal, kind } = grant.principal;
      const entry: TokenEntry = {
        ...{ id: tokenId(hash), hash, grant: grant.id, principal, kind, issued: grant.issued },
        ...{ createdAt: ISSUED_AT, createdBy: "person:s.park", expiresAt: grant.expires },
        ...(grant.id === LEAVER ? { orphanedAt: Date.parse("2026-08-31T18:00:01Z") } : {}),
      };
      return [grant.id, { token, entry }];
    }),
  );
}

/** The gateway starts, tokens are issued, and releases follow one another. */
function beginning(hospital: Hospital, tokens: ReadonlyMap<string, Minted>): readonly Entry[] {
  const start = QUARTER_START + 5000;
  return [
    admin(start, "gateway.started", { details: { node: NODE, dev: false } }),
    activated(hospital, start),
    ...[...tokens.values()].map(({ entry: { grant, principal, id, expiresAt } }) =>
      admin(ISSUED_AT, "token.issued", {
        ...{ by: "person:s.park", event: hospital.nextId(ISSUED_AT) },
        ...{ grant, principal, token: id, expires: new Date(expiresAt).toISOString() },
      }),
    ),
    ...["2026-08-06T10:30:00Z", "2026-08-17T09:00:00Z", "2026-08-31T18:00:00Z"].map((at) =>
      activated(hospital, Date.parse(at)),
    ),
  ];
}

function writeKeys(folder: string, seed: number): void {
  const key = signingKey(seed);
  writeFiles(folder, {
    "checkpoint.pem": key.export({ format: "pem", type: "pkcs8" }) as string,
    "checkpoint.pem.pub": createPublicKey(key).export({ format: "pem", type: "spki" }) as string,
    "subject-v1.key": subjectKey(seed),
  });
}

function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileSync(target, content, { mode: 0o600 });
  }
}

function tellEvery(records: number): (written: number) => void {
  let told = 0;
  return (written) => {
    if (written - told < records) return;
    told = written;
    console.log(`${written.toLocaleString("en")} records`);
  };
}

if (process.argv[1] === import.meta.filename) {
  const [, , folder, calls] = process.argv;
  const begin = performance.now();
  const { records } = await writeQuarter({
    folder: folder!,
    calls: Number(calls),
    onProgress: tellEvery(1_000_000),
  });
  const seconds = (performance.now() - begin) / 1000;
  const rate = Math.round(records / seconds).toLocaleString("en");
  console.log(`${records.toLocaleString("en")} records in ${seconds.toFixed(0)} s, ${rate}/s`);
}
