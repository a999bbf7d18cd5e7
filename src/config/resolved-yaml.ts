import { Document, isSeq, visit } from 'yaml';
import type { ExperimentConfig } from './schema.js';

/**
 * A resolved configuration as YAML: every key with its value, in the order of the reference.
 * Loading it gives the same configuration, whatever the presets and defaults have become.
 */
export function resolvedYaml(config: ExperimentConfig): string {
  const document = new Document(config, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(_key, node) {
      if (isSeq(node)) node.flow = true;
    },
  });
  return document.toString({ flowCollectionPadding: false, lineWidth: 0 });
}
