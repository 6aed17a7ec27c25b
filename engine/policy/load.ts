/** Files → loaded repository: decode, parse, check the form, compile. All problems at once. */
import { PhiwardError } from "../errors.ts";
import { type Finding, sortFindings } from "../finding.ts";
import { type Guards, NO_GUARDS } from "../host/guards.ts";
import { belongs, FOLDERS, type Tree, type TreeFile } from "../host/tree.ts";
import { digestOf, type Json } from "../json/value.ts";
import type {
  GrantFile,
  LockFile,
  PolicyFile,
  ProjectFile,
  ServerFile,
  TestFile,
} from "../schema/types.ts";
import { type Format, type Formats, validate } from "../schema/validate.ts";
import type { Located } from "../source.ts";
import { decode, tooLarge } from "./bytes.ts";
import {
  type Compiled,
  compileGrant,
  compileInvariants,
  compileLock,
  compilePolicy,
  compileServer,
  type Invariant,
} from "./compile.ts";
import {
  type Grant,
  type Lock,
  type Policy,
  type Repository,
  SEMANTICS,
  type Server,
} from "./ir.ts";
import {
  MAX_FILE_BYTES,
  MAX_LOCK_BYTES,
  MAX_LOCK_NODES,
  MAX_NODES,
  MAX_PROBLEMS,
} from "./limits.ts";
import { parse } from "./parse.ts";

/** A file of the repository as it was written, and what it compiled to. */
export interface LoadedFile<File, Value> {
  readonly located: Located<File>;
  /** Absent when the file has errors. */
  readonly compiled?: Value;
}

export interface LoadedRepository {
  readonly label: string;
  /** How many files were read. */
  readonly files: number;
  readonly findings: readonly Finding[];
  readonly project?: Located<ProjectFile>;
  /** What phiward.yaml says of every allowed call; none where the file has errors. */
  readonly invariants: readonly Invariant[];
  readonly policies: ReadonlyMap<string, LoadedFile<PolicyFile, Policy>>;
  readonly servers: ReadonlyMap<string, LoadedFile<ServerFile, Server>>;
  readonly locks: ReadonlyMap<string, LoadedFile<LockFile, Lock>>;
  readonly grants: ReadonlyMap<string, LoadedFile<GrantFile, Grant>>;
  readonly tests: readonly Located<TestFile>[];
  /** Paths of fixture files; they may be large, so they are read by who needs them. */
  readonly fixtures: readonly TreeFile[];
  /** Files that decide about policies without being any; absent where they were not asked for. */
  readonly guards?: Guards;
  /** What compiled. Trust it only when no finding is an error: see `sound`. */
  readonly repository: Repository;
}

/** A repository that has no file yet, or none any more: it allows nothing, and nobody watches it. */
export function emptyRepository(label: string): LoadedRepository {
  const none = new Map<string, never>();
  return {
    label,
    files: 0,
    findings: [],
    invariants: [],
    policies: none,
    servers: none,
    locks: none,
    grants: none,
    tests: [],
    fixtures: [],
    repository: assemble(false, none, none, none),
  };
}

/** The repository with its guards, for a comparison of two revisions. */
export async function loadWithGuards(tree: Tree): Promise<LoadedRepository> {
  const [loaded, guards] = await Promise.all([load(tree), tree.guards?.()]);
  return { ...loaded, guards: guards ?? NO_GUARDS };
}

export async function load(tree: Tree): Promise<LoadedRepository> {
  const files = await tree.list();
  if (files.length === 0) {
    throw new PhiwardError(
      "NOT_A_REPOSITORY",
      `\`${tree.label}\` has none of the files of a policy repository`,
    );
  }
  const loader = new Loader(tree);
  const policies = new Map<string, LoadedFile<PolicyFile, Policy>>();
  const servers = new Map<string, LoadedFile<ServerFile, Server>>();
  const locks = new Map<string, LoadedFile<LockFile, Lock>>();
  const grants = new Map<string, LoadedFile<GrantFile, Grant>>();
  const serverFiles = new Map<string, Located<ServerFile>>();
  const tests: Located<TestFile>[] = [];
  const fixtures: TreeFile[] = [];
  let project: Located<ProjectFile> | undefined;
  let read = 0;

  for (const file of files) {
    const place = placeOf(file.path);
    if (place.kind === "other") continue;
    if (place.kind === "misplaced") {
      loader.add("misplaced-file", file.path, place.why, place.help);
      continue;
    }
    if (file.link) {
      loader.add("misplaced-file", file.path, "a link is not followed", "put the file itself here");
      continue;
    }
    read++;
    if (place.kind === "fixtures") fixtures.push(file);
    if (place.kind === "project") {
      if (project !== undefined)
        loader.add("duplicate", file.path, "the project has two settings files", "keep one");
      project = await loader.file("project", file);
    }
    if (place.kind === "tests") {
      const located = await loader.file("tests", file);
      if (located !== undefined) tests.push(located);
    }
    if (place.kind === "locks") {
      const located = await loader.file("lock", file);
      if (located !== undefined)
        locks.set(place.name, loader.compiled(located, compileLock(located, place.name)));
    }
    if (place.kind === "policies" || place.kind === "servers" || place.kind === "grants") {
      const known = { policies, servers: serverFiles, grants }[place.kind];
      if (known.has(place.name)) {
        loader.add(
          "duplicate",
          file.path,
          `\`${place.name}\` stands in two files`,
          "keep one of the two",
        );
        continue;
      }
    }
    if (place.kind === "policies") {
      const located = await loader.file("policy", file);
      if (located !== undefined)
        policies.set(place.name, loader.compiled(located, compilePolicy(located, place.name)));
    }
    if (place.kind === "grants") {
      const located = await loader.file("grant", file);
      if (located !== undefined)
        grants.set(place.name, loader.compiled(located, compileGrant(located, place.name)));
    }
    if (place.kind === "servers") {
      const located = await loader.file("server", file);
      if (located !== undefined) serverFiles.set(place.name, located);
    }
  }
  for (const [name, located] of serverFiles) {
    servers.set(
      name,
      loader.compiled(located, compileServer(located, name, locks.get(name)?.compiled)),
    );
  }
  loader.findings.push(...identityFindings(grants));
  const invariants =
    project === undefined
      ? undefined
      : loader.compiled(project, compileInvariants(project)).compiled;
  return {
    label: tree.label,
    files: read,
    findings: sortFindings(loader.findings),
    ...(project === undefined ? {} : { project }),
    invariants: invariants ?? [],
    policies,
    servers,
    locks,
    grants,
    tests,
    fixtures,
    repository: assemble(project?.value.requireBaa === true, policies, servers, grants),
  };
}

/** The compiled repository, when nothing that a decision reads has an error; otherwise throws them. */
export function sound(
  loaded: LoadedRepository,
  also: { tests: boolean } = { tests: false },
): Repository {
  const errors = loaded.findings.filter(
    ({ severity, place }) =>
      severity === "error" && (also.tests || !/^(tests|fixtures)\//.test(place.file)),
  );
  const first = errors[0];
  if (first === undefined) return loaded.repository;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  throw new PhiwardError("INVALID_REPOSITORY", `${first.message}${more}`, {
    place: first.place,
    help: first.help,
    findings: errors,
  });
}

function assemble(
  requireBaa: boolean,
  policies: LoadedRepository["policies"],
  servers: LoadedRepository["servers"],
  grants: LoadedRepository["grants"],
): Repository {
  const compiled = <T>(files: ReadonlyMap<string, LoadedFile<unknown, T>>): Record<string, T> =>
    Object.fromEntries(
      [...files].flatMap(([name, file]) =>
        file.compiled === undefined ? [] : [[name, file.compiled]],
      ),
    );
  const content = {
    semantics: SEMANTICS,
    requireBaa,
    policies: compiled(policies),
    servers: compiled(servers),
    grants: compiled(grants),
  } as const;
  return { ...content, digest: digestOf(content) };
}

type Kind = "project" | "policies" | "servers" | "locks" | "grants" | "tests" | "fixtures";
type FilePlace =
  | { readonly kind: Kind; readonly name: string }
  | { readonly kind: "misplaced"; readonly why: string; readonly help: string }
  | { readonly kind: "other" };

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** What a path is. A policy file that is not read would be silently without effect. */
function placeOf(path: string): FilePlace {
  if (!belongs(path)) return { kind: "other" };
  if ((FOLDERS as readonly string[]).includes(path))
    return misplaced(`\`${path}\` is not a folder`, "make it one; a link is not followed");
  const [folder = "", ...rest] = path.split("/");
  const base = rest.at(-1) ?? "";
  if (rest.length === 0) return { kind: "project", name: path };
  // Notes, and what editors and systems leave behind.
  if (base.endsWith(".md") || base.startsWith(".")) return { kind: "other" };
  if (folder === "fixtures") {
    if (base.endsWith(".jsonl")) return { kind: "fixtures", name: base };
    return { kind: "other" };
  }
  if (folder === "tests") {
    if (/\.test\.(yaml|json)$/.test(base)) return { kind: "tests", name: base };
    if (/\.(ya?ml|json)$/.test(base))
      return misplaced("this file is not run", "name it NAME.test.yaml");
    return { kind: "other" };
  }
  if (rest.length > 1)
    return misplaced(`only files directly in ${folder}/ are read`, `move it to ${folder}/${base}`);
  const lock = folder === "servers" && base.endsWith(".lock.json");
  const name = base.replace(lock ? /\.lock\.json$/ : /\.(yaml|json)$/, "");
  if (name === base)
    return misplaced("this file is not read", `${folder}/ holds NAME.yaml or NAME.json`);
  if (!NAME.test(name))
    return misplaced(
      "the file's name cannot be a name in the repository",
      "use letters, digits, `.`, `_` and `-`",
    );
  return { kind: lock ? "locks" : (folder as Kind), name };
}

function misplaced(why: string, help: string): FilePlace {
  return { kind: "misplaced", why, help };
}

class Loader {
  readonly findings: Finding[] = [];
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  add(rule: string, file: string, message: string, help: string): void {
    this.findings.push({
      rule,
      severity: "error",
      message,
      help,
      place: { file, line: 1, column: 1 },
    });
  }

  /** A file of the right form, or undefined and its findings. */
  async file<F extends Format>(
    format: F,
    file: TreeFile,
  ): Promise<Located<Formats[F]> | undefined> {
    const lock = format === "lock";
    const maxBytes = lock ? MAX_LOCK_BYTES : MAX_FILE_BYTES;
    if (file.bytes > maxBytes) {
      this.findings.push(tooLarge(file.path, file.bytes, maxBytes));
      return undefined;
    }
    const decoded = decode(file.path, await this.#tree.read(file.path), maxBytes);
    if ("findings" in decoded) return this.#refuse(decoded.findings);
    const parsed = parse(file.path, decoded.text, { maxNodes: lock ? MAX_LOCK_NODES : MAX_NODES });
    if ("findings" in parsed) return this.#refuse(parsed.findings);
    const checked = validate(format, parsed.located as Located<Json>);
    return checked.ok ? checked.located : this.#refuse(checked.findings);
  }

  compiled<File, Value>(
    located: Located<File>,
    { value, findings }: Compiled<Value>,
  ): LoadedFile<File, Value> {
    this.#list(findings);
    return value === undefined ? { located } : { located, compiled: value };
  }

  #refuse(findings: readonly Finding[]): undefined {
    this.#list(findings);
    return undefined;
  }

  /** The findings of one file, as many as anyone reads. */
  #list(findings: readonly Finding[]): void {
    const sorted = sortFindings(findings);
    this.findings.push(...sorted.slice(0, MAX_PROBLEMS));
    const next = sorted[MAX_PROBLEMS];
    if (next === undefined) return;
    this.findings.push({
      rule: "too-many-problems",
      severity: "error",
      message: "the file has more problems than are listed",
      help: "mend the first ones, then look again",
      place: next.place,
    });
  }
}

/** One person or program, one grant (§164.312(a)(2)(i)): a shared identity answers for nobody. */
function identityFindings(grants: LoadedRepository["grants"]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  for (const [id, { located, compiled }] of grants) {
    if (compiled === undefined) continue;
    const { principal, oidc } = compiled;
    const claims = [
      {
        key: JSON.stringify(["principal", principal.id]),
        at: ["principal", "id"],
        what: "principal",
      },
      ...(oidc === undefined
        ? []
        : [
            {
              key: JSON.stringify(["oidc", oidc.issuer, oidc.subject]),
              at: ["authentication", "oidc", "subject"],
              what: "issuer and subject",
            },
          ]),
    ];
    for (const { key, at, what } of claims) {
      const other = seen.get(key);
      if (other !== undefined) {
        findings.push({
          rule: "duplicate",
          severity: "error",
          message: `the ${what} already has the grant \`${other}\``,
          help: "give every person and program one grant, with all its servers in `access`",
          place: located.place(at),
        });
      }
      seen.set(key, id);
    }
  }
  return findings;
}
