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
  suggestions?: { actions: unknown[] }[];
}
const cardsOf = ({ body }: Answer): CardLike[] => body.cards as CardLike[];
const topics = (answer: Answer): string[] => cardsOf(answer).map(({ source }) => source.topic.code);

/** IV magnesium with myasthenia, kidney failure (creatinine in µmol/L) and a low magnesium. */
const order = (creatinine = 500, conditions = [condition('mg', '91637004')], drafts = [magnesiumSulfate()]) =>
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

  test('is nobody else’s: another organisation sees the card', async () => {
    expect(topics(await call('plain', path, order()))).toContain('IV-001');
  });
});
