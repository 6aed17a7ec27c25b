/** The package as adopters get it: what `npm pack` takes, unpacked into a folder's node_modules. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Its dependencies are the checkout's, so that no test needs a network. */
export function installPacked(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  mkdirSync(join(modules, "phiward"));
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", modules], root);
  const tarball = readdirSync(modules).find((name) => name.endsWith(".tgz"))!;
  run("tar", ["xzf", tarball, "-C", "phiward", "--strip-components=1"], modules);
  symlinkSync("../phiward/dist/cli/bin.js", join(modules, ".bin/phiward"));
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${stderr}`);
}
