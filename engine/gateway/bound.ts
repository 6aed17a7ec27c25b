/**
 * What a server hands out and a client hands back: task ids, and the open rounds of a multi-round call.
 * Each is a capability that belongs to the grant that got it; another grant that names it is told that
 * it does not exist. What is not known here (after a restart, or crowded out) is refused too.
 */
import { createHash } from "node:crypto";

export interface Owner {
  readonly grant: string;
  readonly server: string;
}

export interface Round extends Owner {
  /** The method, the name and the arguments that the first call had, as a digest. */
  readonly question: string;
  /** The id of the first call's decision record. */
  readonly decision: string;
}

/** As many as are remembered of each; the oldest go first. */
const MAX_REMEMBERED = 10_000;

export class Bound {
  readonly #tasks = new Map<string, Owner>();
  readonly #rounds = new Map<string, Round>();

  addTask(id: string, owner: Owner): void {
    remember(this.#tasks, key(owner.server, id), owner);
  }

  ownsTask(id: string, { grant, server }: Owner): boolean {
    return this.#tasks.get(key(server, id))?.grant === grant;
  }

  /** `state` is the server's `requestState`; a server that sends none has its call told by the question. */
  addRound(state: string | undefined, round: Round): void {
    remember(this.#rounds, key(round.server, round.grant, state ?? round.question), round);
  }

  /** The round that this answer is for, when it is this grant's. */
  round(state: string | undefined, owner: Owner, question: string): Round | undefined {
    return this.#rounds.get(key(owner.server, owner.grant, state ?? question));
  }
}

/** By hash: a state may be long, and may hold anything. */
function key(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

function remember<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name);
  map.set(name, value);
  if (map.size > MAX_REMEMBERED) map.delete(map.keys().next().value!);
}
