// The package as its users get it: packed, installed into a fresh folder without scripts and with the newest releases of
// its dependencies, where every one must run on this Node, and then the README's command that restores a state, and a
// host. Needs `npm run build` and the npm registry.
//   npm run test:installed
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** On Windows npm is a script, which only a shell can start. */
const shell = process.platform === 'win32'
const folder = mkdtempSync(join(tmpdir(), 'complog-installed-'))
const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', shell })

/** Until its version 11, npm runs `prepare` whatever is asked for, which clears dist/ under those who work with it. */
function withoutPrepare() {
    const copy = join(folder, 'source')
    const isLeft = (path) => /(?:^|[\\/])(?:\.git|\.tests-[^\\/]*|node_modules)$/.test(path)
    cpSync('.', copy, { recursive: true, filter: (path) => !isLeft(path) })
    const described = JSON.parse(readFileSync('package.json', 'utf8'))
    delete described.scripts.prepare
    writeFileSync(join(copy, 'package.json'), JSON.stringify(described))
    return copy
}

try {
    const [{ filename }] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], withoutPrepare()))
    writeFileSync(join(folder, 'package.json'), '{ "name": "user", "version": "1.0.0", "private": true }')
    const quietly = ['--no-audit', '--no-fund', '--prefer-offline']
    npm(['install', '--ignore-scripts', '--engine-strict', ...quietly, `./${filename}`], folder)
    const complog = join(folder, 'node_modules', 'complog', 'bin', 'run.js')

    const [, args, state] =
        /^\$ node bin\/run\.js (replay .*)\n(.*)$/m.exec(readFileSync('README.md', 'utf8')) ?? []
    assert.ok(args !== undefined, 'The README has no command that begins with `node bin/run.js replay`.')
    const restored = execFileSync(process.execPath, [complog, ...args.split(' ')], { encoding: 'utf8' })
    assert.equal(restored.trim(), state)

    const app = ['--app', 'fixtures/apps/counter', '--elm-home', 'fixtures/elm-home']
    const listen = ['--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0']
    const host = spawn(process.execPath, [complog, 'host', join(folder, 'store'), ...app, ...listen])
    const exited = once(host, 'exit')
    let log = ''
    const url = await new Promise((resolve, reject) => {
        host.stderr.setEncoding('utf8').on('data', (text) => {
            log += text
            const found = /"url":"([^"]+)"/.exec(log)?.[1]
            if (found !== undefined) resolve(found)
        })
        host.on('exit', () => reject(new Error(`The host does not start: ${log}`)))
    })
    assert.ok((await fetch(url)).status > 0)
    host.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
    console.log('The package works as it is installed.')
} finally {
    rmSync(folder, { recursive: true, force: true })
}
