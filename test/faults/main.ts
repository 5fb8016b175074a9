// The long run. Exit code 1 where anything is lost, or a control loses nothing.
import { parts } from './parts.js'
import { tableOf } from './table.js'
import type { Tally } from './tally.js'

const wanted = process.argv.slice(2)
const say = (text: string) => void process.stdout.write(`${text}\n`)
const tallies: Tally[] = []
const skipped: string[] = []
const begin = performance.now()

for (const part of parts) {
    if (wanted.length > 0 && !wanted.includes(part.name)) continue
    const why = part.whyNot()
    if (why !== undefined) {
        skipped.push(`${part.name}: ${why}`)
        continue
    }
    for (const run of part.runs) {
        const tally = await run()
        tallies.push(tally)
        const seconds = Math.round((performance.now() - begin) / 1000)
        const verdict = `${tally.injected} injected, ${tally.lost.length} lost`
        const control = tally.weakness === undefined ? '' : ` (control: ${tally.weakness})`
        say(`${seconds} s: ${part.name}: ${tally.what}${control}: ${verdict}`)
        if (!tally.isGood && tally.lost.length > 0) say(tally.describeLost())
    }
}
say(`\n${tableOf(tallies)}`)
for (const why of skipped) say(`Skipped ${why}.`)
process.exitCode = tallies.every(({ isGood }) => isGood) ? 0 : 1
