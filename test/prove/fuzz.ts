/**
 * The differential fuzz: verdicts of the prover against the ordinary decision, and against the
 * oracle that shares no code with either.
 *
 *   a witness          is allowed by head and denied by base, by both judges
 *   "not broader"      no sampled call is allowed by head and denied by base
 *   "same"             no sampled call is judged differently
 *   every proof        has a certificate that the checker accepts
 */

import { InexactNumber, type Received, type ReceivedObject } from "../../engine/json/value.ts";
import { checkCertificate } from "../../engine/prove/certificate.ts";
import { proveTool } from "../../engine/prove/prove.ts";
import type { Witness } from "../../engine/prove/witness.ts";
import { decide as oracle } from "../oracle/decide.ts";
import {
  type GenerateOptions,
  Generator,
  type PairDocument,
  type SideDocument,
} from "./generate.ts";
import { Random } from "./random.ts";
import { allows, factsOf, policyDocument, sideOf, TOOL } from "./sides.ts";

export interface Prover {
  readonly proveTool: typeof proveTool;
  readonly checkCertificate: typeof checkCertificate;
}
export const PROVER: Prover = { proveTool, checkCertificate };

export interface Report {
  readonly pairs: number;
  readonly verdicts: Readonly<Record<string, number>>;
  /** Of the unknown ones, those that are left when the grant has constants. */
  readonly unknown: number;
  readonly milliseconds: readonly number[];
  readonly problems: readonly string[];
}

export interface FuzzOptions {
  readonly from: number;
  readonly count: number;
  readonly samples: number;
  readonly options?: GenerateOptions;
  readonly prover?: Prover;
  /** Stop at the first problem. */
  readonly first?: boolean;
}

export function fuzz({
  from,
  count,
  samples,
  options,
  prover = PROVER,
  first,
}: FuzzOptions): Report {
  const verdicts: Record<string, number> = {};
  const milliseconds: number[] = [];
  const problems: string[] = [];
  let unknown = 0;
  for (let seed = from; seed < from + count; seed++) {
    const random = new Random(seed);
    const generator = new Generator(random, options);
    const pair = generator.pair();
    const verdict = judge(pair, generator, samples, prover, milliseconds);
    verdicts[verdict.verdict] = (verdicts[verdict.verdict] ?? 0) + 1;
    if (verdict.verdict === "unknown" && pair.constants === undefined) {
      // What is open for everyone has to be decided for each grant.
      const grant = generator.attributes();
      const closed = judge({ ...pair, constants: [grant, grant] }, generator, samples, prover, []);
      if (closed.verdict === "unknown") unknown++;
      if (closed.problem !== undefined) problems.push(`${seed}, closed: ${closed.problem}`);
    } else if (verdict.verdict === "unknown") unknown++;
    if (verdict.problem !== undefined) problems.push(`${seed}: ${verdict.problem}`);
    if (first === true && problems.length > 0) break;
  }
  milliseconds.sort((a, b) => a - b);
  return { pairs: count, verdicts, unknown, milliseconds, problems };
}

interface Judged {
  readonly verdict: string;
  readonly problem?: string;
}

function judge(
  { base, head, constants }: PairDocument,
  generator: Generator,
  samples: number,
  { proveTool, checkCertificate }: Prover,
  milliseconds: number[],
): Judged {
  const [before, after] = constants ?? [undefined, undefined];
  const baseAllows = allows(base);
  const headAllows = allows(head);
  const confirm = (w: Witness): boolean =>
    headAllows(w.args, factsOf(w, after)) && !baseAllows(w.args, factsOf(w, before));
  const sides = [sideOf(base, before ?? "free"), sideOf(head, after ?? "free")] as const;
  const start = performance.now();
  const result = proveTool(...sides, { confirm });
  milliseconds.push(performance.now() - start);
  const { verdict } = result;
  if ("witness" in result) {
    const { witness } = result;
    if (!confirm(witness)) return { verdict, problem: `spurious witness ${show(witness.args)}` };
    if (!hasInexact(witness.args)) {
      const said = [
        oracleAllows(base, witness.args, factsOf(witness, before)),
        oracleAllows(head, witness.args, factsOf(witness, after)),
      ];
      if (said[0] === true || said[1] === false) {
        return { verdict, problem: `the oracle says ${said} of ${show(witness.args)}` };
      }
    }
    return { verdict };
  }
  if (!("certificate" in result)) return { verdict };
  const rejected = checkCertificate(result.certificate);
  if (rejected !== undefined) return { verdict, problem: `certificate: ${rejected}` };
  for (let i = 0; i < samples; i++) {
    const args = generator.args();
    const free = generator.attributes();
    const allowedBefore = baseAllows(args, before ?? free);
    const allowedAfter = headAllows(args, after ?? free);
    if (allowedAfter && !allowedBefore)
      return { verdict, problem: `refuted by ${show(args)} ${show(free)}` };
    if (verdict === "same" && allowedAfter !== allowedBefore) {
      return { verdict, problem: `not the same for ${show(args)} ${show(free)}` };
    }
  }
  return { verdict };
}

/** The oracle's opinion; undefined of what it does not judge, which is schemas and limits. */
function oracleAllows(
  side: SideDocument,
  args: ReceivedObject,
  facts: ReceivedObject,
): boolean | undefined {
  if (side.schema !== undefined || side.rules.limits !== undefined) return undefined;
  const { id, purpose, principal, ...attributes } = facts;
  const grant = { id, purpose, principal, attributes, issued: "2026-01-01", expires: "2026-12-31" };
  const policy = policyDocument(side);
  const question = { policy, grant, call: { tool: TOOL, args } } as unknown as Parameters<
    typeof oracle
  >[0];
  return oracle(question).verdict === "allow";
}

function hasInexact(value: Received): boolean {
  if (value instanceof InexactNumber) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((member) => hasInexact(member as Received));
}

function show(value: Received): string {
  return JSON.stringify(value);
}
