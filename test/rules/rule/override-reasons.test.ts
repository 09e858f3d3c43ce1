/** The published code system of override reasons: stable, complete, and what the rules offer. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../../rules/fhir/json.ts';
import { library } from '../../../rules/library/library.ts';
import { parseRule } from '../../../rules/rule/document.ts';
import {
  families,
  familyNames,
  familyOf,
  isDurable,
  isOverrideReason,
  overrideReasons,
  reasonsOf,
} from '../../../rules/rule/override-reasons.ts';

const rules = library.map(({ where, json }) => parseRule(json, where));
const published = (name: string): unknown => JSON.parse(readFileSync(`docs/fhir/${name}.json`, 'utf8'));

describe('override reasons', () => {
  test('codes that were published stay: an EHR has mapped them', () => {
    const codes = [
      'benefit-outweighs-risk',
      'specialist-advice',
      'not-applicable',
      'no-alternative',
      'doses-separated',
      'already-managed',
      'dose-adjusted',
      'test-ordered',
      'data-not-current',
      'emergency',
    ];
    for (const code of codes) expect(isOverrideReason(code), code).toBe(true);
    for (const other of ['because', 'toString', '', null, 1, ['emergency']]) {
      expect(isOverrideReason(other), String(other)).toBe(false);
    }
  });

  test('five reasons last; an emergency, wrong data and a code nobody knows do not', () => {
    expect(Object.keys(overrideReasons).filter(isDurable)).toEqual([
      'benefit-outweighs-risk',
      'specialist-advice',
      'not-applicable',
      'no-alternative',
      'doses-separated',
    ]);
    for (const code of ['emergency', 'data-not-current', '45', 'toString', '']) {
      expect(isDurable(code), code).toBe(false);
    }
  });

  test('every rule is of a family and offers two to six reasons of it', () => {
    for (const rule of rules) {
      const { usual, also } = familyOf(rule.id);
      const offered = reasonsOf(rule);
      expect(familyNames).toContain(rule.id.slice(0, 2));
      expect(offered.length).toBeGreaterThanOrEqual(2);
      expect(offered.length).toBeLessThanOrEqual(6);
      expect(new Set(offered).size).toBe(offered.length);
      for (const code of offered) expect([...usual, ...also], rule.id).toContain(code);
    }
  });

  test('a family without rules would be a value set nobody uses; the usual and the other reasons do not repeat', () => {
    for (const name of familyNames) {
      expect(rules.some(({ id }) => id.startsWith(name))).toBe(true);
      const { usual, also } = families[name];
      expect(new Set([...usual, ...also]).size).toBe(usual.length + also.length);
    }
  });

  test('a rule with a reason that is not published does not load', () => {
    const [first] = library;
    const json = structuredClone(first?.json);
    if (isObject(json) && isObject(json.card)) Object.assign(json.card, { overrideReasons: ['because'] });
    expect(() => parseRule(json, 'x')).toThrow('card.overrideReasons.0: not an override reason');
  });

  test('the FHIR code system holds every code once, and each family has one value set with codes of it', () => {
    const system = published('CodeSystem-override-reason');
    const concepts = isObject(system) && Array.isArray(system.concept) ? system.concept : [];
    const codes = concepts.map((concept) => (isObject(concept) ? concept.code : null));
    expect(codes).toEqual(Object.keys(overrideReasons));
    expect(system).toMatchObject({
      resourceType: 'CodeSystem',
      url: 'urn:epsom:override-reason',
      content: 'complete',
      count: codes.length,
    });
    const files = readdirSync('docs/fhir').filter((name) => name.startsWith('ValueSet'));
    expect(files.sort()).toEqual(
      familyNames.map((name) => `ValueSet-override-reason-${name.toLowerCase()}.json`).sort(),
    );
    for (const name of familyNames) {
      const { usual, also } = families[name];
      expect(published(`ValueSet-override-reason-${name.toLowerCase()}`)).toMatchObject({
        url: `urn:epsom:override-reason:${name.toLowerCase()}`,
        compose: {
          include: [
            { system: 'urn:epsom:override-reason', concept: [...usual, ...also].map((code) => ({ code })) },
          ],
        },
      });
    }
  });
});
