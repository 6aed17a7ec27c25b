/** A console, from its parts to its socket. */
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { freshIndex } from "../audit/index/fresh.ts";
import type { BarStore } from "../grant/bar-store.ts";
import type { TokenStore } from "../grant/store.ts";
import { hashToken } from "../grant/token.ts";
import { reviewerWith } from "../review/reviewer.ts";
import { openBooks } from "./books.ts";
import { openAttempts } from "./entry/attempts.ts";
import { openCodes } from "./entry/codes.ts";
import { sessionCookie } from "./entry/cookie.ts";
import type { Credential } from "./entry/credential.ts";
import { openIssuerLogin } from "./entry/issuer.ts";
import type { Random } from "./entry/secret.ts";
import { openSessions } from "./entry/sessions.ts";
import { type House, handle } from "./handle.ts";
import { openHandles } from "./handles.ts";
import type { Site } from "./http/guard.ts";
import { listenOn } from "./http/listen.ts";
import { plainReply, send } from "./http/reply.ts";
import type { PolicyReader } from "./policy.ts";
import { openRecorder } from "./record.ts";
import { ROUTES } from "./routes.ts";
import type { ConsoleIssuer, Limits, Listen } from "./settings.ts";
import { openVerifying } from "./verifying/verifying.ts";

export interface ConsoleOptions {
  /** The engine's state folder. */
  readonly state: string;
  readonly policy: PolicyReader;
  readonly tokens: TokenStore;
  readonly bars: BarStore;
  readonly listen: Listen;
  readonly issuer?: ConsoleIssuer;
  readonly limits: Limits;
  /** Signs the log's checkpoints when no gateway holds the log; in the state folder when absent. */
  readonly checkpointKey?: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly random: Random;
  /** Hears how many records have been indexed before the console listens. */
  readonly onIndexing?: (records: number) => void;
}

export interface Console {
  /** Where people see it. */
  readonly url: string;
  /** The port that it listens on. */
  readonly port: number;
  /** An address that lets the holder of a grant token in, once. Throws NOT_PERMITTED for one who may not be here. */
  invite(token: string): Promise<string>;
  stop(): Promise<void>;
}

/** Rejects when the log cannot be read or the address is taken. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { state, policy, tokens, listen, limits, now, random } = options;
  const books = openBooks({ state, tokens, bars: options.bars, policy });
  // A first reading of a long log takes minutes, and nobody should wait for it in a browser.
  freshIndex(books.audit.log, options.onIndexing).close();
  const checkpointKey = options.checkpointKey ?? join(state, "keys", "checkpoint.pem");
  const recorder = openRecorder(state, { now, random, checkpointKey });
  const codes = openCodes(random);
  const verifying = openVerifying(books.audit, now);

  let house: House | undefined;
  const answer: RequestListener = (message, response) => {
    const { site } = house!;
    handle(house!, message)
      .catch(() => plainReply(500, "something went wrong that nobody foresaw"))
      .then((reply) =>
        send(response, reply, { secure: site.secure, headOnly: message.method === "HEAD" }),
      )
      .finally(() => message.resume());
  };
  const server = await listenOn(listen, answer);
  const { port } = server;
  const site = siteOf(listen, port);
  house = {
    site,
    routes: ROUTES,
    books,
    recorder,
    verifying,
    codes,
    sessions: openSessions(limits, random),
    attempts: openAttempts(),
    handles: openHandles(random),
    cookie: sessionCookie(site),
    issuer:
      options.issuer === undefined ? undefined : openIssuerLogin(options.issuer, site, random),
    now,
  };
  const [url] = site.origins;
  return {
    url: `${url}/`,
    port,
    async invite(token) {
      const at = now();
      const { repository } = await policy.current();
      await reviewerWith(token, { tokens, repository, at });
      const credential: Credential = { kind: "token", hash: hashToken(token)! };
      return `${url}/enter/${codes.issue(credential, at)}`;
    },
    async stop() {
      await server.stop();
      await verifying.stop();
      await recorder.stop();
    },
  };
}

/** How browsers know it: by its own address, and by the one of a proxy in front. */
function siteOf({ host, hosts, url, tls }: Listen, port: number): Site {
  const scheme = tls === undefined ? "http" : "https";
  const usual = scheme === "https" ? 443 : 80;
  const named = hosts.map((one) => (port === usual ? one : `${one}:${port}`));
  const first = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const own = [...(named.includes(first) ? [first] : []), ...named.filter((one) => one !== first)];
  const front = url === undefined ? undefined : new URL(url);
  return {
    origins: [
      ...(front === undefined ? [] : [front.origin]),
      ...own.map((one) => `${scheme}://${one}`),
    ],
    hosts: [...(front === undefined ? [] : [front.host]), ...own],
    secure: scheme === "https" || front?.protocol === "https:",
  };
}
