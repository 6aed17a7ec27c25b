/** Starting the command line, against a bare oclif command and bare Node. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Figure, median, report } from "./measure.ts";

const RUNS = 15;
const root = resolve(import.meta.dirname, "../..");

export function benchCli(): void {
  const folder = mkdtempSync(join(tmpdir(), "phiward-bench-"));
  try {
    const bare = bareOclif(folder);
    const many = manyTests(folder);
    const phiward = join(root, "dist/cli/bin.js");
    const start = spawnAll([
      ["bare oclif command", [bare, "hello"], folder],
      ["node -e 0", ["-e", "0"], folder],
      ["phiward --version", [phiward, "--version"], root],
      ["phiward lint (8 lines of policy)", [phiward, "lint", "examples/mission", "--quiet"], root],
    ]);
    report("start of the command line, whole process", start, "bare oclif command");
    const tests = spawnAll([
      ["bare oclif command", [bare, "hello"], folder],
      ["phiward test, 10,000 cases in 10 files", [phiward, "test", many, "--quiet"], root],
    ]);
    report("phiward test, whole process with loading", tests, "bare oclif command");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function spawnAll(
  contenders: readonly (readonly [name: string, args: readonly string[], cwd: string])[],
): Figure[] {
  const samples = contenders.map(() => [] as number[]);
  for (let run = -1; run < RUNS; run++) {
    for (const [index, [name, args, cwd]] of contenders.entries()) {
      const started = process.hrtime.bigint();
      const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
      if (status !== 0) throw new Error(`${name}: exit ${status} ${stderr}`);
      if (run >= 0) samples[index]!.push(Number(process.hrtime.bigint() - started));
    }
  }
  return contenders.map(([name], index) => ({
    name,
    median: median(samples[index]!),
    min: Math.min(...samples[index]!),
  }));
}

/** The smallest program that oclif makes sense for: one command of an explicit map. */
function bareOclif(folder: string): string {
  const home = join(folder, "bare");
  mkdirSync(home);
  symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
  const manifest = {
    name: "bare",
    version: "0.0.0",
    type: "module",
    oclif: {
      bin: "bare",
      commands: { strategy: "explicit", target: "./index.js", identifier: "COMMANDS" },
    },
  };
  writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
  writeFileSync(
    join(home, "index.js"),
    'import { Command } from "@oclif/core";\nclass Hello extends Command { async run() { console.log("hello"); } }\nexport const COMMANDS = { hello: Hello };\n',
  );
  writeFileSync(
    join(home, "bin.js"),
    'import { execute } from "@oclif/core";\nawait execute({ dir: import.meta.url });\n',
  );
  return join(home, "bin.js");
}

function manyTests(folder: string): string {
  const home = join(folder, "many");
  cpSync(join(root, "examples/mission/policies"), join(home, "policies"), { recursive: true });
  mkdirSync(join(home, "tests"));
  for (let file = 0; file < 10; file++) {
    const cases = Array.from(
      { length: 1000 },
      (_, i) =>
        `  - name: case ${i}\n    call: { tool: get_patient_record, args: { patient_id: p-${i} } }\n    expect: allow\n`,
    );
    writeFileSync(
      join(home, `tests/${file}.test.yaml`),
      `version: "1"\nsuite: suite ${file}\ndefaults: { policy: lookup }\ncases:\n${cases.join("")}`,
    );
  }
  return home;
}
