/** A call as it is asked about from outside: read strictly, then resolved to names that exist. */

import { type Call, TOOLS_CALL } from "../decide/call.ts";
import type { Decision } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import { PhiwardError } from "../errors.ts";
import { readJson } from "../json/read.ts";
import type { Received, ReceivedObject } from "../json/value.ts";
import { unknownName } from "../policy/compile.ts";
import { parseInstant } from "../policy/time.ts";
import type { CallDocument, FixtureLine } from "../schema/types.ts";
import { validate } from "../schema/validate.ts";
import type { Located, Pointer } from "../source.ts";
import { didYouMean, nearest } from "../suggest.ts";

/** The calls of a text: one JSON object, or JSON Lines. `now` is the time of a call that names none. */
export function readCalls(file: string, text: string, now: number): readonly Call[] {
  return readDocuments(file, text).map((located) => {
    const checked = validate("call", located);
    if (!checked.ok) throw refused(checked.findings[0]!);
    return toCall(checked.located.value, located, now);
  });
}

export interface RecordedCall {
  readonly id: string;
  readonly call: Call;
  readonly outcome: {
    readonly verdict?: "allow" | "deny";
    readonly rule?: string;
    readonly isError?: boolean;
  };
  /** Where values are not those that were sent; a path stands for everything below it. */
  readonly replaced?: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** One line of a fixture file. */
export function readFixture(file: string, line: number, text: string): RecordedCall {
  const located = readOne(file, line, text);
  const checked = validate("fixture", located);
  if (!checked.ok) throw refused(checked.findings[0]!);
  const fixture: FixtureLine = checked.located.value;
  return {
    id: fixture.id,
    call: toCall(fixture, located, 0),
    outcome: fixture.outcome ?? {},
    ...(fixture.recorded?.replaced === undefined ? {} : { replaced: fixture.recorded.replaced }),
    file,
    line,
  };
}

function toCall(document: CallDocument, located: Located<Received>, now: number): Call {
  const { grant, policy, server, tool, at } = document;
  const method = document.method ?? TOOLS_CALL;
  const fail = (pointer: Pointer, message: string, help: string): never => {
    throw new PhiwardError("INVALID_INPUT", message, { place: located.place(pointer), help });
  };
  if ((tool === undefined) === (method === TOOLS_CALL)) {
    fail(
      [],
      tool === undefined ? "the call names no `tool`" : "only a tools/call has a `tool`",
      'add `"tool"`, or name another `"method"`',
    );
  }
  const time = at === undefined ? now : parseInstant(at);
  if (time === undefined)
    fail(["at"], "this time does not exist", "write a time like 2026-10-01T12:00:00Z");
  return {
    ...(grant === undefined ? {} : { grant }),
    ...(policy === undefined ? {} : { policy }),
    ...(server === undefined ? {} : { server }),
    method,
    tool: tool ?? "",
    args: (document.args ?? {}) as ReceivedObject,
    at: time!,
  };
}

function readDocuments(file: string, text: string): Located<Received>[] {
  const whole = readJson(file, text, { foldKeys: true });
  if (whole.ok) return [whole.located];
  const lines = text
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [{ line, number: index + 1 }]));
  // One object over several lines is not JSON Lines: its own first problem says more.
  if (lines.length < 2 || !lines[0]!.line.trim().endsWith("}")) {
    const { message, help, line, column } = whole.problems[0]!;
    throw new PhiwardError("INVALID_INPUT", message, { help, place: { file, line, column } });
  }
  return lines.map(({ line, number }) => readOne(file, number, line));
}

function readOne(file: string, line: number, text: string): Located<Received> {
  const result = readJson(file, text, { foldKeys: true });
  if (!result.ok) {
    const { message, help, column } = result.problems[0]!;
    throw new PhiwardError("INVALID_INPUT", message, { help, place: { file, line, column } });
  }
  const { located } = result;
  return { ...located, place: (pointer, part) => ({ ...located.place(pointer, part), line }) };
}

function refused(finding: {
  message: string;
  help: string;
  place: { file: string; line: number; column: number };
}): PhiwardError {
  return new PhiwardError("INVALID_INPUT", finding.message, {
    help: finding.help,
    place: finding.place,
  });
}

/**
 * Refuses a question about a policy that does not exist: no decision could name it. A grant or a
 * server that does not exist is an answer, `(no grant)` or `(unknown server)`.
 */
export function checkPolicy(
  repository: ReadyRepository,
  call: Pick<Call, "policy" | "tool">,
): void {
  if (call.policy === undefined || repository.policies.has(call.policy)) return;
  const { message, help } = unknownName("policy", call.policy, repository.policies.keys());
  throw new PhiwardError("UNKNOWN_NAME", message, { help });
}

/** For the engineer who mistyped a name: the nearest one, where a decision turned on a missing one. */
export function hint(
  repository: ReadyRepository,
  call: Call,
  { rule }: Decision,
): string | undefined {
  if (rule === "(no grant)") return didYouMean(call.grant ?? "", repository.grants.keys());
  if (rule === "(unknown server)") return didYouMean(call.server ?? "", repository.servers.keys());
  if (rule !== "(default deny)" || call.policy === undefined) return undefined;
  const near = nearest(call.tool, repository.policies.get(call.policy)!.tools.keys());
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}
