// A zip with more entries than the old form can count, as a reader of zips may be handed to keep it busy.

/** A zip64 archive of so many empty files. */
export function zipOfEmptyEntries(entries: number): Buffer {
    const parts: Buffer[] = []
    const directory: Buffer[] = []
    let offset = 0
    for (let i = 0; i < entries; i++) {
        const name = Buffer.from(`elm-app/M${i}.elm`)
        const fields = Buffer.alloc(26)
        fields.writeUInt16LE(20, 0)
        fields.writeUInt16LE(name.length, 22)
        const place = Buffer.alloc(14)
        place.writeUInt32LE(offset, 10)
        parts.push(uint32(0x04034b50), fields, name)
        directory.push(uint32(0x02014b50), Buffer.of(20, 0), fields, place, name)
        offset += 30 + name.length
    }
    const central = Buffer.concat(directory)
    const end64 = Buffer.alloc(52)
    end64.writeBigUInt64LE(44n, 0)
    end64.writeUInt16LE(45, 8)
    end64.writeUInt16LE(45, 10)
    for (const [at, value] of [entries, entries, central.length, offset].entries())
        end64.writeBigUInt64LE(BigInt(value), 20 + at * 8)
    const locator = Buffer.alloc(16)
    locator.writeBigUInt64LE(BigInt(offset + central.length), 4)
    locator.writeUInt32LE(1, 12)
    const end = Buffer.alloc(18)
    end.fill(0xff, 4, 16)
    return Buffer.concat([
        ...parts,
        central,
        ...[uint32(0x06064b50), end64, uint32(0x07064b50), locator, uint32(0x06054b50), end],
    ])
}

function uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return bytes
}
