import js from '@eslint/js'
import importSort from 'eslint-plugin-simple-import-sort'
import tseslint from 'typescript-eslint'

export default tseslint.config(
    // The scanner is AssemblyScript: its compiler checks its types, which are not TypeScript's.
    { ignores: ['.tests-*', 'api', 'dist', 'fixtures', 'node_modules', 'src/core/fast/wasm/**/*.ts'] },
    js.configs.recommended,
    {
        plugins: { 'simple-import-sort': importSort },
        // Node's own, packages, what lies here.
        rules: {
            'simple-import-sort/imports': [
                'error',
                { groups: [['^\\u0000'], ['^node:'], ['^@?\\w'], ['^\\.']] },
            ],
        },
    },
    {
        files: ['**/*.ts'],
        extends: [tseslint.configs.strictTypeChecked],
        languageOptions: { parserOptions: { projectService: true } },
        rules: {
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
            '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
            '@typescript-eslint/switch-exhaustiveness-check': 'error',
            'no-console': 'error',
            // There are none, which the compiler sees to (erasableSyntaxOnly), and to look at each assignment for
            // one takes a tenth of the time.
            '@typescript-eslint/no-unsafe-enum-assignment': 'off',
        },
    },
    {
        files: ['src/**/*.ts', 'test/support/**/*.ts'],
        // Of more, nobody can tell at a call which is which.
        rules: { 'max-params': ['error', { max: 3 }] },
    },
    {
        // Called for each record or piece: an object a call would be what costs most.
        files: ['src/core/fast/{pieces,scanner,threads}/*.ts', 'src/core/store/reading/log-file-reader.ts'],
        rules: { 'max-params': 'off' },
    },
    // Of tests, the compiler has the types anyway. What only types show beside that are promises that nobody awaits:
    // a test that ends before it failed. All else of it takes longer than all other rules, and is looked for where
    // sweeps are whole.
    process.env.COMPLOG_WHOLE === undefined
        ? {
              files: ['test/**/*.ts'],
              rules: {
                  ...tseslint.configs.disableTypeChecked.rules,
                  '@typescript-eslint/await-thenable': 'error',
                  '@typescript-eslint/no-misused-promises': 'error',
              },
          }
        : {},
    {
        // node:test returns promises that its runner awaits by itself.
        files: ['test/**/*.ts'],
        rules: {
            '@typescript-eslint/no-floating-promises': [
                'error',
                {
                    allowForKnownSafeCalls: [
                        { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
                    ],
                },
            ],
            '@typescript-eslint/no-non-null-assertion': 'off',
        },
    },
    {
        files: ['**/*.js', '**/*.mjs'],
        languageOptions: {
            globals: { process: 'readonly', console: 'readonly', fetch: 'readonly', URL: 'readonly' },
        },
    },
    {
        files: ['bin/*.js'],
        languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly' } },
    },
)
