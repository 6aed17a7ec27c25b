/**
 * A SAT solver that learns from its conflicts (CDCL), small on purpose.
 *
 * Literals are non-zero integers, -v the negation of v. Every clause it learns follows from the
 * clauses before it by unit propagation alone (reverse unit propagation, RUP): assume the clause
 * false, propagate, and a conflict appears. So the list of learnt clauses is a proof that a checker
 * of a few lines accepts or refuses, and this file need not be trusted for "unsatisfiable".
 *
 * Clauses may be added between two calls of `solve`; what was learnt stays.
 */
import { Exhausted, MAX_CONFLICTS } from "./limits.ts";

export type Clause = readonly number[];

export class Solver {
  readonly learnt: Clause[] = [];
  readonly #clauses: number[][] = [];
  /** Clauses that watch a literal, by the literal's index. */
  readonly #watches: number[][] = [[], []];
  /** 1 true, -1 false, 0 open, by variable. */
  #value = new Int8Array(64);
  #level = new Int32Array(64);
  /** The clause that forced a variable, -1 for a decision. */
  #reason = new Int32Array(64).fill(-1);
  #phase = new Int8Array(64);
  #activity = new Float64Array(64);
  #step = 1;
  readonly #trail: number[] = [];
  readonly #trailAt: number[] = [];
  #propagated = 0;
  #variables = 0;
  #conflicts = 0;
  #broken = false;

  /** A new variable. `phase` is what it is tried as first. */
  variable(phase = false): number {
    const v = ++this.#variables;
    if (v >= this.#value.length) this.#grow();
    this.#phase[v] = phase ? 1 : -1;
    this.#watches.push([], []);
    return v;
  }

  #grow(): void {
    const wider = <T extends Int8Array | Int32Array | Float64Array>(old: T, to: T): T => {
      to.set(old);
      return to;
    };
    const size = this.#value.length * 2;
    this.#value = wider(this.#value, new Int8Array(size));
    this.#level = wider(this.#level, new Int32Array(size));
    this.#reason = wider(this.#reason, new Int32Array(size).fill(-1));
    this.#phase = wider(this.#phase, new Int8Array(size));
    this.#activity = wider(this.#activity, new Float64Array(size));
  }

  /** Adds a clause; the search goes back to where it began. */
  add(clause: Clause): void {
    this.#backTo(0);
    const literals = [...new Set(clause)];
    if (literals.some((a) => literals.includes(-a))) return;
    // Facts at level 0 never change: their literals can be settled now.
    if (literals.some((a) => this.#of(a) === 1)) return;
    this.#insert(literals.filter((a) => this.#of(a) !== -1));
  }

  #insert(literals: number[]): number {
    if (literals.length === 0) {
      this.#broken = true;
      return -1;
    }
    if (literals.length === 1) {
      this.#assign(literals[0]!, -1);
      return -1;
    }
    const index = this.#clauses.push(literals) - 1;
    this.#watches[at(literals[0]!)]!.push(index);
    this.#watches[at(literals[1]!)]!.push(index);
    return index;
  }

  /** The value of a literal: 1, -1 or 0. */
  #of(a: number): number {
    return a > 0 ? this.#value[a]! : -this.#value[-a]!;
  }

  #assign(a: number, reason: number): void {
    const v = Math.abs(a);
    this.#value[v] = a > 0 ? 1 : -1;
    this.#level[v] = this.#trailAt.length;
    this.#reason[v] = reason;
    this.#trail.push(a);
  }

  #backTo(level: number): void {
    if (this.#trailAt.length <= level) return;
    const keep = this.#trailAt[level]!;
    for (let i = this.#trail.length - 1; i >= keep; i--) {
      const a = this.#trail[i]!;
      const v = Math.abs(a);
      this.#phase[v] = a > 0 ? 1 : -1;
      this.#value[v] = 0;
    }
    this.#trail.length = keep;
    this.#trailAt.length = level;
    this.#propagated = Math.min(this.#propagated, keep);
  }

  /** Draws all consequences; returns a clause that has become false, or -1. */
  #propagate(): number {
    while (this.#propagated < this.#trail.length) {
      const falsified = -this.#trail[this.#propagated++]!;
      const watching = this.#watches[at(falsified)]!;
      let kept = 0;
      for (let i = 0; i < watching.length; i++) {
        const index = watching[i]!;
        const clause = this.#clauses[index]!;
        if (clause[0] === falsified) {
          clause[0] = clause[1]!;
          clause[1] = falsified;
        }
        if (this.#of(clause[0]!) === 1) {
          watching[kept++] = index;
          continue;
        }
        let next = 2;
        while (next < clause.length && this.#of(clause[next]!) === -1) next++;
        if (next < clause.length) {
          clause[1] = clause[next]!;
          clause[next] = falsified;
          this.#watches[at(clause[1]!)]!.push(index);
          continue;
        }
        watching[kept++] = index;
        if (this.#of(clause[0]!) === -1) {
          while (++i < watching.length) watching[kept++] = watching[i]!;
          watching.length = kept;
          return index;
        }
        this.#assign(clause[0]!, index);
      }
      watching.length = kept;
    }
    return -1;
  }

  /**
   * From a conflict to the clause to learn: resolve with reasons, newest assignment first, until one
   * literal of the current level is left (the first unique implication point).
   */
  #analyse(conflict: number): { readonly clause: number[]; readonly back: number } {
    const level = this.#trailAt.length;
    const seen = new Set<number>();
    const below: number[] = [];
    let open = 0;
    let clause = this.#clauses[conflict]!;
    let resolved = 0;
    for (let i = this.#trail.length - 1; ; i--) {
      for (const a of clause) {
        const v = Math.abs(a);
        if (v === Math.abs(resolved) || seen.has(v) || this.#level[v] === 0) continue;
        seen.add(v);
        this.#activity[v]! += this.#step;
        if (this.#level[v] === level) open++;
        else below.push(a);
      }
      while (!seen.has(Math.abs(this.#trail[i]!))) i--;
      resolved = this.#trail[i]!;
      open--;
      if (open === 0) break;
      clause = this.#clauses[this.#reason[Math.abs(resolved)]!]!;
    }
    // The watches: the literal that is about to be set, and one of the level to return to.
    below.sort((a, b) => this.#level[Math.abs(b)]! - this.#level[Math.abs(a)]!);
    const back = below.length === 0 ? 0 : this.#level[Math.abs(below[0]!)]!;
    return { clause: [-resolved, ...below], back };
  }

  /** True with an assignment of all variables (see `isTrue`), false if there is none. */
  solve(): boolean {
    this.#backTo(0);
    for (;;) {
      if (this.#broken) return false;
      const conflict = this.#propagate();
      if (conflict >= 0) {
        if (this.#trailAt.length === 0) {
          this.#broken = true;
          this.learnt.push([]);
          return false;
        }
        if (++this.#conflicts > MAX_CONFLICTS) throw new Exhausted("the combination of conditions");
        const { clause, back } = this.#analyse(conflict);
        this.learnt.push([...clause]);
        this.#backTo(back);
        const index = this.#insert(clause);
        if (index >= 0) this.#assign(clause[0]!, index);
        this.#step *= 1.05;
        if (this.#step > 1e100) this.#rescale();
        continue;
      }
      const decision = this.#decide();
      if (decision === 0) return true;
      this.#trailAt.push(this.#trail.length);
      this.#assign(decision, -1);
    }
  }

  #decide(): number {
    let best = 0;
    let most = -1;
    for (let v = 1; v <= this.#variables; v++) {
      if (this.#value[v] === 0 && this.#activity[v]! > most) {
        most = this.#activity[v]!;
        best = v;
      }
    }
    return best === 0 ? 0 : best * this.#phase[best]!;
  }

  #rescale(): void {
    for (let v = 1; v <= this.#variables; v++) this.#activity[v]! *= 1e-100;
    this.#step *= 1e-100;
  }

  isTrue(literal: number): boolean {
    return this.#of(literal) === 1;
  }
}

function at(literal: number): number {
  return literal > 0 ? literal * 2 : -literal * 2 + 1;
}
