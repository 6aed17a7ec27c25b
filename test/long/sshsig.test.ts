/** Every bit of many SSH signatures, one flipped at a time, beside the real ssh-keygen. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { accepts, everyKind, flipped, sshKeygenAccepts } from "../bundle/sshsig-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "phiward-sshsig-long-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(everyKind(folder))("phiward accepts no flip of $name that ssh-keygen refuses", (one) => {
  const bits = one.signature.length * 8;
  const seen = { tried: bits, both: 0, "only ssh-keygen": 0, "only phiward": 0 };
  for (let bit = 0; bit < bits; bit++) {
    const tried = flipped(one.signature, bit);
    const [here, there] = [accepts(one, tried), sshKeygenAccepts(folder, one, tried)];
    if (here && there) seen.both++;
    else if (here) seen["only phiward"]++;
    else if (there) seen["only ssh-keygen"]++;
  }
  process.stdout.write(`${one.name}: ${JSON.stringify(seen)}\n`);
  expect(seen["only phiward"]).toBe(0);
  // What both accept would be a second form of one signature.
  expect(seen.both).toBe(0);
});
