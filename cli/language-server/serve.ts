/**
 * The language server: diagnostics while somebody types, what a rule does, where a tool is defined.
 * It reads files and answers; it runs nothing, sends nothing anywhere, and writes no file.
 */
import { resolve } from "node:path";
import type { Connection } from "vscode-languageserver/node";
import type * as Engine from "../../engine/index.ts";
import { type Member, memberOf, uriOf } from "./folders.ts";
import { diagnosticOf, wordAt } from "./words.ts";

export interface Session {
  readonly engine: typeof Engine;
  readonly host: Engine.Host;
  /** The repository of files that no phiward.yaml stands above. */
  readonly folder: string;
}

/** A pause after the last key before everything is judged again, in milliseconds. */
const PAUSE_MS = 150;
/** TextDocumentSyncKind.Full: a policy is a page, and the whole of it is sent. */
const FULL = 1;

/** Answers on the connection; resolves when the editor has ended it. */
export async function serve(connection: Connection, session: Session): Promise<void> {
  const open = new Map<string, string>();
  const shown = new Map<string, Set<string>>();
  const waiting = new Map<string, NodeJS.Timeout>();
  const folder = resolve(session.folder);

  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: { openClose: true, change: FULL, save: true },
      hoverProvider: true,
      definitionProvider: true,
    },
    serverInfo: { name: "phiward" },
  }));

  const judge = async (root: string): Promise<void> => {
    const loaded = await look(session, root, open, folder);
    const findings = session.engine.editor.findingsByFile(loaded, session.host.now());
    const uris = new Set<string>();
    for (const [path, found] of findings) {
      const uri = uriOf({ root, path });
      uris.add(uri);
      const text = open.get(uri) ?? (await savedText(session, { root, path }));
      const diagnostics = found.map((finding) => diagnosticOf(finding, text));
      await connection.sendDiagnostics({ uri, diagnostics });
    }
    // What is mended is said too, or the editor keeps showing it.
    for (const uri of shown.get(root) ?? []) {
      if (!uris.has(uri)) await connection.sendDiagnostics({ uri, diagnostics: [] });
    }
    shown.set(root, uris);
  };
  const soon = (uri: string): void => {
    const root = memberOf(uri, folder)?.root;
    if (root === undefined) return;
    clearTimeout(waiting.get(root));
    const timer = setTimeout(() => {
      judge(root).catch((error: unknown) => {
        connection.console.error(error instanceof Error ? error.message : String(error));
      });
    }, PAUSE_MS);
    waiting.set(root, timer);
  };

  connection.onDidOpenTextDocument(({ textDocument: { uri, text } }) => {
    open.set(uri, text);
    soon(uri);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri }, contentChanges }) => {
    const last = contentChanges.at(-1);
    if (last !== undefined) open.set(uri, last.text);
    soon(uri);
  });
  connection.onDidSaveTextDocument(({ textDocument: { uri } }) => soon(uri));
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    open.delete(uri);
    soon(uri);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) soon(uri);
  });

  connection.onHover(async ({ textDocument: { uri }, position }) => {
    const asked = await ask(session, uri, position, open, folder);
    if (asked === undefined) return null;
    const value = session.engine.editor.hover(
      asked.loaded,
      asked.member.path,
      asked.cursor.pointer,
    );
    return value === undefined ? null : { contents: { kind: "markdown", value } };
  });
  connection.onDefinition(async ({ textDocument: { uri }, position }) => {
    const asked = await ask(session, uri, position, open, folder);
    if (asked === undefined) return null;
    const { loaded, member, cursor } = asked;
    const places = session.engine.editor.definitions(loaded, member.path, cursor);
    return await Promise.all(
      places.map(async (place) => {
        const target = { root: member.root, path: place.file };
        const text = open.get(uriOf(target)) ?? (await savedText(session, target));
        return { uri: uriOf(target), range: wordAt(text, place) };
      }),
    );
  });

  const ended = new Promise<void>((done) => {
    connection.onExit(done);
  });
  connection.listen();
  await ended;
  for (const timer of waiting.values()) clearTimeout(timer);
}

interface Asked {
  readonly loaded: Engine.LoadedRepository;
  readonly member: Member;
  readonly cursor: Engine.editor.Cursor;
}

/** What stands at a position; undefined where nothing does, or the file is of no repository. */
async function ask(
  session: Session,
  uri: string,
  { line, character }: { readonly line: number; readonly character: number },
  open: ReadonlyMap<string, string>,
  folder: string,
): Promise<Asked | undefined> {
  const member = memberOf(uri, folder);
  const text = open.get(uri);
  if (member === undefined || text === undefined) return undefined;
  const cursor = session.engine.editor.cursorAt(text, line + 1, character + 1);
  if (cursor === undefined) return undefined;
  return { loaded: await look(session, member.root, open, folder), member, cursor };
}

async function look(
  { engine, host }: Session,
  root: string,
  open: ReadonlyMap<string, string>,
  folder: string,
): Promise<Engine.LoadedRepository> {
  const unsaved = new Map<string, string>();
  for (const [uri, text] of open) {
    const member = memberOf(uri, folder);
    if (member?.root === root) unsaved.set(member.path, text);
  }
  return await engine.editor.view(host.folder(root), unsaved);
}

async function savedText({ host }: Session, { root, path }: Member): Promise<string> {
  const bytes = await host
    .folder(root)
    .read(path)
    // A finding may be about a file that is not there, or that cannot be read.
    .catch(() => new Uint8Array());
  return new TextDecoder().decode(bytes);
}
