/** The text of a foreign policy file → a value with places, and its lines as they are written. */
import { PhiwardError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Json } from "../json/value.ts";
import { MAX_FILE_BYTES } from "../policy/limits.ts";
import { parse } from "../policy/parse.ts";
import type { Located, Place } from "../source.ts";
import { blankComments } from "./jsonc.ts";

export interface Source extends Located<Json> {
  /** The rest of the line from a place on, as written. */
  raw(place: Place): string;
}

export function readSource(file: string, text: string): Source {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    throw new PhiwardError("INVALID_INPUT", `\`${file}\` is larger than ${MAX_FILE_BYTES} bytes`, {
      help: "import a part of it",
    });
  }
  const json = !/\.ya?ml$/.test(file) && /^\s*(\{|\[|\/\/|\/\*)/.test(text);
  const parsed = json ? parse(`${file}.json`, blankComments(text)) : parse(file, text);
  if (!("located" in parsed)) throw refused(parsed.findings.map((one) => renamed(one, file)));
  const lines = text.split("\n");
  const { value, place } = parsed.located as Located<Json>;
  return {
    file,
    value,
    place: (pointer, part) => ({ ...place(pointer, part), file }),
    raw: ({ line, column }) => lines[line - 1]?.slice(column - 1) ?? "",
  };
}

function renamed(finding: Finding, file: string): Finding {
  return { ...finding, place: { ...finding.place, file } };
}

/** All that is wrong with a file that cannot be imported. */
export function refused(findings: readonly Finding[]): PhiwardError {
  const { message, help, place } = findings[0]!;
  return new PhiwardError("INVALID_INPUT", message, { help, place, findings });
}
