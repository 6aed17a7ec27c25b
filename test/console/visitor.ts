/** A client without a browser's manners: it sends what it is told, and shows what came back. */
import { type IncomingHttpHeaders, request } from "node:http";

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function send(url: string, sent: Sent = {}): Promise<Answered> {
  const { method = "GET", path = "/", headers = {}, body } = sent;
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const one = request(
      { host: hostname, port, method, path, headers, agent: false, timeout: 10_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    one.on("timeout", () => one.destroy(new Error("no answer")));
    one.on("error", reject);
    one.end(body);
  });
}

export function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** What a browser says of a form that it sends from a page of the console. */
export function formHeaders(url: string): Record<string, string> {
  return {
    origin: new URL(url).origin,
    "content-type": "application/x-www-form-urlencoded",
    "sec-fetch-site": "same-origin",
  };
}

/** Somebody who is in. */
export interface Visitor {
  readonly cookie: string;
  get(path: string): Promise<Answered>;
  /** With the session's own form token, unless the fields have another. */
  post(path: string, fields?: Readonly<Record<string, string>>): Promise<Answered>;
  readonly formToken: string;
}

export async function logIn(url: string, token: string): Promise<Visitor> {
  const entered = await post(url, "/enter", { token });
  if (entered.status !== 303) throw new Error(`not let in: ${entered.status}`);
  const cookie = cookieOf(entered);
  const get = (path: string): Promise<Answered> => send(url, { path, headers: { cookie } });
  const formToken = /name="form" value="([^"]+)"/.exec((await get("/")).text)![1]!;
  return {
    cookie,
    formToken,
    get,
    post: (path, fields = {}) => post(url, path, { form: formToken, ...fields }, { cookie }),
  };
}

export function cookieOf({ headers }: Answered): string {
  return headers["set-cookie"]![0]!.split(";")[0]!;
}

export async function post(
  url: string,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const body = form(fields);
  return await send(url, {
    method: "POST",
    path,
    body,
    headers: { ...formHeaders(url), "content-length": String(Buffer.byteLength(body)), ...headers },
  });
}
