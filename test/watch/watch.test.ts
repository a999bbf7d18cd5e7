import { get } from 'node:http';
import { cpSync, renameSync, writeFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fingerprintOf } from '../../src/watch/fingerprint.js';
import { startWatch } from '../../src/watch/server.js';
import { SoapBenchError } from '../../src/errors.js';
import { headlineFigure } from '../report/contest.js';
import { experimentDirectory, quickstartSketch } from '../report/helpers.js';

async function watched(directory: string, port = 0) {
  const trouble: string[] = [];
  const watch = await startWatch(directory, { port, onTrouble: (message) => trouble.push(message) });
  onTestFinished(() => watch.close());
  return { ...watch, trouble };
}

function statusOf(url: string, host: string, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    }).on('error', reject);
  });
}

/** Announcements of a server, as they come. */
async function announcements(url: string): Promise<() => Promise<{ version: string; sections: { html: string }[] }>> {
  const response = await fetch(new URL('events', url));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async () => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) return JSON.parse(data) as never;
        continue;
      }
      const { value, done } = await reader.read();
      if (done) throw new Error('the server has ended');
      text += value;
    }
  };
}

describe('the server behind a live page', () => {
  it('is there for this machine alone', async () => {
    const { url } = await watched(experimentDirectory(quickstartSketch()));
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const { host, port } = new URL(url);
    expect(await statusOf(url, host)).toBe(200);
    expect(await statusOf(url, `localhost:${port}`)).toBe(200);
    expect(await statusOf(url, 'attacker.example')).toBe(403);
    expect(await statusOf(url, host, 'POST')).toBe(403);
    expect(await statusOf(`${url}config.yaml`, host)).toBe(404);
  });

  it('lets no other site frame it, and runs no script but its own', async () => {
    const { url } = await watched(experimentDirectory(quickstartSketch()));
    const page = await fetch(url);
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)![1]!;
    const html = await page.text();
    const scripts = [...html.matchAll(/<script(?! type="application\/json")[^>]*>/g)].map(([tag]) => tag);
    expect(scripts).toHaveLength(2);
    for (const tag of scripts) expect(tag).toContain(` nonce="${nonce}"`);
    expect((await fetch(url)).headers.get('content-security-policy')).not.toContain(nonce);
    const refused = await fetch(`${url}none`);
    for (const answer of [page, refused]) {
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('x-frame-options')).toBe('DENY');
    }
  });

  it('follows all experiments of a figure', async () => {
    const directory = headlineFigure();
    const { url } = await watched(directory);
    expect(await (await fetch(url)).text()).toContain('Not run yet: 660m');
    const next = await announcements(url);
    await next();
    cpSync(join(directory, '360m'), join(directory, '660m'), { recursive: true });
    const { sections } = await next();
    expect(sections[0]!.html.match(/<h1>/g)).toHaveLength(2);
    expect(sections[0]!.html).not.toContain('Not run yet');
  });

  it('announces what there is, and what changes', async () => {
    const sketch = quickstartSketch();
    const directory = experimentDirectory({ ...sketch, runs: { ...sketch.runs, soap: { notStarted: true } } });
    const next = await announcements((await watched(directory)).url);
    const first = await next();
    expect(first.sections[0]!.html).toContain('1 not finished');
    const done = experimentDirectory(sketch);
    renameSync(join(done, 'runs', 'soap'), join(directory, 'runs', 'soap'));
    const second = await next();
    expect(second.version).not.toBe(first.version);
    expect(second.sections[0]!.html).toContain('soap reached');
  });

  it('keeps what it last read while files cannot be read', async () => {
    const directory = experimentDirectory(quickstartSketch());
    const { url, trouble } = await watched(directory);
    const status = join(directory, 'runs', 'soap', 'status.json');
    writeFileSync(status, '{');
    await expect.poll(() => trouble.length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(trouble[0]).toContain('status.json');
    expect(await (await fetch(url)).text()).toContain('soap reached');
  });

  it('says so when there is nothing to follow, or the port is taken', async () => {
    const codeOf = async (action: Promise<unknown>) => {
      const error: unknown = await action.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return error instanceof SoapBenchError ? error.code : error;
    };
    const directory = experimentDirectory(quickstartSketch());
    expect(await codeOf(watched(join(directory, 'nowhere')))).toBe('not_an_experiment');
    const { url } = await watched(directory);
    expect(await codeOf(watched(directory, Number(new URL(url).port)))).toBe('port_in_use');
  });
});

describe('the fingerprint of a directory', () => {
  it('changes with every file that a report is made from', () => {
    const directory = experimentDirectory(quickstartSketch());
    const first = fingerprintOf(directory);
    expect(fingerprintOf(directory)).toBe(first);
    for (const file of ['config.yaml', 'runs/soap/eval.csv', 'runs/adamw/metrics.csv', 'runs/adamw/status.json']) {
      const before = fingerprintOf(directory);
      utimesSync(join(directory, file), 1, 1);
      expect(fingerprintOf(directory)).not.toBe(before);
    }
  });
});
