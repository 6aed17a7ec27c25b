/** Recorded calls → what each kind of agent did on each server, tool by tool. */
import type { RecordedCall } from "../calls/calls.ts";
import { TOOLS_CALL } from "../decide/call.ts";
import { subjectsOf } from "../decide/label.ts";
import { own } from "../json/value.ts";
import { type Label, type Server, WORST_LABEL } from "../policy/ir.ts";
import { HOUR } from "../policy/time.ts";
import { nothingSeen, type Seen, see } from "./seen.ts";

/** One tool, as one grant called it. */
export interface Observed {
  readonly args: Seen;
  /** The most calls in one hour of UTC, as quotas count. */
  readonly busiest: number;
  /** The most different patients in one hour; undefined when a call did not tell its patient. */
  readonly patients: number | undefined;
}

/** Grant → server → tool. */
export type Traffic = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Observed>>>;

interface Hours {
  readonly args: Seen;
  readonly calls: Map<number, number>;
  readonly patients: Map<number, Set<string>>;
  told: boolean;
}

/** Adds calls, block by block; denied ones are no reason to allow anything. */
export function startObserving(servers: ReadonlyMap<string, Server>): {
  see(calls: Iterable<RecordedCall>): void;
  traffic(): Traffic;
} {
  const known = new Map<string, Map<string, Map<string, Hours>>>();
  return {
    see(calls) {
      for (const { call, outcome } of calls) {
        if (outcome.verdict === "deny" || call.method !== TOOLS_CALL) continue;
        const { grant = "", server = "", tool, args, at } = call;
        const hours = at3(known, grant, server, tool);
        const hour = Math.floor(at / HOUR);
        see(hours.args, args);
        hours.calls.set(hour, (hours.calls.get(hour) ?? 0) + 1);
        const patients = subjectsOf(labelOf(servers.get(server), tool), args);
        if (patients === undefined) hours.told = false;
        else addAll(hours.patients, hour, patients);
      }
    },
    traffic() {
      return mapValues(known, (servers) =>
        mapValues(servers, (tools) =>
          mapValues(tools, ({ args, calls, patients, told }) => ({
            args,
            busiest: Math.max(...calls.values()),
            patients: told
              ? Math.max(0, ...[...patients.values()].map(({ size }) => size))
              : undefined,
          })),
        ),
      );
    },
  };
}

export function labelOf(server: Server | undefined, tool: string): Label {
  return (server === undefined ? undefined : own(server.tools, tool)) ?? WORST_LABEL;
}

function at3(
  known: Map<string, Map<string, Map<string, Hours>>>,
  grant: string,
  server: string,
  tool: string,
): Hours {
  const servers = known.get(grant) ?? new Map<string, Map<string, Hours>>();
  known.set(grant, servers);
  const tools = servers.get(server) ?? new Map<string, Hours>();
  servers.set(server, tools);
  const hours = tools.get(tool) ?? {
    args: nothingSeen(),
    calls: new Map(),
    patients: new Map(),
    told: true,
  };
  tools.set(tool, hours);
  return hours;
}

function addAll(patients: Map<number, Set<string>>, hour: number, names: readonly string[]): void {
  const known = patients.get(hour) ?? new Set();
  patients.set(hour, known);
  for (const name of names) known.add(name);
}

function mapValues<K, A, B>(map: ReadonlyMap<K, A>, change: (value: A) => B): Map<K, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
