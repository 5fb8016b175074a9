// What lies in a log folder and is no log, by how it begins, and the way back from it: something has packed
// the file, or put another one in its place. The records may all be there.

/** What a file is instead of a log. */
export interface OtherFormat {
    /** As in "This file is …". */
    readonly name: string
    /** How the log is got back. */
    readonly wayBack: string
}

interface KnownFormat extends OtherFormat {
    readonly begins: (bytes: Buffer) => boolean
}

const bytes = (...start: readonly number[]) => {
    const beginning = Buffer.from(start)
    return (file: Buffer) => file.subarray(0, beginning.length).equals(beginning)
}
const text = (pattern: RegExp) => (file: Buffer) => pattern.test(file.subarray(0, 200).toString('latin1'))
const unpack = (tool: string) =>
    `Unpack it with \`${tool}\`, put what it holds in its place under the name that the host gave it, and move the packed file out of the log.`
const again =
    'Something has put another file in the place of the log: copy the log again from where it lies, or restore it from a backup.'

const formats: readonly KnownFormat[] = [
    { name: 'packed by gzip', begins: bytes(0x1f, 0x8b), wayBack: unpack('gzip -d') },
    { name: 'packed by zstd', begins: bytes(0x28, 0xb5, 0x2f, 0xfd), wayBack: unpack('zstd -d') },
    { name: 'packed by xz', begins: bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a), wayBack: unpack('xz -d') },
    { name: 'packed by bzip2', begins: text(/^BZh[1-9]1AY/), wayBack: unpack('bzip2 -d') },
    { name: 'a zip archive', begins: bytes(0x50, 0x4b, 0x03, 0x04), wayBack: unpack('unzip') },
    { name: 'an empty zip archive', begins: bytes(0x50, 0x4b, 0x05, 0x06), wayBack: unpack('unzip') },
    {
        name: 'a pointer of Git LFS, which names a file and does not hold it',
        begins: text(/^version https:\/\/git-lfs/),
        wayBack: 'Fetch the file that it names with `git lfs pull`.',
    },
    { name: 'a page of HTML', begins: text(/^\s*<(?:!doctype|html|head|body)/i), wayBack: again },
    { name: 'XML', begins: text(/^\s*<\?xml/), wayBack: again },
    {
        name: 'UTF-16, where a log is UTF-8',
        begins: (file) => bytes(0xff, 0xfe)(file) || bytes(0xfe, 0xff)(file) || text(/^(?:\{\0|\0\{)/)(file),
        wayBack:
            'Something has written it anew in another encoding: restore it from a backup, or write it in UTF-8 again (`iconv -f UTF-16 -t UTF-8`): the chain shows whether every byte is as it was.',
    },
    {
        // One changed bit makes this bracket of a brace, but then a key follows.
        name: 'an array of JSON, where a log has one record a line',
        begins: text(/^\[\s*(?:\{|$)/),
        wayBack:
            'Something has written the records anew, and a record is known by its very bytes: restore it from a backup. Where no byte of the records was changed, each on a line of its own is the log again, and the chain shows it.',
    },
]

/** By the first bytes of a file, or its first line; undefined where it begins like nothing that is known. */
export function otherFormatOf(beginning: Buffer): OtherFormat | undefined {
    return formats.find(({ begins }) => begins(beginning))
}
