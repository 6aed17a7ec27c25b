import { own } from "../../json/value.ts";
import type { Condition, Operator, Path } from "../../policy/ir.ts";
import { formatPath } from "../../policy/path.ts";
import { allowedText } from "../allowed.ts";
import type { LintContext } from "../context.ts";
import { lockText, REGISTRY } from "../examples.ts";
import type { Ruled } from "../proofs.ts";
import { type LintRule, quoted } from "../rule.ts";
import { textOfWitness } from "../witness.ts";

export const sqlRegexOnly: LintRule = {
  id: "sql-regex-only",
  severity: "warning",
  summary: "SQL is guarded by patterns alone, and a statement that changes data gets through.",
  why: "A pattern does not know what SQL is: a comment counts as white space, statements follow one another after a semicolon, and there is always one more verb. The statement that is shown is one that the policy allows, found by the prover (45 CFR 164.312(c)(1), integrity). It is text that reads as SQL; whether a database runs it depends on the database.",
  fix: "Give the server a credential that cannot write, and say so with `readOnlyCredential: true`: then the database refuses what a pattern lets through. Or allow a list of statements with `in`. Keep the patterns as a second line.",
  examples: {
    given: {
      ...REGISTRY,
      "servers/ehr.yaml": `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed, signed: 2026-02-01 } }
tools:
  query_records: { effect: execute, ephi: true, volume: bulk, subject: unknown }
`,
      "servers/ehr.lock.json": lockText("ehr", [
        {
          name: "query_records",
          inputSchema: {
            type: "object",
            properties: { sql: { type: "string" } },
            required: ["sql"],
            additionalProperties: false,
          },
        },
      ]),
    },
    bad: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  query_records:
    deny_if:
      - { path: args.sql, op: regex, value: '(?i)(DELETE|DROP|TRUNCATE|UPDATE|ALTER)\\s' }
    limits:
      - { counter: queries, window: hour, max: 20 }
`,
    },
    findings: [
      'policies/lookup.yaml:6:45 warning: `args.sql` of `query_records` is guarded by patterns alone, and they let "drop/**/table a" through',
    ],
    ok: {
      "policies/lookup.yaml": `version: "1"
default: deny
tools:
  query_records:
    require:
      - path: args.sql
        op: in
        value: ["SELECT id, ward FROM beds", "SELECT count(*) FROM beds"]
    limits:
      - { counter: queries, window: hour, max: 20 }
`,
    },
  },
  *check(context) {
    const done = new Set<string>();
    for (const site of context.conditions) {
      const { condition, policy, section, name, file, pointer } = site;
      if (section !== "tools" || !PATTERNS.has(condition.op)) continue;
      const path: Path = { root: condition.path.root, steps: condition.path.steps };
      const argument = formatPath(path);
      const key = JSON.stringify([policy.name, name, argument]);
      if (path.root !== "args" || condition.path.each !== undefined || done.has(key)) continue;
      const guards = conditionsOn(path, name, policy);
      // A list of whole statements says what may run.
      if (guards.some(({ op }) => op === "eq" || op === "in")) continue;
      done.add(key);
      const found = context.proofs
        .ruled(policy)
        .filter((ruled) => "tool" in ruled.target && ruled.target.tool === name)
        .filter((ruled) => holdsSql(ruled, path))
        .map((ruled) => slipsThrough(context, ruled, path, guards))
        .find((text) => text !== undefined);
      if (found === undefined) continue;
      yield {
        message: `${quoted(argument)} of ${quoted(name)} is guarded by patterns alone, and they let ${textOfWitness(found)} through`,
        help: "pair them with a credential that cannot write (`readOnlyCredential: true`), or allow whole statements with `in`",
        place: file.place([...pointer, "value"]),
      };
    }
  },
};

const PATTERNS: ReadonlySet<Operator> = new Set([
  "regex",
  "matches",
  "contains",
  "starts_with",
  "ends_with",
]);

const SAYS_SQL = /sql/i;
/** Names that mean SQL where the tool is one that executes what it is given. */
const MAY_SAY_SQL = /^(query|statement|stmt|command|script)$/i;

/** Whether the argument is SQL, by its name and its tool's label, and the credential may write. */
function holdsSql({ server, target }: Ruled, { steps }: Path): boolean {
  if (server?.readOnlyCredential === true || !("tool" in target)) return false;
  const argument = String(steps.at(-1));
  if (SAYS_SQL.test(argument)) return true;
  if (server === undefined) return false;
  const effect = own(server.tools, target.tool)?.effect ?? "execute";
  return (effect === "execute" || SAYS_SQL.test(target.tool)) && MAY_SAY_SQL.test(argument);
}

function conditionsOn(path: Path, tool: string, policy: Ruled["policy"]): readonly Condition[] {
  return [own(policy.tools, tool), policy.allTools]
    .flatMap((rules) => [...(rules?.require ?? []), ...(rules?.denyIf ?? [])])
    .flatMap(({ anyOf }) => anyOf.flat())
    .filter((condition) => formatPath(condition.path) === formatPath(path));
}

/** White space, as a database sees it: with comments, and with those that end with the line. */
const COMMENTS = String.raw`(\s|/\*[^*]*\*/)`;
const LINE_COMMENTS = String.raw`(\s|/\*[^*]*\*/|--[^\n]*\n)`;
/** Statements that change data or run code, by their verb; a dot stands for a gap. */
const STATEMENTS: Readonly<Record<string, string>> = {
  drop: "drop.table.[a-z]+",
  delete: "delete.from.[a-z]+",
  truncate: "truncate.table.[a-z]+",
  update: "update.[a-z]+.set.[a-z]+=[0-9]",
  alter: "alter.table.[a-z]+.drop.[a-z]+",
  insert: "insert.into.[a-z]+.values",
  merge: "merge.into.[a-z]+",
  grant: "grant.all.on.[a-z]+.to.[a-z]+",
  create: "create.table.[a-z]+",
  copy: "copy.[a-z]+.to.'[a-z]+'",
  call: "call.[a-z]+",
};

/** The statement alone or after another one, in any case of ASCII letters. */
function statementOf(verb: string, gap: string): string {
  const text = STATEMENTS[verb]!.replaceAll(/\[[^\]]*\]|[a-z]/g, (part) =>
    part.length > 1 ? part : `[${part}${part.toUpperCase()}]`,
  ).replaceAll(".", `${gap}+`);
  return `([^;]*;)?${gap}*${text}`;
}

/** A statement that the policy allows: one that its patterns name, or else one that they forgot. */
function slipsThrough(
  context: LintContext,
  ruled: Ruled,
  path: Path,
  guards: readonly Condition[],
): string | undefined {
  const said = JSON.stringify(guards.map(({ operand }) => operand)).toLowerCase();
  const verbs = Object.keys(STATEMENTS);
  const order = [
    ...verbs.filter((v) => said.includes(v)),
    ...verbs.filter((v) => !said.includes(v)),
  ];
  // One by one: an automaton of all of them would be larger than the work limit.
  const tries = [COMMENTS, LINE_COMMENTS].flatMap((gap) =>
    order.map((verb) => statementOf(verb, gap)),
  );
  for (const literal of tries) {
    const isSuch: Condition = {
      path,
      op: "matches",
      operand: { literal },
      not: false,
    };
    const text = allowedText(context, ruled, [isSuch]);
    if (text !== undefined) return text;
  }
  return undefined;
}
