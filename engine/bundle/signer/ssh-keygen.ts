/** Signs through `ssh-keygen -Y sign`: a person's own key, wherever it is kept. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PhiwardError } from "../../errors.ts";
import { type Envelope, type Signature, signedBytes } from "../dsse.ts";
import type { PublicKey } from "../keys.ts";
import { ROLES } from "../roles.ts";
import { unarmour } from "../sshsig.ts";
import type { Signer } from "./signer.ts";

/** `path`: a private key, or a public one whose private half an agent or a security key holds. */
export function sshSigner(path: string, key: PublicKey): Signer {
  return {
    key,
    async sign(envelope) {
      const folder = await mkdtemp(join(tmpdir(), "phiward-sign-"));
      try {
        return { keyid: key.id, bytes: await signIn(folder, path, envelope) };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function signIn(
  folder: string,
  path: string,
  envelope: Envelope,
): Promise<Signature["bytes"]> {
  const message = join(folder, "message");
  await writeFile(message, signedBytes(envelope), { mode: 0o600 });
  await run(["-Y", "sign", "-f", path, "-n", ROLES[envelope.role].namespace, message]);
  const signature = unarmour(await readFile(`${message}.sig`, "utf8"));
  if (signature !== undefined) return signature;
  throw new PhiwardError("SIGNING", "ssh-keygen wrote something that is no signature");
}

function run(args: readonly string[]): Promise<void> {
  return new Promise((fulfil, reject) => {
    // It asks for a passphrase on the terminal; what it says goes there too, and not into an answer.
    const child = spawn("ssh-keygen", args, { stdio: ["inherit", "ignore", "inherit"] });
    child.on("error", (cause) =>
      reject(new PhiwardError("SIGNING", "ssh-keygen cannot be run", { cause })),
    );
    child.on("close", (code) => {
      if (code === 0) fulfil();
      else reject(new PhiwardError("SIGNING", `ssh-keygen did not sign, and ended with ${code}`));
    });
  });
}
