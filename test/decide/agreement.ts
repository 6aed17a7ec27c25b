/** The property that the decision and an independent oracle, which shares no code with it, agree. */
import fc from "fast-check";
import { TOOLS_CALL } from "../../engine/decide/call.ts";
import { type Decision, decide } from "../../engine/decide/decide.ts";
import { InexactNumber } from "../../engine/json/value.ts";
import { decide as oracle } from "../oracle/decide.ts";
import { type Pair, pairWith } from "../support/arbitrary.ts";
import { repositoryOf } from "../support/compile.ts";

const mode = fc.constantFrom(undefined, undefined, "enforce", "monitor");
const inMode = <T extends object>(document: T | undefined, mode: string | undefined) =>
  document === undefined || mode === undefined ? document : { ...document, mode };

const pairs = fc
  .tuple(pairWith({ inexact: (text) => new InexactNumber(text) }), mode, mode)
  .map(([pair, ofGrant, ofServer]) => ({
    ...pair,
    grant: inMode(pair.grant, ofGrant),
    server: inMode(pair.server, ofServer),
  }));

function ask({ policy, grant, server, call }: Pair): Decision {
  const repository = repositoryOf({
    policies: { p1: policy },
    ...(grant === undefined ? {} : { grants: { [grant.id]: grant } }),
    ...(server === undefined ? {} : { servers: { s1: server } }),
  });
  const who = grant === undefined || server === undefined ? { policy: "p1" } : { grant: grant.id };
  return decide(repository, {
    ...who,
    ...(server === undefined ? {} : { server: "s1" }),
    method: call.method ?? TOOLS_CALL,
    tool: call.tool,
    args: (call.args ?? {}) as never,
    at: call.at ?? 0,
  }).decision;
}

/** `heard` is told the deciding rule of every pair, and `watched` of each that monitor mode let pass. */
export function agreement(
  heard: (rule: string) => void,
  watched: (rule: string) => void = () => {},
): fc.IProperty<[Pair]> {
  return fc.property(pairs, (pair) => {
    // Without a server the policy alone is asked, and then there is no grant to look at either.
    const grant = pair.server === undefined ? undefined : pair.grant;
    const expected = oracle({ ...pair, grant, policyName: "p1" });
    const got = ask(pair);
    heard(got.rule);
    if (got.monitored === true) watched(got.rule);
    const same =
      got.verdict === expected.verdict &&
      (got.monitored === true) === expected.monitored &&
      got.rule === expected.rule &&
      got.ephi === expected.ephi &&
      got.effect === expected.effect &&
      String(got.subjectArg) === String(expected.subject);
    if (!same) {
      const { verdict, rule, ephi, effect, subjectArg: subject, monitored } = got;
      throw new Error(
        `decide: ${JSON.stringify({ verdict, rule, ephi, effect, subject, monitored })}; oracle: ${JSON.stringify(expected)}`,
      );
    }
  });
}
