/**
 * The library under the `complog` command: open a process store, check it, find its chain, restore the state
 * of an Elm app from it, store reductions, cut and reorder it, look for what happened and why, and compare
 * versions of the app. Everything that stops an operation is a {@link ComplogError}; what a check merely
 * reports is a {@link Finding}.
 *
 * @module
 */

export {
    type Bisected,
    type BisectOptions,
    bisect,
    type FoundRecord,
    type NamedRecord,
    type StateToTest,
    type Verdict,
    type Wanted,
} from './core/bisect/bisect.js'
export type { Sought } from './core/bisect/first-bad.js'
export type { Chain, ChosenChain, CompositionRecord, Positions } from './core/check/chain.js'
export { type CheckedLog, checkLog } from './core/check/check-log.js'
export { type CheckedStore, type CheckStoreOptions, checkStore } from './core/check/check-store.js'
export { chooseChain, positionOf } from './core/check/choose-chain.js'
export type { ScanOptions } from './core/check/scan-log.js'
export {
    type Compared,
    type ComparedApps,
    type CompareOptions,
    compare,
    type Divergence,
    type DivergenceGroup,
    type DivergenceKind,
    type DivergenceTotals,
} from './core/compare/compare.js'
export { compareUpgrade, type StateChange, type UnreadState, type Upgraded } from './core/compare/upgrade.js'
export { type Finding, type FindingId, findingKinds, type Severity } from './core/composition/finding.js'
export type { Findings } from './core/composition/findings.js'
export {
    type CompositionHash,
    genesis,
    hashFromBase64,
    hashFromHex,
    hashOfLine,
    type ValueHash,
} from './core/composition/hash.js'
export {
    type Generation,
    generations,
    type LogCounts,
    parseRecord,
    type RecordContent,
    type RecordProblem,
} from './core/composition/record.js'
export { parseRef, type Ref } from './core/composition/ref.js'
export {
    Condition,
    type ConditionName,
    type ConditionOptions,
    type ConditionValues,
    type NameOf,
} from './core/condition/condition.js'
export { type Converted, type ConvertOptions, convert } from './core/convert/convert.js'
export type { SourceOptions, SourceState } from './core/convert/source-state.js'
export { type Target, targetAt, targets } from './core/convert/targets.js'
export {
    type Change,
    type Difference,
    type DifferenceOptions,
    differenceAt,
    differenceOf,
    isSameText,
    partAt,
    type TextChange,
} from './core/difference/difference.js'
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
export { readWholeApp } from './core/elm-app/source/whole-app.js'
export type { AppFailureDetails, AppFailureKind, AppPhase } from './core/elm-app/thread/app-failure.js'
export { ComplogError, type ErrorCode, type ErrorDetails, type Place } from './core/errors.js'
export type { StoreGeneration, StoreGenerationId } from './core/generations/generation.js'
export {
    type DescribedRecord,
    describeRecord,
    effectsNewestFirst,
    newestFirst,
    type ToldEvent,
} from './core/history/history.js'
export { type Bound, type Hit, type SearchOptions, search } from './core/history/search.js'
export { type DeployedApp, deployedApp, filesOfApp } from './core/later/contents/deployed-app.js'
export { type GivenState, givenState } from './core/later/contents/given-state.js'
export { type ReadUpToOptions, readLaterUpTo } from './core/later/contents/row-at.js'
export type { CheckedValues } from './core/later/reading/check-values.js'
export { type ReadLater, type ReadLaterOptions, readLater } from './core/later/reading/read-later.js'
export type { EventKind } from './core/later/records/record.js'
export { type VerifiedLater, type VerifyLaterOptions, verifyLater } from './core/later/verify-later.js'
export { defaultLimits, type Limits } from './core/limits.js'
export type { NotUnderstood } from './core/process/accept-change.js'
export { CallSeries, RefusedCall, type SeriesPlace } from './core/process/calls.js'
export { type EventLine, feedEvents } from './core/process/feed-events.js'
export type { Committed } from './core/process/group-commit.js'
export {
    PersistentProcess,
    type PersistentProcessOptions,
    type ProcessObserver,
} from './core/process/persistent-process.js'
export type { KeeperWork, ShortenedLog } from './core/process/process-options.js'
export { defaultReductionInterval, type ReductionInterval } from './core/process/reductions.js'
export type { RestoredInstance } from './core/process/restore-instance.js'
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
export type { Activity, Progress, WorkOptions } from './core/progress.js'
export {
    parseReduction,
    type Reduction,
    type ReductionForm,
    type ReductionProblem,
    type StoredReduction,
    serializeReduction,
} from './core/reduction/reduction.js'
export type { ReductionsChecked } from './core/restore/check-reductions.js'
export {
    checkLaterReductions,
    type LaterReductionsChecked,
} from './core/restore/later/check-later-reductions.js'
export {
    type RestoredLater,
    type RestoreLaterOptions,
    restoreLater,
} from './core/restore/later/restore-later.js'
export { type ChainRecords, effectIn, type KnownEffect, statesAround } from './core/restore/record-effect.js'
export type {
    InputPlace,
    MeasuredInput,
    RecordInput,
    ReplayedBehindSetState,
} from './core/restore/replay-run.js'
export { type RecordEffect, ReplayedStates, type StretchOptions } from './core/restore/replayed-states.js'
export { type Restored, type RestoreOptions, type RestoreTimes, restore } from './core/restore/restore.js'
export type { Understanding } from './core/restore/understanding.js'
export { type VerifiedStore, type VerifyOptions, verifyStore } from './core/restore/verify-store.js'
export type { StoreToChange, WorkUnderLock } from './core/rewrite/outside-store.js'
export { type Reduced, type ReducedRecord, type ReduceOptions, reduce } from './core/rewrite/reduce.js'
export type { FileOrder, LogOrder } from './core/rewrite/reorder/log-order.js'
export type {
    OrderedCopy,
    OrderedFile,
    PlanReorderOptions,
    Reordered,
    ReorderPlan,
} from './core/rewrite/reorder/output-folder.js'
export type { OutsideChain, OutsideLine } from './core/rewrite/reorder/outside-chain.js'
export { planReorder } from './core/rewrite/reorder/plan-reorder.js'
export { reorderInPlace, reorderTo } from './core/rewrite/reorder/reorder.js'
export type { PutBack } from './core/rewrite/repair/migrations.js'
export { planRepair } from './core/rewrite/repair/plan-repair.js'
export type { Quarantined } from './core/rewrite/repair/quarantine.js'
export type { AddedText, RemovedLine, RemovedPart } from './core/rewrite/repair/removed-lines.js'
export { type Repaired, repair } from './core/rewrite/repair/repair.js'
export type { HeadToWrite, RepairOptions, RepairPlan } from './core/rewrite/repair/repair-plan.js'
export { checkArchive } from './core/rewrite/truncate/archive.js'
export type { ProvingApp } from './core/rewrite/truncate/begun-truncation.js'
export { planTruncate } from './core/rewrite/truncate/plan-truncate.js'
export { proveChainAfter, proveTruncate } from './core/rewrite/truncate/prove-truncate.js'
export { type Truncated, type TruncateOptions, truncate } from './core/rewrite/truncate/truncate.js'
export {
    isProvable,
    type LaterTruncatePlan,
    type PlanTruncateOptions,
    type ProvablePlan,
    type TruncatePlan,
} from './core/rewrite/truncate/truncate-plan.js'
export type { PlannedFiles } from './core/store/changes/unchanged.js'
export { type LockKind, lockStore, type StoreLock } from './core/store/durable/store-lock.js'
export type { StoreLayout } from './core/store/layout.js'
export type { FileList, StoreFile } from './core/store/listing/list-files.js'
export {
    type AnyStore,
    isLater,
    type ListedStore,
    openAnyStore,
    openProcessStore,
    type ProcessStore,
    readReduction,
    type StoreEnd,
} from './core/store/process-store.js'
export { type ReadUncutOptions, readUncut } from './core/store/read-uncut.js'
export { type LaterStore, laterStoreAt } from './core/store/recognise.js'
export type { RecordTime } from './core/store/time-of-record.js'
