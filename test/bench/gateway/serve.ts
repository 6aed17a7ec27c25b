/** The child's side of a program of this bench: it listens, tells its port, and ends with its parent. */
import type { Server } from "node:net";

export function serve(server: Server): void {
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new TypeError("no port");
    process.send?.({ port: address.port });
  });
  process.once("disconnect", () => process.exit(0));
}
