/**
 * Whether a server still offers what was reviewed. A tool whose live definition differs from its pin
 * is quarantined: hidden and denied, until the pin is changed in a reviewed commit ("rug pull").
 *
 * The live list is asked for at start, when a server says that its list changed, and from time to
 * time; besides, every list that passes by is compared. Before the first answer everything pinned is
 * quarantined: nobody has looked yet.
 */
import type { ReadyServer } from "../decide/prepare.ts";
import {
  asDoubles,
  type JsonObject,
  own,
  type Received,
  type ReceivedObject,
} from "../json/value.ts";
import { pinTool } from "../policy/compile.ts";
import type { Lock } from "../policy/ir.ts";

export type PinState = "unchecked" | "checked" | "unreachable";

export interface PinChange {
  readonly server: string;
  readonly tool: string;
  readonly event: "quarantined" | "released";
}

export class Pins {
  readonly #states = new Map<string, PinState>();
  /** `server/tool` whose live definition differs. */
  readonly #drifted = new Set<string>();
  /** `server/tool` whose pin is another now, and which nobody has compared with it yet. */
  readonly #repinned = new Set<string>();
  readonly #onChange: (change: PinChange) => void;

  constructor(onChange: (change: PinChange) => void) {
    this.#onChange = onChange;
  }

  /** Whether `server/tool` is quarantined, as the decision asks it of pinned tools. */
  has(key: string): boolean {
    if (this.#drifted.has(key) || this.#repinned.has(key)) return true;
    return this.state(key.slice(0, key.indexOf("/"))) === "unchecked";
  }

  state(server: string): PinState {
    return this.#states.get(server) ?? "unchecked";
  }

  get quarantined(): number {
    return this.#drifted.size;
  }

  /** The server's whole list was read. */
  checked({ source }: ReadyServer, tools: readonly ReceivedObject[]): void {
    this.#states.set(source.id, "checked");
    for (const tool of tools) this.#compare(source.id, source.lock?.tools ?? {}, tool);
  }

  /** The list could not be read: what was known stays; what was never seen stays quarantined. */
  unreachable(server: string): void {
    if (this.state(server) !== "checked") this.#states.set(server, "unchecked");
  }

  /** A server is another now. */
  forget(server: string): void {
    this.#states.delete(server);
    for (const keys of [this.#drifted, this.#repinned]) {
      for (const key of keys) if (key.startsWith(`${server}/`)) keys.delete(key);
    }
  }

  /** A new policy pins tools of a server anew; calls of the others go on without a pause. */
  repin(server: string, before: Lock | undefined, after: Lock | undefined): void {
    const [old, now] = [before?.tools ?? {}, after?.tools ?? {}];
    for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (own(old, name)?.digest === own(now, name)?.digest) continue;
      const key = `${server}/${name}`;
      this.#drifted.delete(key);
      if (Object.hasOwn(now, name)) this.#repinned.add(key);
      else this.#repinned.delete(key);
    }
  }

  /** A list on its way to a client. */
  seen({ source }: ReadyServer, result: ReceivedObject): void {
    const tools = own(result, "tools");
    if (source.lock === undefined || !Array.isArray(tools)) return;
    for (const tool of tools) {
      this.#compare(source.id, source.lock.tools, tool as ReceivedObject);
    }
  }

  #compare(
    server: string,
    pins: Readonly<Record<string, { readonly digest: string }>>,
    tool: ReceivedObject,
  ): void {
    const name = own(tool, "name");
    if (typeof name !== "string") return;
    const pin = own(pins, name);
    // A tool without a pin is quarantined by the decision itself.
    if (pin === undefined) return;
    const key = `${server}/${name}`;
    this.#repinned.delete(key);
    const same = pinTool(asDoubles(tool) as JsonObject).digest === pin.digest;
    if (same === !this.#drifted.has(key)) return;
    if (same) this.#drifted.delete(key);
    else this.#drifted.add(key);
    this.#onChange({ server, tool: name, event: same ? "released" : "quarantined" });
  }
}

/** Whether the server's instructions are the pinned ones; they are read by the model like a tool's text. */
export function instructionsPinned({ source }: ReadyServer, said: Received | undefined): boolean {
  if (source.lock === undefined || said === undefined) return true;
  return source.lock.instructions === said;
}
