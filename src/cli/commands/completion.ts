import { Argument, type Command } from 'commander';
import { printDocument } from '../terminal/output.js';

/** `soap-bench completion`: a script that lets a shell complete commands, options and names. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script with which a shell completes commands, options and names')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  source <(soap-bench completion bash)      # in ~/.bashrc, to have it always
  source <(soap-bench completion zsh)       # in ~/.zshrc, after compinit
  soap-bench completion fish > ~/.config/fish/completions/soap-bench.fish`,
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('../completion-script.js');
      const { bundledNames } = await import('../../config/bundled.js');
      const { optimizers } = await import('../../optim/registry.js');
      const { builtInCorpora } = await import('../../data/corpora.js');
      const { presetNames } = await import('../../config/presets.js');
      const configs = bundledNames();
      const names = {
        run: configs,
        validate: configs,
        time: configs,
        init: configs,
        'optimizers explain': [...new Set([...Object.keys(optimizers), ...presetNames('optimizer')])],
        'data prepare': builtInCorpora.map(({ name }) => name),
      };
      printDocument(completionScript(shell, program, names));
    });
}
