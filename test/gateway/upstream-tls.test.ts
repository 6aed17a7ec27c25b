/** TLS to a server: to whom a call, and the credential with it, goes, and to whom not. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TlsFiles } from "../../engine/gateway/tls.ts";
import { type Authority, authority, type Certificate } from "../support/certificates.ts";
import { call, startWorld, type World } from "../support/gateway.ts";
import { PINNED, UNPINNED } from "../support/policy-folder.ts";
import { startUpstream, type TestUpstream } from "../support/upstream.ts";

let folder: string;
let theirs: Authority;
let others: Authority;
let good: Certificate;
let gateway: Certificate;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "phiward-upstream-tls-"));
  theirs = authority(folder, "theirs");
  others = authority(folder, "others");
  good = theirs.issue("ehr");
  gateway = theirs.issue("gateway", { for: "client", names: ["DNS:gateway.example.org"] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** TLS in front of a server that speaks plain HTTP. */
interface Terminator {
  readonly origin: string;
  /** Shows another certificate from now on. */
  show(certificate: Certificate): void;
  stop(): void;
}

async function terminate(
  target: number,
  { cert, key }: Certificate,
  options: TlsOptions = {},
): Promise<Terminator> {
  const open = new Set<{ destroy(): void }>();
  const server: Server = createServer(
    { ...options, cert: readFileSync(cert), key: readFileSync(key) },
    (socket) => {
      const onward = connect({ port: target, host: "127.0.0.1" });
      for (const one of [socket, onward]) {
        open.add(one);
        one.on("error", () => {});
        one.on("close", () => {
          open.delete(one);
          socket.destroy();
          onward.destroy();
        });
      }
      socket.pipe(onward).pipe(socket);
    },
  );
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    show(next) {
      server.setSecureContext({ cert: readFileSync(next.cert), key: readFileSync(next.key) });
      for (const one of open) one.destroy();
    },
    stop() {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}

interface Behind {
  readonly world: World;
  readonly terminator: Terminator;
  /** What stands behind it. */
  readonly upstream: TestUpstream;
  stop(): Promise<void>;
}

/** A gateway whose server stands behind TLS. */
async function behind(
  shown: Certificate,
  tls: Partial<TlsFiles> | undefined,
  server: TlsOptions = {},
): Promise<Behind> {
  const upstream = await startUpstream({ tools: [...PINNED, UNPINNED] });
  const terminator = await terminate(upstream.port, shown, server);
  const world = await startWorld({
    ehr: () => ({ type: "http", url: `${terminator.origin}/mcp` }),
    upstreams: {
      ehr: {
        headers: { authorization: "Bearer the-credential" },
        env: {},
        ...(tls === undefined ? {} : { tls: { minVersion: "1.3", ...tls } }),
      },
    },
  });
  return {
    world,
    terminator,
    upstream,
    async stop() {
      await world.stop();
      terminator.stop();
      await upstream.stop();
    },
  };
}

const read = { ...call("get_patient", { patient_id: "p-1" }) };
const notes = ({ world }: Behind): string => world.gateway.health.notes().join("\n");

describe("a server that proves who it is", () => {
  test.each<{ title: string; tls: () => Partial<TlsFiles>; server?: () => TlsOptions }>([
    { title: "by our authority", tls: () => ({ ca: theirs.cert }) },
    {
      title: "with TLS 1.2, where the host allows it",
      tls: () => ({ ca: theirs.cert, minVersion: "1.2" }),
      server: () => ({ maxVersion: "TLSv1.2" }),
    },
    {
      title: "and asks the gateway to do the same",
      tls: () => ({ ca: theirs.cert, ...gateway }),
      server: () => ({ requestCert: true, ca: readFileSync(theirs.cert) }),
    },
  ])("$title is called", async ({ tls, server }) => {
    const one = await behind(good, tls(), server?.());
    try {
      const { message } = await one.world.post(read);
      expect(message.result).toEqual({ content: [{ type: "text", text: "done" }] });
      expect(notes(one)).not.toContain("not looked at");
      expect(one.upstream.requests.at(-1)?.headers.authorization).toBe("Bearer the-credential");
    } finally {
      await one.stop();
    }
  });
});

describe("a server that does not", () => {
  const rows: readonly {
    readonly title: string;
    readonly shown: () => Certificate;
    readonly tls?: () => Partial<TlsFiles>;
    readonly server?: () => TlsOptions;
    readonly reads?: string;
  }[] = [
    { title: "has expired", shown: () => theirs.issue("old", { days: [-10, -1] }) },
    { title: "is not valid yet", shown: () => theirs.issue("new", { days: [2, 10] }) },
    {
      title: "has another name",
      shown: () => theirs.issue("other", { names: ["DNS:ehr.example.org", "IP:127.0.0.2"] }),
    },
    { title: "is of an authority that nobody named", shown: () => others.issue("ehr") },
    { title: "signed its own certificate", shown: () => ({ cert: others.cert, key: others.key }) },
    { title: "has a client's certificate", shown: () => theirs.issue("c", { for: "client" }) },
    // The well-known authorities do not count beside the one that the host names, and the other way.
    { title: "is of an authority of its own", shown: () => good, tls: () => ({}) },
    {
      title: "speaks TLS 1.2 where 1.3 is the oldest",
      shown: () => good,
      server: () => ({ maxVersion: "TLSv1.2" }),
    },
    {
      title: "speaks TLS 1.1",
      shown: () => good,
      tls: () => ({ ca: theirs.cert, minVersion: "1.2" }),
      server: () => ({
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        ciphers: "ALL:@SECLEVEL=0",
      }),
    },
    {
      title: "wants a certificate that the gateway does not have",
      shown: () => good,
      server: () => ({ requestCert: true, ca: readFileSync(theirs.cert) }),
      // TLS 1.3 refuses it after the handshake: all that is to be seen is an end.
      reads: "the server broke off its answer",
    },
  ];
  test.each(rows)("$title: nothing reaches it, and the operator reads why", async (row) => {
    const one = await behind(row.shown(), row.tls?.() ?? { ca: theirs.cert }, row.server?.());
    try {
      const { message } = await one.world.post(read);
      expect(message.result?.isError).toBe(true);
      expect(notes(one)).toContain(
        `server ehr was not looked at: ${row.reads ?? "the server could not prove who it is"}`,
      );
      // The terminator hands over what it can decrypt: with this, the credential would be out.
      expect(one.upstream.requests).toEqual([]);
    } finally {
      await one.stop();
    }
  });
});

describe("while the gateway runs", () => {
  test("a server that comes back as another is called no more, and takes no quota", async () => {
    const one = await behind(good, { ca: theirs.cert });
    try {
      expect((await one.world.post(read)).message.result?.isError).toBeUndefined();
      one.terminator.show(others.issue("impostor"));
      const { seq } = one.world.gateway.runtime.log.head;
      const { message } = await one.world.post(read);
      expect(message.error?.message).toBe("the server could not prove who it is");
      expect(await one.world.outcome(seq)).toMatchObject({
        status: "upstream_error",
        refunded: true,
      });
    } finally {
      await one.stop();
    }
  });

  test("an authority that is exchanged on the disk is the one that counts next", async () => {
    const ca = join(folder, "current.pem");
    copyFileSync(theirs.cert, ca);
    const one = await behind(good, { ca });
    try {
      expect((await one.world.post(read)).message.result?.isError).toBeUndefined();
      one.terminator.show(others.issue("moved"));
      copyFileSync(others.cert, ca);
      let { message } = await one.world.post(read);
      // Connections that were ended meanwhile may still be taken for open ones.
      for (let tries = 0; message.error !== undefined && tries < 5; tries++) {
        ({ message } = await one.world.post(read));
      }
      expect(message.result?.isError).toBeUndefined();
      expect(message.error).toBeUndefined();
    } finally {
      await one.stop();
    }
  });
});
