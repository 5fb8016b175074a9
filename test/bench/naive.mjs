// What somebody would write in an afternoon to check a chain. Argument: log file. Prints the head.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

let head = createHash('sha256').digest('hex').toUpperCase()
for await (const line of createInterface({ input: createReadStream(process.argv[2] ?? '') })) {
    if (JSON.parse(line).ParentHashBase16 !== head)
        throw new Error('This record is not the child of the one before.')
    head = createHash('sha256').update(line).digest('hex').toUpperCase()
}
process.stdout.write(head)
