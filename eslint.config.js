import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What scripts of pages have. */
const inPages = [
  ...['document', 'innerWidth', 'addEventListener', 'matchMedia', 'setTimeout', 'CSS', 'EventSource', 'ResizeObserver'],
  'echarts',
];

export default tseslint.config(
  { ignores: ['dist/', 'dist-*/', 'node_modules/', 'results/', 'datasets/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers and booleans read well inside template strings; objects do not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Single-letter tensors keep the papers' names, and a matrix index is never checked twice.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['assets/*.js'],
    languageOptions: { globals: Object.fromEntries(inPages.map((name) => [name, 'readonly'])) },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { URL: 'readonly', process: 'readonly', console: 'readonly' } },
  },
);
