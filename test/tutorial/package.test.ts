/** What adopters install stays small: the tarball, and the packages that come with it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

function packed(): Packed {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  const printed = JSON.parse(stdout);
  return (Array.isArray(printed) ? printed : Object.values(printed))[0];
}

test("the tarball is below one and a half megabytes, and holds nothing that only a checkout uses", () => {
  const { size, unpackedSize, files } = packed();
  expect(size).toBeLessThan(1_500_000);
  expect(unpackedSize).toBeLessThan(6_000_000);
  const paths = files.map(({ path }) => path);
  const checkoutOnly =
    /^(test|scripts|action|dist\/action|docs\/(adr|rules))\/|patients\.json$|(?<!\.d)\.ts$/;
  expect(paths.filter((path) => checkoutOnly.test(path))).toEqual([]);
  for (const needed of ["README.md", "LICENSE", "dist/cli/bin.js", "dist/engine/index.d.ts"]) {
    expect(paths).toContain(needed);
  }
});

test("every type that the API speaks of is in the tarball", () => {
  const paths = new Set(packed().files.map(({ path }) => path));
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(join(root, path), "utf8");
    for (const [, from] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
      visit(join(dirname(path), from!.replace(/\.(ts|js)$/, ".d.ts")));
    }
  };
  visit("dist/engine/index.d.ts");
  expect([...seen].filter((path) => !paths.has(path))).toEqual([]);
});

test("at most eighty packages come with it", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const packages: [string, { dev?: true; devOptional?: true }][] = Object.entries(lock.packages);
  const installed = packages.filter(([path, { dev }]) => path !== "" && dev !== true);
  expect(installed.length).toBeLessThanOrEqual(80);
});
