import { describe, expect, it } from 'vitest';
import type { Resource } from '../../support/readings.ts';
import { digoxin, readAt, request, statement } from '../../support/therapies.ts';

describe('a refill', () => {
  const lisinopril = { text: 'lisinopril' };
  const withThiazide = { text: 'lisinopril 10 MG / hydrochlorothiazide 12.5 MG Oral Tablet' };
  const withAmlodipine = { text: 'lisinopril 10 MG / amlodipine 5 MG Oral Capsule' };
  const unknown = { text: 'unobtainium' };
  const by = (text: string): Resource => ({ route: { text } });
  const order = (concept: Resource, more: Resource = {}): Resource =>
    request({ id: 'refill', status: 'draft', medicationCodeableConcept: concept, ...more });
  const taken = (concept: Resource, more: Resource = {}): Resource =>
    statement({ id: 'taken', medicationCodeableConcept: concept, ...more });
  const refilled = (refill: Resource, ...therapy: Resource[]) => {
    const read = readAt('medication-refill', { medications: refill }, therapy);
    return {
      order: read.find(({ role }) => role === 'ordered'),
      renewed: read.filter(({ renewed }) => renewed).map(({ reference }) => reference),
    };
  };
  const renews = ['MedicationStatement/taken'];

  it.each<[string, Resource, Resource, string[]]>([
    ['the same drug', order(lisinopril), taken(lisinopril), renews],
    ['the same two drugs', order(withThiazide), taken(withThiazide), renews],
    ['another drug', order(lisinopril), taken(digoxin), []],
    ['one drug of a combination', order(lisinopril), taken(withThiazide), []],
    ['a combination of which one drug is taken', order(withThiazide), taken(lisinopril), []],
    ['a combination with another partner', order(withThiazide), taken(withAmlodipine), []],
    ['a drug not recognised, as the other is not', order(unknown), taken(unknown), []],
    ['therapy that is over', order(lisinopril), taken(lisinopril, { status: 'completed' }), []],
    [
      'the same drug by another route',
      order(lisinopril, { dosageInstruction: [by('oral')] }),
      taken(lisinopril, { dosage: [by('intravenous')] }),
      [],
    ],
    [
      'the same drug by the same route',
      order(lisinopril, { dosageInstruction: [by('oral')] }),
      taken(lisinopril, { dosage: [by('oral')] }),
      renews,
    ],
    [
      'the same drug, its route only on the order',
      order(lisinopril, { dosageInstruction: [by('oral')] }),
      taken(lisinopril),
      renews,
    ],
    [
      'the same drug, its route only on the therapy',
      order(lisinopril),
      taken(lisinopril, { dosage: [by('oral')] }),
      renews,
    ],
  ])('of %s', (_name, refill, therapy, expected) => {
    expect(refilled(refill, therapy).renewed).toEqual(expected);
  });

  it.each<[string, Resource, Resource, string | null, boolean]>([
    [
      'of therapy begun years ago goes on since then',
      { authoredOn: '2026-01-31' },
      { effectivePeriod: { start: '2020-01-01' } },
      '2020-01-01',
      false,
    ],
    [
      'of therapy that only its writing dates has begun then at the latest',
      { authoredOn: '2026-01-31' },
      { dateAsserted: '2020-01-01' },
      '2020-01-01',
      true,
    ],
    ['without a date takes that of the therapy', {}, { dateAsserted: '2020-01-01' }, '2020-01-01', true],
    ['of therapy without a date keeps its own', { authoredOn: '2026-01-31' }, {}, '2026-01-31', true],
    ['of therapy without a date, having none', {}, {}, null, false],
    [
      'written before the therapy was asserted keeps its own date',
      { authoredOn: '2025-01-01' },
      { effectivePeriod: { start: '2025-06-01' } },
      '2025-01-01',
      true,
    ],
  ])('%s', (_name, own, therapy, start, atLatest) => {
    const refill = refilled(order(lisinopril, own), taken(lisinopril, therapy)).order;
    expect(refill?.started?.from ?? null).toBe(start === null ? null : Date.parse(start));
    expect(refill?.startedAtLatest ?? false).toBe(atLatest);
  });
});
