import { describe, expect, it } from 'vitest';
import { figureExperiments, figureFile, runLine, type FigureRequest } from '../../src/reproduce/figure-request.js';
import { figureNamed } from '../../src/reproduce/figures.js';

const request = (id: string, more: Partial<FigureRequest> = {}): FigureRequest => ({
  figure: figureNamed(id),
  profile: 'standard',
  protocol: 'paper',
  scale: null,
  changes: { files: [], overrides: [] },
  ...more,
});

const lines = (one: FigureRequest) => figureExperiments(one, 'results/paper').map((each) => runLine(one, each));

describe('a figure equals', () => {
  it('a run of each of its experiments', () => {
    expect(lines(request('headline'))).toEqual([
      'npx soap-bench run configs/paper/headline-360m.yaml --output results/paper/headline/360m',
      'npx soap-bench run configs/paper/headline-660m.yaml --output results/paper/headline/660m',
    ]);
  });

  it('with profile, protocol, scale and changes merged in that order', () => {
    const changes = { files: ['mine.yaml'], overrides: ['seeds=0,1', '~optimizers.shampoo', 'target=a b'] };
    expect(lines(request('frequency', { profile: 'quick', protocol: 'strong', scale: '1/4', changes }))).toEqual([
      'npx soap-bench run configs/paper/frequency-360m.yaml configs/paper/quick/frequency-360m.yaml ' +
        'configs/paper/strong/frequency-360m.yaml mine.yaml model.scale=1/4 seeds=0,1 ' +
        "'~optimizers.shampoo' 'target=a b' --output results/paper/frequency-quick-strong-1of4/360m",
    ]);
  });

  it('a timing where nothing is trained', () => {
    expect(lines(request('overhead'))).toEqual([
      'npx soap-bench time configs/paper/overhead-360m.yaml --output results/paper/overhead/360m',
    ]);
  });
});

describe('figure.json', () => {
  it('names the changes only when there are any', () => {
    const plain = { figure: 'galore', profile: 'standard', protocol: 'paper', scale: null, experiments: ['210m'] };
    expect(figureFile(request('galore'))).toEqual(plain);
    const changes = { files: ['mine.yaml'], overrides: ['seeds=0'] };
    expect(figureFile(request('galore', { changes }))).toEqual({ ...plain, changes: ['mine.yaml', 'seeds=0'] });
  });
});
