/**
 * The library under the `complog` command: open a process store, check it, find its chain, restore the state
 * of an Elm app from it, store reductions, cut and reorder it, look for what happened and why, and compare
 * versions of the app. Everything that stops an operation is a {@link ComplogError}; what a check merely
 * reports is a {@link Finding}.
 *
 * @module
 */
export { ComplogError, type ErrorCode, type ErrorDetails, type Place } from './core/errors.js'
export { type Limits, defaultLimits } from './core/limits.js'
export type { Activity, Progress, WorkOptions } from './core/progress.js'

export {
    type ValueHash,
    type CompositionHash,
    genesis,
    hashFromBase64,
    hashFromHex,
    hashOfLine,
} from './core/composition/hash.js'
export { type Finding, type FindingId, type Severity, findingKinds } from './core/composition/finding.js'
export type { Findings } from './core/composition/findings.js'
export {
    type Generation,
    generations,
    type LogCounts,
    parseRecord,
    type RecordContent,
    type RecordProblem,
} from './core/composition/record.js'
export { type Ref, parseRef } from './core/composition/ref.js'
export {
    type Reduction,
    type ReductionForm,
    type ReductionProblem,
    type StoredReduction,
    parseReduction,
    serializeReduction,
} from './core/reduction/reduction.js'

export {
    type ListedStore,
    type AnyStore,
    type ProcessStore,
    type StoreEnd,
    isLater,
    openAnyStore,
    openProcessStore,
    readReduction,
} from './core/store/process-store.js'
export { type ReadUncutOptions, readUncut } from './core/store/read-uncut.js'
export type { StoreLayout } from './core/store/layout.js'
export type { FileList, StoreFile } from './core/store/listing/list-files.js'
export { type LockKind, type StoreLock, lockStore } from './core/store/durable/store-lock.js'

export { type LaterStore, laterStoreAt } from './core/store/recognise.js'
export type { StoreGeneration, StoreGenerationId } from './core/generations/generation.js'
export type { CheckedValues } from './core/later/reading/check-values.js'
export { type DeployedApp, deployedApp, filesOfApp } from './core/later/contents/deployed-app.js'
export { type GivenState, givenState } from './core/later/contents/given-state.js'
export { type ReadLater, type ReadLaterOptions, readLater } from './core/later/reading/read-later.js'
export type { EventKind } from './core/later/records/record.js'
export { type ReadUpToOptions, readLaterUpTo } from './core/later/contents/row-at.js'
export { type VerifiedLater, type VerifyLaterOptions, verifyLater } from './core/later/verify-later.js'

export type { Chain, ChosenChain, CompositionRecord } from './core/check/chain.js'
export { type CheckedLog, checkLog } from './core/check/check-log.js'
export type { ScanOptions } from './core/check/scan-log.js'
export { type CheckStoreOptions, type CheckedStore, checkStore } from './core/check/check-store.js'
export { chooseChain, positionOf } from './core/check/choose-chain.js'

export {
    AppFailure,
    type BatchResult,
    type BehindSetState,
    type ElmAppInstance,
    type InputBatch,
    type LoadElmAppOptions,
    type LoadedElmApp,
    type StartOptions,
} from './core/elm-app/elm-app.js'
export { loadElmApp } from './core/elm-app/load-app.js'

export type { AppFailureDetails, AppFailureKind, AppPhase } from './core/elm-app/thread/app-failure.js'

export type { ReductionsChecked } from './core/restore/check-reductions.js'
export type {
    InputPlace,
    MeasuredInput,
    RecordInput,
    ReplayedBehindSetState,
} from './core/restore/replay-run.js'
export type { Understanding } from './core/restore/understanding.js'
export { type RestoreOptions, type RestoreTimes, type Restored, restore } from './core/restore/restore.js'
export { type RestoreLaterOptions, type RestoredLater, restoreLater } from './core/restore/restore-later.js'
export { type VerifiedStore, type VerifyOptions, verifyStore } from './core/restore/verify-store.js'

export { type ConvertOptions, type Converted, convert } from './core/convert/convert.js'
export type { SourceOptions, SourceState } from './core/convert/source-state.js'
export { type Target, targetAt, targets } from './core/convert/targets.js'
export { readWholeApp } from './core/elm-app/source/whole-app.js'

export { type ReduceOptions, type Reduced, type ReducedRecord, reduce } from './core/rewrite/reduce.js'
export { planTruncate } from './core/rewrite/truncate/plan-truncate.js'
export {
    type LaterTruncatePlan,
    type PlanTruncateOptions,
    type ProvablePlan,
    type TruncatePlan,
    isProvable,
} from './core/rewrite/truncate/truncate-plan.js'
export type { ProvingApp } from './core/rewrite/truncate/begun-truncation.js'
export { proveChainAfter, proveTruncate } from './core/rewrite/truncate/prove-truncate.js'
export { checkArchive } from './core/rewrite/truncate/archive.js'
export { type TruncateOptions, type Truncated, truncate } from './core/rewrite/truncate/truncate.js'
export type { OutsideChain, OutsideLine } from './core/rewrite/reorder/outside-chain.js'
export type { FileOrder, LogOrder } from './core/rewrite/reorder/log-order.js'
export type {
    OrderedCopy,
    OrderedFile,
    PlanReorderOptions,
    Reordered,
    ReorderPlan,
} from './core/rewrite/reorder/output-folder.js'
export { planReorder } from './core/rewrite/reorder/plan-reorder.js'
export { reorderInPlace, reorderTo } from './core/rewrite/reorder/reorder.js'

export { planRepair } from './core/rewrite/repair/plan-repair.js'
export type { PutBack } from './core/rewrite/repair/migrations.js'
export type { HeadToWrite, RepairOptions, RepairPlan } from './core/rewrite/repair/repair-plan.js'
export type { StoreToChange, WorkUnderLock } from './core/rewrite/outside-store.js'
export type { PlannedFiles } from './core/store/changes/unchanged.js'
export { type Repaired, repair } from './core/rewrite/repair/repair.js'
export type { Quarantined } from './core/rewrite/repair/quarantine.js'
export type { AddedText, RemovedLine, RemovedPart } from './core/rewrite/repair/removed-lines.js'

export { type EventLine, feedEvents } from './core/process/feed-events.js'
export {
    PersistentProcess,
    type PersistentProcessOptions,
    type ProcessObserver,
} from './core/process/persistent-process.js'
export type { NotUnderstood } from './core/process/accept-change.js'
export type { RestoredInstance } from './core/process/restore-instance.js'
export { RefusedCall } from './core/process/calls.js'
export { CallSeries, type SeriesPlace } from './core/process/calls.js'
export type { Committed } from './core/process/group-commit.js'
export type { KeeperWork, ShortenedLog } from './core/process/process-options.js'
export { type ReductionInterval, defaultReductionInterval } from './core/process/reductions.js'

export {
    type BisectOptions,
    type Bisected,
    type FoundRecord,
    type NamedRecord,
    type StateToTest,
    type Verdict,
    type Wanted,
    bisect,
} from './core/bisect/bisect.js'
export {
    type CompareOptions,
    type Compared,
    type ComparedApps,
    type Divergence,
    type DivergenceGroup,
    type DivergenceKind,
    type DivergenceTotals,
    compare,
} from './core/compare/compare.js'
export { type StateChange, type UnreadState, type Upgraded, compareUpgrade } from './core/compare/upgrade.js'
export type { Sought } from './core/bisect/first-bad.js'
export { type RecordEffect, ReplayedStates, type StretchOptions } from './core/restore/replayed-states.js'

export {
    type Change,
    type Difference,
    type DifferenceOptions,
    type TextChange,
    differenceAt,
    differenceOf,
    isSameText,
    partAt,
} from './core/difference/difference.js'
export {
    Condition,
    type ConditionName,
    type ConditionOptions,
    type ConditionValues,
    type NameOf,
} from './core/condition/condition.js'
export type { RecordTime } from './core/store/time-of-record.js'
export {
    type ToldEvent,
    type DescribedRecord,
    describeRecord,
    effectsNewestFirst,
    newestFirst,
} from './core/history/history.js'
export { type Bound, type Hit, type SearchOptions, search } from './core/history/search.js'
export type { Positions } from './core/check/chain.js'
export { type ChainRecords, type KnownEffect, effectIn, statesAround } from './core/restore/record-effect.js'

export { type Baseline, parseBaseline } from './core/profile/baseline.js'
export type { BaselineComparison } from './core/profile/compare.js'
export type { KindCost, SlowEvent } from './core/profile/event-costs.js'
export type { Interval } from './core/profile/interval.js'
export {
    type Phase,
    type Profile,
    type ProfileMode,
    type ProfileOptions,
    profile,
} from './core/profile/profile.js'
