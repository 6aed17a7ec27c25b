/** Real certificates of authorities that live as long as a test, made by openssl. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
}

export interface LeafOptions {
  /** Subject alternative names, such as `IP:127.0.0.1` or `DNS:ehr.example.org`. */
  readonly names?: readonly string[];
  readonly for?: "server" | "client";
  /** From and to, as days from today; the past is allowed. */
  readonly days?: readonly [from: number, to: number];
}

export interface Authority extends Certificate {
  issue(name: string, options?: LeafOptions): Certificate;
}

const HERE = ["IP:127.0.0.1", "DNS:localhost"];

/** A root of its own, in a folder of its own. */
export function authority(folder: string, name: string): Authority {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  const at = (file: string): string => join(home, file);
  const key = newKey(at("ca.key"));
  const cert = at("ca.pem");
  const root = ["-x509", "-new", "-key", key, "-days", "30", "-subj", `/CN=${name}`];
  const constraints = [
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,keyCertSign,cRLSign",
  ].flatMap((extension) => ["-addext", extension]);
  openssl("req", ...root, ...constraints, "-out", cert);
  writeFileSync(at("index"), "");
  writeFileSync(at("serial"), "1000\n");
  writeFileSync(at("ca.cnf"), settings(home));
  return {
    cert,
    key,
    issue(leaf, { names = HERE, for: use = "server", days = [-1, 20] } = {}) {
      const own = { key: newKey(at(`${leaf}.key`)), cert: at(`${leaf}.pem`) };
      const request = at(`${leaf}.csr`);
      openssl("req", "-new", "-key", own.key, "-subj", `/CN=${leaf}`, "-out", request);
      const extensions = at(`${leaf}.ext`);
      writeFileSync(
        extensions,
        `basicConstraints=CA:FALSE\nextendedKeyUsage=${use}Auth\nsubjectAltName=${names.join(",")}\n`,
      );
      const [from, to] = days.map(stamp);
      openssl(
        ...["ca", "-batch", "-notext", "-config", at("ca.cnf"), "-extfile", extensions],
        ...["-startdate", from!, "-enddate", to!, "-in", request, "-out", own.cert],
      );
      return own;
    },
  };
}

function newKey(path: string): string {
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path);
  return path;
}

function settings(home: string): string {
  return `[ca]
default_ca = own
[own]
new_certs_dir = ${home}
database = ${home}/index
serial = ${home}/serial
certificate = ${home}/ca.pem
private_key = ${home}/ca.key
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
`;
}

function stamp(days: number): string {
  const at = new Date(Date.now() + days * 24 * 60 * 60_000).toISOString();
  return `${at.slice(0, 19).replace(/[-:T]/g, "")}Z`;
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"], timeout: 10_000 });
}
