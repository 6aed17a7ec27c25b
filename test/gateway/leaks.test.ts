/**
 * Planted identifiers: a patient's name and two numbers, in every place where a client or a server can
 * write. Afterwards none of them is anywhere in what the program keeps or says, in any spelling that
 * leads back to it.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { call, EHR, initialize, legacy, modern, modernHeaders } from "../support/gateway.ts";
import { type Answer, exchange, sendBytes } from "../support/http-client.ts";
import { type Program, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";
import type { Exchange, Rpc } from "../support/upstream.ts";

/** Nobody's: no number that begins with 9 is ever given out, and the name is made up. */
const SSN = "900-12-4471";
const MRN = "MRN-0077-4471";
const NAME = "Quillfeather";
const PLANTED = [SSN, MRN, NAME];
/** All of them, as free text has them. */
const NOTE = `${NAME}, born 1931, SSN ${SSN}, record ${MRN}`;

/** The spellings from which a text can be had again: as it is, encoded, or by trying out a plain hash. */
function spellings(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const sha256 = createHash("sha256").update(bytes).digest();
  // In base64 a text has three spellings, by where it begins; the digits at its ends depend on its neighbours.
  const base64 = [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return padded.replace(/=+$/, "").slice(before === 0 ? 0 : before + 1, -1);
  });
  return [
    text,
    text.toLowerCase(),
    text.toUpperCase(),
    text.replaceAll(/[^A-Za-z0-9]/g, ""),
    encodeURIComponent(text).replaceAll("-", "%2D"),
    bytes.toString("hex"),
    ...base64,
    sha256.toString("hex"),
    sha256.toString("base64").replace(/=+$/, ""),
    sha256.toString("base64url"),
  ];
}

const SPELLINGS = PLANTED.flatMap(spellings);

function found(where: string, content: Buffer): readonly string[] {
  return SPELLINGS.filter((text) => content.includes(text)).map((text) => `${where}: ${text}`);
}

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

let program: Program;
beforeAll(async () => {
  program = await startProgram();
});
afterEach(() => program.upstream.reset());
afterAll(() => program.dispose());

interface Sent {
  readonly as?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function post(body: object | string, sent: Sent = {}): Promise<Answer> {
  const { as = "nurse", path = EHR, method = "POST", headers } = sent;
  return exchange({
    port: program.port,
    method,
    path,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${program.ready.tokens[as] ?? as}`,
      ...headers,
    },
    ...(method === "POST" ? { body: typeof body === "string" ? body : JSON.stringify(body) } : {}),
  });
}

async function session(as: string): Promise<Sent> {
  const { headers } = await post(initialize(), { as });
  return { as, headers: { "mcp-session-id": headers["mcp-session-id"]! } };
}

const PLACES_OF_A_CLIENT: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["an argument of an allowed call", () => post(call("get_patient", { patient_id: MRN }))],
  ["an argument of a denied call", () => post(call("search_patients", { query: NOTE }))],
  ["a nested argument", () => post(call("write_note", { patient_id: MRN, value: { a: [NOTE] } }))],
  ["the name of an argument", () => post(call("get_labs", { patient_id: "p-1", [SSN]: NAME }))],
  ["the name of a refused argument", () => post(call("get_patient", { [NAME]: 1, [SSN]: 2 }))],
  ["the name of a tool", () => post(call(`find_${NAME}`))],
  ["the name of a method", () => post(legacy(`patients/${NAME}`, { ssn: SSN }))],
  ["the name of a notification", () => post({ jsonrpc: "2.0", method: `notifications/${NAME}` })],
  ["the name of a prompt", () => post(legacy("prompts/get", { name: NAME }))],
  [
    "a granted prompt's arguments",
    () =>
      post(legacy("prompts/get", { name: "handover", arguments: { who: NOTE } }), { as: "scribe" }),
  ],
  ["an address", () => post(legacy("resources/read", { uri: `ehr://patients/${MRN}` }))],
  [
    "a completion",
    () =>
      post(legacy("completion/complete", { argument: { name: "mrn", value: MRN } }), {
        as: "scribe",
      }),
  ],
  ["a level of logging", () => post(legacy("logging/setLevel", { level: NAME }), { as: "scribe" })],
  ["a message's id", () => post(call("get_patient", { patient_id: "p-1" }, `${NAME} ${SSN}`))],
  ["a denied message's id", () => post(call("search_patients", {}, SSN))],
  [
    "a progress token",
    () =>
      post(
        legacy("tools/call", { name: "get_labs", arguments: {}, _meta: { progressToken: SSN } }),
      ),
  ],
  ["a cursor", () => post(legacy("tools/list", { cursor: MRN }))],
  ["a task", () => post(legacy("tasks/get", { taskId: MRN }))],
  [
    "a state",
    () =>
      post(call("get_patient"), { as: "scribe" }).then(() =>
        post(legacy("tools/call", { name: "get_patient", arguments: {}, requestState: NOTE }), {
          as: "scribe",
        }),
      ),
  ],
  [
    "a reason for a cancellation",
    () =>
      post({
        jsonrpc: "2.0",
        method: "notifications/cancelled",
        params: { requestId: SSN, reason: NOTE },
      }),
  ],
  [
    "the client's name",
    () =>
      post(
        legacy("initialize", {
          protocolVersion: "2025-11-25",
          capabilities: {},
          clientInfo: { name: NAME, version: SSN },
        }),
      ),
  ],
  [
    "the protocol's version",
    () =>
      post(modern("tools/list", { _meta: { "io.modelcontextprotocol/protocolVersion": NAME } })),
  ],
  ["an answer to nothing", () => post({ jsonrpc: "2.0", id: SSN, result: { text: NOTE } })],
  ["an answer to a question", answerAQuestion],
  [
    "headers",
    () =>
      post(call("get_labs"), {
        headers: {
          "user-agent": NAME,
          cookie: `ssn=${SSN}`,
          traceparent: NAME,
          tracestate: `a=${MRN}`,
          "x-patient": MRN,
          "mcp-param-patient": SSN,
          "last-event-id": MRN,
        },
      }),
  ],
  [
    "a trace in `_meta`",
    () => post(legacy("tools/list", { _meta: { traceparent: NOTE, tracestate: NOTE } })),
  ],
  [
    "headers that disagree",
    () =>
      post(modern("tools/call", { name: "get_labs", arguments: {} }), {
        headers: modernHeaders(NAME, SSN),
      }),
  ],
  ["a session", () => post(call("get_labs"), { headers: { "mcp-session-id": `${NAME}-${SSN}` } })],
  ["a token", () => post(call("get_labs"), { as: `${NAME}${SSN}` })],
  ["the path", () => post(call("get_labs"), { path: `/patients/${MRN}` })],
  ["a server's name", () => post(call("get_labs"), { path: `/mcp/${NAME.toLowerCase()}` })],
  [
    "a server's name, from nobody",
    () =>
      post(call("get_labs"), {
        path: `/mcp/${NAME.toLowerCase()}`,
        headers: { authorization: "" },
      }),
  ],
  ["the query", () => post(call("get_labs"), { path: `${EHR}?ssn=${SSN}&name=${NAME}` })],
  ["the host", () => post(call("get_labs"), { headers: { host: `${NAME}.example` } })],
  ["the origin", () => post(call("get_labs"), { headers: { origin: `http://${NAME}.example` } })],
  ["a body that is no JSON", () => post(`{"patient": "${NOTE}`)],
  ["a key that stands twice", () => post(`{"${NAME}":1,"${NAME}":2}`)],
  ["a body of another type", () => post(NOTE, { headers: { "content-type": "text/plain" } })],
  [
    "an HTTP request that is none",
    () =>
      sendBytes(program.port, 1, [
        `POST ${EHR} HTTP/1.1\r\nHost: 127.0.0.1\r\n${NAME} ${SSN}\r\n\r\n`,
      ]),
  ],
  [
    "an HTTP method",
    () =>
      sendBytes(program.port, 1, [
        `${NAME.toUpperCase()} ${EHR} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
      ]),
  ],
  [
    "a stream's session",
    () => post({}, { method: "GET", headers: { "mcp-session-id": NAME, "last-event-id": SSN } }),
  ],
];

/** A question with patient data in it, and an answer with more. */
async function answerAQuestion(): Promise<void> {
  const scribes = await session("scribe");
  const { upstream } = program;
  upstream.on("tools/call", async ({ id, stream }) => {
    const from = upstream.requests.length;
    const events = stream();
    events.send({ id: SSN, method: "elicitation/create", params: { message: NOTE } });
    await upstream.arrival(({ message }) => message.id === SSN, from);
    events.send({ id: id!, result: { content: [] } });
    events.end();
  });
  const waiting = post(call("get_patient", { patient_id: MRN }), scribes);
  const asked = `${scribes.headers!["mcp-session-id"]!.slice(0, 8)}-1`;
  const answer = {
    jsonrpc: "2.0",
    id: asked,
    result: { action: "accept", content: { note: NOTE } },
  };
  // Refused until the question has reached us.
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await post(answer, scribes);
    if (status === 202) break;
  }
  await waiting;
}

const raw =
  (body: string, headers: Record<string, string> = {}, status = 200) =>
  (exchange: Exchange): void =>
    exchange.raw(status, { "content-type": "application/json", ...headers }, body);
const events =
  (...messages: readonly Rpc[]) =>
  ({ id, stream }: Exchange): void => {
    const sender = stream();
    for (const message of messages) sender.send(message);
    sender.send({ id: id!, result: { content: [] } });
    sender.end();
  };

const PLACES_OF_A_SERVER: readonly (readonly [string, (exchange: Exchange) => void])[] = [
  ["a result", ({ result }) => result({ content: [{ type: "text", text: NOTE }] })],
  [
    "a result's patients",
    ({ result }) =>
      result({ content: [], structuredContent: { patients: [{ id: MRN }, { id: SSN }] } }),
  ],
  [
    "a tool's error",
    ({ result }) => result({ isError: true, content: [{ type: "text", text: NOTE }] }),
  ],
  ["an error", ({ error }) => error(-32000, NOTE)],
  [
    "an error's data",
    raw(`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no","data":{"who":"${NOTE}"}}}`),
  ],
  ["an answer's id", raw(`{"jsonrpc":"2.0","id":"${SSN}","result":{}}`)],
  ["an answer that is no JSON", raw(NOTE)],
  ["a key that stands twice", raw(`{"jsonrpc":"2.0","id":1,"result":{"${NAME}":1,"${NAME}":2}}`)],
  ["a page", raw(`<p>${NOTE}</p>`, { "content-type": "text/html" }, 500)],
  ["a challenge", raw("", { "www-authenticate": `Bearer realm="${NAME}", error="${SSN}"` }, 401)],
  ["a redirect", raw("", { location: `http://127.0.0.1:9/${MRN}` }, 302)],
  [
    "a session",
    raw('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}', { "mcp-session-id": NAME }),
  ],
  [
    "progress",
    events({ method: "notifications/progress", params: { progressToken: SSN, message: NOTE } }),
  ],
  [
    "a log entry",
    events({
      method: "notifications/message",
      params: { level: "info", logger: NAME, data: NOTE },
    }),
  ],
  ["a notification's name", events({ method: `notifications/${NAME}`, params: { ssn: SSN } })],
  ["a question", events({ id: SSN, method: "sampling/createMessage", params: { text: NOTE } })],
  ["a question's name", events({ id: SSN, method: `ask/${NAME}`, params: {} })],
  ["a task", ({ result }) => result({ task: { taskId: MRN, statusMessage: NOTE } })],
  [
    "a question of the next round",
    ({ result }) =>
      result({
        resultType: "input_required",
        requestState: NOTE,
        inputRequests: { [NAME]: { method: "elicitation/create", params: { message: NOTE } } },
      }),
  ],
  [
    "a question of the next round whose name is a patient's",
    ({ result }) =>
      result({ resultType: "input_required", inputRequests: { [SSN]: { method: `ask/${NAME}` } } }),
  ],
];

describe("a client writes it in", () => {
  test.each(PLACES_OF_A_CLIENT)("%s", async (_, send) => {
    await send();
  });
});

describe("a server writes it in", () => {
  test.each(PLACES_OF_A_SERVER)("%s", async (_, answers) => {
    program.upstream.on("tools/call", answers);
    for (const as of ["nurse", "scribe"])
      await post(call("get_patient", { patient_id: "p-1" }), { as });
  });

  test("lists, and what it says of itself", async () => {
    const { upstream } = program;
    upstream.instructions = NOTE;
    const pinned = upstream.tools;
    upstream.tools = [
      ...pinned.map((tool) => ({ ...tool, description: NOTE })),
      { name: `get_${NAME}`, inputSchema: {} },
    ];
    await post(initialize());
    await post(legacy("tools/list"));
    upstream.on("resources/list", ({ result }) =>
      result({ resources: [{ uri: `ehr://${MRN}`, name: NAME }] }),
    );
    await post(legacy("resources/list"));
    upstream.tools = pinned;
    await post(legacy("tools/list"));
  });
});

describe("nothing of it is left", () => {
  test("in what operators read", async () => {
    for (const path of ["/metrics", "/readyz", "/healthz"]) {
      const { status, text } = await post({}, { method: "GET", path });
      expect(status).toBe(200);
      expect(found(path, Buffer.from(text))).toEqual([]);
    }
  });

  test("in what the program kept and wrote, after its end", async () => {
    const { state } = program.ready;
    // The index of the log is made in the background.
    await until(
      () => files(state).some((path) => path.endsWith(".sqlite") || path.endsWith(".db")),
      10_000,
    );
    expect(await program.end()).toBe(0);
    const places: readonly (readonly [string, Buffer])[] = [
      ["standard output", Buffer.from(program.output)],
      ["standard error", Buffer.from(program.errors)],
      ...files(state).map((path) => [path.slice(state.length), readFileSync(path)] as const),
      ...files(state).map((path) => ["a file's name", Buffer.from(path)] as const),
    ];
    expect(places.flatMap(([where, content]) => found(where, content))).toEqual([]);
  });

  test("and the search would have found it", () => {
    const { state } = program.ready;
    expect(existsSync(join(state, "audit"))).toBe(true);
    const kept = files(state).map((path) => readFileSync(path));
    // A name that does stand in the log: the log was searched, and traffic is in it.
    expect(kept.some((content) => content.includes('"grant":"scribe"'))).toBe(true);
    for (const text of PLANTED) {
      for (const before of ["", "x", "xy"]) {
        const encoded = Buffer.from(`${before}${text} and more`).toString("base64");
        expect(found("here", Buffer.from(encoded))).not.toEqual([]);
      }
      for (const spelling of spellings(text)) {
        expect(found("here", Buffer.from(`before ${spelling} after`))).not.toEqual([]);
      }
    }
  });
});
