/**
 * The audit log → fixtures of which only the keys are real. A decision record has names: of the grant,
 * the tool and the arguments. What a policy says of names can be replayed with them; for the rest a
 * placeholder stands at every argument, and the line says so. A line whose verdict would not be the
 * recorded one is not written.
 */
import { createHmac } from "node:crypto";
import { readRecords } from "../audit/read.ts";
import type { AuditRecord } from "../audit/record.ts";
import { type Call, TOOLS_CALL } from "../decide/call.ts";
import { decide } from "../decide/decide.ts";
import { subjectOf } from "../decide/label.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { isObject, type JsonObject, own, type ReceivedObject } from "../json/value.ts";
import { writeReceived } from "../json/write.ts";
import { MAX_PATHS } from "../phi/pseudonymise.ts";
import { sealOf } from "../phi/seal.ts";
import { reading } from "../simulate/replaced.ts";
import { boundedUsage } from "../simulate/usage.ts";
import type { FixtureFile } from "./file.ts";
import { counter, type Recording } from "./report.ts";

export interface FromAuditOptions {
  readonly repository: ReadyRepository;
  /** The folder of the log. */
  readonly log: string;
  readonly key: Uint8Array;
  readonly server: string;
  /** Calls of this grant alone; of all when absent. */
  readonly grant: string | undefined;
  readonly file: FixtureFile;
  readonly path: string;
  readonly maxCalls: number;
}

type DecisionRecord = Extract<AuditRecord, { readonly kind: "decision" }>;

export function recordFromAudit(options: FromAuditOptions): Recording {
  const { repository, log, server, grant, file, path, maxCalls } = options;
  const counts = counter();
  const usage = boundedUsage();
  let byKeysAlone = 0;
  let taken = 0;
  for (const record of readRecords(log)) {
    if (record.kind !== "decision" || record.server !== server || isBuiltIn(record)) continue;
    if (grant !== undefined && record.grant !== grant) continue;
    if (++taken > maxCalls) {
      counts.beyond();
      continue;
    }
    const call = callOf(record, options);
    const names = Object.keys(call.args);
    const replaced = names.length > MAX_PATHS ? ["args"] : names.map(pathOf);
    const traced = reading(repository, call, replaced);
    usage.at(call.at);
    const { decision, charges } = decide(repository, call, { usage }, traced.tracer);
    const { verdict, rule } = record;
    const tool = call.tool || call.method;
    if (decision.verdict !== verdict || decision.rule !== rule) {
      counts.skipped({ why: "verdict", tool, rule, replacedRule: decision.rule });
      continue;
    }
    usage.charge(charges);
    if (traced.of(decision).length === 0) byKeysAlone++;
    file.append(lineText(record, call, replaced));
    counts.line(verdict, 0);
  }
  file.close();
  const report = counts.report({ file: path, server, grant: grant ?? null, values: "keys" });
  return { ...report, byKeysAlone };
}

/** Part of every session, and judged by no policy. */
function isBuiltIn({ code }: DecisionRecord): boolean {
  return code === "built_in";
}

function callOf(record: DecisionRecord, options: FromAuditOptions): Call {
  const { repository, server } = options;
  const { grant, method, tool, argKeys, argsOther, at } = record;
  const schema = propertiesOf(repository, server, tool);
  const args: Record<string, ReceivedObject[string]> = {};
  for (const name of argKeys) args[name] = placeholder(own(schema, name));
  // Keys that the log does not name were there: a policy that lists what may be there denies them.
  for (let i = 1; i <= argsOther; i++) args[`other${i}`] = "x";
  const call = { grant, server, method, tool, args, at: Date.parse(at) };
  return withPatient(call, record, options);
}

function propertiesOf(repository: ReadyRepository, server: string, tool: string): JsonObject {
  const pins = repository.servers.get(server)?.source.lock?.tools ?? {};
  const schema = own(pins, tool)?.definition.inputSchema;
  const properties = isObject(schema) ? (schema as JsonObject).properties : undefined;
  return isObject(properties) ? (properties as JsonObject) : {};
}

/** A value of the form that the pinned schema asks for, which says nothing. */
function placeholder(schema: unknown): ReceivedObject[string] {
  const { type, enum: cases } = isObject(schema) ? (schema as JsonObject) : {};
  if (Array.isArray(cases) && cases.length > 0) return cases[0] as string;
  switch (Array.isArray(type) ? type[0] : type) {
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return {};
    default:
      return "x";
  }
}

/** Patients that the log tells apart are told apart here too, so that limits on them count. */
function withPatient(call: Call, record: DecisionRecord, options: FromAuditOptions): Call {
  const label = options.repository.servers.get(call.server!)?.toolLabels.get(call.tool)?.source;
  const [patient] = record.subjects;
  if (label === undefined || patient === undefined || call.method !== TOOLS_CALL) return call;
  const subject = subjectOf(label, call.args);
  const path = typeof subject === "string" ? undefined : subject[0];
  const [name, ...deeper] = path?.steps ?? [];
  if (typeof name !== "string" || deeper.length > 0 || path?.each !== undefined) return call;
  if (typeof own(call.args, name) !== "string") return call;
  const names = record.subjects.map((one) => patientName(options.key, one));
  return { ...call, args: { ...call.args, [name]: names.join(",") } };
}

/** Of the log's pseudonym, which itself stays in the log. */
function patientName(key: Uint8Array, pseudonym: string): string {
  const hash = createHmac("sha256", key).update(`patient ${pseudonym}`).digest("hex");
  return `p-${hash.slice(0, 12)}`;
}

function pathOf(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `args.${name}` : `args[${JSON.stringify(name)}]`;
}

function lineText(record: DecisionRecord, call: Call, replaced: readonly string[]): string {
  const isTool = call.method === TOOLS_CALL;
  const { tool, method, args } = call;
  const seal = sealOf({ tool: isTool ? tool : undefined, args, replaced });
  return writeReceived({
    v: 1,
    id: `audit-${record.seq}`,
    at: new Date(call.at).toISOString(),
    grant: call.grant!,
    server: call.server!,
    ...(isTool ? { tool } : { method }),
    args,
    outcome: { verdict: record.verdict, rule: record.rule },
    recorded: { values: "keys", ...(replaced.length === 0 ? {} : { replaced }), seal },
  });
}
