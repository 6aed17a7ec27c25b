import { Flags } from "@oclif/core";
import type * as Engine from "../../../engine/index.ts";
import { now, timeOf } from "../../arguments.ts";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { publishedAt } from "../../published.ts";
import { keyFile, trustOf } from "../../release.ts";

export default class HaltPush extends PhiwardCommand<typeof HaltPush> {
  static override summary =
    "Emergency stop: deny everything, a tool, a grant, or a version, at once.";
  static override description =
    "One person whom the root lets stop is enough. Engines obey when they next look, pinned ones too, and go on obeying after a restart. A stop can only deny; it is lifted by a release alone: `phiward bundle build --lift-halts N`, with everybody's signature.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --tool ehr/get_patient_record --reason INC-7 --key ~/.ssh/id_ed25519 --trust trust.json --to https://git.example.org/policies.git",
    "<%= config.bin %> <%= command.id %> --all --reason INC-8 --key ~/.ssh/id_ed25519 --trust trust.json --to https://git.example.org/policies.git",
  ];
  static override flags = {
    all: Flags.boolean({ description: "deny every call" }),
    tool: Flags.string({
      description: "deny a tool, on one server or on all",
      helpValue: "[SERVER/]TOOL",
      multiple: true,
      default: [],
    }),
    grant: Flags.string({
      description: "deny every call of a grant",
      helpValue: "ID",
      multiple: true,
      default: [],
    }),
    version: Flags.integer({
      description: "deny every call while this release runs",
      helpValue: "VERSION",
      multiple: true,
      default: [],
      min: 1,
    }),
    reason: Flags.string({
      description: "for people: a ticket, a word; never a patient",
      helpValue: "TEXT",
      required: true,
    }),
    key: keyFile,
    trust: Flags.string({ description: "what is trusted", helpValue: "FILE", required: true }),
    to: Flags.string({
      description: "the Git repository of the releases, or the folder of one",
      helpValue: "URL",
      required: true,
    }),
    now,
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const {
      addSignature,
      believing,
      followRoots,
      haltFile,
      newHalt,
      openSigner,
      takeHalt,
      takeHalts,
      wrap,
    } = engine.bundle;
    const deny = this.#deny();
    const trust = await trustOf(engine, flags.trust);
    const place = await publishedAt(engine, flags.to);
    const at = timeOf(engine, flags.now, host);
    const { halt, text } = await believing(async (demand) => {
      const roots = followRoots(place.files, { trust, now: at }, demand);
      const store = takeHalts(roots, place.files, demand);
      const { root } = store;
      const signed = await addSignature(
        wrap("halt", newHalt(store, { deny, reason: flags.reason })),
        openSigner(flags.key),
        [root],
        undefined,
        [{ root, role: root.file.roles.halt }],
        demand,
      );
      // As an engine takes it: what engines would refuse must not look like a stop.
      const { halts } = takeHalt(store, Buffer.from(signed.text), demand);
      return { halt: halts.at(-1)!, text: signed.text };
    });
    const { sequence } = halt.file;
    await place.add({ path: haltFile(sequence), text, message: `Emergency stop ${sequence}` });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.haltText(halt, paint),
      json: engine.haltJson(halt),
    };
  }

  #deny(): Engine.bundle.Halt["file"]["deny"] {
    const { engine, flags } = this;
    const { all, tool, grant, version } = flags;
    if (!all && tool.length + grant.length + version.length === 0) {
      throw new engine.PhiwardError("USAGE", "what is to be stopped?", {
        help: "name it with --tool, --grant or --version, or stop everything with --all",
      });
    }
    const tools = tool.map((text) => {
      const [, server, name] = /^(?:([a-z0-9-]{1,32})\/)?(.+)$/.exec(text) ?? [];
      return { ...(server === undefined ? {} : { server }), tool: name ?? text };
    });
    return {
      ...(all ? { all: true } : {}),
      ...(tools.length > 0 ? { tools } : {}),
      ...(grant.length > 0 ? { grants: grant } : {}),
      ...(version.length > 0 ? { versions: version } : {}),
    };
  }
}
