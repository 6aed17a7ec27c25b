/** Where GitHub's runner starts the Action. */
import { runnerWorld } from "./host.ts";
import { run } from "./run.ts";

const { world, leave } = runnerWorld(process.env);
process.exitCode = await run(world).finally(leave);
