// Which parents a record of a store since 2021-07 may name. Hosts have two writers that do not know of each
// other: one for ordinary records, one for those of the administrator (deployments, reverts, until 2023-03
// set states). So a record behind one of the administrator's names the last ordinary record before it, or
// none in a fresh store. That is how every real store is; it is sound, and only that.
import type { ValueHash } from '../values/value.js'
import type { EventKind } from './record.js'

/** What the rule needs to know of a record, and how records are told apart. */
export interface RuledRecord<Name = ValueHash> {
    readonly kind: EventKind
    readonly parent: Name | undefined
    /** Its hash; more than one where what stands around its line may belong to it. */
    readonly hashes: readonly Name[]
}

const ofAdministrator: ReadonlySet<EventKind> = new Set(['deploy-init', 'deploy-migrate', 'revert'])

export function isOfAdministrator(kind: EventKind): boolean {
    return ofAdministrator.has(kind)
}

/** A run of an administrator's records, up to the newest record. */
interface Run<Name> {
    readonly parent: Name | undefined
}

export class ParentRule<Name = ValueHash> {
    readonly #setMayBeOfAdministrator: boolean
    readonly #hasOneWriter: boolean
    #before: readonly Name[] | undefined
    /** With set states as ordinary records, and as the administrator's: only a host's time tells which. */
    #runs: readonly [Run<Name> | undefined, Run<Name> | undefined] = [undefined, undefined]

    /** @param options.hasOneWriter as until 2020-05-05: then each record names the one before it */
    constructor(options: { setMayBeOfAdministrator: boolean; hasOneWriter?: boolean }) {
        this.#setMayBeOfAdministrator = options.setMayBeOfAdministrator
        this.#hasOneWriter = options.hasOneWriter === true
    }

    /** Nothing is known of the record before the next one. */
    forget(): void {
        this.#before = undefined
        this.#runs = [undefined, undefined]
    }

    /** Whether a record may stand here; then the next one is expected behind it. */
    accepts(record: RuledRecord<Name>): boolean {
        const isAccepted = this.#mayStand(record)
        const isOf = !this.#hasOneWriter && isOfAdministrator(record.kind)
        const isSet = !this.#hasOneWriter && record.kind === 'set-state'
        const isOfWide = isOf || (this.#setMayBeOfAdministrator && isSet)
        const [narrow, wide] = this.#runs
        this.#runs = [isOf ? (narrow ?? record) : undefined, isOfWide ? (wide ?? record) : undefined]
        this.#before = record.hashes
        return isAccepted
    }

    #mayStand({ kind, parent }: RuledRecord<Name>): boolean {
        // Of the first record there is, nobody can say what stood before it.
        if (this.#before === undefined) return true
        if (parent !== undefined && this.#before.includes(parent)) return true
        if (isOfAdministrator(kind)) return false
        const [narrow, wide] = this.#runs
        // Where set states are the administrator's, this one names the line before, too.
        const runs = kind === 'set-state' ? [narrow] : [narrow, wide]
        return runs.some((run) => run !== undefined && run.parent === parent)
    }
}
