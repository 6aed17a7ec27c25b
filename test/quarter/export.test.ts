/** Records leave for other systems: in every form, whole, at least once, and with no patient's name. */
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { keepExportCursor, readExportCursor } from "../../engine/audit/export/cursor.ts";
import { postSink } from "../../engine/audit/export/post.ts";
import { exportLog } from "../../engine/audit/export/run.ts";
import { type ExportSink, fileSink, functionSink } from "../../engine/audit/export/sink.ts";
import { BEGINNING, type Place, verifiedFrom } from "../../engine/audit/export/verified.ts";
import type { AuditRecord } from "../../engine/audit/record.ts";
import { recordText } from "../../engine/audit/record.ts";
import { exportFormat } from "../../engine/render/export.ts";
import { ocsfEvent } from "../../engine/render/export-ocsf.ts";
import { anyEntry } from "../audit/arbitrary.ts";
import { type Quarter, writeQuarter } from "./generate.ts";

const BIN = resolve(import.meta.dirname, "../../dist/cli/bin.js");

let work = "";
let quarter: Quarter;
let log = "";
let records: readonly AuditRecord[];

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "phiward-export-"));
  quarter = await writeQuarter({ folder: work, calls: 600 });
  log = join(quarter.state, "audit");
  records = [...verifiedFrom(log, BEGINNING)].map(({ record }) => record);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const fresh = (name: string): string => join(mkdtempSync(join(work, "test-")), name);

interface Options {
  readonly from?: Place;
  readonly keep?: (place: Place) => void;
  readonly wanted?: (record: AuditRecord) => boolean;
  readonly folder?: string;
}

async function run(
  sink: ExportSink,
  format: Parameters<typeof exportFormat>[0],
  options: Options = {},
) {
  const { from = BEGINNING, keep = () => {}, wanted = () => true, folder = log } = options;
  const batchRecords = 100;
  return await exportLog({
    ...{ folder, from, keep, wanted, sink, batchRecords },
    format: exportFormat(format),
  });
}

describe("what is sent", () => {
  test("as jsonl is the log, byte for byte", async () => {
    const path = fresh("out");
    const exported = await run(fileSink(path), "jsonl");
    expect(exported).toEqual({ records: records.length, first: 1, last: records.length });
    const lines = readFileSync(join(log, "0000000001.jsonl"));
    expect(readFileSync(path).equals(lines)).toBe(true);
  });

  test("as csv is one row for each record, under one row of names", async () => {
    const path = fresh("out");
    await run(fileSink(path), "csv");
    const rows = readFileSync(path, "utf8").split("\r\n");
    expect(rows).toHaveLength(records.length + 2);
    expect(rows.filter((row) => row.startsWith("seq,at,"))).toHaveLength(1);
  });

  test("as csv runs no cell as a formula", async () => {
    const hostile = {
      ...records.find(({ kind }) => kind === "decision")!,
      tool: '=HYPERLINK("x")',
    };
    const text = exportFormat("csv").batch([{ record: hostile as AuditRecord, line: "" }]);
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
  });

  test("as otlp has each record once, its time, and its members as attributes", async () => {
    const path = fresh("out");
    await run(fileSink(path), "otlp");
    const requests = readFileSync(path, "utf8").trimEnd().split("\n");
    const sent = requests.flatMap((line) => {
      const [{ resource, scopeLogs }] = JSON.parse(line).resourceLogs;
      expect(resource.attributes).toContainEqual({
        key: "service.instance.id",
        value: { stringValue: "gw-1" },
      });
      return scopeLogs[0].logRecords;
    });
    expect(sent).toHaveLength(records.length);
    records.forEach((record, i) => {
      expect(sent[i].timeUnixNano).toBe(`${Date.parse(record.at)}000000`);
      expect(sent[i].attributes).toContainEqual({
        key: "phiward.seq",
        value: { intValue: String(record.seq) },
      });
    });
  });

  test("as ocsf is what the class API Activity requires", () => {
    for (const record of records) expect(faultsOf(ocsfEvent(record)), record.kind).toEqual([]);
  });

  test("as ocsf is so for any record that can be written", () => {
    fc.assert(
      fc.property(anyEntry, (one) => {
        const position = { node: "gw-1", seq: 1, prev: "0".repeat(64), dev: undefined };
        const text = recordText(one, "id", position);
        const record = { ...JSON.parse(text), hash: "0".repeat(64) } as AuditRecord;
        expect(faultsOf(ocsfEvent(record))).toEqual([]);
      }),
    );
  });

  test("tells which patients by pseudonym alone, in every form", async () => {
    for (const format of ["jsonl", "csv", "otlp", "ocsf"] as const) {
      const path = fresh("out");
      await run(fileSink(path), format);
      expect(/\bp-1[0-9]{5}\b/.test(readFileSync(path, "utf8")), format).toBe(false);
    }
  });

  test("is what the filter wants, and nothing else", async () => {
    const path = fresh("out");
    const wanted = (one: AuditRecord): boolean => one.kind === "rejected";
    const { records: count } = await run(fileSink(path), "jsonl", { wanted });
    const expected = records.filter(wanted);
    expect(count).toBe(expected.length);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(expected.map(({ seq }) => seq));
  });
});

describe("a run that goes on where the one before ended", () => {
  test("sends what is new, and nothing twice", async () => {
    const [path, cursor] = [fresh("out"), fresh("cursor")];
    const half = fresh("log");
    cpSync(log, half, { recursive: true });
    const segment = join(half, "0000000001.jsonl");
    const lines = readFileSync(segment);
    for (const part of [0.3, 0.31, 1]) {
      // In the middle of a line, mostly.
      writeFileSync(segment, lines.subarray(0, Math.ceil(lines.length * part)));
      const keep = (place: Place): void => keepExportCursor(cursor, place);
      const from = readExportCursor(cursor) ?? BEGINNING;
      await run(fileSink(path), "jsonl", { folder: half, from, keep });
    }
    expect(readFileSync(path).equals(lines)).toBe(true);
  });

  test("leaves nothing out, wherever it was killed between two steps", async () => {
    for (let crash = 1; crash <= 12; crash++) {
      const [path, cursor] = [fresh("out"), fresh("cursor")];
      await runUntil(crash, path, cursor).catch(() => {});
      // Its last line may be cut short as well.
      appendFileSync(path, '{"argKeys":[');
      await runUntil(Infinity, path, cursor);
      const sent = readFileSync(path, "utf8").trimEnd().split("\n");
      const whole = sent.filter((line) => line.endsWith("}"));
      expect(new Set(whole.map((line) => JSON.parse(line).seq)).size).toBe(records.length);
      expect(sent.length - whole.length).toBe(1);
      expect(whole.length - records.length).toBeLessThanOrEqual(100);
    }
  });

  /** Dies before the step of this number: each batch is sent, and then its place is kept. */
  async function runUntil(crash: number, path: string, cursor: string): Promise<void> {
    let steps = 0;
    const step = (): void => {
      if (++steps >= crash) throw new Error("killed");
    };
    const sink = fileSink(path);
    const dying: ExportSink = {
      async send(text, head) {
        step();
        await sink.send(text, head);
      },
      close: sink.close,
    };
    const keep = (place: Place): void => {
      step();
      keepExportCursor(cursor, place);
    };
    const from = readExportCursor(cursor) ?? BEGINNING;
    await run(dying, "jsonl", { from, keep }).finally(sink.close);
  }

  test("refuses a file that is no cursor", () => {
    const path = fresh("cursor");
    writeFileSync(path, '{"type":"something else"}');
    expect(() => readExportCursor(path)).toThrow(/is no cursor of an export/);
  });
});

describe("a log that is not what was written", () => {
  test.each<[string, (lines: string[]) => void]>([
    ["was edited", (lines) => lines.splice(250, 1, lines[250]!.replace('"seq":251', '"seq":252'))],
    ["lost a record", (lines) => lines.splice(250, 1)],
    ["has two records in another order", (lines) => lines.splice(250, 2, lines[251]!, lines[250]!)],
  ])("is sent up to the place where it %s, and no further", async (_, harm) => {
    const folder = fresh("log");
    cpSync(log, folder, { recursive: true });
    const segment = join(folder, "0000000001.jsonl");
    const lines = readFileSync(segment, "utf8").split("\n");
    harm(lines);
    writeFileSync(segment, lines.join("\n"));
    const sent: string[] = [];
    const sink = functionSink(async (text) => void sent.push(text));
    await expect(run(sink, "jsonl", { folder })).rejects.toMatchObject({ code: "AUDIT_BROKEN" });
    expect(sent.join("").split("\n").length - 1).toBe(200);
  });
});

describe("a collector", () => {
  type Reply = (request: IncomingMessage, body: string, response: ServerResponse) => void;

  async function collector(reply: Reply): Promise<URL> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => reply(request, Buffer.concat(chunks).toString(), response));
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    onTestFinished(() => void server.close());
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`);
  }
  const to = (url: URL, headers = {}): ExportSink =>
    postSink({ url, headers, type: "application/json", tries: 4, waitMs: 1 });

  test("that is busy at times gets everything, with the credential", async () => {
    let requests = 0;
    const taken: string[] = [];
    const url = await collector((request, body, response) => {
      expect(request.headers).toMatchObject({
        authorization: "Bearer of-a-test",
        "content-type": "application/json",
      });
      const busy = ++requests % 3 !== 0;
      if (!busy) taken.push(body);
      response.writeHead(busy ? [429, 503][requests % 2]! : 200).end("{}");
    });
    await run(to(url, { authorization: "Bearer of-a-test" }), "otlp");
    const count = taken.flatMap((body) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords);
    expect(count).toHaveLength(records.length);
  });

  test.each<[string, number, string, number]>([
    ["that never takes it", 503, "", 4],
    ["that does not know us", 401, "", 1],
    // A redirect would carry the credential elsewhere.
    ["that sends us elsewhere", 307, "", 1],
    ["that takes only some", 200, '{"partialSuccess":{"rejectedLogRecords":"3"}}', 1],
  ])("%s ends the run, and its batch is not counted as sent", async (_, status, answer, tries) => {
    let requests = 0;
    const url = await collector((_request, _body, response) => {
      requests++;
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(answer);
    });
    const kept: Place[] = [];
    const sending = run(to(url), "otlp", { keep: (place) => kept.push(place) });
    await expect(sending).rejects.toMatchObject({ code: "EXPORT_FAILED" });
    expect({ requests, kept }).toEqual({ requests: tries, kept: [] });
  });
});

describe("the command", () => {
  function phiward(state: string, ...args: readonly string[]) {
    const all = [BIN, "audit", "export", ...args, "--state", state];
    return spawnSync(process.execPath, all, { encoding: "utf8", maxBuffer: 1e9 });
  }

  test("records that there was an export, and an export of nothing else is none", () => {
    const state = fresh("state");
    cpSync(quarter.state, state, { recursive: true });
    const args = ["--into", fresh("out"), "--cursor", fresh("cursor"), "--by", "person:m.chen"];
    const [first, second, third] = Array.from({ length: 3 }, () => {
      const { stdout, stderr } = phiward(state, ...args, "--format", "ocsf", "--json");
      expect(stderr).toBe("");
      return JSON.parse(stdout);
    });
    expect(first).toMatchObject({ records: records.length, told: "recorded", into: "file" });
    expect(second).toMatchObject({ told: "nothing to tell" });
    expect(third).toMatchObject({ records: 0, told: "nothing to tell" });
    const told = [...verifiedFrom(join(state, "audit"), BEGINNING)].flatMap(({ record }) =>
      record.kind === "admin" && record.action === "audit.exported" ? [record] : [],
    );
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      by: "person:m.chen",
      details: { format: "ocsf", into: "file", records: records.length, first: 1 },
    });
  });

  test.each([
    ["plain HTTP beyond loopback", ["--into", "http://siem.example.org/v1/logs"]],
    ["another protocol", ["--into", "ftp://siem.example.org/x"]],
    ["a table sent to an address", ["--into", "https://siem.example.org/x", "--format", "csv"]],
    ["a secret on the command line", ["--into", "https://siem.example.org/x", "--header", "a=b"]],
    ["a report among the records", ["--json"]],
  ])("refuses %s", (_, args) => {
    const { status, stderr } = phiward(quarter.state, ...args);
    expect({ status, code: /error\[([A-Z_]+)\]/.exec(stderr)?.[1] }).toEqual({
      status: 2,
      code: "USAGE",
    });
  });
});

// --- the class, as data

interface ClassRules {
  readonly version: string;
  readonly class_uid: number;
  readonly category_uid: number;
  readonly activity_ids: readonly number[];
  readonly severity_ids: readonly number[];
  readonly status_ids: readonly number[];
  readonly required: readonly string[];
  readonly attributes: readonly string[];
  readonly objects: Readonly<
    Record<string, { readonly required?: string[]; readonly atLeastOne?: string[] }>
  >;
}

const RULES = JSON.parse(
  readFileSync(join(import.meta.dirname, "ocsf-api-activity.json"), "utf8"),
) as ClassRules;

/** What an event lacks, or has too much, by the class's own rules. */
function faultsOf(event: object): readonly string[] {
  const one = event as Readonly<Record<string, unknown>>;
  const { class_uid, activity_id, type_uid, metadata } = one;
  const value = (is: boolean, name: string): readonly string[] => (is ? [] : [`value of ${name}`]);
  return [
    ...RULES.required.filter((name) => one[name] === undefined).map((name) => `no ${name}`),
    ...Object.keys(one).filter((name) => !RULES.attributes.includes(name)),
    ...value(class_uid === RULES.class_uid, "class_uid"),
    ...value(one.category_uid === RULES.category_uid, "category_uid"),
    ...value(type_uid === RULES.class_uid * 100 + (activity_id as number), "type_uid"),
    ...value(RULES.activity_ids.includes(activity_id as number), "activity_id"),
    ...value(RULES.severity_ids.includes(one.severity_id as number), "severity_id"),
    ...value(RULES.status_ids.includes(one.status_id as number), "status_id"),
    ...value((metadata as { version: string }).version === RULES.version, "metadata.version"),
    ...value(Number.isSafeInteger(one.time), "time"),
    ...Object.entries(RULES.objects).flatMap(([path, { required = [], atLeastOne }]) =>
      objectsAt(one, path).flatMap((found) => [
        ...required.filter((name) => found[name] === undefined).map((name) => `no ${path}.${name}`),
        ...(atLeastOne?.some((name) => found[name] !== undefined) === false
          ? [`none of ${path}`]
          : []),
      ]),
    ),
  ];
}

function objectsAt(
  event: Readonly<Record<string, unknown>>,
  path: string,
): readonly Readonly<Record<string, unknown>>[] {
  let found: readonly unknown[] = [event];
  for (const step of path.split(".")) {
    const name = step.replace("[]", "");
    found = found.flatMap((one) => {
      const value = (one as Record<string, unknown>)[name];
      return value === undefined ? [] : step.endsWith("[]") ? (value as unknown[]) : [value];
    });
  }
  return found as readonly Readonly<Record<string, unknown>>[];
}
