import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { download } from '../../../src/engine/setup/download.js';
import { serve, temporaryFolder } from './fixtures.js';

async function target(): Promise<string> {
  return join(await temporaryFolder(), 'file');
}

describe('download', () => {
  it('writes the whole file and tells how far it is', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const url = await serve((_request, response) => response.end(bytes));
    const file = await target();
    let last: [number, number | undefined] = [0, undefined];
    await download(url, file, { onProgress: (received, total) => (last = [received, total]) });
    expect((await readFile(file)).equals(bytes)).toBe(true);
    expect(last).toEqual([300_000, 300_000]);
  });

  it('names the address and the answer when the file is not there', async () => {
    const url = await serve((_request, response) => response.writeHead(404).end());
    const file = await target();
    await expect(download(url, file)).rejects.toThrow(`${url}: the server answers 404`);
    expect(existsSync(file)).toBe(false);
  });

  // All of 127 is this machine there; elsewhere it has only the one address.
  it.runIf(process.platform === 'linux')('does not follow to plain http on another machine', async () => {
    const other = await serve((_request, response) => response.end('changed'), '127.0.0.2');
    const url = await serve((_request, response) => response.writeHead(302, { location: other }).end());
    const file = await target();
    await expect(download(url, file)).rejects.toThrow('http:// can be changed on the way, expected https://');
    expect(existsSync(file)).toBe(false);
  });

  it('notices a connection that breaks off', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('only this', () => response.destroy());
    });
    await expect(download(url, await target())).rejects.toThrow(/broke off before the whole file/);
  });

  it('says when nobody listens', async () => {
    await expect(download('http://127.0.0.1:1/file', await target())).rejects.toThrow(/ECONNREFUSED|bad port/);
  });

  it('gives up on a server that never answers', async () => {
    const url = await serve(() => undefined);
    await expect(download(url, await target(), { answerTimeoutMs: 50 })).rejects.toThrow(/no answer within 0.05 s/);
  });

  it('gives up on a trickle', async () => {
    const url = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => {
        clearInterval(drip);
      });
    });
    const options = { windowMs: 100, minBytesPerWindow: 10_000 };
    await expect(download(url, await target(), options)).rejects.toThrow(/too slow: \d+ bytes in 0.1 s/);
  });

  it('stops when told to', async () => {
    const url = await serve(() => undefined);
    const signal = AbortSignal.timeout(50);
    await expect(download(url, await target(), { signal })).rejects.toThrow(/timeout/);
  });
});
