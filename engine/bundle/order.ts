/** The order of releases: by epoch, which a root sets, and within one by version. */

export interface Ordered {
  readonly epoch: number;
  readonly version: number;
}

export function before(a: Ordered, b: Ordered): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.version < b.version);
}
