/**
 * State and rate limits. Intercept reserves a rule's amount when `current + amount` stays within the
 * rule's own `lt` or `lte`, in windows of UTC, for everybody who goes through one Intercept:
 *
 *     lte N      at most ⌊N⌋          here `max`, of scope `server`
 *     lt N       at most ⌊N⌋ − 1      (that is what it does; its messages promise one more)
 *     increment k  k at a time, so ⌊max / k⌋ calls
 */
import { isObject, type Json, type JsonObject } from "../../json/value.ts";
import { formatPath, quoted } from "../../policy/path.ts";
import type { Limit } from "../../schema/types.ts";
import type { Pointer } from "../../source.ts";
import type { Notes } from "../draft.ts";
import type { Source } from "../source.ts";
import { readOtherwise, type Written } from "./conditions.ts";
import { KEYS, unknownKeys, WINDOWS } from "./form.ts";

/** The rules of one tool, or of `*`. */
export interface Scope {
  readonly tool: string;
  /** How state paths name it. */
  readonly state: string;
}

export interface Counted {
  readonly limit: Limit;
  /** The limit lets nothing through at all. */
  readonly never: boolean;
}

/** The limit of a rule's `state` block and of the conditions that read it; `undefined`: not carried. */
export function carryState(
  state: Json,
  read: readonly Written[],
  scope: Scope,
  at: Pointer,
  source: Source,
  notes: Notes,
): Counted | undefined {
  const before = notes.items.length;
  const block = isObject(state) ? (state as JsonObject) : {};
  const { counter, window, increment = 1, increment_from: from } = block;
  const note = (outcome: "denied" | "refused", key: string, message: string, help: string): void =>
    notes.add(outcome, source.place([...at, key]), message, help);
  if (!isObject(state)) note("refused", "", "`state` is no mapping", "write counter and window");
  for (const { key, message, help } of unknownKeys(block, KEYS.state)) {
    note("denied", key, message, help);
  }
  if (typeof counter !== "string" || counter === "") {
    note("refused", "counter", "`counter` is missing or empty", "give the counter a name");
  } else if (
    scope.tool.includes(".") ||
    counter.includes(".") ||
    scope.tool === "_global" ||
    counter.length > 256
  ) {
    note(
      "refused",
      "counter",
      "Intercept cannot tell apart counters of such a name",
      "use names without a dot",
    );
  }
  const known = WINDOWS.find((one) => one === window);
  if (known === undefined) {
    note("refused", "window", "the window is none of minute, hour, day", "write one of the three");
  }
  if (!Number.isSafeInteger(increment) || (increment as number) < 0) {
    note("denied", "increment", "an increment that is no whole number of 0 or more", "count up");
  }
  const path = from === undefined || from === "" ? undefined : argumentPath(from);
  if (path === "invalid") {
    note(
      "refused",
      "increment_from",
      "`increment_from` does not start with `args.`",
      "write args.NAME",
    );
  }
  const max = maxOf(read, source, notes, at);
  if (notes.items.length > before || max === undefined) return undefined;
  if (path !== undefined) {
    const help = "send whole numbers; a negative one would give quota back";
    notes.add(
      "narrower",
      source.place([...at, "increment_from"]),
      "amounts that are negative or no whole number are denied",
      help,
    );
  }
  const step = path === undefined ? Math.max(1, increment as number) : 1;
  const calls = Math.floor(max / step);
  if (calls > Number.MAX_SAFE_INTEGER) {
    note(
      "denied",
      "counter",
      "the limit is larger than what can be counted",
      "write a smaller one",
    );
    return undefined;
  }
  return {
    never: calls < (path === undefined ? 1 : 0),
    limit: {
      counter: counter as string,
      window: known!,
      max: Math.max(0, calls),
      scope: "server",
      ...(path === undefined ? {} : { increment_from: path }),
    },
  };
}

function argumentPath(from: Json): string | "invalid" {
  if (typeof from !== "string" || !from.startsWith("args.")) return "invalid";
  const steps = from.slice("args.".length).split(".");
  return steps.some((step) => step === "" || step === "__proto__")
    ? "invalid"
    : formatPath({ root: "args", steps });
}

/** The smallest of what the rule's conditions on its own counter allow. */
function maxOf(
  read: readonly Written[],
  source: Source,
  notes: Notes,
  at: Pointer,
): number | undefined {
  const values: number[] = [];
  for (const { op, value, at: where } of read) {
    const place = source.place([...where, "op"]);
    if (op !== "lt" && op !== "lte") {
      const help = "limit a counter with `lt` or `lte`; Intercept counts with no other operator";
      notes.add("denied", place, `\`${quoted(op)}\` on a counter`, help);
    } else if (typeof value !== "number") {
      notes.add("refused", place, `\`${op}\` needs a number`, "write it without quotes");
    } else if (readOtherwise(value, source, [...where, "value"]) !== undefined) {
      notes.add(
        "denied",
        place,
        "a number that Intercept's YAML reads differently",
        "write it plainly",
      );
    } else values.push(Math.trunc(value) - (op === "lt" ? 1 : 0));
  }
  if (read.length === 0) {
    const help =
      "add a condition `state.TOOL.COUNTER lte N` to the rule; without one Intercept never counts";
    notes.add("denied", source.place(at), "a counter that no condition of the rule limits", help);
  }
  if (values.length > 1) {
    const help = "keep the smallest";
    notes.add(
      "narrower",
      source.place(at),
      "several limits on one counter; the smallest is carried",
      help,
    );
  }
  return values.length === 0 ? undefined : Math.min(...values);
}
