import { defineConfig, js, ts } from '@rslint/core'

export default defineConfig([
    // The scanner is AssemblyScript: its compiler checks its types, which are not TypeScript's.
    { ignores: ['.tests-*', 'api', 'dist', 'fixtures', 'node_modules', 'src/core/fast/wasm/**/*.ts'] },
    js.configs.recommended,
    ts.configs.strictTypeChecked,
    {
        files: ['**/*.ts'],
        rules: {
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
            '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
            '@typescript-eslint/switch-exhaustiveness-check': 'error',
            'no-console': 'error',
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
        // Of TypeScript, the compiler sees to it.
        rules: { 'no-undef': 'error', '@typescript-eslint/no-dynamic-delete': 'off' },
    },
    {
        files: ['bin/*.js'],
        languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly' } },
        rules: { '@typescript-eslint/no-require-imports': 'off' },
    },
])
