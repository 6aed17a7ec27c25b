import { Flags } from "@oclif/core";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { lifeOf, personOf, releaseFolder, seatFlags, seatsOf, trustOf } from "../../release.ts";

export default class RootPropose extends PhiwardCommand<typeof RootPropose> {
  static override summary =
    "Change who may sign: the next root, to be signed by old and new people.";
  static override description =
    "Somebody who is added again gets a new key in place of the old one. A key that was lost or stolen is revoked from a version on: it stays listed, and the releases that it signed up to that version stay valid. What is not named stays as it is. The next root is to be signed by as many people as the old one asks for, and as the new one does.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --person privacy:r.ode=keys/r.ode.pub",
    "<%= config.bin %> <%= command.id %> --person privacy:m.chen=new.pub --revoke SHA256:…@12",
    "<%= config.bin %> <%= command.id %> --person security:s.park=s.park.pub --role release=builder:1,privacy:1,security:1 --extra broader=privacy:2,security:1",
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
    ...seatFlags,
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
    const seats = seatsOf(engine, flags);
    const at = timeOf(engine, flags.now, host);
    const trust = await trustOf(engine, `${flags.release}/trust.json`);
    const files = readFolder(flags.release);
    const store = await believing((demand) => {
      const options = { trust, now: at };
      return followRoots({ roots: this.#signed(files.roots, options) }, options, demand);
    });
    const file = nextRoot(store.root.file, {
      add: flags.person.map((text) => personOf(engine, text)),
      remove: flags.remove,
      revoke: flags.revoke.map((text) => this.#revoked(text)),
      now: at,
      lifeMs: lifeOf(engine, flags.expires),
      seats,
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

  /** Without the newest root where it lacks signatures: it is a proposal, and this one takes its place. */
  #signed(
    roots: ReadonlyMap<number, Uint8Array>,
    options: Parameters<typeof this.engine.bundle.followRoots>[1],
  ): ReadonlyMap<number, Uint8Array> {
    const { followRoots, Refused, startChecks } = this.engine.bundle;
    try {
      followRoots({ roots }, options, startChecks().demand);
      return roots;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const newest = Math.max(...roots.keys());
      return new Map([...roots].filter(([version]) => version !== newest));
    }
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
