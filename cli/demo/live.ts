/** The part of the demo that starts a real FHIR store and a real MCP server, both on loopback. */

export type LiveResult =
  | { readonly ran: false; readonly why: string }
  | {
      readonly ran: true;
      readonly tools: readonly object[];
      /** How many of the calls returned a patient. */
      readonly answered: number;
      /** What reached the FHIR store because of the calls: method and path, without ids. */
      readonly storeRequests: readonly string[];
    };

interface Ehr {
  readonly store: {
    readonly requests: readonly { readonly method: string; readonly path: string }[];
  };
  readonly client: {
    listTools(): Promise<{ tools: object[] }>;
    callTool(call: { name: string; arguments: object }): Promise<{ content?: unknown }>;
  };
  stop(): Promise<void>;
}

/** `calls` are sent only after the caller decided that they are allowed. */
export async function tryLive(
  hospital: URL,
  calls: readonly { tool: string; args: object }[],
): Promise<LiveResult> {
  let start: () => Promise<Ehr>;
  try {
    ({ startEhr: start } = (await import(new URL("ehr/start.ts", hospital).href)) as {
      startEhr: () => Promise<Ehr>;
    });
  } catch {
    return {
      ran: false,
      why: "the FHIR store is a development dependency; run the demo from a checkout to see it",
    };
  }
  const ehr = await start();
  try {
    const { tools } = await ehr.client.listTools();
    const before = ehr.store.requests.length;
    let answered = 0;
    for (const { tool, args } of calls) {
      const { content } = await ehr.client.callTool({ name: tool, arguments: args });
      if (JSON.stringify(content).includes("Patient")) answered++;
    }
    const seen = ehr.store.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
    return { ran: true, tools, answered, storeRequests: seen };
  } finally {
    await ehr.stop();
  }
}
