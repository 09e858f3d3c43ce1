/**
 * The time of one request, and where it goes. Work in steps (rules/steps.ts) is done in turns: between two of them
 * others are answered, and the time is looked at.
 */
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { InSteps } from '../../rules/steps.ts';
import { Problem } from '../http/outcome.ts';
import type { Service } from './service.ts';

/** Milliseconds of work before others have their turn. */
const longestTurn = 25;

export interface Deadline {
  /** Fires when the time is over. */
  signal: AbortSignal;
  /**
   * Goes on to a step, after others had their turn.
   * @throws Problem 503 `too-costly`, naming the step before it, where the time is over
   */
  enter(step: string): Promise<void>;
  /**
   * Does work in turns.
   * @throws Problem 503 `too-costly`, naming the step that it was at, where the time is over
   */
  run<T>(work: InSteps<T>): Promise<T>;
}

/** @param turn milliseconds of work before others have their turn */
export function createDeadline(signal: AbortSignal, milliseconds: number, turn = longestTurn): Deadline {
  let step = 'read';
  function check(): void {
    if (!signal.aborted) return;
    const message = `took longer than ${milliseconds} ms, and was stopped at the step \`${step}\`: send less data`;
    throw new Problem(503, 'too-costly', message);
  }
  return {
    signal,
    async enter(next) {
      await othersTurn();
      check();
      step = next;
    },
    async run(work) {
      let began = performance.now();
      for (let stop = work.next(); ; stop = work.next()) {
        if (stop.done) return stop.value;
        step = stop.value;
        if (performance.now() - began < turn) continue;
        await othersTurn();
        check();
        began = performance.now();
      }
    },
  };
}

/** The deadline of a request that begins now. */
export const deadlineOf = ({ settings }: Pick<Service, 'settings'>): Deadline =>
  createDeadline(AbortSignal.timeout(settings.deadlineMs), settings.deadlineMs);
