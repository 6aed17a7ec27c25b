import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { keyFile, newestRoot, releaseFolder, trustOf } from "../../release.ts";

export default class RootSign extends PhiwardCommand<typeof RootSign> {
  static override summary = "Sign the newest root in a release's folder.";
  static override description =
    "Read it first with `phiward root show`: whoever it names can sign what engines run. The next root needs the people of the one before, and its own.";
  static override examples = ["<%= config.bin %> <%= command.id %> --key ~/.ssh/id_ed25519"];
  static override flags = { key: keyFile, release: releaseFolder, now };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const {
      addSignature,
      believing,
      followRoots,
      openSigner,
      readFolder,
      rootFile,
      withoutRevoked,
      writeFolder,
    } = engine.bundle;
    const trust = await trustOf(engine, `${flags.release}/trust.json`);
    const { root, envelope } = await newestRoot(engine, flags.release);
    const { version } = root.file;
    const signed = await believing(async (demand) => {
      const files = readFolder(flags.release);
      const before = new Map([...files.roots].filter(([each]) => each < version));
      const at = timeOf(engine, flags.now, host);
      const roots =
        version === trust.root.version
          ? [root]
          : [followRoots({ roots: before }, { trust, now: at }, demand).root, root];
      const conditions = roots.map((each) => ({
        root: withoutRevoked(each),
        role: each.file.roles.root,
      }));
      return await addSignature(
        envelope,
        openSigner(flags.key),
        roots,
        undefined,
        conditions,
        demand,
      );
    });
    writeFolder(flags.release, { [rootFile(version)]: signed.text });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.signedText(signed, paint),
      json: engine.signedJson(signed),
    };
  }
}
