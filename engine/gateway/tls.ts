/**
 * Transmission security of both legs (45 CFR §164.312(e)(1)): which protocol, which keys, and how a
 * renewed certificate is taken over without a restart.
 *
 * TLS 1.3 unless the host asks for 1.2, and then only with forward secrecy and authenticated
 * encryption (RFC 9325 §4.2). Renegotiation, compression and early data are off.
 */
import { constants, createHash, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { buildConnector } from "undici";

/** Paths of PEM files, which are read again when they change. */
export interface TlsFiles {
  readonly cert?: string;
  readonly key?: string;
  /** The authorities that the other side's certificate must come from. */
  readonly ca?: string;
  readonly minVersion: "1.2" | "1.3";
}

/** RFC 9325 §4.2.1: what TLS 1.2 may use. TLS 1.3 has only suites of this kind. */
const SUITES_1_2 = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];
const SUITES_1_3 = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** What a handshake may be like, whoever the certificates are of. */
export function protocolOptions(minVersion: TlsFiles["minVersion"]): SecureContextOptions {
  return {
    minVersion: minVersion === "1.3" ? "TLSv1.3" : "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers: [...SUITES_1_3, ...(minVersion === "1.3" ? [] : SUITES_1_2)].join(":"),
    ecdhCurve: "X25519:P-256:P-384",
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  };
}

/** Certificates as they stand on disk now. Throws what the file system or OpenSSL says. */
export function readTls(files: TlsFiles): SecureContextOptions {
  const options: SecureContextOptions = {
    ...protocolOptions(files.minVersion),
    ...(files.cert === undefined ? {} : { cert: readFileSync(files.cert) }),
    ...(files.key === undefined ? {} : { key: readFileSync(files.key) }),
    ...(files.ca === undefined ? {} : { ca: readFileSync(files.ca) }),
  };
  // A key that is not the certificate's, or a file that is no PEM, is found here and not by a client.
  createSecureContext(options);
  // OpenSSL takes a file without any certificate for an empty list of authorities.
  if (options.ca !== undefined) new X509Certificate(options.ca as Buffer);
  return options;
}

/** Why a set of files cannot be used, without a word of what stands in them; undefined: it can. */
export function tlsProblem(files: TlsFiles): string | undefined {
  try {
    readTls(files);
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

function problemOf(error: unknown): string {
  const { code = "", path } = error as NodeJS.ErrnoException;
  if (path !== undefined) return `\`${path}\` cannot be read (${code})`;
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") return "the key is not the certificate's";
  return "a file is not in PEM form, or its key is of an unknown kind";
}

/** The end of the validity of a certificate file's first certificate, in epoch milliseconds. */
export function certificateEnd(path: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(readFileSync(path)).validTo);
  } catch {
    return undefined;
  }
}

/** Files that may be exchanged at any time. */
export interface WatchedTls {
  /** The newest options that could be used. */
  options(): SecureContextOptions;
  /** Reads the files again if they changed. True when there are new options. */
  refresh(): boolean;
  /** Why the files that are there now are not in use; undefined: they are. */
  readonly problem: string | undefined;
}

/**
 * A certificate and its key are two files, so for a moment they may not belong together. What cannot
 * be used is left alone, and looked at again. Throws when there is nothing usable to begin with.
 */
export function watchTls(files: TlsFiles): WatchedTls {
  let stamp = stampOf(files);
  let options = readTls(files);
  let inUse = digestOf(options);
  let problem: string | undefined;
  return {
    options: () => options,
    refresh() {
      const now = stampOf(files);
      if (now === stamp && problem === undefined) return false;
      stamp = now;
      try {
        const read = readTls(files);
        problem = undefined;
        const digest = digestOf(read);
        if (digest === inUse) return false;
        options = read;
        inUse = digest;
        return true;
      } catch (error) {
        problem = problemOf(error);
        return false;
      }
    },
    get problem() {
      return problem;
    },
  };
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Connections made after the files changed use what is in them now. */
export function connector(files: TlsFiles | undefined): buildConnector.connector {
  const build = (tls: object): buildConnector.connector =>
    buildConnector({ ...tls, timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: true });
  if (files === undefined) return build(protocolOptions("1.3"));
  const watched = watchTls(files);
  let connect = build(watched.options());
  return (options, callback) => {
    if (watched.refresh()) connect = build(watched.options());
    connect(options, callback);
  };
}

function stampOf({ cert, key, ca }: TlsFiles): string {
  return [cert, key, ca]
    .map((path) => {
      if (path === undefined) return "";
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? "absent" : `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
    })
    .join(" ");
}

function digestOf({ cert, key, ca }: SecureContextOptions): string {
  const hash = createHash("sha256");
  for (const part of [cert, key, ca]) hash.update(String(part)).update("\0");
  return hash.digest("hex");
}
