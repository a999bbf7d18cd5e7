import { SoapBenchError, exitCodes } from '../dist/errors.js';

/**
 * A page with something else between `<!-- name -->` and `<!-- /name -->`.
 * @param {string} text
 * @param {string} name
 * @param {string} content
 * @param {string} page What the page is called in a message.
 * @throws SoapBenchError `page_without_place`.
 */
export function withBlock(text, name, content, page) {
  const block = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`);
  if (!block.test(text)) {
    throw new SoapBenchError('page_without_place', `${page} has no <!-- ${name} --> … <!-- /${name} -->`, {
      exitCode: exitCodes.usage,
      hint: 'put the two comments where the numbers are to stand',
    });
  }
  return text.replace(block, () => `<!-- ${name} -->\n\n${content}\n\n<!-- /${name} -->`);
}
