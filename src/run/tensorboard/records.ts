import { maskedCrc32c } from './crc32c.js';

/** A record of a TFRecord file: length (u64), its checksum, the data, their checksum; all little-endian. */
export function frameRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(data.length + 16);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), data.length + 12);
  return record;
}

/** The data of a file's records, up to the first that is cut or damaged. */
export function readRecords(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let start = 0; start + 16 <= file.length;) {
    const length = Number(file.readBigUInt64LE(start));
    const end = start + 12 + length;
    if (file.readUInt32LE(start + 8) !== maskedCrc32c(file.subarray(start, start + 8)) || end + 4 > file.length) break;
    const data = file.subarray(start + 12, end);
    if (file.readUInt32LE(end) !== maskedCrc32c(data)) break;
    found.push(data);
    start = end + 4;
  }
  return found;
}
