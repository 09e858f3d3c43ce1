import { describe, expect, it } from 'vitest';
import type { ServiceOrder } from '../../../rules/chart/types.ts';
import { ask } from '../../support/charts.ts';

const study = (more: Partial<ServiceOrder> = {}): ServiceOrder => ({
  reference: 'ServiceRequest/1',
  codes: [{ system: 'http://www.ama-assn.org/go/cpt', code: '74177' }],
  selected: true,
  contrast: { contrast: 'iodinated' },
  ...more,
});

describe('a study with contrast', () => {
  it('is ordered, with the order as its evidence', () => {
    expect(ask('contrastStudy', { agent: 'iodinated' }, { serviceOrders: [study()] })).toEqual({
      state: 'known',
      value: true,
      evidence: [
        {
          reference: 'ServiceRequest/1',
          name: 'iodinated contrast',
          received: '74177',
          used: 'ordered',
          time: null,
          order: 'selected',
        },
      ],
    });
  });
  it('is none with another agent, by a vein where an artery is asked for, or without contrast', () => {
    const none = { state: 'known', value: false, evidence: [] };
    const { contrast: _, ...plain } = study();
    const orders = { serviceOrders: [study(), plain] };
    expect(ask('contrastStudy', { agent: 'gadolinium' }, orders)).toEqual(none);
    expect(ask('contrastStudy', { agent: 'iodinated', intraArterial: true }, orders)).toEqual(none);
    expect(ask('contrastStudy', { agent: 'iodinated' }, { serviceOrders: [plain] })).toEqual(none);
    const catheter = study({ contrast: { contrast: 'iodinated', arterial: true } });
    expect(
      ask('contrastStudy', { agent: 'iodinated', intraArterial: true }, { serviceOrders: [catheter] }),
    ).toMatchObject({ value: true });
  });
  it('is unknown where the orders did not come', () => {
    expect(ask('contrastStudy', { agent: 'iodinated' }, { completeness: { orders: 'absent' } }).state).toBe(
      'missing',
    );
  });
});
