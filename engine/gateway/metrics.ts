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
  /** Spans that no collector took; undefined: there are no traces. */
  droppedSpans?(): number | undefined;
  emergencyOpen?(): number;
  emergencyUnreviewed?(): number;
  emergencyUndelivered?(): number;
}

/** A number that is asked for at each scrape; undefined: it is not known, and has no sample. */
export interface GaugeOf {
  readonly name: string;
  readonly help: string;
  readonly read: () => number | undefined;
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
  readonly #monitored = new Counter({
    name: "phiward_monitored_total",
    help: "calls that monitor mode let pass, by server and the code of the rule that would have denied",
    labelNames: ["server", "code"],
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

  readonly #phases = new Histogram({
    name: "phiward_phase_seconds",
    help: "what the gateway itself takes for a message, by phase: understand, judge, record (the wait for the disk)",
    labelNames: ["phase"],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1],
    registers: [this.#registry],
  });

  /** `policy` is absent where nothing is denied. */
  constructor(gauges: Gauges, policy?: PolicyGauges, more: readonly GaugeOf[] = []) {
    const add = ({ name, help, read }: GaugeOf): void => {
      new Gauge({
        name,
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
    const gauge = (name: string, help: string, read: GaugeOf["read"]): void =>
      add({ name: `phiward_${name}`, help, read });
    more.forEach(add);
    gauge("sessions", "open sessions", gauges.sessions);
    gauge("open_exchanges", "calls and streams that are open", gauges.streams);
    gauge(
      "quarantined_tools",
      "tools whose live definition differs from their pin",
      gauges.quarantined,
    );
    gauge("audit_head", "sequence number of the newest audit record", gauges.auditHead);
    gauge("ready", "1 when calls are served, 0 when everything is denied", gauges.ready);
    const { droppedSpans } = gauges;
    if (droppedSpans?.() !== undefined) {
      new Counter({
        name: "phiward_dropped_spans_total",
        help: "spans that were thrown away: the queue was full, or the collector did not take them",
        registers: [this.#registry],
        collect() {
          this.reset();
          this.inc(droppedSpans() ?? 0);
        },
      });
    }
    if (policy === undefined) return;
    const { emergencyOpen, emergencyUnreviewed, emergencyUndelivered } = gauges;
    gauge("emergency_open", "emergency grants that are open", () => emergencyOpen?.());
    gauge(
      "emergency_unreviewed",
      "openings of emergency grants that nobody has signed a review of",
      () => emergencyUnreviewed?.(),
    );
    gauge("emergency_undelivered", "announcements that the webhook has not taken yet", () =>
      emergencyUndelivered?.(),
    );
    gauge("release_version", "version of the release in force", policy.release);
    gauge("policy_freshness", "0 fresh, 1 stale, 2 overdue", () => FRESHNESS[policy.freshness()]);
    gauge("emergency_stop", "1 when an emergency stop is in force", () => Number(policy.halted()));
    gauge(
      "source_answer_age_seconds",
      "seconds since a source of releases answered",
      policy.sinceAnswer,
    );
  }

  decision(server: string, verdict: "allow" | "deny", code: string): void {
    this.#decisions.inc({ server, verdict, code });
  }

  monitored(server: string, code: string): void {
    this.#monitored.inc({ server, code });
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

  phase(phase: "understand" | "judge" | "record", ms: number): void {
    this.#phases.observe({ phase }, ms / 1000);
  }

  /** In Prometheus' text format. */
  async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
