/** Source documents → a repository ready to decide, through the loader's own steps. */
import { prepare, type ReadyRepository } from "../../engine/decide/prepare.ts";
import { digestOf } from "../../engine/json/value.ts";
import {
  type Compiled,
  compileGrant,
  compileLock,
  compilePolicy,
  compileServer,
  pinTool,
} from "../../engine/policy/compile.ts";
import {
  type Grant,
  type Lock,
  type Policy,
  type Repository,
  SEMANTICS,
  type Server,
} from "../../engine/policy/ir.ts";
import { type Format, validate } from "../../engine/schema/validate.ts";
import type { Located } from "../../engine/source.ts";

function located<T>(value: unknown): Located<T> {
  return { file: "test", value: value as T, place: () => ({ file: "test", line: 1, column: 1 }) };
}

function compiled<T>(format: Format, document: unknown, compile: (l: never) => Compiled<T>): T {
  const checked = validate(format, located(document));
  const findings = checked.ok ? [] : checked.findings;
  const result = checked.ok ? compile(checked.located as never) : { findings };
  if (!("value" in result) || result.value === undefined) {
    throw new Error(
      `${format}: ${result.findings.map(({ message, help }) => `${message} (${help})`).join("; ")}`,
    );
  }
  return result.value;
}

export const policyOf = (document: unknown, name = "p1"): Policy =>
  compiled("policy", document, (l) => compilePolicy(l, name));
export const grantOf = (document: unknown, id = "g1"): Grant =>
  compiled("grant", document, (l) => compileGrant(l, id));
export const lockOf = (document: unknown, server = "s1"): Lock =>
  compiled("lock", document, (l) => compileLock(l, server));
export const serverOf = (document: unknown, id = "s1", lock?: Lock): Server =>
  compiled("server", document, (l) => compileServer(l, id, lock));

/** A lock of tools with these input schemas. */
export function lockOfSchemas(schemas: Record<string, object>, server = "s1"): Lock {
  const tools = Object.entries(schemas).map(([name, inputSchema]) => {
    const tool = { name, inputSchema };
    return { ...tool, digest: pinTool(tool as never).digest };
  });
  return lockOf({ version: "1", server, tools }, server);
}

export interface Parts {
  readonly policies?: Record<string, unknown>;
  readonly grants?: Record<string, unknown>;
  readonly servers?: Record<string, unknown>;
  readonly locks?: Record<string, Lock>;
  readonly requireBaa?: boolean;
}

export function repositoryOf(parts: Parts): ReadyRepository {
  const map = <T>(
    record: Record<string, unknown> = {},
    compile: (document: unknown, name: string) => T,
  ): Record<string, T> =>
    Object.fromEntries(
      Object.entries(record).map(([name, document]) => [name, compile(document, name)]),
    );
  const content: Omit<Repository, "digest"> = {
    semantics: SEMANTICS,
    requireBaa: parts.requireBaa === true,
    policies: map(parts.policies, policyOf),
    grants: map(parts.grants, grantOf),
    servers: map(parts.servers, (document, id) => serverOf(document, id, parts.locks?.[id])),
  };
  return prepare({ ...content, digest: digestOf(content) });
}
