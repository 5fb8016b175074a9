import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

import { withoutImport } from '../../../../src/core/elm-app/thread/app-context.js'

const imports = [
    `import('node:fs')`,
    `import ('node:fs')`,
    `import/* away */('node:fs')`,
    `import // away\n('node:fs')`,
    `\u00a0import('node:fs')`,
    `\u2028import\u2028('node:fs')`,
    "`${import('node:fs')}`",
    `[1].map(x => import(x))`,
    String.raw`'\\';import('node:fs')`,
    String.raw`/\\/;import('node:fs')`,
    String.raw`im\u0070ort('node:fs')`,
    String.raw`\import('node:fs')`,
    `import.meta`,
    `import.source('node:fs')`,
]

for (const code of imports) {
    test(`${JSON.stringify(code)} is refused before anything of it runs`, () => {
        assert.throws(() => runInNewContext(withoutImport(`throw 'it ran'; ${code}`)), {
            name: 'SyntaxError',
        })
    })
}

const others = [
    `'import("x")'`,
    `"an important import"`,
    String.raw`'\import \\import \\\import'`,
    '`import ${1} \\import`',
    String.raw`/import|\import/.test('import')`,
    String.raw`/[\\import]+/.exec('\\import')[0]`,
    `({ import: 1 }).import`,
    `({ 'import': 2 })['import']`,
    `(function () { var $author$project$important = 3; return $author$project$important })()`,
    `// import('x')\n4`,
    `Object.keys({ reimport: 5, import_: 6 }).join()`,
]

for (const code of others) {
    test(`${JSON.stringify(code)} means what it did`, () => {
        assert.notEqual(withoutImport(code), code)
        assert.equal(runInNewContext(withoutImport(code)), runInNewContext(code))
    })
}
