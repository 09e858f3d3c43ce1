/** What an engineer and an auditor ask of the rules: what speaks, from which clause it comes, and what is not covered. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../functions/rules.ts';
import { clausesOf } from '../../rules/library/catalogue.ts';
import { notCovered } from '../../rules/library/not-covered.ts';
import { shippedRuleset } from '../../rules/library/shipped.ts';
import { bareService } from '../support/bare-service.ts';
import { answerOf } from '../support/serving.ts';

const ruleset = shippedRuleset();
const app = rules(bareService({ ruleset, open: true }).service);
const ask = async (path: string) => answerOf(await app.request(path, { headers: { host: '127.0.0.1' } }));

describe('GET /rules', () => {
  const open = notCovered(ruleset.rules.map(({ rule }) => rule));

  it.each(['/rules', '/rules?hook=patient-view'])('%s says what is not covered', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(200);
    expect(body.notCovered).toEqual(open);
    expect(open.map(({ drug }) => drug)).toContain('meropenem');
  });
});

describe('GET /rules/{id}', () => {
  it('has the clauses of the catalogue that the rule says, and those of its row that none says', async () => {
    const { status, body } = await ask('/rules/MG-020');
    expect(status).toBe(200);
    expect(body.catalogue).toEqual(clausesOf('MG-020'));
    expect(body.catalogue).toContainEqual(expect.objectContaining({ row: 'MG-020', clause: 'patiromer' }));
    expect(body.catalogue).toContainEqual(
      expect.objectContaining({ clause: '/SZC order', decision: expect.stringContaining('does not bind') }),
    );
  });
});
