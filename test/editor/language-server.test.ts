/** A real client of the Language Server Protocol, against the command as an editor starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createProtocolConnection,
  DefinitionRequest,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type Location,
  type MarkupContent,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";

const root = resolve(import.meta.dirname, "../..");
const bin = process.env.PHIWARD_BIN ?? join(root, "dist/cli/bin.js");
const folder = mkdtempSync(join(tmpdir(), "phiward-editor-"));
const file = join(folder, "policies/lookup.yaml");
const uri = pathToFileURL(file).href;

let server: ChildProcess;
let client: ProtocolConnection;
const published = new Map<string, Diagnostic[]>();
let heard = (): void => {};

beforeAll(async () => {
  cpSync(join(root, "examples/hospital"), folder, { recursive: true });
  server = spawn(process.execPath, [bin, "language-server", "--stdio"], {
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"],
  });
  client = createProtocolConnection(
    new StreamMessageReader(server.stdout!),
    new StreamMessageWriter(server.stdin!),
  );
  client.onNotification(PublishDiagnosticsNotification.type, (params) => {
    published.set(params.uri, params.diagnostics);
    heard();
  });
  client.listen();
  const { capabilities } = await client.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    capabilities: {},
  });
  expect(capabilities).toMatchObject({ hoverProvider: true, definitionProvider: true });
  await client.sendNotification(InitializedNotification.type, {});
}, 20_000);

afterAll(() => {
  client.dispose();
  if (server.exitCode === null) server.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** The diagnostics of the file, as soon as they are what is waited for; the test's own bound ends it. */
async function until(test: (found: readonly Diagnostic[]) => boolean): Promise<Diagnostic[]> {
  for (;;) {
    const found = published.get(uri);
    if (found !== undefined && test(found)) return found;
    await new Promise<void>((done) => {
      heard = done;
    });
  }
}

const saved = readFileSync(join(root, "examples/hospital/policies/lookup.yaml"), "utf8");

/** The position of the first character of a piece of text. */
function positionOf(text: string, piece: string): { line: number; character: number } {
  const before = text.slice(0, text.indexOf(piece)).split("\n");
  return { line: before.length - 1, character: before.at(-1)!.length };
}

test("what is wrong with a text that is not saved is shown, and goes when it is mended", async () => {
  const broken = saved.replace("fhir_search:", "fhir_serch:");
  expect(broken).not.toBe(saved);
  await client.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "yaml", version: 1, text: broken },
  });
  const found = await until((list) => list.some(({ code }) => code === "unknown-tool"));
  const finding = found.find(({ code }) => code === "unknown-tool")!;
  expect(finding).toMatchObject({ severity: 1, source: "phiward" });
  expect(finding.range.start).toEqual(positionOf(broken, "fhir_serch"));
  expect(finding.range.end.character - finding.range.start.character).toBe("fhir_serch".length);
  expect(finding.message).toContain("help: ");
  await client.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: saved }],
  });
  await until((list) => !list.some(({ code }) => code === "unknown-tool"));
  expect(readFileSync(file, "utf8")).toBe(saved);
}, 20_000);

test("a tool says in which order its rules judge a call", async () => {
  const answer = await client.sendRequest(HoverRequest.type, {
    textDocument: { uri },
    position: positionOf(saved, "fhir_search"),
  });
  const { value } = answer!.contents as MarkupContent;
  expect(value).toContain("is judged in this order");
  expect(value).toContain("1. `/tools/fhir_search/");
}, 20_000);

test("the name of a tool leads to its definition in the lock", async () => {
  const answer = (await client.sendRequest(DefinitionRequest.type, {
    textDocument: { uri },
    position: positionOf(saved, "fhir_search"),
  })) as Location[];
  const lock = join(folder, "servers/ehr.lock.json");
  expect(answer).toHaveLength(1);
  expect(answer[0]!.uri).toBe(pathToFileURL(lock).href);
  const lines = readFileSync(lock, "utf8").split("\n");
  const { line } = answer[0]!.range.start;
  expect(lines.slice(line, line + 3).join("\n")).toContain('"fhir_search"');
}, 20_000);

test("it ends when the editor says so", async () => {
  const ended = new Promise<number | null>((done) => {
    server.once("exit", done);
  });
  await client.sendRequest(ShutdownRequest.type);
  await client.sendNotification(ExitNotification.type);
  expect(await ended).toBe(0);
}, 20_000);
