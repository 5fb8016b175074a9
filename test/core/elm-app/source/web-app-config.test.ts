import assert from 'node:assert/strict'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { readWebAppConfig } from '../../../../src/core/elm-app/source/web-app-config.js'
import { rawZip } from '../raw-zip.js'
import { rejectsWith } from '../rejects.js'
import { standInScript } from '../stand-in-app.js'
import { temporaryFolder, writeFiles } from '../temporary.js'

const files = {
    'Map.json': '{"a":1}',
    'static-files/one.txt': 'one',
    'Static-Files/sub/.well-known': 'two',
    'elm-app/elm.json': '{}',
    'other/static-files/three.txt': 'three',
}

const asText = ({ map, files: found }: Awaited<ReturnType<typeof readWebAppConfig>>) => ({
    map: map && Buffer.from(map.bytes).toString(),
    files: Object.fromEntries([...found].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])),
})

const expected = { map: '{"a":1}', files: { 'one.txt': 'one', 'sub/.well-known': 'two' } }

describe('what stands beside an app', () => {
    test('is read from its folder', async (t) =>
        assert.deepEqual(asText(await readWebAppConfig(writeFiles(temporaryFolder(t), files))), expected))

    for (const separator of ['/', '\\']) {
        test(`is read from its zip with ${separator} in its names`, async (t) => {
            const entries = Object.entries(files).map(([name, content]) => ({
                name: name.replaceAll('/', separator),
                content,
            }))
            const path = join(temporaryFolder(t), 'web-app-config.zip')
            writeFileSync(path, rawZip(entries))
            const config = await readWebAppConfig(path)
            assert.deepEqual(asText(config), expected)
            assert.equal(config.map?.origin, join(path, 'Map.json'))
        })
    }

    test('has the later name as well, and the older one counts', async (t) => {
        const folder = writeFiles(temporaryFolder(t), { 'elm-fullstack.json': 'later' })
        assert.equal(asText(await readWebAppConfig(folder)).map, 'later')
        writeFileSync(join(folder, 'map.json'), 'older')
        assert.equal(asText(await readWebAppConfig(folder)).map, 'older')
    })

    test('is nothing for a script', async (t) => {
        const folder = writeFiles(temporaryFolder(t), { 'app.js': standInScript, 'map.json': '{}' })
        assert.equal((await readWebAppConfig(join(folder, 'app.js'))).map, undefined)
    })

    test('leads nowhere else, but links beside it are nobody’s business', async (t) => {
        const folder = writeFiles(temporaryFolder(t), files)
        symlinkSync('/etc', join(folder, 'elsewhere'))
        assert.equal(asText(await readWebAppConfig(folder)).map, expected.map)
        symlinkSync('/etc/passwd', join(folder, 'static-files', 'passwd'))
        await rejectsWith(readWebAppConfig(folder), 'app-malformed', /outside/)
    })
})
