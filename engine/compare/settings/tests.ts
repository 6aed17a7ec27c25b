/** Expected denials: what stops being asked for can be broken unseen. */
import type { LoadedRepository } from "../../policy/load.ts";
import type { TestCase, TestFile } from "../../schema/types.ts";
import type { Located, Pointer } from "../../source.ts";
import type { Change } from "../report.ts";
import { change, text } from "./change.ts";

interface Denial {
  readonly text: string;
  readonly located: Located<TestFile>;
  readonly pointer: Pointer;
  /** Until when it is skipped; "" when it is not. */
  readonly skipped: string;
}

/** Cases that expect a denial, by suite and name; names may stand twice, so all of each are kept. */
function denials(files: readonly Located<TestFile>[]): Map<string, Denial[]> {
  const found = new Map<string, Denial[]>();
  for (const located of files) {
    const { suite, cases = [], matrix, defaults, now } = located.value;
    const add = (name: string, value: unknown, pointer: Pointer, skipped: string): void => {
      const key = `${suite}: ${name}`;
      const denial = { text: text([value, defaults ?? {}, now ?? ""]), located, pointer, skipped };
      found.set(key, [...(found.get(key) ?? []), denial]);
    };
    for (const [index, { name, skip, ...rest }] of cases.entries()) {
      if (expectsDenial(rest)) add(name, rest, ["cases", index], skip?.until ?? "");
    }
    if (matrix !== undefined) add("matrix", matrix, ["matrix"], "");
  }
  return found;
}

function expectsDenial({ matrix, expect, sequence = [] }: Omit<TestCase, "name">): boolean {
  // What a matrix does not list is expected to be denied.
  if (matrix !== undefined || expect === "deny") return true;
  if (typeof expect !== "object") return false;
  const { verdict, denied = 0, first, last, allowed } = expect;
  const calls = [sequence].flat().reduce((sum, { repeat = 1 }) => sum + repeat, 0);
  return (
    [verdict, first?.verdict, last?.verdict].includes("deny") ||
    denied > 0 ||
    (allowed !== undefined && allowed < calls)
  );
}

export function tests(base: LoadedRepository, head: LoadedRepository): Change[] {
  const after = denials(head.tests);
  const changes: Change[] = [];
  for (const [name, before] of denials(base.tests)) {
    const left = [...(after.get(name) ?? [])];
    for (const was of before) {
      const equal = left.findIndex((is) => is.text === was.text);
      const [is] = left.splice(Math.max(equal, 0), 1);
      const what =
        is === undefined
          ? "is gone"
          : is.skipped > was.skipped
            ? `is skipped until ${is.skipped}`
            : is.text !== was.text
              ? "changed"
              : undefined;
      if (what === undefined) continue;
      const { located, pointer } = is ?? was;
      changes.push(
        change({
          kind: "test",
          verdict: "broader",
          summary: `the expected denial \`${name}\` ${what}`,
          before: was.skipped === "" ? "expected" : `skipped until ${was.skipped}`,
          after: what.replace(/^is /, ""),
          located,
          pointer,
        }),
      );
    }
  }
  return changes;
}
