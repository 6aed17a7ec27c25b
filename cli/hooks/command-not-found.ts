/** A command that does not exist: the nearest one, in the words of every other error. */
import type { Hook } from "@oclif/core";
import { EXIT } from "../exit.ts";

const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const { didYouMean, visible } = await import("../../engine/index.ts");
  const name = id.replaceAll(":", " ").slice(0, 60);
  process.stderr.write(
    `error[USAGE]: there is no command \`${visible(name)}\`\nhelp: ${didYouMean(
      name,
      config.commandIDs.map((known) => known.replaceAll(":", " ")),
    )}\n`,
  );
  process.exit(EXIT.UNANSWERED);
};

export default hook;
