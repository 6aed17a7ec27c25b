/** One JSON object from an issuer, within bounds: an issuer in trouble must not take us along. */
import { Agent, type Dispatcher, request } from "undici";
import { readJson } from "../../json/read.ts";
import { asDoubles, isObject, type JsonObject } from "../../json/value.ts";
import { connector, type TlsFiles } from "../tls.ts";
import { isLoopback } from "../trust.ts";

/** From the first byte asked to the last one read. */
const TIMEOUT_MS = 5_000;
/** Real ones have some kilobytes. */
const MAX_BYTES = 256 * 1024;

/** The object, or in words why there is none. */
export type Fetched = { readonly object: JsonObject } | { readonly problem: string };

export type FetchJson = (url: URL) => Promise<Fetched>;

export interface IssuerClient {
  readonly get: FetchJson;
  close(): Promise<void>;
}

export function issuerClient(tls: TlsFiles | undefined, timeoutMs = TIMEOUT_MS): IssuerClient {
  const agent = new Agent({ connections: 2, connect: connector(tls) });
  return {
    get: (url) => fetchJson(agent, url, timeoutMs),
    close: () => agent.destroy(),
  };
}

/** Keys that came over a network in the clear could be anybody's. */
export function isProtected(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}

async function fetchJson(agent: Dispatcher, url: URL, timeoutMs: number): Promise<Fetched> {
  if (!isProtected(url)) return { problem: "its address is not https" };
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      headers: { accept: "application/json" },
      // A slow answer, byte by byte, ends with it too.
      signal: AbortSignal.timeout(timeoutMs),
    });
    // Redirects are not followed: one would let another host say whose keys are trusted.
    if (statusCode !== 200) {
      body.on("error", () => {}).destroy();
      return { problem: `it answers with HTTP ${statusCode}` };
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) return { problem: "its answer is larger than 256 KiB" };
      chunks.push(chunk);
    }
    return parsed(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    return { problem: wordsFor(error as Error) };
  }
}

function parsed(text: string): Fetched {
  const read = readJson("", text);
  return read.ok && isObject(read.value)
    ? { object: asDoubles(read.value) as JsonObject }
    : { problem: "its answer is no JSON object" };
}

function wordsFor({ name }: Error): string {
  return name === "TimeoutError" ? "it does not answer in time" : "it cannot be reached";
}
