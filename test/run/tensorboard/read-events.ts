import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * A reader of event files that shares nothing with src/tensorboard: checksums bit by bit, fields by hand.
 */

export interface ReadEvent {
  wallTime: number;
  step: number;
  fileVersion?: string;
  restart?: boolean;
  scalars: Record<string, number>;
}

export function eventFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.includes('tfevents'))
    .sort()
    .map((name) => join(folder, name));
}

/** The last event file of a folder, the only one with scalars. */
export function filledEventFile(folder: string): string {
  const files = eventFilesIn(folder);
  for (const empty of files.slice(0, -1)) {
    const [version, ...others] = readEvents(empty);
    if (version?.fileVersion === undefined || others.length > 0) throw new Error(`${empty} is not empty`);
  }
  if (files.length > 2) throw new Error(`more than one empty file: ${files.join(', ')}`);
  return files.at(-1)!;
}

/** @throws when a checksum is wrong or a record is not whole. */
export function readEvents(path: string): ReadEvent[] {
  const file = readFileSync(path);
  const events: ReadEvent[] = [];
  let at = 0;
  while (at < file.length) {
    const length = file.readUInt32LE(at) + 2 ** 32 * file.readUInt32LE(at + 4);
    check(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    const data = file.subarray(at + 12, at + 12 + length);
    if (data.length !== length) throw new Error('the record is cut');
    check(data, file.readUInt32LE(at + 12 + length));
    events.push(eventOf(data));
    at += length + 16;
  }
  return events;
}

function check(data: Uint8Array, masked: number): void {
  let remainder = 0xffffffffn;
  for (const byte of data) {
    remainder ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      const low = remainder % 2n;
      remainder /= 2n;
      if (low === 1n) remainder ^= 0x82f63b78n;
    }
  }
  const crc = remainder ^ 0xffffffffn;
  const rotated = (crc / 2n ** 15n + crc * 2n ** 17n) % 2n ** 32n;
  const expected = Number((rotated + 0xa282ead8n) % 2n ** 32n);
  if (expected !== masked) throw new Error(`checksum ${masked}, expected ${expected}`);
}

function eventOf(data: Buffer): ReadEvent {
  const event: ReadEvent = { wallTime: NaN, step: 0, scalars: {} };
  for (const [field, value] of fields(data)) {
    if (field === 1) event.wallTime = (value as Buffer).readDoubleLE(0);
    else if (field === 2) event.step = Number(value);
    else if (field === 3) event.fileVersion = (value as Buffer).toString('utf8');
    else if (field === 5) for (const [, one] of fields(value as Buffer)) addScalar(event.scalars, one as Buffer);
    else if (field === 7)
      event.restart = fields(value as Buffer).some(([number, status]) => number === 1 && status === 1n);
    else throw new Error(`field ${field}`);
  }
  return event;
}

function addScalar(scalars: Record<string, number>, value: Buffer): void {
  const [tag, number] = fields(value) as [[number, Buffer], [number, Buffer]];
  if (tag[0] !== 1 || number[0] !== 2) throw new Error('not a tag and a simple_value');
  scalars[tag[1].toString('utf8')] = number[1].readFloatLE(0);
}

function fields(message: Buffer): [number, bigint | Buffer][] {
  const found: [number, bigint | Buffer][] = [];
  let rest = message;
  const varint = (): bigint => {
    let value = 0n;
    let bytes = 0;
    do value |= BigInt(rest[bytes]! & 127) << BigInt(7 * bytes);
    while (rest[bytes++]! >= 128);
    rest = rest.subarray(bytes);
    return value;
  };
  const take = (length: number): Buffer => {
    if (length > rest.length) throw new Error('the message is cut');
    const part = rest.subarray(0, length);
    rest = rest.subarray(length);
    return part;
  };
  while (rest.length > 0) {
    const key = Number(varint());
    const kind = key % 8;
    if (![0, 1, 2, 5].includes(kind)) throw new Error(`wire type ${kind}`);
    found.push([key >> 3, kind === 0 ? varint() : take(kind === 1 ? 8 : kind === 5 ? 4 : Number(varint()))]);
  }
  return found;
}
