/**
 * The host's file engine.yaml, for evidence. It names secrets and never holds them; what somebody may
 * have written into an address or a command line all the same is masked. Nothing of it is resolved: no
 * variable is read and no command is run.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readTrust } from "../bundle/trust.ts";
import { PhiwardError } from "../errors.ts";
import { type Finding, sortFindings } from "../finding.ts";
import type { Json } from "../json/value.ts";
import { decode } from "../policy/bytes.ts";
import { MAX_FILE_BYTES } from "../policy/limits.ts";
import { parse } from "../policy/parse.ts";
import type { EngineFile, TrustFile } from "../schema/types.ts";
import { validate } from "../schema/validate.ts";
import type { Located } from "../source.ts";

export interface HostConfig {
  /** As it stands in the file, masked. */
  readonly file: EngineFile;
  /** The state folder that it names. */
  readonly state: string;
  /** Where the checkpoint key is, when the file names it. */
  readonly checkpointKey?: string;
  /** Whom the host trusts for releases; absent when it serves none. */
  readonly trust?: TrustFile;
}

/** Throws UNREADABLE, or INVALID_INPUT with every problem of its form. */
export function readHostConfig(path: string): HostConfig {
  const base = dirname(resolve(path));
  const file = readForm(path);
  const key = file.audit?.checkpointKey;
  const trust = file.bundle === undefined ? undefined : resolve(base, file.bundle.trust);
  return {
    file: masked(file as unknown as Json) as unknown as EngineFile,
    state: resolve(base, file.state ?? "./state"),
    ...(key === undefined ? {} : { checkpointKey: resolve(base, key.slice("file:".length)) }),
    ...(trust === undefined ? {} : { trust: readTrust(trust, read(trust).toString("utf8")) }),
  };
}

function readForm(path: string): EngineFile {
  const decoded = decode(path, read(path), MAX_FILE_BYTES);
  if ("findings" in decoded) throw invalid(decoded.findings);
  const parsed = parse(path, decoded.text);
  if ("findings" in parsed) throw invalid(parsed.findings);
  const checked = validate("engine", parsed.located as Located<Json>);
  if (!checked.ok) throw invalid(checked.findings);
  return checked.located.value;
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new PhiwardError("UNREADABLE", `\`${path}\` cannot be read`, { cause });
  }
}

function invalid(found: readonly Finding[]): PhiwardError {
  const findings = sortFindings(found);
  const { message, help, place } = findings[0]!;
  return new PhiwardError("INVALID_INPUT", message, { help, place, findings });
}

const MASK = "***";
const SECRET_WORD = /key|token|secret|passw|credential|auth/i;

/** Values of which nobody can be sure that they hold no secret. */
export function masked(value: Json): Json {
  if (typeof value === "string") return maskedText(value);
  if (Array.isArray(value)) {
    const words = commandIn(value);
    return words === undefined ? value.map(masked) : maskedCommand(words);
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one)]));
}

function maskedText(text: string): string {
  // A program's arguments may be the secret itself.
  if (text.startsWith("exec:")) return `${/^exec:\s*\S*/.exec(text)![0]} ${MASK}`;
  return text
    .replace(/(:\/\/)[^/@\s]*@/g, `$1${MASK}@`)
    .replace(/(:\/\/[^\s?#]*)[?#].*$/, `$1?${MASK}`);
}

function commandIn(value: readonly Json[]): readonly string[] | undefined {
  const words = value.filter((one) => typeof one === "string");
  return words.length === value.length ? words : undefined;
}

/** `--api-key X` and `--api-key=X`. */
function maskedCommand(words: readonly string[]): string[] {
  return words.map((word, i) => {
    const flag = /^(-{1,2}[A-Za-z0-9_-]+)(=.*)?$/.exec(word);
    if (flag?.[2] !== undefined && SECRET_WORD.test(flag[1]!)) return `${flag[1]}=${MASK}`;
    const before = i === 0 ? "" : words[i - 1]!;
    const named = /^-{1,2}[A-Za-z0-9_-]+$/.test(before) && SECRET_WORD.test(before);
    return named ? MASK : maskedText(word);
  });
}
