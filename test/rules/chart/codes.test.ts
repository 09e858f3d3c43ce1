import { describe, expect, it } from 'vitest';
import { codesOf } from '../../../rules/chart/codes.ts';
import type { Json } from '../../../rules/fhir/json.ts';

describe('codes that are kept', () => {
  const long = `http://${'x'.repeat(113)}`;
  it.each<[string, Json, Json[]]>([
    ['a code of a system', { system: 's', code: 'c' }, [{ system: 's', code: 'c' }]],
    ['without its display', { system: 's', code: 'c', display: 'd' }, [{ system: 's', code: 'c' }]],
    ['of no system', { code: 'c' }, []],
    ['of an empty system', { system: '', code: 'c' }, []],
    ['a system without a code', { system: 's' }, []],
    ['a code that may be a text', { system: 's', code: 'Jane Doe' }, []],
    ['a system of 120 characters', { system: long, code: 'c' }, [{ system: long, code: 'c' }]],
    ['a system of 121', { system: `${long}x`, code: 'c' }, []],
  ])('%s', (_name, coding, expected) => {
    expect(codesOf([coding])).toEqual(expected);
  });
});
