/** The floor of any proxy in Node: bytes in, the same bytes out. Argument: the server's port. */
import { connect, createServer } from "node:net";
import { serve } from "./serve.ts";

const port = Number(process.argv[2]);

serve(
  createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port, host: "127.0.0.1", noDelay: true });
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
    }
  }),
);
