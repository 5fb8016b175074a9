// Runs command lines one behind another, as bin/run.js does each in a process of its own. Started by warm.ts.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const [, , packageFolder] = process.argv
const packageFile = pathToFileURL(join(packageFolder, 'package.json'))
const require = createRequire(join(packageFolder, 'bin', 'run.js'))
const load = (name) => require(`../dist/bundle/${name}.js`)
const { start } = load('start')
const streams = [process.stdout, process.stderr]

process.on('message', (asked) => void run(asked))

async function run({ args, env, cwd, mark }) {
    for (const stream of streams) stream.write(`${mark}\n`)
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, env)
    process.chdir(cwd)
    process.argv = [process.execPath, join(packageFolder, 'bin', 'run.js'), ...args]
    process.exitCode = undefined
    if (!(await start(args, packageFile, load))) {
        const { main } = await import(new URL('dist/cli/main.js', packageFile))
        await main(args, packageFile.href)
    }
    // Each command listens anew, as if it were the only one: of more than ten that listen, Node warns.
    for (const stream of streams) for (const name of ['error', 'drain']) stream.removeAllListeners(name)
    for (const name of ['SIGINT', 'SIGTERM']) process.removeAllListeners(name)
    // Such a warning is written at the end of the turn: it belongs to what was run.
    await setImmediate()
    for (const stream of streams) stream.write(`\n${mark} ${process.exitCode ?? 0}\n`)
}
