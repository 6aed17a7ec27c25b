/**
 * What the gateway counts, for Prometheus. Labels are names of the registry and our own codes; no
 * argument, token or free text ever becomes one.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Freshness, PolicySource } from "./policy-source.ts";

export interface Gauges {
  sessions(): number;
  streams(): number;
  quarantined(): number;
  auditHead(): number;
  /** 1 when calls are served, 0 when everything is denied. */
  ready(): number;
}

/** What stands of the policy at this moment. */
export interface PolicyGauges {
  /** The version of the release in force; undefined: there is none. */
  release(): number | undefined;
  freshness(): Freshness;
  /** An emergency stop is in force. */
  halted(): boolean;
  /** Seconds since a source answered; undefined: none ever did, or nobody is asked. */
  sinceAnswer(): number | undefined;
}

const FRESHNESS: Readonly<Record<Freshness, number>> = { fresh: 0, stale: 1, overdue: 2 };

/** `now` in epoch milliseconds. */
export function policyGauges(policy: PolicySource, now: () => number): PolicyGauges {
  return {
    release() {
      const version = policy.current()?.bundle.version;
      return version === undefined || version === "dev" ? undefined : Number(version);
    },
    freshness: () => policy.freshness(now()),
    halted: () => policy.halted() !== undefined,
    sinceAnswer() {
      const at = policy.answeredAt?.();
      return at === undefined ? undefined : Math.max(0, (now() - at) / 1000);
    },
  };
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #decisions = new Counter({
    name: "phiward_decisions_total",
    help: "decisions, by server, verdict and reason code",
    labelNames: ["server", "verdict", "code"],
    registers: [this.#registry],
  });
  readonly #refusals = new Counter({
    name: "phiward_refusals_total",
    help: "messages refused before policy was asked, by reason code",
    labelNames: ["code"],
    registers: [this.#registry],
  });
  readonly #dropped = new Counter({
    name: "phiward_dropped_notifications_total",
    help: "notifications of servers that no policy entry lets through",
    registers: [this.#registry],
  });
  readonly #calls = new Histogram({
    name: "phiward_upstream_seconds",
    help: "from forwarding a call to its answer, by server and outcome",
    labelNames: ["server", "status"],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
    registers: [this.#registry],
  });

  /** `policy` is absent where nothing is denied. */
  constructor(gauges: Gauges, policy?: PolicyGauges) {
    const gauge = (name: string, help: string, read: () => number | undefined): void => {
      new Gauge({
        name: `phiward_${name}`,
        help,
        registers: [this.#registry],
        collect() {
          const value = read();
          // What is not known has no sample: a 0 would look like an answer.
          if (value === undefined) this.remove();
          else this.set(value);
        },
      });
    };
    gauge("sessions", "open sessions", gauges.sessions);
    gauge("open_exchanges", "calls and streams that are open", gauges.streams);
    gauge(
      "quarantined_tools",
      "tools whose live definition differs from their pin",
      gauges.quarantined,
    );
    gauge("audit_head", "sequence number of the newest audit record", gauges.auditHead);
    gauge("ready", "1 when calls are served, 0 when everything is denied", gauges.ready);
    if (policy === undefined) return;
    gauge("release_version", "version of the release in force", policy.release);
    gauge("policy_freshness", "0 fresh, 1 stale, 2 overdue", () => FRESHNESS[policy.freshness()]);
    gauge("emergency_stop", "1 when an emergency stop is in force", () => Number(policy.halted()));
    gauge(
      "seconds_since_answer",
      "seconds since a source of releases answered",
      policy.sinceAnswer,
    );
  }

  decision(server: string, verdict: "allow" | "deny", code: string): void {
    this.#decisions.inc({ server, verdict, code });
  }

  refused(code: string): void {
    this.#refusals.inc({ code });
  }

  dropped(): void {
    this.#dropped.inc();
  }

  outcome(server: string, status: string, ms: number): void {
    this.#calls.observe({ server, status }, ms / 1000);
  }

  /** In Prometheus' text format. */
  async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
