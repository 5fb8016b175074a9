// What the caller's thread and that of a condition say to each other.
import type { PackedInputs } from '../packed-inputs.js'
/** What an expression may look at. */
export const conditionNames = ['event', 'text', 'response', 'before', 'state', 'record'] as const
/** The name of one of them. */
export type ConditionName = (typeof conditionNames)[number]

/**
 * A place in the history, as texts. An expression sees what is in them where that is JSON, but for `text`,
 * which is the event as it is. What is absent is undefined there.
 */
export type ConditionValues = Readonly<Partial<Record<ConditionName, string>>>

/** What the thread starts with, as its workerData. */
export interface ConditionStart {
    readonly expression: string
    readonly available: readonly ConditionName[]
    readonly missing: readonly ConditionName[]
    /** What is said of those that are missing, as a sentence. */
    readonly unavailable: string
    readonly shared: SharedArrayBuffer
}

/** Why an expression gave no answer. */
export interface ConditionFailure {
    readonly message: string
    readonly hint?: string | undefined
    /** Character of the expression, from 1. */
    readonly column?: number | undefined
}

export type ConditionRequest =
    | { readonly places: readonly (ConditionValues | string)[] }
    | { readonly packed: PackedInputs }

export type ConditionReply =
    | { readonly hits: Uint8Array }
    | { readonly failure: ConditionFailure /** Which of the places; -1: none. */; readonly index: number }
