/** The wire form of SSH (RFC 4251 §5): strings with a length of four bytes before them. */

/** Reads from the start to the end; undefined where the bytes do not hold what is asked for. */
export interface WireReader {
  string(): Buffer | undefined;
  uint32(): number | undefined;
  byte(): number | undefined;
  atEnd(): boolean;
}

export function wireReader(bytes: Buffer): WireReader {
  let at = 0;
  const take = (length: number): Buffer | undefined => {
    if (at + length > bytes.length) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  const uint32 = (): number | undefined => take(4)?.readUInt32BE();
  return {
    uint32,
    byte: () => take(1)?.[0],
    string() {
      const length = uint32();
      return length === undefined ? undefined : take(length);
    },
    atEnd: () => at === bytes.length,
  };
}

export function wireString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
