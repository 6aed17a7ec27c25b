import type { Limit, Policy, Scope, Window } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import type { Pointer } from "../../source.ts";
import { REGISTRY } from "../examples.ts";
import { type LintRule, quoted } from "../rule.ts";

export const idleLimit: LintRule = {
  id: "idle-limit",
  severity: "warning",
  summary: "A limit that can never be reached, because another one is reached first.",
  why: "Whoever reads `60 a minute` beside `50 an hour` believes in a limit that is none; and who later raises the one that counts does not see what is left. Windows are aligned, so what happens in a minute happens in its hour and in its day: this is arithmetic, and true of every call.",
  fix: "Lower its `max`, or remove it; or raise the other one, if that one is the slip.",
  examples: {
    given: REGISTRY,
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    limits:
      - { counter: burst, window: minute, max: 60 }
      - { counter: calls, window: hour, max: 50 }
      - { counter: patients, window: hour, max: 20, distinct: subject }
      - { counter: per-day, window: day, max: 500, distinct: subject }
`,
    },
    findings: [
      "policies/lookup.yaml:7:48 warning: `limits/0` is never reached: `limits/1` allows 50 an hour",
      "policies/lookup.yaml:10:47 warning: `limits/3` is never reached: `limits/2` allows 20 an hour, so at most 480 a day",
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  get_patient_record:
    args: [patient_id]
    limits:
      - { counter: burst, window: minute, max: 5 }
      - { counter: calls, window: hour, max: 50 }
      - { counter: patients, window: hour, max: 20, distinct: subject }
      - { counter: per-day, window: day, max: 100, distinct: subject }
`,
    },
  },
  *check({ policies }) {
    for (const { policy, file } of policies) {
      const limits = limitsOf(policy);
      for (const idle of limits) {
        const first = limits.find((other) => other !== idle && stops(other, idle, limits));
        if (first === undefined) continue;
        const { max, window } = first.limit;
        const upTo = mostWithin(first.limit, idle.limit.window);
        yield {
          message: `${name(idle)} is never reached: ${name(first)} allows ${max} ${A[window]}${upTo === max ? "" : `, so at most ${upTo} ${A[idle.limit.window]}`}`,
          help: "lower its `max`, or remove it",
          place: file.place([...idle.pointer, "max"]),
        };
      }
    }
  },
};

interface Site {
  readonly limit: Limit;
  readonly section: "tools" | "methods" | "all_tools";
  readonly of: string;
  readonly index: number;
  readonly pointer: Pointer;
}

function limitsOf(policy: Policy): Site[] {
  const sites = (section: Site["section"], of: string, limits: readonly Limit[]): Site[] =>
    limits.map((limit, index) => {
      const at = section === "all_tools" ? [section] : [section, of];
      return { limit, section, of, index, pointer: [...at, "limits", index] };
    });
  return [
    ...sites("all_tools", "", policy.allTools.limits),
    ...(["tools", "methods"] as const).flatMap((section) =>
      Object.entries(policy[section]).flatMap(([of, { limits }]) => sites(section, of, limits)),
    ),
  ];
}

/** Whether every call that would reach `idle` has been stopped by `first`. */
function stops(first: Site, idle: Site, all: readonly Site[]): boolean {
  const [a, b] = [first.limit, idle.limit];
  // What a server's counter holds may come from another policy, which lacks the first limit.
  if (b.scope === "server") return false;
  if (!counts(first, idle) || mostWithin(a, b.window) > b.max) return false;
  // Two that stop each other: the one that stands first stays.
  return !(counts(idle, first) && mostWithin(b, a.window) <= a.max && before(idle, first, all));
}

function before(a: Site, b: Site, all: readonly Site[]): boolean {
  return all.indexOf(a) < all.indexOf(b);
}

/** Whether `first` counts at least what `idle` counts: the same things, of as many calls. */
function counts(first: Site, idle: Site): boolean {
  const [a, b] = [first.limit, idle.limit];
  const sameThing =
    a.distinct === b.distinct &&
    (a.incrementFrom === undefined) === (b.incrementFrom === undefined) &&
    (a.incrementFrom === undefined || formatPath(a.incrementFrom) === formatPath(b.incrementFrom!));
  const sameCalls =
    first.section === "all_tools"
      ? idle.section !== "methods"
      : first.section === idle.section && first.of === idle.of;
  return sameThing && sameCalls && SCOPES.indexOf(a.scope) >= SCOPES.indexOf(b.scope);
}

/** What the calls of one grant count to is part of what those of its principal, and of its server, do. */
const SCOPES: readonly Scope[] = ["grant", "principal", "server"];

const MINUTES: Readonly<Record<Window, number>> = { minute: 1, hour: 60, day: 1_440 };
const A: Readonly<Record<Window, string>> = { minute: "a minute", hour: "an hour", day: "a day" };

/** How much a limit lets happen within a window: windows nest, so a longer one holds whole shorter ones. */
function mostWithin({ max, window }: Limit, within: Window): number {
  return max * Math.max(1, MINUTES[within] / MINUTES[window]);
}

function name({ section, index }: Site): string {
  return quoted(`${section === "all_tools" ? "all_tools/" : ""}limits/${index}`);
}
