/**
 * What the gateway counts, for Prometheus. Labels are names of the registry and our own codes; no
 * argument, token or free text ever becomes one.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

export interface Gauges {
  sessions(): number;
  streams(): number;
  quarantined(): number;
  auditHead(): number;
  /** 1 when calls are served, 0 when everything is denied. */
  ready(): number;
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

  constructor(gauges: Gauges) {
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name: `phiward_${name}`,
        help,
        registers: [this.#registry],
        collect() {
          this.set(read());
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
