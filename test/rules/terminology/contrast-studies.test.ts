import { describe, expect, it } from 'vitest';
import { contrastOf } from '../../../rules/terminology/contrast-studies.ts';

const cpt = (code: string) => [{ system: 'http://www.ama-assn.org/go/cpt', code }];
const said = (text: string) => contrastOf([], [text]);

describe('a study with contrast is known by its words', () => {
  it.each([
    ['CT ABDOMEN PELVIS W IV CONTRAST', 'iodinated'],
    ['CT abdomen with contrast', 'iodinated'],
    ['CT chest w/ contrast', 'iodinated'],
    ['CT head w/o and w contrast', 'iodinated'],
    ['CT abdomen without and with contrast', 'iodinated'],
    ['CT abdomen with and without contrast', 'iodinated'],
    ['CTA chest pulmonary embolism', 'iodinated'],
    ['Contrast-enhanced computed tomography of the neck', 'iodinated'],
    ['CT abdomen with oral and IV contrast', 'iodinated'],
    ['MRI brain with gadolinium', 'gadolinium'],
    ['MR brain w wo contrast', 'gadolinium'],
    ['MRI brain with and without contrast', 'gadolinium'],
  ])('%s: %s', (text, contrast) => expect(said(text)).toEqual({ contrast }));

  it.each([['Coronary angiogram'], ['Left heart catheterization'], ['Renal arteriography']])(
    '%s: iodinated, into an artery',
    (text) => expect(said(text)).toEqual({ contrast: 'iodinated', arterial: true }),
  );

  it.each([
    ['CT head without contrast'],
    ['CT head w/o contrast'],
    ['CT abdomen, no IV contrast'],
    ['CT chest non-contrast'],
    ['CT abdomen with oral contrast'],
    ['CT abdomen, oral contrast only'],
    ['CT abdomen'],
    ['MRI brain without contrast'],
    ['MRI lumbar spine'],
    ['Ultrasound of the kidneys with contrast'],
    ['Urinary catheter'],
    ['Basic metabolic panel'],
    [''],
  ])('%s: none', (text) => expect(said(text)).toBeNull());
});

describe('a study with contrast is known by its code', () => {
  it.each([
    ['74177', { contrast: 'iodinated' }],
    ['71270', { contrast: 'iodinated' }],
    ['70553', { contrast: 'gadolinium' }],
    ['74176', null],
  ])('CPT %s', (code, study) => expect(contrastOf(cpt(code), [])).toEqual(study));

  it('a code decides over words, and one with contrast over one without', () => {
    expect(contrastOf(cpt('74176'), ['CT abdomen with contrast'])).toBeNull();
    expect(contrastOf([...cpt('74176'), ...cpt('74177')], [])).toEqual({ contrast: 'iodinated' });
    expect(contrastOf([{ system: 'http://radlex.org', code: 'rpid5' }], [])).toEqual({
      contrast: 'iodinated',
    });
  });

  it('a code of no list leaves the words to decide, and what is no text says nothing', () => {
    expect(contrastOf([{ system: 'local', code: 'CTAPW' }], [undefined, 7, 'CT abdomen w contrast'])).toEqual(
      { contrast: 'iodinated' },
    );
    expect(contrastOf([{ system: 7, code: {} }], [undefined])).toBeNull();
  });
});
