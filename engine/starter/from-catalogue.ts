/** Without recorded calls: for each kind of agent, what its work needs by the labels of the tools. */
import { isByArgument, subjectPaths } from "../decide/label.ts";
import { type JsonObject, own } from "../json/value.ts";
import type { Effect, Label, Server } from "../policy/ir.ts";
import type { DraftEntry, DraftLimit, DraftPolicy, DraftTool } from "./draft.ts";
import { type Starter, schemaOf } from "./from-traffic.ts";

/** A kind of agent: the work that it is for, and which tools that work needs. */
interface Kind {
  readonly name: string;
  readonly does: string;
  readonly needs: (label: Label, effect: Effect) => boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: "reference",
    does: "looks up what is no patient's: terms, departments, drugs",
    needs: ({ ephi }, effect) => ephi === false && effect === "read",
  },
  {
    name: "reader",
    does: "reads about one patient at a time",
    needs: (label, effect) => effect === "read" && aboutOne(label),
  },
  {
    name: "writer",
    does: "reads and writes about one patient at a time",
    needs: (label, effect) => (effect === "read" || effect === "write") && aboutOne(label),
  },
];

/** Tools whose patient is known, so that patients can be counted. */
function aboutOne(label: Label): boolean {
  return label.ephi !== false && label.volume !== "bulk" && subjectPaths(label).length > 0;
}

/** As many patients in an hour as a person at a desk sees; a first number, to be replaced by a reviewed one. */
const PATIENTS_AN_HOUR = 20;

export function fromCatalogue(servers: ReadonlyMap<string, Server>): readonly Starter[] {
  return [...servers.values()].flatMap((server) => {
    const found = KINDS.flatMap((kind) => {
      const tools = toolsOf(server, kind);
      return tools.length === 0 ? [] : [{ kind, tools }];
    });
    return found
      .filter(
        ({ kind, tools }) =>
          kind.name !== "writer" || tools.some(({ effect }) => effect !== "read"),
      )
      .map(({ kind, tools }) => starterOf(server.id, kind, tools));
  });
}

function starterOf(server: string, { name, does }: Kind, tools: readonly DraftTool[]): Starter {
  const policy: DraftPolicy = {
    name: `${server}-${name}`,
    description: `An agent that ${does}, on ${server}. Made from the labels of its tools.`,
    tools,
  };
  return { grant: policy.name, server, policy };
}

function toolsOf(server: Server, { needs }: Kind): DraftTool[] {
  return Object.entries(server.tools)
    .filter(([, label]) => !isByArgument(label.effect) && needs(label, label.effect as Effect))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, label]) => toolOf(name, label, schemaOf(server, name)));
}

function toolOf(name: string, label: Label, schema: JsonObject | undefined): DraftTool {
  const paths = subjectPaths(label);
  const required = own(schema ?? {}, "required");
  const firm = new Set(Array.isArray(required) ? (required as string[]) : []);
  for (const path of paths) firm.add(topOf(path));
  return {
    name,
    why: "its label fits; only the arguments that it cannot do without",
    effect: label.effect as Effect,
    args: [...firm].sort(),
    require: label.ephi === false ? [] : paths.map((path) => oneId(path, paths.length === 1)),
    limits: label.ephi === false ? [] : [PATIENTS],
    open: { objects: [], unsaid: [] },
  };
}

function topOf(path: string): string {
  return /^args\.([^.[]+)/.exec(path)?.[1] ?? path;
}

/** FHIR R4 §2.24: an id is 1 to 64 of these; a list of them would be several patients. */
const ONE_ID = "([A-Z][A-Za-z]+/)?[A-Za-z0-9.-]{1,64}";

function oneId(path: string, only: boolean): DraftEntry {
  const fits = [{ path, op: "matches", value: ONE_ID }];
  if (only) return { anyOf: [fits], why: "one id, and no list of them" };
  const none = [{ path, op: "exists", value: false }];
  return { anyOf: [none, fits], why: "one id, where it is there" };
}

const PATIENTS: DraftLimit = {
  counter: "patients",
  window: "hour",
  max: PATIENTS_AN_HOUR,
  scope: "grant",
  distinct: "subject",
  why: "a first number: replace it by what the work needs",
};
