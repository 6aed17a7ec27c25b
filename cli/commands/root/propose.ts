import { Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { lifeOf, personOf, releaseFolder, trustOf } from "../../release.ts";

export default class RootPropose extends PhiwardCommand<typeof RootPropose> {
  static override summary =
    "Change who may sign: the next root, to be signed by old and new people.";
  static override description =
    "Somebody who is added again gets a new key in place of the old one. A key that was stolen is revoked from a version on; releases up to it stay valid.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --person privacy:r.ode=keys/r.ode.pub",
    "<%= config.bin %> <%= command.id %> --person privacy:m.chen=new.pub --revoke SHA256:…@12",
  ];
  static override flags = {
    person: Flags.string({
      description: "who may sign from now on",
      helpValue: "GROUP:NAME=KEYFILE",
      multiple: true,
      default: [],
    }),
    remove: Flags.string({
      description: "who may sign no longer",
      helpValue: "NAME",
      multiple: true,
      default: [],
    }),
    revoke: Flags.string({
      description: "a key, and the last version that its signature counts for",
      helpValue: "KEYID@VERSION",
      multiple: true,
      default: [],
    }),
    expires: Flags.string({
      description: "how long it is valid",
      helpValue: "DURATION",
      default: "365d",
    }),
    release: releaseFolder,
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const {
      believing,
      followRoots,
      nextRoot,
      readFolder,
      readRoot,
      rootFile,
      wrap,
      writeEnvelope,
      writeFolder,
    } = engine.bundle;
    const at = timeOf(engine, flags.now, host);
    const trust = await trustOf(engine, `${flags.release}/trust.json`);
    const files = readFolder(flags.release);
    const store = await believing((demand) => followRoots(files, { trust, now: at }, demand));
    const file = nextRoot(store.root.file, {
      add: flags.person.map((text) => personOf(engine, text)),
      remove: flags.remove,
      revoke: flags.revoke.map((text) => this.#revoked(text)),
      now: at,
      lifeMs: lifeOf(engine, flags.expires),
    });
    const envelope = wrap("root", file);
    const root = await believing((demand) => readRoot(envelope.payload, demand));
    writeFolder(flags.release, { [rootFile(file.version)]: writeEnvelope(envelope) });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.rootText(root, paint),
      json: engine.rootJson(root),
    };
  }

  #revoked(text: string): { readonly keyid: string; readonly lastVersion: number } {
    const [, keyid, version] = /^(.+)@([0-9]{1,9})$/.exec(text) ?? [];
    if (version !== undefined) return { keyid: keyid!, lastVersion: Number(version) };
    throw new this.engine.PhiwardError(
      "USAGE",
      `\`${text.slice(0, 100)}\` names no key and version`,
      {
        help: "write KEYID@VERSION, with version 0 for a key that never counts",
      },
    );
  }
}
