/** The image and the systemd unit: what they name exists, and is what the rest of the project says. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, type World } from "../support/gateway.ts";
import { exchange } from "../support/http-client.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const pack = JSON.parse(read("package.json")) as {
  readonly bin: { readonly phiward: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};
const program = pack.bin.phiward.replace("./", "");

describe("the image", () => {
  const text = read("deploy/docker/Dockerfile");
  const ignored = read(".dockerignore").split("\n");

  test("copies only what exists and is not ignored", () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
      paths!.split(" "),
    );
    expect(copied.length).toBeGreaterThan(2);
    for (const path of copied.filter((one) => one !== ".")) {
      expect(existsSync(join(root, path)), path).toBe(true);
      expect(ignored, path).toContain(`!${path}`);
    }
    for (const path of ["cli", "engine", "schemas", "docs", "examples", "tsconfig.json"]) {
      expect(ignored).toContain(`!${path}`);
    }
  });

  test("runs the program as nobody in particular, without a shell", () => {
    expect(text).toContain(`/opt/phiward/app/${program}`);
    const stage = text.slice(text.lastIndexOf("\nFROM "));
    expect(stage).toMatch(/^USER 65532:65532$/m);
    expect(stage).not.toMatch(/^RUN /m);
    for (const [, form] of stage.matchAll(/^(?:ENTRYPOINT|CMD) (.)/gm)) expect(form).toBe("[");
  });

  test("takes traces' packages in the versions that are tested", () => {
    const named = [...text.matchAll(/(@opentelemetry\/[a-z-]+)@([0-9.]+)/g)];
    expect(named).toHaveLength(4);
    for (const [, name, version] of named) {
      expect(pack.devDependencies[name!], name).toBe(version);
      expect(pack.peerDependencies[name!], name).toBe(`^${version}`);
    }
  });
});

describe("the health check", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const check = (url: string): number | null =>
    spawnSync(process.execPath, [join(root, "deploy/docker/healthcheck.mjs")], {
      env: { PHIWARD_HEALTH_URL: url },
    }).status;

  test("the operator's listener answers it, and no one else's questions", async () => {
    const url = new URL(await world.gateway.listenOperator("127.0.0.1", 0));
    const port = Number(url.port);
    const ask = async (path: string, host = "127.0.0.1", method = "GET") =>
      (await exchange({ port, method, path, headers: { host } })).status;
    expect(await ask("/healthz")).toBe(200);
    expect(await ask("/readyz")).toBe(200);
    expect(await ask("/metrics", "10.1.2.3:9464")).toBe(200);
    // DNS rebinding: a page's own name, which now points here.
    expect(await ask("/metrics", "pages.example")).toBe(404);
    expect(await ask("/mcp/ehr", "127.0.0.1", "POST")).toBe(404);
    expect(await ask("/")).toBe(404);
  });

  test("says no where nobody answers", () => {
    expect(check("http://127.0.0.1:1/healthz")).toBe(1);
  });
});

describe("the systemd unit", () => {
  const text = read("deploy/systemd/phiward.service");

  test("starts the program that the package has", () => {
    for (const [, line] of text.matchAll(/^ExecStart(?:Pre)?=(.+)$/gm)) {
      expect(line).toContain(`/opt/phiward/node_modules/phiward/${program} gateway --config`);
    }
    const drain = Number(/^TimeoutStopSec=([0-9]+)$/m.exec(text)?.[1]);
    expect(drain).toBeGreaterThan(12);
  });

  test.runIf(existsSync("/usr/bin/systemd-analyze"))(
    "is sound, and little exposed, to systemd",
    () => {
      const unit = join(root, "deploy/systemd/phiward.service");
      const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", unit], {
        encoding: "utf8",
      });
      const level = Number(/Overall exposure level for [^:]+: ([0-9.]+)/.exec(stdout)?.[1]);
      expect(level).toBeLessThan(2);
    },
  );
});
