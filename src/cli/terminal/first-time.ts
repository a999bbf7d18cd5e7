import { note } from './output.js';

/** Says that the data are being prepared when they are, once. */
export function firstTime({ quiet }: { readonly quiet: boolean }): () => void {
  let said = quiet;
  return () => {
    if (!said) note('preparing the data, once ...');
    said = true;
  };
}
