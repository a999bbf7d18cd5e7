import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/files/atomic-file.js';
import { CsvFile } from '../../src/files/csv-file.js';

const folder = mkdtempSync(join(tmpdir(), 'soap-bench-csv-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const columns = ['step', 'loss'] as const;
const full = expect.objectContaining({
  code: 'disk_full',
  hint: expect.stringContaining('make room') as string,
}) as Error;

describe('a CSV file', () => {
  it('goes on after the rows that are kept: later ones and a cut one are gone', () => {
    const path = join(folder, 'rows.csv');
    const first = new CsvFile<{ step: number; loss: number }>(path, columns);
    first.append({ step: 1, loss: 0.1 + 0.2 });
    const kept = first.bytes;
    first.append({ step: 2, loss: NaN });
    first.close();
    appendFileSync(path, '3,4.5');
    const second = new CsvFile<{ step: number; loss: number }>(path, columns, kept);
    second.append({ step: 2, loss: -Infinity });
    expect(second.bytes).toBe(readFileSync(path).length);
    second.close();
    expect(readFileSync(path, 'utf8')).toBe('step,loss\n1,0.30000000000000004\n2,-inf\n');
  });

  it('begins anew when nothing is kept', () => {
    const path = join(folder, 'anew.csv');
    writeFileSync(path, 'whatever\n');
    new CsvFile(path, columns).close();
    expect(readFileSync(path, 'utf8')).toBe('step,loss\n');
  });

  it('does not go on with other columns', () => {
    const path = join(folder, 'other.csv');
    writeFileSync(path, 'step,loss,lr\n1,2,3\n');
    expect(() => new CsvFile(path, columns, 13)).toThrow(expect.objectContaining({ code: 'columns_changed' }) as Error);
    expect(readFileSync(path, 'utf8')).toBe('step,loss,lr\n1,2,3\n');
  });

  it.skipIf(!existsSync('/dev/full'))('says so when the disk is full', () => {
    expect(() => new CsvFile('/dev/full', columns)).toThrow(full);
  });
});

describe('a file written whole or not at all', () => {
  it('leaves what was there, and nothing else, when it cannot be written', () => {
    const path = join(folder, 'is-a-folder');
    writeFileAtomic(join(folder, 'status.json'), 'one');
    writeFileAtomic(join(folder, 'status.json'), 'two');
    expect(readFileSync(join(folder, 'status.json'), 'utf8')).toBe('two');
    expect(() => {
      writeFileAtomic(join(path, 'status.json'), 'three');
    }).toThrow(/the folder .*is-a-folder does not exist/);
    expect(existsSync(path)).toBe(false);
  });
});
