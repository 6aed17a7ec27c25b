/** TLS of the listener: what a scanner would look for, who gets in, and how a certificate is renewed. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, getCiphers, type SecureVersion, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../engine/gateway/config.ts";
import type { TlsFiles } from "../../engine/gateway/tls.ts";
import { type Authority, authority, type Certificate } from "../support/certificates.ts";
import { call, EHR, startWorld, type World } from "../support/gateway.ts";
import { until } from "../support/until.ts";

let folder: string;
let ours: Authority;
let others: Authority;
let server: Certificate;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "phiward-tls-"));
  ours = authority(folder, "ours");
  others = authority(folder, "others");
  server = ours.issue("gateway");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function listening(tls: Partial<TlsFiles> = {}): Promise<World> {
  return startWorld({ overrides: { tls: { ...server, minVersion: "1.3", ...tls } } });
}

const read = (path: string): Buffer => readFileSync(path);

interface Shaken {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly alpn: string | false | null;
  readonly socket: TLSSocket;
}

/** A handshake, or why there is none. */
function shake(port: number, options: object = {}): Promise<Shaken | string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    const done = (answer: Shaken | string): void => {
      clearTimeout(patience);
      resolve(answer);
    };
    const patience = setTimeout(() => done("nothing"), 5_000);
    socket.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? "error"));
    socket.once("secureConnect", () =>
      done({
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().standardName,
        alpn: socket.alpnProtocol,
        socket,
      }),
    );
  });
}

async function agreed(port: number, options: object): Promise<Shaken | undefined> {
  const answer = await shake(port, options);
  if (typeof answer === "string") return undefined;
  answer.socket.destroy();
  return answer;
}

/** Every version, and what OpenSSL still knows at its lowest level of security. */
const VERSIONS: readonly SecureVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
const only = (version: SecureVersion, ciphers = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"): object => ({
  minVersion: version,
  maxVersion: version,
  ciphers,
});

describe("what a scanner finds", () => {
  test.each([
    { minVersion: "1.3", spoken: ["TLSv1.3"] },
    { minVersion: "1.2", spoken: ["TLSv1.2", "TLSv1.3"] },
  ] as const)(
    "with $minVersion as the oldest, it speaks $spoken",
    async ({ minVersion, spoken }) => {
      const world = await listening({ minVersion });
      try {
        const found: SecureVersion[] = [];
        for (const version of VERSIONS) {
          if ((await agreed(world.port, only(version))) !== undefined) found.push(version);
        }
        expect(found).toEqual(spoken);
      } finally {
        await world.stop();
      }
    },
  );

  test("in TLS 1.2 only forward secrecy with authenticated encryption", async () => {
    const world = await listening({ minVersion: "1.2" });
    try {
      const suites = new Set<string>();
      for (const cipher of getCiphers()) {
        if (cipher.startsWith("tls_")) continue;
        const options = only("TLSv1.2", `${cipher.toUpperCase()}:@SECLEVEL=0`);
        const shaken = await agreed(world.port, options).catch(() => undefined);
        if (shaken !== undefined) suites.add(shaken.cipher);
      }
      // The certificate's key is of an elliptic curve, so the suites for RSA keys cannot be agreed on.
      expect([...suites].sort()).toEqual([
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      ]);
    } finally {
      await world.stop();
    }
  });

  test("no renegotiation, no other protocol on top, no plain HTTP; what failed is on record", async () => {
    const world = await listening({ minVersion: "1.2" });
    try {
      const { seq } = world.gateway.runtime.log.head;
      const shaken = await shake(world.port, {
        ...only("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ALPNProtocols: ["h2", "http/1.1"],
      });
      if (typeof shaken === "string") throw new Error(shaken);
      expect(shaken.alpn).toBe("http/1.1");
      const renegotiated = await new Promise<string>((resolve) => {
        shaken.socket.once("error", () => resolve("refused"));
        shaken.socket.once("close", () => resolve("refused"));
        shaken.socket.renegotiate({}, (error) => resolve(error === null ? "agreed" : "refused"));
      });
      shaken.socket.destroy();
      expect(renegotiated).toBe("refused");
      const answer = await plainHttp(world.port);
      expect(answer).not.toContain("HTTP/1.1 200");
      await world.record({ kind: "rejected", code: "tls_handshake" }, seq);
    } finally {
      await world.stop();
    }
  });
});

function plainHttp(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectPlain({ port, host: "127.0.0.1" });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  });
}

interface Asked {
  readonly status: number;
  readonly text: string;
  /** Of the certificate that the gateway showed. */
  readonly serial: string;
}

/** One call over a connection of its own, with our authority as the only one. */
function ask(world: World, client?: Certificate, more: object = {}): Promise<Asked> {
  const body = JSON.stringify(call("get_patient", { patient_id: "p-1" }));
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        ...{ host: "127.0.0.1", port: world.port, path: EHR, method: "POST" },
        ca: read(ours.cert),
        agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }),
        ...(client === undefined ? {} : { cert: read(client.cert), key: read(client.key) }),
        ...more,
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          authorization: `Bearer ${world.tokens.nurse}`,
          "content-length": Buffer.byteLength(body),
        },
      },
      (response) => {
        const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text, serial }));
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

describe("who gets in", () => {
  test("a client that trusts our authority; one that does not goes away", async () => {
    const world = await listening();
    try {
      expect(await ask(world)).toMatchObject({ status: 200 });
      await expect(ask(world, undefined, { ca: read(others.cert) })).rejects.toThrow();
      expect((await world.gateway.listen("127.0.0.1", 0)).startsWith("https://")).toBe(true);
    } finally {
      await world.stop();
    }
  });

  test("where certificates of clients are asked for, one of another authority is as good as none", async () => {
    const world = await listening({ ca: ours.cert });
    try {
      const { seq } = world.gateway.runtime.log.head;
      const client = ours.issue("laptop", { for: "client", names: ["DNS:laptop.example.org"] });
      expect(await ask(world, client)).toMatchObject({ status: 200 });
      const before = world.upstream.requests.length;
      const wrong: readonly [string, Certificate | undefined][] = [
        ["none", undefined],
        ["another authority", others.issue("laptop", { for: "client" })],
        ["expired", ours.issue("old", { for: "client", days: [-10, -1] })],
        ["not yet", ours.issue("new", { for: "client", days: [2, 10] })],
        ["a server's", ours.issue("server", { for: "server" })],
      ];
      for (const [title, certificate] of wrong) {
        await expect(ask(world, certificate), title).rejects.toThrow();
      }
      expect(world.upstream.requests).toHaveLength(before);
      await until(() => {
        const refused = world.records(seq).filter((one) => one.kind === "rejected");
        return refused.length >= wrong.length;
      });
    } finally {
      await world.stop();
    }
  });
});

describe("a renewed certificate", () => {
  test("is taken over under load, without a call lost, and an open stream goes on", async () => {
    const own = join(folder, "renewed");
    mkdirSync(own);
    const at = { cert: join(own, "tls.pem"), key: join(own, "tls.key") };
    copyFileSync(server.cert, at.cert);
    copyFileSync(server.key, at.key);
    const world = await listening(at);
    try {
      const next = ours.issue("renewed");
      const serials = new Set<string>();
      let over = false;
      let calls = 0;
      const caller = async (): Promise<void> => {
        while (!over) {
          const { status, serial } = await ask(world);
          expect(status).toBe(200);
          serials.add(serial);
          calls++;
        }
      };
      const session = connect({ port: world.port, host: "127.0.0.1", ca: read(ours.cert) });
      await new Promise((resolve) => session.once("secureConnect", resolve));
      const callers = [caller(), caller(), caller(), caller()];
      await until(() => calls > 20);
      // One file after the other: for a moment they do not belong together.
      replace(next.cert, at.cert);
      await until(() => world.gateway.health.notes().some((note) => note.includes("not in use")));
      const whileBetween = calls;
      await until(() => calls > whileBetween + 20);
      replace(next.key, at.key);
      await until(() => serials.size === 2);
      over = true;
      await Promise.all(callers);
      expect(world.gateway.health.notes().join()).not.toContain("certificate is not in use");
      expect(await healthOver(session)).toContain("200 OK");
    } finally {
      await world.stop();
    }
  });

  test("that is rubbish changes nothing, and is noted; so is an end that is near", async () => {
    const own = join(folder, "rubbish");
    mkdirSync(own);
    const at = { cert: join(own, "tls.pem"), key: join(own, "tls.key") };
    const soon = ours.issue("soon", { days: [-1, 3] });
    copyFileSync(soon.cert, at.cert);
    copyFileSync(soon.key, at.key);
    const world = await startWorld({ overrides: { tls: { ...at, minVersion: "1.3" } } });
    try {
      // The test's clock stands at another day than the certificate's.
      world.shiftClock(Date.now() - world.now());
      expect(world.gateway.health.notes().join()).toContain("expires within 14 days");
      writeFileSync(at.cert, "-----BEGIN CERTIFICATE-----\nrubbish\n");
      await until(() => world.gateway.health.notes().some((note) => note.includes("not in use")));
      expect(await agreed(world.port, {})).toBeDefined();
    } finally {
      await world.stop();
    }
  });
});

function healthOver(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString("latin1"));
    });
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  });
}

function replace(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

describe("engine.yaml", () => {
  const problems = (text: string): readonly string[] => {
    const path = join(folder, "engine.yaml");
    writeFileSync(path, `version: "1"\n${text}`);
    try {
      readConfig(path, {});
      return [];
    } catch (error) {
      const { findings = [] } = error as { findings?: readonly { message: string }[] };
      return findings.map(({ message }) => message);
    }
  };
  const files = (one: Certificate): string =>
    `{ cert: "file:${one.cert}", key: "file:${one.key}" }`;

  test("with a certificate the gateway may listen beyond loopback", () => {
    const listen = (rest: string): string =>
      `listen: { http: "0.0.0.0:8443", hosts: [gw.example.org]${rest} }\n`;
    expect(problems(listen(`, tls: ${files(server)}`))).toEqual([]);
    expect(problems(listen(""))).toEqual(["plain HTTP beyond loopback"]);
    expect(problems(listen(", insecure: true"))).toEqual([]);
  });

  test.each<{ title: string; text: () => string; says: RegExp }>([
    {
      title: "a key that is another certificate's",
      text: () => `listen: { tls: ${files({ cert: server.cert, key: ours.key })} }`,
      says: /the key is not the certificate's/,
    },
    {
      title: "a file that is not there",
      text: () => `listen: { tls: ${files({ cert: "/nowhere.pem", key: server.key })} }`,
      says: /`\/nowhere.pem` cannot be read \(ENOENT\)/,
    },
    {
      title: "an authority that is no certificate",
      text: () => `upstreams: { ehr: { tls: { ca: "file:${server.key}" } } }`,
      says: /not in PEM form/,
    },
    {
      title: "a client's certificate without its key",
      text: () => `upstreams: { ehr: { tls: { cert: "file:${server.cert}" } } }`,
      says: /without its key/,
    },
    {
      title: "a server in the clear",
      text: () => 'upstreams: { ehr: { origins: ["http://ehr.example.org"] } }',
      says: /plain HTTP beyond loopback/,
    },
    {
      title: "checkpoints in the clear",
      text: () => 'audit: { checkpoints: { to: ["http://notes.example.org/gw-1"] } }',
      says: /plain HTTP beyond loopback/,
    },
    {
      title: "an old protocol",
      text: () => `listen: { tls: { cert: "file:a", key: "file:b", minVersion: "1.1" } }`,
      says: /1\.1|allowed|one of/,
    },
  ])("$title is refused", ({ text, says }) => {
    expect(problems(`${text()}\n`).join("\n")).toMatch(says);
  });

  test("plain HTTP that the host accepts is told to whoever asks whether all is well", () => {
    const path = join(folder, "engine.yaml");
    writeFileSync(
      path,
      'version: "1"\nlisten: { http: "0.0.0.0:8420", hosts: [gw], insecure: true }\nupstreams: { ehr: { origins: ["http://ehr.example.org"], insecure: true } }\n',
    );
    expect(readConfig(path, {}).settings.insecure).toEqual([
      "plain HTTP is served beyond loopback",
      "the server ehr may be reached over plain HTTP",
    ]);
  });
});
