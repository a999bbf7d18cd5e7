import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../src/run/tensorboard/crc32c.js';
import { EventFile } from '../../../src/run/tensorboard/event-file.js';
import { readStamp, scalarsEvent } from '../../../src/run/tensorboard/events.js';
import { frameRecord, readRecords } from '../../../src/run/tensorboard/records.js';
import type { EvaluationRow, StepRow } from '../../../src/train/rows.js';
import { filledEventFile, readEvents } from './read-events.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'soap-bench-events-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

const startedAt = '2026-11-22T12:00:00.000Z';
const now = Date.parse('2026-11-22T12:30:00.000Z');
const nothing = { metrics: [], evaluations: [], startedAt };

const step = (number: number, loss = 5): StepRow => ({
  step: number,
  tokens: 100 * number,
  split: 'train',
  loss,
  lr: 0.01,
  grad_norm: 1.5,
  update_norm: 0.25,
  step_ms: 20,
  optimizer_share: 0.5,
  refresh_failures: 0,
  train_time_s: 10 * number,
  eval_time_s: 1,
  tensors: 7,
  rss_bytes: 3e9,
});

const evaluation = (number: number, loss = 4): EvaluationRow => ({
  step: number,
  tokens: 100 * number,
  split: 'val',
  loss,
  train_time_s: 10 * number,
  eval_time_s: 2,
  basis_error: NaN,
  off_diagonal_share: NaN,
  smallest_eigenvalue: NaN,
});

describe('checksums', () => {
  it('are those of RFC 3720, B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('are masked as TFRecord files have them', () => {
    const crc = 0xe3069283;
    const rotated = ((crc >>> 15) | (crc << 17)) >>> 0;
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe((rotated + 0xa282ead8) % 2 ** 32);
  });
});

describe('an event file', () => {
  it('has the numbers of every row, with step and wall time', () => {
    const path = folder();
    const file = EventFile.open(path, nothing, now);
    const before = Date.now() / 1000;
    file.append(evaluation(0));
    file.append(step(300, 5.5));
    file.sync();
    file.close();
    const [version, restart, first, second, ...others] = readEvents(filledEventFile(path));
    expect(others).toEqual([]);
    expect(version).toEqual({ wallTime: now / 1000, step: 0, fileVersion: 'brain.Event:2', scalars: {} });
    expect(restart).toMatchObject({ restart: true, step: 0 });
    // What SOAP alone has is missing here, not NaN.
    const times = { 'val/train_time_s': 0, 'val/eval_time_s': 2 };
    expect(first).toMatchObject({ step: 0, scalars: { 'val/tokens': 0, 'val/loss': 4, ...times } });
    expect(Object.keys(first!.scalars)).toHaveLength(4);
    expect(second).toMatchObject({
      step: 300,
      scalars: { 'train/loss': 5.5, 'train/tokens': 30_000, 'train/grad_norm': 1.5, 'train/rss_bytes': 3e9 },
    });
    expect(second!.scalars['train/lr']).toBe(Math.fround(0.01));
    expect(Object.keys(second!.scalars)).toHaveLength(12);
    expect(second!.wallTime).toBeGreaterThanOrEqual(before);
    expect(second!.wallTime).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('is called as TensorBoard wants it, without the name of the machine', () => {
    const path = folder();
    EventFile.open(path, nothing, now).close();
    expect(basename(filledEventFile(path))).toBe(`events.out.tfevents.${now / 1000}.soap-bench`);
  });

  it('keeps a loss that is not a number', () => {
    const path = folder();
    const file = EventFile.open(path, nothing, now);
    file.append(step(1, NaN));
    file.append(step(2, Infinity));
    file.close();
    const losses = readEvents(filledEventFile(path))
      .slice(2)
      .map(({ scalars }) => scalars['train/loss']);
    expect(losses).toEqual([NaN, Infinity]);
  });
});

describe('a run that goes on', () => {
  /** Steps 1 to 6 with an evaluation at 4, of which a checkpoint keeps those up to 4. */
  function interrupted(): { path: string; times: number[] } {
    const path = folder();
    const file = EventFile.open(path, nothing, now);
    for (const number of [1, 2, 3, 4]) file.append(step(number));
    file.append(evaluation(4));
    for (const number of [5, 6]) file.append(step(number));
    file.close();
    return {
      path,
      times: readEvents(filledEventFile(path))
        .slice(2)
        .map(({ wallTime }) => wallTime),
    };
  }
  const kept = { metrics: [1, 2, 3, 4].map((number) => step(number)), evaluations: [evaluation(4)], startedAt };
  const stepsIn = (path: string) =>
    readEvents(filledEventFile(path))
      .slice(2)
      .map((event) => [Object.keys(event.scalars)[0]!.split('/')[0], event.step]);

  it('has every step once, in one file that comes after the old one', () => {
    const { path, times } = interrupted();
    const old = basename(filledEventFile(path));
    const file = EventFile.open(path, kept, now);
    for (const number of [5, 6]) file.append(step(number));
    file.close();
    expect(stepsIn(path)).toEqual([
      ['train', 1],
      ['train', 2],
      ['train', 3],
      ['train', 4],
      ['val', 4],
      ['train', 5],
      ['train', 6],
    ]);
    expect(basename(filledEventFile(path)) > old).toBe(true);
    const events = readEvents(filledEventFile(path));
    expect(events[1]).toMatchObject({ restart: true, step: 0 });
    expect(events.slice(2, 7).map(({ wallTime }) => wallTime)).toEqual(times.slice(0, 5));
  });

  it('may have been killed while an event was written', () => {
    const { path, times } = interrupted();
    const name = filledEventFile(path);
    truncateSync(name, readFileSync(name).length - 5);
    appendFileSync(name, '');
    EventFile.open(path, { ...kept, metrics: [...kept.metrics, step(5), step(6)] }, now).close();
    expect(stepsIn(path).at(-1)).toEqual(['train', 6]);
    const events = readEvents(filledEventFile(path)).slice(2);
    expect(events.at(-2)!.wallTime).toBe(times[5]);
    // Its own time is lost: about that of the training clock.
    expect(events.at(-1)!.wallTime).toBe(Date.parse(startedAt) / 1000 + 60 + 1);
  });

  it('may have had no event file before, or begin again', () => {
    const path = folder();
    EventFile.open(path, kept, now).close();
    expect(stepsIn(path)).toHaveLength(5);
    expect(readEvents(filledEventFile(path))[2]!.wallTime).toBe(Date.parse(startedAt) / 1000 + 10 + 1);
    EventFile.open(path, nothing, now).close();
    expect(stepsIn(path)).toEqual([]);
  });

  it('may have been killed between two files', () => {
    const { path } = interrupted();
    writeFileSync(join(path, 'events.out.tfevents.1999999999.soap-bench'), readFileSync(filledEventFile(path)));
    EventFile.open(path, kept, now).close();
    expect(stepsIn(path)).toHaveLength(5);
    expect(basename(filledEventFile(path))).toBe('events.out.tfevents.2000000000.soap-bench');
  });
});

describe('records', () => {
  it('are read up to the first that is damaged', () => {
    const records = ['first', 'second', 'third'].map((text) => frameRecord(Buffer.from(text)));
    const file = Buffer.concat(records);
    const read = (bytes: Buffer) => readRecords(bytes).map(String);
    expect(read(file)).toEqual(['first', 'second', 'third']);
    for (let bit = 0; bit < 8 * records[1]!.length; bit += 7) {
      const flipped = Buffer.from(file);
      flipped[records[0]!.length + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(read(flipped)).toEqual(['first']);
    }
    for (let length = 0; length < file.length; length++) {
      expect(read(file.subarray(0, length)).length).toBeLessThan(3);
    }
  });

  it('give back when they were written', () => {
    const stamp = { wallTime: 1.7e9 + 0.25, step: 123_456_789 };
    expect(readStamp(scalarsEvent(stamp, { 'val/loss': 3 }))).toEqual({ ...stamp, tag: 'val/loss' });
  });
});
