/**
 * Who approves for which group. A person counts once over all groups, so somebody who stands in two
 * of them must be given to the one that has nobody else: a largest matching in a bipartite graph, by
 * augmenting paths (Berge 1957).
 *
 * Let S be the seats, `needed` of each group, and P the people. Seats are filled one after the other.
 * A new seat s takes a person p if p is free, or if the seat that holds p can take somebody else. If
 * neither is so for any p of its group, no assignment fills s and all the seats that were filled
 * before; so as many seats as possible are filled in the end.
 */
export interface Wanted {
  /** How many of its people a group needs. */
  readonly needed: number;
  readonly people: readonly string[];
}

/** For each group its people: as many as it needs where that is possible, and nobody twice. */
export function assign(groups: readonly Wanted[]): string[][] {
  const seats = groups.flatMap(({ needed, people }, group) =>
    // More seats than people cannot be filled, and would only be tried in vain.
    Array.from({ length: Math.min(needed, people.length) }, () => ({ group, people })),
  );
  const holder = new Map<string, number>();
  const fill = (seat: number, tried: Set<string>): boolean => {
    for (const person of seats[seat]!.people) {
      if (tried.has(person)) continue;
      tried.add(person);
      const other = holder.get(person);
      if (other !== undefined && !fill(other, tried)) continue;
      holder.set(person, seat);
      return true;
    }
    return false;
  };
  for (const seat of seats.keys()) fill(seat, new Set());
  return groups.map((_, group) =>
    [...holder]
      .filter(([, seat]) => seats[seat]!.group === group)
      .map(([person]) => person)
      .sort(),
  );
}
