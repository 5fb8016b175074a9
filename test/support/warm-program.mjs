// Runs command lines one behind another, as bin/run.js does each in a process of its own. Started by warm.ts.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , packageFolder, mark] = process.argv
const require = createRequire(join(packageFolder, 'bin', 'run.js'))
const load = (name) => require(`../dist/bundle/${name}.js`)
const { start } = load('start')

process.on('message', ({ args, env, cwd }) => void run(args, env, cwd))

async function run(args, env, cwd) {
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, env)
    process.chdir(cwd)
    process.argv = [process.execPath, join(packageFolder, 'bin', 'run.js'), ...args]
    process.exitCode = undefined
    await start(args, pathToFileURL(join(packageFolder, 'package.json')), load)
    // Each command listens anew, as if it were the only one.
    process.stderr.removeAllListeners('error')
    for (const name of ['SIGINT', 'SIGTERM']) process.removeAllListeners(name)
    for (const stream of [process.stdout, process.stderr])
        stream.write(`\n${mark} ${process.exitCode ?? 0}\n`)
}
