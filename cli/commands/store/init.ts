import { Flags } from "@oclif/core";
import { type Answer, PhiwardCommand } from "../../base-command.ts";
import { EXIT } from "../../exit.ts";
import { storeFlags, storeIn } from "../../store.ts";

export default class StoreInit extends PhiwardCommand<typeof StoreInit> {
  static override summary =
    "Make or extend the tables in the database that several gateways share.";
  static override description =
    "To be run by the tables' owner, before the first gateway and before a newer version of phiward; running it again changes nothing. Gateways need a role that may much less: --role grants an existing role what a gateway needs, --auditor what reading the records needs.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --store env:PHIWARD_STORE_OWNER --role phiward_gateway --auditor phiward_auditor",
  ];
  static override flags = {
    ...storeFlags,
    role: Flags.string({ description: "a role for gateways", helpValue: "NAME", multiple: true }),
    auditor: Flags.string({
      description: "a role that reads records",
      helpValue: "NAME",
      multiple: true,
    }),
  };

  protected override async answer(): Promise<Answer> {
    const { engine, flags, host } = this;
    const { grantRole, initStore, withClient } = await import("../../../engine/postgres/index.ts");
    const settings = await storeIn(engine, flags, host);
    const done = await withClient(settings, async (client) => {
      const made = await initStore(client);
      for (const role of flags.role ?? []) await grantRole(client, role, "gateway");
      for (const role of flags.auditor ?? []) await grantRole(client, role, "auditor");
      return made;
    });
    return {
      exit: EXIT.YES,
      text: (paint) => engine.storeInitText(done, paint),
      json: engine.storeInitJson(done),
    };
  }
}
