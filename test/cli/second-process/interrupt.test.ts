// Signals while a process ends, seen from outside: each test is a process of its own, which ends by them or does not.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { packageFolder } from '../../support/build.js'
import { run } from '../../support/cli.js'

const built = pathToFileURL(join(packageFolder, 'dist', 'cli', 'second-process', 'interrupt.js')).href

/** Runs a few lines in a process that would go on for a minute, and gives how it ended. */
async function exitCodeOf(lines: string): Promise<number | null> {
    const script = `
        import { Interrupt, forwardSignals } from ${JSON.stringify(built)}
        import { setTimeout as wait } from 'node:timers/promises'
        const send = async (name) => {
            process.kill(process.pid, name)
            // Signals are heard in turns of the event loop.
            await wait(50)
        }
        const end = () => process.exit(7)
        setTimeout(() => process.exit(8), 60_000)
        ${lines}`
    const { exitCode } = await run(process.execPath, ['--input-type=module', '--eval', script])
    return exitCode
}

describe('a signal', () => {
    test('and the next within a second are one', async () => {
        const lines = `
            const interrupt = new Interrupt()
            interrupt.hold()
            process.kill(process.pid, 'SIGTERM')
            process.kill(process.pid, 'SIGINT')
            await send('SIGTERM')
            if (interrupt.signal.aborted) end()`
        assert.equal(await exitCodeOf(lines), 7)
    })

    test('that comes later than that does not wait for the work', async () => {
        const lines = `
            new Interrupt().hold()
            await send('SIGTERM')
            await wait(1500)
            await send('SIGTERM')
            end()`
        assert.equal(await exitCodeOf(lines), 130)
    })

    for (const [what, begin] of Object.entries({
        'the work': 'const work = new Interrupt(); work.hold(); const release = () => work.release()',
        'the work of a second process': 'const { release } = forwardSignals(() => undefined)',
    })) {
        test(`when ${what} is done changes nothing`, async () => {
            const lines = `${begin}; release(); process.kill(process.pid, 'SIGTERM'); await send('SIGINT'); end()`
            assert.equal(await exitCodeOf(lines), 7)
        })

        test(`ends what still hangs a while after ${what}`, async () => {
            const lines = `${begin}; release(); await wait(1500); await send('SIGTERM'); end()`
            assert.equal(await exitCodeOf(lines), 130)
        })
    }
})
