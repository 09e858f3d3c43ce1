/**
 * How findings are shown to a client, over HTTP with a real registry and real tokens: profile, rules switched off,
 * the limit of cards, and overrides that are remembered, each in the record.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmbeddedDynamo } from '../../../functions/host/embedded.ts';
import type { Running } from '../../../functions/local.ts';
import { overrideReasonSystem } from '../../../rules/rule/override-reasons.ts';
import {
  at,
  complete,
  condition,
  hookRequest,
  magnesiumSulfate,
  observation,
} from '../../support/hook-requests.ts';
import { type Answer, answerOf, post } from '../../support/serving.ts';
import { type Issuer, newIssuer, servingFor, tokenOf } from '../../support/trust.ts';

const names = ['plain', 'epic', 'cerner', 'off', 'limited', 'remembering', 'remembering-all', 'si'] as const;
type Name = (typeof names)[number];
const issuers = new Map<Name, Issuer>();
const auditors = await newIssuer('https://people.example.org');
for (const name of names) issuers.set(name, await newIssuer(`https://${name}.example.org`));

const settings: Record<Name, object> = {
  plain: {},
  epic: { profile: 'epic' },
  cerner: { profile: 'cerner' },
  off: { rules: { off: ['IV-001'] } },
  limited: { alertLimit: { critical: 1, warning: 0 } },
  remembering: { withholdOverridden: { days: 30 } },
  'remembering-all': { withholdOverridden: { days: 30, critical: true } },
  si: { units: 'si' },
};

let dynamo: Awaited<ReturnType<typeof createEmbeddedDynamo>>;
let running: Running;
let clock = new Date(at);
beforeAll(async () => {
  dynamo = await createEmbeddedDynamo(null);
  const clients = names.map((name) => ({
    issuer: `https://${name}.example.org`,
    tenant: name,
    profile: 'generic',
    jwks: { keys: [issuers.get(name)?.jwk] },
    ...settings[name],
  }));
  running = await servingFor(
    { clients, auditors: { issuer: auditors.issuer, audience: 'epsom', jwks: { keys: [auditors.jwk] } } },
    { AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint, EPSOM_BASE_URL: 'https://epsom.example.org' },
    { memory: true, now: () => clock },
  );
});
afterAll(async () => {
  await running.close();
  await dynamo.close();
});

const issuerOf = (name: Name): Issuer => {
  const issuer = issuers.get(name);
  if (!issuer) throw new Error('each has one');
  return issuer;
};
const call = async (name: Name, to: string, body: object): Promise<Answer> => {
  const token = await tokenOf(issuerOf(name), clock, { aud: `https://epsom.example.org${to}` });
  return post(`${running.url}${to}`, body, { authorization: `Bearer ${token}` });
};
const recordOf = async (answer: Answer, name: Name): Promise<Answer> => {
  const token = await tokenOf(auditors, clock, { aud: 'epsom', tenant: name, scope: 'epsom/decisions.read' });
  const url = `${running.url}/decisions/${answer.headers.get('epsom-decision')}`;
  return answerOf(await fetch(url, { headers: { authorization: `Bearer ${token}` } }));
};

interface CardLike {
  uuid: string;
  summary: string;
  detail: string;
  indicator: string;
  source: { topic: { code: string } };
  suggestions?: { uuid: string; actions: unknown[] }[];
  overrideReasons?: { code: string }[];
}
const cardsOf = ({ body }: Answer): CardLike[] => body.cards as CardLike[];
const topics = (answer: Answer): string[] => cardsOf(answer).map(({ source }) => source.topic.code);

/** IV magnesium with myasthenia, kidney failure (creatinine in µmol/L) and a low magnesium. */
const order = (
  creatinine = 500,
  conditions = [condition('mg', '91637004')],
  drafts: object[] = [magnesiumSulfate()],
) =>
  hookRequest(
    'order-sign',
    complete(
      [
        observation(
          'cr',
          '14682-9',
          creatinine,
          'umol/L',
          new Date(clock.getTime() - 3_600_000).toISOString(),
        ),
        observation('mg', '19123-9', 1.2, 'mg/dL', new Date(clock.getTime() - 3_600_000).toISOString()),
      ],
      conditions,
    ),
    drafts,
  );
const metformin = () => ({
  ...magnesiumSulfate('metformin'),
  medicationCodeableConcept: {
    coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '6809', display: 'metformin' }],
  },
  dosageInstruction: [{ route: { coding: [{ system: 'http://snomed.info/sct', code: '26643006' }] } }],
});
const path = '/cds-services/order-sign';
const evaluationOf = async (answer: Answer, name: Name, rule: string) => {
  const { body } = await recordOf(answer, name);
  const list = body.evaluations as { rule: string; outcome: string; shown: boolean; why: string | null }[];
  return list.find((one) => one.rule === rule);
};

test('a client without settings gets every finding', async () => {
  const answer = await call('plain', path, order());
  expect(answer.status).toBe(200);
  expect(topics(answer)).toContain('IV-001');
  for (const rule of ['IV-001', 'IV-004'])
    expect(await evaluationOf(answer, 'plain', rule)).toMatchObject({ outcome: 'fired', shown: true });
});

test('Epic gets topics of letters and digits, and one action a suggestion', async () => {
  const answer = await call('epic', path, order());
  expect(topics(answer)).toContain('IV001');
  for (const code of topics(answer)) expect(code).toMatch(/^[A-Za-z0-9]{1,100}$/);
  for (const { suggestions } of cardsOf(answer))
    for (const { actions } of suggestions ?? []) expect(actions).toHaveLength(1);
});

test('Cerner gets summaries of at most 100 characters', async () => {
  for (const { summary } of cardsOf(await call('cerner', path, order())))
    expect(summary.length).toBeLessThanOrEqual(100);
});

test('a client that asks for SI units gets them, as the record says', async () => {
  const told = (answer: Answer): string =>
    cardsOf(answer)
      .map(({ detail }) => detail)
      .join();
  const asked = await call('si', path, order());
  expect(told(asked)).toContain('creatinine 500 µmol/L');
  expect(told(asked)).not.toContain('mg/dL');
  expect((await recordOf(asked, 'si')).body.presentation).toMatchObject({ units: 'si' });
  const plain = await call('plain', path, order());
  expect(told(plain)).toContain('received as 500 µmol/L');
  expect((await recordOf(plain, 'plain')).body.presentation).not.toHaveProperty('units');
});

test('a rule that is switched off is evaluated, recorded, and not shown', async () => {
  const answer = await call('off', path, order());
  expect(topics(answer)).not.toContain('IV-001');
  expect(await evaluationOf(answer, 'off', 'IV-001')).toMatchObject({
    outcome: 'fired',
    shown: false,
    why: 'switched off for this client',
  });
});

test('over the limit of one critical card the rest is held back, said on a card, and in the record', async () => {
  const two = order(500, [condition('mg', '91637004')], [magnesiumSulfate(), metformin()]);
  const answer = await call('limited', path, two);
  const critical = cardsOf(answer).filter(({ indicator }) => indicator === 'critical');
  expect(critical.map(({ source }) => source.topic.code)).toEqual(['IV-001']);
  expect(topics(answer)).toContain('held-back');
  expect(await evaluationOf(answer, 'limited', 'IV-004')).toMatchObject({ shown: true, card: 'IV-001' });
  expect(await evaluationOf(answer, 'limited', 'RD-001')).toMatchObject({
    outcome: 'fired',
    shown: false,
    why: expect.stringContaining('held back: over the limit of 1'),
  });
});

describe('an override that is remembered', () => {
  const override = async (name: Name, answer: Answer, rule: string, code: string) => {
    const card = cardsOf(answer).find(({ source }) => source.topic.code === rule);
    if (!card) throw new Error(`${rule} was not shown`);
    const given = await call(name, `${path}/feedback`, {
      feedback: [
        {
          card: card.uuid,
          outcome: 'overridden',
          outcomeTimestamp: clock.toISOString(),
          overrideReason: { reason: { system: overrideReasonSystem, code }, userComment: 'as discussed' },
        },
      ],
    });
    expect(given.status).toBe(200);
  };
  const later = (days: number) => {
    clock = new Date(clock.getTime() + days * 86_400_000);
  };

  test('for a lasting reason withholds a critical finding only where the client says so', async () => {
    for (const name of ['remembering', 'remembering-all'] as const) {
      await override(name, await call(name, path, order()), 'IV-001', 'benefit-outweighs-risk');
      later(1);
      const again = await call(name, path, order());
      const isAll = name === 'remembering-all';
      expect(topics(again).includes('IV-001')).toBe(!isAll);
      if (isAll) {
        expect(await evaluationOf(again, name, 'IV-001')).toMatchObject({
          outcome: 'fired',
          shown: false,
          why: expect.stringMatching(/^withheld: overridden on .*benefit-outweighs-risk/),
        });
      }
    }
  });

  test('shows it again when the facts got worse, to another clinician, and after the time is over', async () => {
    const name = 'remembering-all';
    await override(name, await call(name, path, order(500, [])), 'IV-004', 'benefit-outweighs-risk');
    later(1);
    expect(topics(await call(name, path, order(500, [])))).not.toContain('IV-004');
    expect(topics(await call(name, path, order(900, [])))).toContain('IV-004');
    const another = order(500, []);
    expect(
      topics(
        await call(name, path, { ...another, context: { ...another.context, userId: 'Practitioner/2' } }),
      ),
    ).toContain('IV-004');
    later(31);
    expect(topics(await call(name, path, order(500, [])))).toContain('IV-004');
  });

  test('counts for exactly the findings that its card listed, and is booked to each', async () => {
    const name = 'remembering-all';
    later(60);
    await override(name, await call(name, path, order(500, [])), 'IV-004', 'benefit-outweighs-risk');
    expect(topics(await call(name, path, order(500, [])))).not.toContain('IV-004');
    // Myasthenia gravis joins it: both are listed on one card, and it is shown.
    const both = await call(name, path, order());
    expect(topics(both)).toContain('IV-001');
    expect(await evaluationOf(both, name, 'IV-004')).toMatchObject({ shown: true, card: 'IV-001' });
    await override(name, both, 'IV-001', 'benefit-outweighs-risk');
    const { body } = await recordOf(both, name);
    expect(body.feedback).toMatchObject([{ rules: ['IV-001', 'IV-004'] }]);
    const again = await call(name, path, order());
    for (const rule of ['IV-001', 'IV-004']) {
      expect(await evaluationOf(again, name, rule)).toMatchObject({
        shown: false,
        why: expect.stringMatching(/^withheld: /),
      });
    }
    // One of the two alone was not what was overridden.
    expect(topics(await call(name, path, order(500, [])))).toContain('IV-004');
  });

  test('for a reason that does not last shows it again at once', async () => {
    const name = 'remembering-all';
    later(60);
    await override(name, await call(name, path, order()), 'IV-001', 'emergency');
    expect(topics(await call(name, path, order()))).toContain('IV-001');
  });

  describe('of the card of an order without a route', () => {
    const name = 'remembering-all';
    const withoutRoute = (draft = 'draft-1') => {
      const { dosageInstruction: _, ...rest } = magnesiumSulfate(draft);
      return rest;
    };
    const unrouted = (creatinine = 500, drafts: object[] = [withoutRoute()]) => order(creatinine, [], drafts);
    const bothRules = ['IV-004', 'OM-002'];
    const read = async (what: string): Promise<Response> => {
      const token = await tokenOf(auditors, clock, {
        aud: 'epsom',
        tenant: name,
        scope: 'epsom/decisions.read epsom/decisions.export',
      });
      return fetch(`${running.url}${what}`, { headers: { authorization: `Bearer ${token}` } });
    };

    test('is booked to each rule that the routes lead to, and the decision is found by them', async () => {
      later(60);
      const shown = await call(name, path, unrouted());
      const card = cardsOf(shown).find(({ source }) => source.topic.code === 'route-not-given');
      expect(card).toMatchObject({ indicator: 'critical' });
      expect(card?.overrideReasons?.map(({ code }) => code)).toContain('benefit-outweighs-risk');
      await override(name, shown, 'route-not-given', 'benefit-outweighs-risk');
      const id = shown.headers.get('epsom-decision');
      const { body } = await recordOf(shown, name);
      const rules = (body.findings as { rule: string; card?: string }[]).filter(
        (one) => one.card === card?.uuid,
      );
      expect(rules).toMatchObject(
        rules.map(() => ({ shown: true, indicator: 'critical', version: expect.any(String) })),
      );
      expect(rules.map(({ rule }) => rule)).toEqual(expect.arrayContaining(bothRules));
      expect(body.feedback).toMatchObject([{ outcome: 'overridden', rules: rules.map(({ rule }) => rule) }]);
      expect(await evaluationOf(shown, name, 'OM-002')).toMatchObject({
        outcome: 'indeterminate',
        shown: false,
      });
      const from = clock.toISOString();
      for (const filter of ['indicator=critical', 'rule=OM-002', 'rule=IV-004', 'outcome=overridden']) {
        const found = (await (await read(`/decisions?from=${from}&${filter}`)).json()) as Answer['body'];
        expect(JSON.stringify(found.decisions), filter).toContain(id);
      }
      const csv = await (await read(`/decisions/export?format=csv&from=${from}`)).text();
      for (const rule of bothRules)
        expect(csv).toMatch(new RegExp(`^${rule} [\\d.]+,overridden,benefit-outweighs-risk,`, 'm'));
      expect(await (await read(`/decisions/export?from=${from}&rule=OM-002`)).text()).toContain(id);
    });

    test('withholds that card, and no other: nothing worse, not with another order, not one of its rules alone', async () => {
      const again = await call(name, path, unrouted());
      expect(topics(again)).not.toContain('route-not-given');
      for (const rule of bothRules) {
        expect(await evaluationOf(again, name, rule)).toMatchObject({
          outcome: 'indeterminate',
          shown: false,
          why: expect.stringMatching(/^withheld: overridden on .*benefit-outweighs-risk/),
        });
        const found = (await recordOf(again, name)).body.findings as { rule: string; shown: boolean }[];
        expect(found.find((one) => one.rule === rule)).toMatchObject({ shown: false });
      }
      // With another creatinine it is worse; of another drug nobody said anything.
      expect(topics(await call(name, path, unrouted(900)))).toContain('route-not-given');
      const chloride = {
        ...withoutRoute('draft-2'),
        medicationCodeableConcept: { text: 'magnesium chloride' },
        dosageInstruction: [
          {
            doseAndRate: [{ doseQuantity: { value: 8000, unit: 'mg' } }],
            timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
          },
        ],
      };
      const two = await call(name, path, unrouted(500, [withoutRoute(), chloride]));
      expect(cardsOf(two).filter(({ source }) => source.topic.code === 'route-not-given')).toHaveLength(1);
      expect(JSON.stringify(cardsOf(two))).toContain('magnesium chloride is a risk');
      // By injection alone it is another card.
      expect(topics(await call(name, path, unrouted(500, [magnesiumSulfate()])))).toContain('IV-004');
    });

    test('what was accepted is booked, too', async () => {
      later(60);
      const shown = await call(name, path, unrouted());
      const card = cardsOf(shown).find(({ source }) => source.topic.code === 'route-not-given');
      const given = await call(name, `${path}/feedback`, {
        feedback: [
          {
            card: card?.uuid,
            outcome: 'accepted',
            acceptedSuggestions: card?.suggestions?.slice(0, 1).map(({ uuid }) => ({ id: uuid })),
            outcomeTimestamp: clock.toISOString(),
          },
        ],
      });
      expect(given.status).toBe(200);
      expect((await recordOf(shown, name)).body.feedback).toMatchObject([
        { outcome: 'accepted', rules: expect.arrayContaining(bothRules) },
      ]);
    });
  });

  test('is nobody else’s: another organisation sees the card', async () => {
    expect(topics(await call('plain', path, order()))).toContain('IV-001');
  });
});
