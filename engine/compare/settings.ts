/**
 * Settings that are judged by a published order, from weaker to stronger, instead of by proof: they
 * decide about no single call, but about who calls, what a server is, and who watches.
 *
 * | kind | weaker, so broader |
 * |---|---|
 * | identity | any change of principal, responsible person, purpose, issuer, subject or break-glass |
 * | server | another endpoint or transport; a credential that is no longer read-only; an agreement that is less than before (signed > not required > pending > none); an agreement no longer demanded |
 * | label | an effect, ePHI, volume or patient argument that sounds more harmless than before; absent is the worst |
 * | pin | a lock that is gone; a definition that is pinned anew, since calls of the live tool pass again |
 * | gate | a wider scope left out, an invariant gone or changed, an approver group fewer or smaller, a lower threshold |
 * | test | an expected denial that is gone, skipped or changed |
 * | suppression | one that is new, longer or for more files |
 */
import { TOOLS_CALL } from "../decide/call.ts";
import { isByArgument, type LabelPart } from "../decide/label.ts";
import { canonical, type Json, own } from "../json/value.ts";
import {
  type ByArgument,
  EFFECTS,
  type Effect,
  type Grant,
  type Label,
  type Server,
  type Subject,
  type Volume,
  WORST_LABEL,
} from "../policy/ir.ts";
import type { LoadedRepository } from "../policy/load.ts";
import { formatPath } from "../policy/path.ts";
import type { ProjectFile, TestCase, TestFile } from "../schema/types.ts";
import type { Located, Pointer } from "../source.ts";
import { at } from "./places.ts";
import type { Change, ChangeKind } from "./report.ts";
import { safeguardsOf } from "./safeguards.ts";

export function compareSettings(base: LoadedRepository, head: LoadedRepository): Change[] {
  return [
    ...identities(base, head),
    ...servers(base, head),
    ...gate(base, head),
    ...suppressions(base, head),
    ...tests(base, head),
  ];
}

interface Said {
  readonly kind: ChangeKind;
  readonly verdict: "broader" | "narrower";
  readonly summary: string;
  readonly before: string;
  readonly after: string;
  readonly located: Located<unknown> | undefined;
  readonly pointer: Pointer;
  readonly grant?: Grant;
  readonly server?: string;
  readonly tool?: string;
  readonly method?: string;
  readonly ephi?: boolean;
}

function change({
  kind,
  verdict,
  summary,
  before,
  after,
  located,
  pointer,
  grant,
  server,
  tool,
  method,
  ephi = true,
}: Said): Change {
  return {
    kind,
    grant: grant?.id ?? null,
    principal: grant?.principal.id ?? null,
    server: server ?? null,
    method: method ?? (tool === undefined ? null : TOOLS_CALL),
    tool: tool ?? (method === undefined ? null : ""),
    ephi,
    effect: null,
    verdict,
    by: "rule",
    summary,
    before,
    after,
    ...at(located, pointer),
    safeguards: safeguardsOf(kind, null),
  };
}

/** A value in a report; an attribute's value is never among them. */
function text(value: unknown): string {
  return value === undefined
    ? "none"
    : typeof value === "string"
      ? value
      : canonical(value as Json);
}

function identities(base: LoadedRepository, head: LoadedRepository): Change[] {
  const changes: Change[] = [];
  for (const [id, { located, compiled: is }] of head.grants) {
    const was = base.grants.get(id)?.compiled;
    if (was === undefined || is === undefined) continue;
    const parts: [name: string, pointer: Pointer, of: (grant: Grant) => unknown][] = [
      ["principal", ["principal", "id"], ({ principal }) => principal.id],
      ["kind of principal", ["principal", "kind"], ({ principal }) => principal.kind],
      [
        "responsible person",
        ["principal", "responsible"],
        ({ principal }) => principal.responsible,
      ],
      ["purpose", ["purpose"], ({ purpose }) => purpose],
      ["issuer and subject", ["authentication"], ({ oidc }) => oidc],
      ["break-glass", ["breakGlass"], ({ breakGlass }) => breakGlass],
      ["access to the audit", ["access"], ({ audit }) => audit],
    ];
    for (const [name, pointer, of] of parts) {
      const [before, after] = [text(of(was)), text(of(is))];
      if (before === after) continue;
      changes.push(
        change({
          kind: "identity",
          verdict: "broader",
          summary: `the ${name} of the grant \`${id}\` changed`,
          before,
          after,
          located,
          pointer,
          grant: is,
        }),
      );
    }
  }
  return changes;
}

/** From weaker to stronger. */
const BAA_ORDER = ["none", "pending", "not_required", "signed"] as const;

function servers(base: LoadedRepository, head: LoadedRepository): Change[] {
  const changes: Change[] = [];
  for (const [id, { located, compiled: is }] of head.servers) {
    if (is === undefined) continue;
    const was = base.servers.get(id)?.compiled;
    const ephi = [was, is].some((server) => server !== undefined && mayHoldEphi(server));
    const said = (
      verdict: Said["verdict"],
      summary: string,
      before: unknown,
      after: unknown,
      pointer: Pointer,
    ): void => {
      changes.push(
        change({
          kind: "server",
          verdict,
          summary,
          before: text(before),
          after: text(after),
          located,
          pointer,
          server: id,
          ephi,
        }),
      );
    };
    if (was !== undefined) {
      if (text(was.transport) !== text(is.transport)) {
        said(
          "broader",
          `calls for the server \`${id}\` go to another endpoint`,
          was.transport,
          is.transport,
          ["transport"],
        );
      }
      if (was.readOnlyCredential !== is.readOnlyCredential) {
        said(
          is.readOnlyCredential ? "narrower" : "broader",
          `the credential for the server \`${id}\` is ${is.readOnlyCredential ? "now" : "no longer"} read-only`,
          was.readOnlyCredential,
          is.readOnlyCredential,
          ["readOnlyCredential"],
        );
      }
      const [from, to] = [BAA_ORDER.indexOf(was.baa.status), BAA_ORDER.indexOf(is.baa.status)];
      if (from !== to) {
        said(
          to < from ? "broader" : "narrower",
          `the business associate agreement of the server \`${id}\` changed`,
          was.baa.status,
          is.baa.status,
          ["vendor", "baa", "status"],
        );
      }
      if (was.lock !== undefined && is.lock === undefined) {
        changes.push(
          change({
            kind: "pin",
            verdict: "broader",
            summary: `the lock of the server \`${id}\` is gone: its tools may change unseen`,
            before: "locked",
            after: "not locked",
            located,
            pointer: [],
            server: id,
            ephi,
          }),
        );
      }
    }
    changes.push(...pins(id, was, is, head, ephi), ...labels(id, was, is, located));
  }
  return changes;
}

function mayHoldEphi(server: Server): boolean {
  const names = new Set([...Object.keys(server.tools), ...Object.keys(server.lock?.tools ?? {})]);
  return (
    names.size === 0 ||
    [...names].some((name) => (own(server.tools, name) ?? WORST_LABEL).ephi !== false)
  );
}

function pins(
  id: string,
  was: Server | undefined,
  is: Server,
  head: LoadedRepository,
  ephi: boolean,
): Change[] {
  if (was?.lock === undefined || is.lock === undefined) return [];
  const located = head.locks.get(id)?.located;
  const changes: Change[] = [];
  const order = (located?.value.tools ?? []).map(({ name }) => name);
  for (const [tool, pin] of Object.entries(is.lock.tools)) {
    const before = own(was.lock.tools, tool);
    if (before?.digest === pin.digest) continue;
    const summary =
      before === undefined
        ? `the tool \`${tool}\` of \`${id}\` is pinned for the first time: it is no longer quarantined`
        : `the tool \`${tool}\` of \`${id}\` is pinned to another definition: ${changedKeys(before.definition, pin.definition).join(", ")}`;
    changes.push(
      change({
        kind: "pin",
        verdict: "broader",
        summary,
        before: before?.digest ?? "not pinned",
        after: pin.digest,
        located,
        pointer: ["tools", order.indexOf(tool)],
        server: id,
        tool,
        ephi,
      }),
    );
  }
  if (was.lock.instructions !== is.lock.instructions) {
    changes.push(
      change({
        kind: "pin",
        verdict: "broader",
        summary: `the instructions of the server \`${id}\` changed`,
        before: "pinned",
        after: "pinned anew",
        located,
        pointer: ["instructions"],
        server: id,
        ephi,
      }),
    );
  }
  return changes;
}

function changedKeys(
  a: Readonly<Record<string, Json>>,
  b: Readonly<Record<string, Json>>,
): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys]
    .filter((key) => text(own(a, key)) !== text(own(b, key)))
    .map((key) => `\`${key}\``);
}

/** From harmless to worst: a label that moves to the left claims more than before. */
const VOLUMES: readonly Volume[] = ["single", "chart", "bulk"];

function labels(
  id: string,
  was: Server | undefined,
  is: Server,
  located: Located<unknown>,
): Change[] {
  const changes: Change[] = [];
  for (const section of ["tools", "methods"] as const) {
    const names = new Set([...Object.keys(is[section]), ...Object.keys(was?.[section] ?? {})]);
    for (const target of [...names].sort()) {
      const before = own(was?.[section] ?? {}, target) ?? WORST_LABEL;
      const after = own(is[section], target) ?? WORST_LABEL;
      const ephi = before.ephi !== false || after.ephi !== false;
      for (const [name, verdict, from, to] of comparedLabels(before, after)) {
        changes.push(
          change({
            kind: "label",
            verdict,
            summary: `the ${name} of \`${target}\` on \`${id}\` is labelled ${verdict === "broader" ? "weaker" : "stronger"} than before`,
            before: from,
            after: to,
            located,
            pointer: [section, target, name],
            server: id,
            ...(section === "tools" ? { tool: target } : { method: target }),
            ephi,
          }),
        );
      }
    }
  }
  return changes;
}

/** A part of a label that changed, as written on both sides. */
type ChangedPart = readonly [
  name: string,
  verdict: "broader" | "narrower",
  before: string,
  after: string,
];

function comparedLabels(before: Label, after: Label): ChangedPart[] {
  const found: ChangedPart[] = [];
  const compare = <T extends LabelPart>(
    name: string,
    of: (label: Label) => T | ByArgument<T>,
    asBad: (after: T, before: T) => boolean,
    write: (part: T) => string = String,
  ): void => {
    const [from, to] = [of(before), of(after)];
    const [was, is] = [written(from, write), written(to, write)];
    if (was === is) return;
    const worst = of(WORST_LABEL) as T;
    found.push([name, everywhere(to, from, worst, asBad) ? "narrower" : "broader", was, is]);
  };
  const effect = (one: Effect): number => EFFECTS.indexOf(one);
  const volume = (one: Volume): number => VOLUMES.indexOf(one);
  const paths = (one: Subject): string =>
    typeof one === "string" ? one : one.map(formatPath).join(", ");
  compare<Effect>(
    "effect",
    (label) => label.effect,
    (is, was) => effect(is) >= effect(was),
  );
  compare<boolean>(
    "ephi",
    (label) => label.ephi,
    (is, was) => is || !was,
  );
  compare<Volume>(
    "volume",
    (label) => label.volume,
    (is, was) => volume(is) >= volume(was),
  );
  // "unknown" denies what counts patients; to name an argument instead lets such calls through.
  compare<Subject>(
    "subject",
    (label) => label.subject,
    (is, was) => is === "unknown" || paths(is) === paths(was),
    paths,
  );
  return found;
}

function written<T extends LabelPart>(part: T | ByArgument<T>, write: (one: T) => string): string {
  if (!isByArgument(part)) return write(part);
  const cases = Object.entries(part.cases).map(([name, one]) => [name, write(one)]);
  return text({ by: formatPath(part.by), cases: Object.fromEntries(cases) });
}

/** Whether `after` is as bad as `before` for every value of the argument. Of two arguments nobody can say. */
function everywhere<T extends LabelPart>(
  after: T | ByArgument<T>,
  before: T | ByArgument<T>,
  worst: T,
  asBad: (after: T, before: T) => boolean,
): boolean {
  const parts = [after, before].filter((part) => isByArgument(part));
  if (new Set(parts.map(({ by }) => formatPath(by))).size > 1) return false;
  const of = (part: T | ByArgument<T>, value: string | undefined): T => {
    if (!isByArgument(part)) return part;
    return value === undefined ? worst : (own(part.cases, value) ?? worst);
  };
  // Besides the cases there is always some value that is none of them.
  const values = [undefined, ...parts.flatMap(({ cases }) => Object.keys(cases))];
  return values.every((value) => asBad(of(after, value), of(before, value)));
}

function gate(base: LoadedRepository, head: LoadedRepository): Change[] {
  const located = head.project ?? base.project;
  const [was, is] = [base.project?.value, head.project?.value];
  const changes: Change[] = [];
  const said = (
    verdict: Said["verdict"],
    summary: string,
    before: unknown,
    after: unknown,
    pointer: Pointer,
  ): void => {
    changes.push(
      change({
        kind: "gate",
        verdict,
        summary,
        before: text(before),
        after: text(after),
        located,
        pointer,
      }),
    );
  };
  if (was?.requireBaa !== is?.requireBaa && (was?.requireBaa === true || is?.requireBaa === true)) {
    said(
      is?.requireBaa === true ? "narrower" : "broader",
      `a business associate agreement is ${is?.requireBaa === true ? "now" : "no longer"} demanded`,
      was?.requireBaa ?? false,
      is?.requireBaa ?? false,
      ["requireBaa"],
    );
  }
  const scope = (project: ProjectFile | undefined): string => project?.gate?.scope ?? "ephi";
  if (scope(was) !== scope(is)) {
    said(
      scope(is) === "ephi" ? "broader" : "narrower",
      "the gate's scope changed",
      scope(was),
      scope(is),
      ["gate", "scope"],
    );
  }
  const groups = (project: ProjectFile | undefined): Map<string, number> =>
    new Map(
      (project?.gate?.approvers ?? []).map(({ team, login, count = 1 }) => [
        team === undefined ? `login ${login}` : `team ${team}`,
        count,
      ]),
    );
  const [before, after] = [groups(was), groups(is)];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [from, to] = [before.get(name) ?? 0, after.get(name) ?? 0];
    // The first approvers of all open a gate that was shut.
    const weaker = to < from || (before.size === 0 && to > 0);
    if (from !== to)
      said(
        weaker ? "broader" : "narrower",
        `${to} instead of ${from} of ${name} must approve a broadening`,
        from,
        to,
        ["gate", "approvers"],
      );
  }
  const kept = new Map(
    (is?.invariants ?? []).map((invariant) => [invariant.name, text(invariant)]),
  );
  for (const invariant of was?.invariants ?? []) {
    const now = kept.get(invariant.name);
    if (now === text(invariant)) continue;
    const what = now === undefined ? "is gone" : "changed";
    said("broader", `the invariant \`${invariant.name}\` ${what}`, "demanded", what, [
      "invariants",
    ]);
  }
  for (const key of ["rules", "conditions", "mutation"] as const) {
    const [from, to] = [was?.gate?.coverage?.[key] ?? 0, is?.gate?.coverage?.[key] ?? 0];
    if (from !== to)
      said(to < from ? "broader" : "narrower", `the least coverage of ${key} changed`, from, to, [
        "gate",
        "coverage",
        key,
      ]);
  }
  return changes;
}

function suppressions(base: LoadedRepository, head: LoadedRepository): Change[] {
  const known = new Map(
    (base.project?.value.suppress ?? []).map(({ rule, file, until }) => [
      text([rule, file ?? "*"]),
      until,
    ]),
  );
  return (head.project?.value.suppress ?? []).flatMap(({ rule, file, until }, index) => {
    const before = known.get(text([rule, file ?? "*"]));
    if (before !== undefined && until <= before) return [];
    return [
      change({
        kind: "suppression",
        verdict: "broader",
        summary: `findings of \`${rule}\`${file === undefined ? "" : ` in \`${file}\``} are suppressed until ${until}`,
        before: before ?? "reported",
        after: until,
        located: head.project,
        pointer: ["suppress", index],
      }),
    ];
  });
}

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

function tests(base: LoadedRepository, head: LoadedRepository): Change[] {
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
