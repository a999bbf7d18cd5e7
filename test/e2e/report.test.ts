import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

const quickstart = fileURLToPath(new URL('../../results/published/quickstart', import.meta.url));

describe('the commands that make pages', () => {
  const workspace = new Workspace();
  afterAll(() => {
    workspace.remove();
  });

  it('report says the answer and where the page is', async () => {
    const { code, stdout, stderr } = await workspace.run(['report', quickstart, '--output', 'page']);
    expect([code, stdout]).toEqual([0, `${join('page', 'report.html')}\n`]);
    expect(stderr).toMatch(/^soap reached adamw's final loss \(\d\.\d{3}\) in 0\.\d\d× the iterations/);
    expect(workspace.read('page', 'report.html')).toMatch(/^<!doctype html>/);
    expect(workspace.list('page', 'tables')).toContain('settings.tex');
    const { stdout: json } = await workspace.run(['report', quickstart, quickstart, '--output', 'both', '--json']);
    const said = JSON.parse(json) as { page: string; answers: unknown[]; files: string[] };
    expect(said.answers).toHaveLength(2);
    expect(said.files.every((file) => existsSync(join(workspace.path, 'both', file)))).toBe(true);
    expect(said.files).toContain(join('2-quickstart', 'charts', 'loss-time.svg'));
  });

  it('report asks where to write what is of several directories, and knows what is none', async () => {
    const several = await workspace.run(['report', quickstart, quickstart]);
    expect([several.code, several.stdout]).toEqual([2, '']);
    expect(several.stderr).toContain('--output');
    const nowhere = await workspace.run(['report', 'nowhere']);
    expect([nowhere.code, nowhere.stdout]).toEqual([2, '']);
    expect(nowhere.stderr).toContain('nowhere does not exist');
  });

  it('watch names its address, and ends when it is told to', async () => {
    const { child, finished } = workspace.start(['watch', quickstart, '--port', '0', '--json']);
    const said = await new Promise<string>((resolve) =>
      child.stdout!.once('data', (chunk: Buffer) => {
        resolve(String(chunk));
      }),
    );
    const { url } = JSON.parse(said) as { url: string };
    expect(await (await fetch(url)).text()).toContain('soap reached');
    child.kill('SIGINT');
    expect((await finished).code).toBe(0);
    const mistyped = await workspace.run(['watch', quickstart, '--port', 'eigh\u001b[2Jty']);
    expect(mistyped).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'eigh\\u001b[2Jty' is invalid") as string,
    });
  });
});
