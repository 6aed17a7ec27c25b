/**
 * One JSON-RPC 2.0 message (§4, §5) as text → as a value, read strictly.
 *
 * The judge here and the server behind must see the same call. So whatever two readers are known to
 * disagree about is refused (engine/json/read.ts), and what is forwarded is the text that was read.
 */
import { readJson } from "../json/read.ts";
import { isObject, own, type Received, type ReceivedObject } from "../json/value.ts";
import { writeReceived } from "../json/write.ts";
import type { RefusalCode } from "./refusal.ts";

export type RequestId = string | number;

interface Common {
  /** The text as it was read; undefined after a change. */
  readonly text: string;
  readonly value: ReceivedObject;
}
export interface RequestMessage extends Common {
  readonly kind: "request";
  readonly id: RequestId;
  readonly method: string;
  readonly params: ReceivedObject;
}
export interface NotificationMessage extends Common {
  readonly kind: "notification";
  readonly method: string;
  readonly params: ReceivedObject;
}
export interface ResponseMessage extends Common {
  readonly kind: "response";
  /** null: the other side could not tell which request it answers. */
  readonly id: RequestId | null;
  readonly result?: ReceivedObject;
  readonly error?: ReceivedObject;
}
export type Message = RequestMessage | NotificationMessage | ResponseMessage;

export type ReadMessage = Message | { readonly problem: RefusalCode };

const NONE: ReceivedObject = {};

/** A JSON text, which arrived as valid UTF-8, as a message. */
export function readMessage(text: string): ReadMessage {
  // RFC 8259 §8.1: a byte order mark is not added; some readers skip it and some refuse.
  if (text.startsWith("\uFEFF")) return { problem: "bad_json" };
  const read = readJson("", text, { foldKeys: true });
  if (!read.ok) return { problem: read.problems[0]?.code ?? "bad_json" };
  return asMessage(text, read.value);
}

const REQUEST_KEYS = new Set(["jsonrpc", "id", "method", "params"]);
const RESPONSE_KEYS = new Set(["jsonrpc", "id", "result", "error"]);

function asMessage(text: string, value: Received): ReadMessage {
  if (Array.isArray(value)) return { problem: "batch" };
  if (!isObject(value)) return { problem: "bad_message" };
  const object = value as ReceivedObject;
  if (own(object, "jsonrpc") !== "2.0") return { problem: "bad_message" };
  const id = own(object, "id");
  const method = own(object, "method");
  if (method !== undefined) {
    // A message that is a request to one reader and a response to another.
    if (!onlyKeys(object, REQUEST_KEYS)) return { problem: "bad_message" };
    if (typeof method !== "string" || method === "") return { problem: "bad_message" };
    const given = own(object, "params");
    const params = given === undefined ? NONE : given;
    if (!isObject(params)) return { problem: "bad_message" };
    // The era is read from `_meta`: one that is no object is a claim to one reader and none to another.
    const meta = own(params as ReceivedObject, "_meta");
    if (meta !== undefined && !isObject(meta)) return { problem: "bad_message" };
    const common = { text, value: object, method, params: params as ReceivedObject };
    if (id === undefined) return { kind: "notification", ...common };
    return isId(id) ? { kind: "request", id, ...common } : { problem: "bad_message" };
  }
  if (!onlyKeys(object, RESPONSE_KEYS)) return { problem: "bad_message" };
  const result = own(object, "result");
  const error = own(object, "error");
  if ((result === undefined) === (error === undefined)) return { problem: "bad_message" };
  const body = result ?? error;
  if (!isObject(body)) return { problem: "bad_message" };
  if (id !== null && !isId(id)) {
    // An error that answers no readable request may lack its id.
    if (error === undefined || id !== undefined) return { problem: "bad_message" };
  }
  return {
    kind: "response",
    text,
    value: object,
    id: id === undefined ? null : (id as RequestId | null),
    ...(result === undefined
      ? { error: body as ReceivedObject }
      : { result: body as ReceivedObject }),
  };
}

function onlyKeys(object: ReceivedObject, keys: ReadonlySet<string>): boolean {
  return Object.keys(object).every((key) => keys.has(key));
}

/** MCP: a string or an integer; a fraction or a number that does not survive is not the same id to all. */
function isId(id: Received | undefined): id is RequestId {
  return typeof id === "string" || (typeof id === "number" && Number.isSafeInteger(id));
}

/** JSON on one line: a line break stands only between tokens, where a space means the same. */
export function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, " ") : text;
}

/** The message with another member; its text is written anew, value for value. */
export function withMember<M extends Message>(message: M, key: string, member: Received): M {
  const value = { ...message.value, [key]: member };
  const changed = { ...message, value, text: writeReceived(value) };
  return key === "params" || key === "id" || key === "result"
    ? { ...changed, [key]: member }
    : changed;
}
