/** Asks a running gateway to open, close or list emergency grants, with a person's own token. */
import { request } from "undici";
import type { EmergencyList, ListedOpening } from "../emergency/listed.ts";
import { PhiwardError } from "../errors.ts";
import { readJson } from "../json/read.ts";
import { isObject, own, type ReceivedObject } from "../json/value.ts";
import { isLoopback } from "./trust.ts";

export interface EmergencyClient {
  /** Of the gateway; what follows its host is not looked at. */
  readonly url: string;
  /** A grant token, or one of an issuer. */
  readonly token: string;
}

/** The gateway's answer that it was not done, with the code that its record has too. */
export interface EmergencyRefused {
  readonly refused: { readonly code: string; readonly message: string };
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

export async function openEmergency(
  client: EmergencyClient,
  grant: string,
  wish: { readonly reason: string; readonly for: string },
): Promise<{ readonly opened: ListedOpening } | EmergencyRefused> {
  return await ask(client, "POST", `/emergency/${encodeURIComponent(grant)}`, wish);
}

export async function closeEmergency(
  client: EmergencyClient,
  grant: string,
): Promise<{ readonly closed: ListedOpening } | EmergencyRefused> {
  return await ask(client, "DELETE", `/emergency/${encodeURIComponent(grant)}`);
}

export async function listEmergencies(
  client: EmergencyClient,
): Promise<EmergencyList | EmergencyRefused> {
  return await ask(client, "GET", "/emergency");
}

/** The answer's form is our own gateway's, which the token was entrusted to. */
async function ask<T>(
  { url, token }: EmergencyClient,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<T | EmergencyRefused> {
  const { status, text } = await exchange(originOf(url), token, method, path, body);
  const read = readJson("", text);
  const value = read.ok && isObject(read.value) ? (read.value as ReceivedObject) : undefined;
  if (status >= 200 && status <= 299 && value !== undefined) return value as unknown as T;
  if (status === 401) {
    throw new PhiwardError("NOT_PERMITTED", "the gateway does not accept the token", {
      help: "put your own live token into PHIWARD_TOKEN; `phiward token list` shows which are live",
    });
  }
  const error = value === undefined ? undefined : own(value, "error");
  const [code, message] = ["code", "message"].map((name) =>
    isObject(error) ? own(error as ReceivedObject, name) : undefined,
  );
  if (typeof code === "string" && typeof message === "string")
    return { refused: { code, message } };
  throw new PhiwardError("UNREADABLE", `the gateway answered with HTTP ${status}`, {
    help: "check that the URL is that of a phiward gateway",
  });
}

function originOf(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new PhiwardError("USAGE", `\`${url.slice(0, 60)}\` is no URL of a gateway`, {
      help: "write it like https://gateway.example.org:8420",
    });
  }
  // §164.312(e)(1): the token would be read by whoever is between.
  if (parsed.protocol === "http:" && !isLoopback(parsed)) {
    throw new PhiwardError("USAGE", "plain HTTP beyond loopback", {
      help: "write the gateway's https URL",
    });
  }
  return new URL(parsed.origin);
}

async function exchange(
  origin: URL,
  token: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body: object | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { statusCode, body: answer } = await request(new URL(path, origin), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    return { status: statusCode, text: text.length > MAX_ANSWER_BYTES ? "" : text };
  } catch (error) {
    // Its message may name what was sent; its code does not.
    const code = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    throw new PhiwardError(
      "UNREADABLE",
      `the gateway at \`${origin.host}\` cannot be reached (${code})`,
      {
        help: "check the URL, and the gateway's certificate; NODE_EXTRA_CA_CERTS names further authorities",
      },
    );
  }
}
