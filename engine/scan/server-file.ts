/**
 * `servers/<id>.yaml` with proposed labels, each below its evidence. What a person wrote stays to the
 * byte: proposals are only ever added, for tools that nobody described.
 */
import { isMap, parseDocument } from "yaml";
import type { Classification } from "../classify/classify.ts";
import { PhiwardError } from "../errors.ts";
import { formatPath } from "../policy/path.ts";
import { visible } from "../render/paint.ts";

export interface Reached {
  readonly command?: readonly string[];
  readonly url?: string;
}

export function newServerFile(
  id: string,
  proposals: readonly Classification[],
  reached: Reached,
): string {
  return `# Written by \`phiward scan\` for a person to review. A label says what a tool can do; correct what
# is wrong, delete a comment when you have read it, then commit. The next scan adds tools that are
# new and changes nothing that stands here.
version: "1"
id: ${id}
# vendor: { name: …, baa: { status: signed, signed: 2026-01-31 } }
${transport(reached)}${tools(proposals)}`;
}

/** A URL's query and a command line may hold a secret: only what names the server is written. */
function transport({ command, url }: Reached): string {
  if (url !== undefined) {
    const { origin, pathname } = new URL(url);
    return `transport: { type: http, url: ${JSON.stringify(`${origin}${pathname}`)} }\n`;
  }
  if (command === undefined) return "";
  return `# transport: { type: stdio, command: [${JSON.stringify(visible(command[0] ?? ""))}, …] }   # arguments may hold secrets: not copied\n`;
}

const tools = (proposals: readonly Classification[]): string =>
  proposals.length === 0 ? "" : `tools:\n${entries(proposals, "  ")}`;

/** The file with proposals added below the tools that it describes. */
export function addProposals(
  text: string,
  file: string,
  proposals: readonly Classification[],
): string {
  if (proposals.length === 0) return text;
  const root = parseDocument(text).contents;
  const ended = text.endsWith("\n") ? text : `${text}\n`;
  const map = isMap(root) ? root.get("tools", true) : undefined;
  if (isMap(root) && root.flow !== true && map === undefined) return `${ended}${tools(proposals)}`;
  if (isMap(map) && map.flow === true) return withinBraces(text, map.range![1] - 1, proposals);
  if (!isMap(map) || map.items.length === 0) {
    throw new PhiwardError(
      "INVALID_INPUT",
      "the tools of this file are not a list of lines, so that none can be added",
      {
        help: "write `tools:` with one tool on each line below it, or use --no-labels",
        place: { file, line: 1, column: 1 },
      },
    );
  }
  const first = (map.items[0]!.key as { range?: readonly number[] }).range![0]!;
  const indent = " ".repeat(first - text.lastIndexOf("\n", first - 1) - 1);
  const end = endOfMap(text, map.range![1]);
  const before = text.slice(0, end);
  return `${before}${before.endsWith("\n") ? "" : "\n"}${entries(proposals, indent)}${text.slice(end)}`;
}

/** `tools: { a: … }` grows by lines of its own before its closing brace at `end`. */
function withinBraces(text: string, end: number, proposals: readonly Classification[]): string {
  const before = text.slice(0, end).trimEnd();
  const comma = /[{,]$/.test(before) ? "" : ",";
  return `${before}${comma}${entries(proposals, "  ", ",").trimEnd()}\n  ${text.slice(end)}`;
}

/** After the line on which the last label ends. */
function endOfMap(text: string, valueEnd: number): number {
  const ended = text.slice(0, valueEnd).trimEnd().length;
  const newline = text.indexOf("\n", ended);
  return newline < 0 ? text.length : newline + 1;
}

function entries(proposals: readonly Classification[], indent: string, separator = ""): string {
  const written = proposals
    .map((label) => {
      const lines = [`${label.confidence} confidence`, ...label.why];
      // A line break in what a server says would end the comment and begin a label of the server's choice.
      const comments = lines.map((line) => `${indent}# ${visible(line).slice(0, 240)}\n`);
      return `\n${comments.join("")}${indent}${key(label.name)}: ${flow(label)}`;
    })
    .join(`${separator}\n`);
  return `${written}\n`;
}

function flow({ effect, ephi, volume, subject }: Classification): string {
  const named = subject.filter(({ how }) => how === "identifies");
  const paths = named.map(({ steps }) => JSON.stringify(formatPath({ root: "args", steps })));
  const subjects =
    ephi === false ? "none" : paths.length === 0 ? "unknown" : `[${paths.join(", ")}]`;
  const does =
    typeof effect === "string"
      ? effect
      : `{ by: ${JSON.stringify(formatPath(effect.by))}, cases: { ${Object.entries(effect.cases)
          .map(([value, one]) => `${JSON.stringify(value)}: ${one}`)
          .join(", ")} } }`;
  // Conditional on what cannot be told from the arguments: such a call counts as one with patient data.
  return `{ effect: ${does}, ephi: ${ephi !== false}, volume: ${volume}, subject: ${subjects} }`;
}

const PLAIN_KEY = /^[A-Za-z_][\w.-]*$/;
/** `null`, `true` and the like are words of YAML. */
const WORDS = /^(?:null|true|false|yes|no|on|off|y|n)$/i;
const key = (name: string): string =>
  PLAIN_KEY.test(name) && !WORDS.test(name) ? name : JSON.stringify(name);
