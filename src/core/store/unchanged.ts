// A live host takes no lock of ours. So whoever is about to change a store looks once more whether it still is what
// was checked.
import { ComplogError } from '../errors.js'
import { stagingFolderName } from './staging.js'
import { type StoreFile, listFiles } from './list-files.js'
import { type ProcessStore, openProcessStore } from './process-store.js'

/** @throws ComplogError `store-changed` when a file was added, removed, or changed its size or time since */
export async function assertUnchanged(store: ProcessStore): Promise<void> {
    const now = await openProcessStore(store.layout.path, store.limits)
    const before = [...store.logFiles, ...store.reductionFiles.values()]
    const after = [...now.logFiles, ...now.reductionFiles.values()]
    const changed = firstDifference(before, after)
    if (changed === undefined) return
    throw new ComplogError(
        'store-changed',
        `The store changed while complog was working: ${changed}. Nothing was touched.`,
        {
            hint: 'Stop the host that writes to it, and run the same command again.',
        },
    )
}

function firstDifference(before: readonly StoreFile[], after: readonly StoreFile[]): string | undefined {
    const known = new Map(before.map((file) => [file.absolutePath, file]))
    for (const file of after) {
        const old = known.get(file.absolutePath)
        if (old === undefined) return `${file.path} is new`
        if (old.sizeBytes !== file.sizeBytes || old.modifiedMilliseconds !== file.modifiedMilliseconds) {
            return `${file.path} was written to`
        }
        known.delete(file.absolutePath)
    }
    const [gone] = known.values()
    return gone === undefined ? undefined : `${gone.path} is gone`
}

/** Whether a folder is missing or holds nothing, except for what a killed process left on its way. */
export async function isEmptyFolder(path: string): Promise<boolean> {
    const { files, findings } = await listFiles(path)
    return findings.length === 0 && files.every((file) => file.path.startsWith(`${stagingFolderName}/`))
}
