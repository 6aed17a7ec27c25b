// Exit code 0 when the gateway lives. It asks the listener of `listen.operator`, and not whether calls
// are served: a gateway that denies everything must not be restarted for it.
import { get } from "node:http";

const url = process.env.PHIWARD_HEALTH_URL ?? "http://127.0.0.1:9464/healthz";
const end = (alive) => process.exit(alive ? 0 : 1);
get(url, { timeout: 3_000 }, ({ statusCode }) => end(statusCode === 200))
  .on("timeout", () => end(false))
  .on("error", () => end(false));
