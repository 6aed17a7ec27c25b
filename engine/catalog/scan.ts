/** A server's `tools/list` → its lock: what was reviewed is what may be called. */
import { subjectPaths } from "../decide/label.ts";
import { PhiwardError } from "../errors.ts";
import { readJson } from "../json/read.ts";
import {
  asDoubles,
  InexactNumber,
  isObject,
  type JsonObject,
  type Received,
} from "../json/value.ts";
import { pinTool } from "../policy/compile.ts";
import {
  type Effect,
  type Label,
  type Lock,
  type Server,
  type Volume,
  WORST_LABEL,
} from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import { compilePinned } from "../schema/pinned.ts";
import type { LockFile } from "../schema/types.ts";

export interface ScannedTool {
  readonly name: string;
  readonly effect:
    | Effect
    | { readonly by: string; readonly cases: Readonly<Record<string, Effect>> };
  readonly ephi: boolean | "conditional";
  readonly volume: Volume;
  /** Every argument that names the patient in some call. */
  readonly subject: readonly string[];
  /** Whether a person described the tool; nobody's description is guessed. */
  readonly confidence: "described" | "none";
  readonly why: readonly string[];
  readonly digest: string;
  /** Against the lock that was there before; "new" when there was none. */
  readonly change: "new" | "changed" | "same";
}

export interface Scan {
  readonly server: string;
  readonly tools: readonly ScannedTool[];
  readonly removed: readonly string[];
  readonly lock: LockFile;
}

/** Reads a `tools/list` result: `{"tools": [...]}`, with the server's `instructions` where saved. */
export function readToolsList(
  file: string,
  text: string,
): { tools: JsonObject[]; instructions?: string } {
  const read = readJson(file, text);
  if (!read.ok) {
    const { message, help, line, column } = read.problems[0]!;
    throw new PhiwardError("INVALID_INPUT", message, { help, place: { file, line, column } });
  }
  const { value, located } = read;
  const refuse: (pointer: (string | number)[], message: string) => never = (pointer, message) => {
    throw new PhiwardError("INVALID_INPUT", message, {
      help: 'a tools/list result is `{"tools": [{"name", "inputSchema", …}, …]}`',
      place: located.place(pointer),
    });
  };
  const tools =
    isObject(value) && Object.hasOwn(value, "tools")
      ? (value as { tools?: Received }).tools
      : undefined;
  if (!Array.isArray(tools))
    return refuse([], "this is no tools/list result: it has no list `tools`");
  const names = new Set<string>();
  for (const [index, tool] of (tools as Received[]).entries()) {
    const name = isObject(tool) ? (tool as { name?: Received }).name : undefined;
    if (typeof name !== "string" || name === "") refuse(["tools", index], "a tool has no `name`");
    // Two tools of one name: which one a call reaches would be the server's secret.
    if (names.has(name)) refuse(["tools", index, "name"], "two tools have the same name");
    names.add(name);
    if (!isObject((tool as { inputSchema?: Received }).inputSchema)) {
      refuse(["tools", index], `the tool \`${name.slice(0, 60)}\` has no \`inputSchema\``);
    }
    const lost = inexactAt(tool as Received);
    if (lost !== undefined) refuse(["tools", index, ...lost], "a number that no double can hold");
    // The lock writes it beside what the server said; a second one would make a lock that nobody loads.
    if (Object.hasOwn(tool as object, "digest")) {
      refuse(
        ["tools", index, "digest"],
        `the tool \`${name.slice(0, 60)}\` has a \`digest\`, which is the lock's own word`,
      );
    }
  }
  const instructions = (value as { instructions?: Received }).instructions;
  return {
    tools: (tools as Received[]).map((tool) => asDoubles(tool) as JsonObject),
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
}

/** Where a number stands that is beyond every double, such as 1e999. */
function inexactAt(
  value: Received,
  at: readonly (string | number)[] = [],
): readonly (string | number)[] | undefined {
  if (value instanceof InexactNumber) return Number.isFinite(Number(value.text)) ? undefined : at;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const found = inexactAt(member as Received, [...at, Array.isArray(value) ? Number(key) : key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Pins every tool; labels are those that a person wrote, and otherwise the worst. */
export function scan(
  server: string,
  list: { tools: readonly JsonObject[]; instructions?: string },
  known: { readonly server?: Server | undefined; readonly lock?: Lock | undefined },
): Scan {
  const before = known.lock?.tools ?? {};
  const tools = [...list.tools].sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
  const names = new Set(tools.map(({ name }) => String(name)));
  const pins = tools.map((tool) => ({ name: String(tool.name), ...pinTool(tool) }));
  return {
    server,
    tools: pins.map(({ name, digest, definition }) => {
      const labels = known.server?.tools ?? {};
      const label = Object.hasOwn(labels, name) ? labels[name] : undefined;
      const old = Object.hasOwn(before, name) ? before[name] : undefined;
      return {
        name,
        ...described(label),
        ...schemaNote(definition, label),
        digest,
        change: old === undefined ? "new" : old.digest === digest ? "same" : "changed",
      };
    }),
    removed: Object.keys(before).filter((name) => !names.has(name)),
    lock: {
      version: "1",
      server,
      ...(list.instructions === undefined ? {} : { instructions: list.instructions }),
      tools: pins.map(
        ({ digest, definition }) =>
          ({ ...definition, digest }) as unknown as LockFile["tools"][number],
      ),
    },
  };
}

function described(
  label: Label | undefined,
): Pick<ScannedTool, "effect" | "ephi" | "volume" | "subject" | "confidence"> {
  const { effect, ephi, volume }: Label = label ?? WORST_LABEL;
  return {
    effect:
      typeof effect === "string" ? effect : { by: formatPath(effect.by), cases: effect.cases },
    ephi: typeof ephi === "boolean" ? ephi : "conditional",
    volume,
    subject: subjectPaths(label ?? WORST_LABEL),
    confidence: label === undefined ? "none" : "described",
  };
}

function schemaNote(definition: JsonObject, label: Label | undefined): { why: string[] } {
  const compiled = compilePinned(definition.inputSchema as JsonObject);
  return {
    why: [
      label === undefined
        ? "nobody described it: treated as the worst (execute, ePHI, bulk)"
        : "described in the server's file",
      ...("problem" in compiled ? [`quarantined: ${compiled.problem}`] : []),
    ],
  };
}
