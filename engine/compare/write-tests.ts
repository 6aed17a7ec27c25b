/** Witnesses as test cases: what a reviewer looked at once stays looked at. */
import { stringify } from "yaml";
import { TOOLS_CALL } from "../decide/call.ts";
import type { ReceivedObject } from "../json/value.ts";
import type { Change, Diff, Witness } from "./report.ts";

/**
 * A suite that expects what base decided: red while the broadening stands, green once it is taken
 * back. Where the broadening is meant, its author turns each `deny` into `allow`, in the same change.
 * Undefined when no change has a witness.
 */
export function witnessTests(diff: Diff): string | undefined {
  const cases = diff.changes.flatMap((change) =>
    change.witness === undefined ? [] : [testCase(change, change.witness)],
  );
  if (cases.length === 0) return undefined;
  const suite = {
    version: "1",
    suite: `newly allowed calls, ${diff.base.rev} → ${diff.head.rev}`,
    description:
      "Each of these was denied before. Where the new access is meant, change deny to allow.",
    cases,
  };
  return stringify(suite, { lineWidth: 100, aliasDuplicateObjects: false });
}

function testCase(
  { summary, baseDecision }: Change,
  { grant, server, method, tool, args, at, sequence }: Witness,
): object {
  const target = method === TOOLS_CALL ? { tool } : { method };
  const expected = {
    verdict: "deny",
    ...(baseDecision === undefined ? {} : { rule: baseDecision.rule }),
  };
  const name = summary.replaceAll("`", "");
  if (sequence === undefined)
    return { name, grant, server, at, call: { ...target, args }, expect: expected };
  return {
    name,
    grant,
    server,
    at,
    sequence: runs(sequence.calls).map(([call, repeat]) => ({
      repeat,
      every: "0s",
      call: { ...target, args: call },
    })),
    expect: { last: expected },
  };
}

/** Equal calls in a row become one with a count. */
function runs(calls: readonly ReceivedObject[]): [ReceivedObject, number][] {
  const found: [ReceivedObject, number][] = [];
  for (const call of calls) {
    const last = found.at(-1);
    if (last !== undefined && JSON.stringify(last[0]) === JSON.stringify(call)) last[1]++;
    else found.push([call, 1]);
  }
  return found;
}
