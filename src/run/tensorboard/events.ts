/*
 * The Event messages of TensorFlow's event.proto that scalars take, in protobuf's wire format:
 * Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
 * Summary { repeated Value value = 1; }, Value { string tag = 1; float simple_value = 2; }, SessionLog { status = 1; }
 */

/** When and at which step something happened. */
export interface Stamp {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
}

/** What an event file begins with. */
export function versionEvent(wallTime: number): Buffer {
  return Buffer.concat([double(1, wallTime), bytes(3, Buffer.from('brain.Event:2'))]);
}

/** Tells a TensorBoard that is watching to forget the steps from this one on. */
export function restartEvent({ wallTime, step }: Stamp): Buffer {
  return Buffer.concat([double(1, wallTime), whole(2, step), bytes(7, whole(1, 1))]);
}

export function scalarsEvent({ wallTime, step }: Stamp, scalars: Readonly<Record<string, number>>): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytes(1, Buffer.concat([bytes(1, Buffer.from(tag)), float(2, value)])),
  );
  return Buffer.concat([double(1, wallTime), whole(2, step), bytes(5, Buffer.concat(values))]);
}

/** What {@link scalarsEvent} has written, with the first of its tags; undefined for other events. */
export function readStamp(event: Buffer): (Stamp & { readonly tag: string }) | undefined {
  const fields = fieldsOf(event);
  const summary = fields.get(5);
  if (summary === undefined) return undefined;
  const value = fieldsOf(fieldsOf(summary as Buffer).get(1) as Buffer);
  return {
    wallTime: (fields.get(1) as Buffer).readDoubleLE(),
    step: fields.get(2) as number,
    tag: (value.get(1) as Buffer).toString(),
  };
}

/** The first field of each number: whole numbers as such, all others as their bytes. */
function fieldsOf(message: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const kind = key & 7;
    if (kind === 0) fields.set(key >>> 3, varint());
    else {
      const length = kind === 1 ? 8 : kind === 5 ? 4 : varint();
      if (!fields.has(key >>> 3)) fields.set(key >>> 3, message.subarray(at, at + length));
      at += length;
    }
  }
  return fields;
}

function double(field: number, value: number): Buffer {
  const data = Buffer.alloc(9);
  data[0] = (field << 3) | 1;
  data.writeDoubleLE(value, 1);
  return data;
}

function float(field: number, value: number): Buffer {
  const data = Buffer.alloc(5);
  data[0] = (field << 3) | 5;
  data.writeFloatLE(value, 1);
  return data;
}

function whole(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varintOf(value)]);
}

function bytes(field: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varintOf(data.length)]), data]);
}

/** Seven bits a byte, the lowest first; every byte but the last has the eighth set. */
function varintOf(value: number): number[] {
  const parts: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) parts.push((rest % 128) + 128);
  return [...parts, rest];
}
