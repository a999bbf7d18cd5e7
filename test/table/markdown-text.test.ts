import { describe, expect, it } from 'vitest';
import { markdownParagraph, markdownText } from '../../src/table/markdown-text.js';

describe('a text in Markdown', () => {
  it.each([
    ...['soap_f10', 'lr 0.003', 'a__b', 'soap-f10 lr=0.003', '0.67× [0.64, 0.71]', '[<, 0.85]'],
    ...["the baseline's", 'a & b', 'user @ host'],
  ])('%j has no markup and stays as it is', (text) => {
    expect(markdownText(text)).toBe(text);
    expect(markdownParagraph(text)).toBe(text);
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['a\\|b', 'a\\\\\\|b'],
    ['a\nb\r\n\nc', 'a b c'],
    ['`x`', '\\`x\\`'],
    ['<script>x</script>', '\\<script>x\\</script>'],
    ['<!-- x -->', '\\<!-- x -->'],
    ['[x](javascript:y)', '[x\\](javascript:y)'],
    ['![x](y)', '![x\\](y)'],
    ['[x][y]', '[x\\][y]'],
    ['*x* **y**', '\\*x\\* \\*\\*y\\*\\*'],
    ['_x_ __y__.', '\\_x\\_ \\_\\_y\\_\\_.'],
    ['~~x~~', '\\~\\~x\\~\\~'],
    ['$x$', '\\$x\\$'],
    ['&lt;b&#62;', '\\&lt;b\\&#62;'],
    ['https://e.example www.e.example', 'https\\://e.example www\\.e.example'],
    ['a@e.example', 'a\\@e.example'],
    ['C:\\_x', 'C:\\\\\\_x'],
    ['a\\', 'a\\\\'],
    ['a\u001b[2J', 'a\\u001b[2J'],
  ])('%j is shown and not obeyed', (text, written) => {
    expect(markdownText(text)).toBe(written);
  });

  it.each([
    ['# x', '\\# x'],
    ['> x', '\\> x'],
    ['- x', '\\- x'],
    ['===', '\\==='],
    ['1. x', '1\\. x'],
    ['12) x', '12\\) x'],
    ['[x]: y', '[x\\]: y'],
    ['\n\n    x', 'x'],
  ])('%j begins no block', (text, written) => {
    expect(markdownParagraph(text)).toBe(written);
  });
});
