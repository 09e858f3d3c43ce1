/** Charts read from resources, for tests of what is said about them. */
import { buildChart } from '../../rules/chart/chart.ts';
import type { Chart } from '../../rules/chart/types.ts';
import { intakeOfHook } from '../../rules/intake/intake.ts';

export type Resource = Record<string, unknown>;
export const at = Date.parse('2026-01-31T12:00:00Z');

/** The chart and what was said, as `code: message`, about these resources; `drafts` are being ordered. */
export function readAll(
  resources: readonly Resource[],
  drafts: readonly Resource[] = [],
): { chart: Chart; said: string[] } {
  const bundle = (list: readonly Resource[]) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: list.map((resource) => ({ resource: { subject: { reference: 'Patient/1' }, ...resource } })),
  });
  const patient = { resourceType: 'Patient', id: '1' };
  const context = { patientId: '1', userId: 'Practitioner/1', draftOrders: bundle(drafts) };
  const intake = intakeOfHook('order-sign', context, { patient, all: bundle(resources) });
  const { chart, notices } = buildChart(intake, at);
  return { chart, said: notices.map(({ code, message }) => `${code}: ${message}`) };
}
