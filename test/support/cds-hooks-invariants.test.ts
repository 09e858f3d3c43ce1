import { describe, expect, it } from 'vitest';
import { invariantProblems } from './cds-hooks-invariants.ts';

const sound = () => ({
  cards: [
    {
      uuid: '4e0a3a1e-8d83-4477-a9f4-8b0b6b1f2f6d',
      summary: 'Severe hypomagnesemia',
      indicator: 'critical',
      detail: 'Mg 0.9 mg/dL',
      source: {
        label: 'Epsom',
        url: 'https://example.org/',
        topic: { system: 'urn:epsom:rule', code: 'MG-001' },
      },
      suggestions: [
        {
          label: 'Remove the order',
          uuid: '5b2c7f5a-17c7-4c1e-9f60-7e7a0a3b6d1c',
          isRecommended: true,
          actions: [{ type: 'delete', description: 'Remove', resourceId: 'MedicationRequest/1' }],
        },
        {
          label: 'Order potassium',
          actions: [{ type: 'create', description: 'Order', resource: { resourceType: 'ServiceRequest' } }],
        },
        {
          label: 'Lower the dose',
          actions: [
            { type: 'update', description: 'Dose', resource: { resourceType: 'MedicationRequest', id: '1' } },
          ],
        },
      ],
      selectionBehavior: 'at-most-one',
      overrideReasons: [{ system: 'urn:epsom:override-reason', code: 'emergency', display: 'Emergency' }],
      links: [{ label: 'App', url: 'https://example.org/app', type: 'smart', appContext: 'x' }],
    },
  ],
});
const discovery = () => ({
  services: [
    {
      hook: 'patient-view',
      id: 'patient-view',
      description: 'x',
      prefetch: { patient: 'Patient/{{context.patientId}}' },
    },
  ],
});
const feedback = () => ({
  feedback: [
    {
      card: '4e0a3a1e-8d83-4477-a9f4-8b0b6b1f2f6d',
      outcome: 'overridden',
      outcomeTimestamp: '2026-01-31T12:00:00Z',
      overrideReason: { userComment: 'x' },
    },
  ],
});
const request = () => ({
  hook: 'order-select',
  hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
  fhirServer: 'https://example.org/fhir',
  fhirAuthorization: { access_token: 'x', scope: 'patient/Observation.rs', patient: '1' },
  context: { userId: 'Practitioner/1', patientId: '1', selections: ['MedicationRequest/1'] },
  prefetch: { labs: null },
});

/** Sets the value at a path such as `cards.0.summary`; `undefined` takes the key away. */
function spoilt(document: object, path: string, value: unknown): object {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let place = document as Record<string, unknown>;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return document;
}

describe('what conforms has no problem', () => {
  it.each([
    ['a response with every kind of element', sound()],
    ['a response with nothing to say', { cards: [] }],
    ['a discovery', discovery()],
    ['a discovery without services', { services: [] }],
    ['feedback', feedback()],
    ['a request with a prefetch answer of null', request()],
    ['a summary of 139 characters', spoilt(sound(), 'cards.0.summary', 'x'.repeat(139))],
    [
      'a system action without a description',
      { cards: [], systemActions: [{ type: 'delete', resourceId: 'Task/1' }] },
    ],
  ])('%s', (_, document) => {
    expect(invariantProblems(document)).toEqual([]);
  });
});

const card = 'cards.0';
const first = `${card}.suggestions.0`;
const second = `${card}.suggestions.1`;
const third = `${card}.suggestions.2`;

describe('each of the 12 published invariants, and ord-1, can fail', () => {
  it.each<[string, string, object]>([
    ['cds-resp-1', 'two recommended of at-most-one', spoilt(sound(), `${second}.isRecommended`, true)],
    [
      'cds-resp-2',
      'a delete without resourceId',
      spoilt(sound(), `${first}.actions.0.resourceId`, undefined),
    ],
    [
      'cds-resp-2',
      'a delete with a resource',
      spoilt(sound(), `${first}.actions.0.resource`, { resourceType: 'X' }),
    ],
    ['cds-resp-3', 'appContext of an absolute link', spoilt(sound(), `${card}.links.0.type`, 'absolute')],
    [
      'cds-resp-4',
      'an override reason without display',
      spoilt(sound(), `${card}.overrideReasons.0.display`, undefined),
    ],
    [
      'cds-resp-5',
      'an action without description',
      spoilt(sound(), `${first}.actions.0.description`, undefined),
    ],
    [
      'cds-resp-6',
      'suggestions without selectionBehavior',
      spoilt(sound(), `${card}.selectionBehavior`, undefined),
    ],
    [
      'cds-resp-7',
      'actionSelectionBehavior `some`',
      spoilt(sound(), `${first}.actionSelectionBehavior`, 'some'),
    ],
    ['cds-r-1', 'fhirAuthorization without fhirServer', spoilt(request(), 'fhirServer', undefined)],
    ['cds-r-2', 'patient scopes without patient', spoilt(request(), 'fhirAuthorization.patient', undefined)],
    ['cds-fb-1', 'outcome `ignored`', spoilt(feedback(), 'feedback.0.outcome', 'ignored')],
    ['cds-fb-2', 'accepted without suggestions', spoilt(feedback(), 'feedback.0.outcome', 'accepted')],
    [
      'cds-fb-3',
      'a reason that says nothing',
      spoilt(feedback(), 'feedback.0.overrideReason', { extension: { x: 1 } }),
    ],
    ['ord-1', 'a selection without its type', spoilt(request(), 'context.selections', ['1'])],
    ['ord-1', 'a userId without its type', spoilt(request(), 'context.userId', '1')],
  ])('%s: %s', (invariant, _, document) => {
    const problems = invariantProblems(document);
    expect(problems.filter((problem) => problem.startsWith(`${invariant} `))).toHaveLength(1);
    expect(problems).toHaveLength(1);
  });
});

describe('each rule of the text can fail', () => {
  it.each<[string, object]>([
    ['no-null cards[0].links[0].appContext', spoilt(sound(), `${card}.links.0.appContext`, null)],
    ['no-null context.encounterId', spoilt(request(), 'context.encounterId', null)],
    ['no-empty cards[0].links[0].appContext', spoilt(sound(), `${card}.links.0.appContext`, '')],
    ['no-empty cards[0].links', spoilt(sound(), `${card}.links`, [])],
    ['no-empty systemActions', { cards: [], systemActions: [] }],
    ['no-empty cards[0].extension', spoilt(sound(), `${card}.extension`, {})],
    ['no-empty cards[0].suggestions[0].actions', spoilt(sound(), `${first}.actions`, [])],
    ['cards cards', { card: [1] }],
    ['cards cards', { cards: { uuid: 'x' } }],
    ['summary cards[0].summary', spoilt(sound(), `${card}.summary`, undefined)],
    ['summary cards[0].summary', spoilt(sound(), `${card}.summary`, 'x'.repeat(140))],
    ['indicator cards[0].indicator', spoilt(sound(), `${card}.indicator`, 'hard-stop')],
    ['source cards[0].source', spoilt(sound(), `${card}.source`, undefined)],
    ['source cards[0].source.label', spoilt(sound(), `${card}.source.label`, undefined)],
    ['source cards[0].source.url', spoilt(sound(), `${card}.source.url`, '/docs')],
    ['source cards[0].source.icon', spoilt(sound(), `${card}.source.icon`, 'icon.png')],
    ['coding cards[0].source.topic.system', spoilt(sound(), `${card}.source.topic.system`, undefined)],
    ['coding cards[0].source.topic', spoilt(sound(), `${card}.source.topic`, 'MG-001')],
    ['coding cards[0].overrideReasons[0].code', spoilt(sound(), `${card}.overrideReasons.0.code`, undefined)],
    [
      'coding cards[0].overrideReasons[0].system',
      spoilt(sound(), `${card}.overrideReasons.0.system`, undefined),
    ],
    ['detail cards[0].detail', spoilt(sound(), `${card}.detail`, 12)],
    ['uuid cards[0].uuid', spoilt(sound(), `${card}.uuid`, '1')],
    ['uuid cards[1].uuid', { cards: [...sound().cards, ...sound().cards] }],
    ['uuid cards[0].suggestions[0].uuid', spoilt(sound(), `${first}.uuid`, '1')],
    ['selection-behavior cards[0].selectionBehavior', spoilt(sound(), `${card}.selectionBehavior`, 'all')],
    ['suggestion-label cards[0].suggestions[0].label', spoilt(sound(), `${first}.label`, undefined)],
    [
      'is-recommended cards[0].suggestions[0].isRecommended',
      spoilt(sound(), `${first}.isRecommended`, 'yes'),
    ],
    ['list cards[0].suggestions', spoilt(sound(), `${card}.suggestions`, { label: 'x' })],
    ['list cards[0]', { cards: ['x'] }],
    [
      'action-type cards[0].suggestions[0].actions[0].type',
      spoilt(sound(), `${first}.actions.0.type`, 'remove'),
    ],
    [
      'action-delete cards[0].suggestions[0].actions[0].resourceId',
      spoilt(sound(), `${first}.actions.0.resourceId`, '1'),
    ],
    [
      'action-create cards[0].suggestions[1].actions[0].resource',
      spoilt(sound(), `${second}.actions.0.resource`, 'x'),
    ],
    [
      'action-create cards[0].suggestions[1].actions[0].resourceId',
      spoilt(sound(), `${second}.actions.0.resourceId`, 'X/1'),
    ],
    [
      'action-update cards[0].suggestions[2].actions[0].resource',
      spoilt(sound(), `${third}.actions.0.resource`, undefined),
    ],
    [
      'action-update cards[0].suggestions[2].actions[0].resource.id',
      spoilt(sound(), `${third}.actions.0.resource.id`, undefined),
    ],
    ['link cards[0].links[0].label', spoilt(sound(), `${card}.links.0.label`, undefined)],
    ['link cards[0].links[0].url', spoilt(sound(), `${card}.links.0.url`, 'app')],
    ['service services[0].description', spoilt(discovery(), 'services.0.description', undefined)],
    ['service services[1]', { services: [...discovery().services, ...discovery().services] }],
    [
      'prefetch services[0].prefetch.patient',
      spoilt(discovery(), 'services.0.prefetch.patient', 'X/{{today()}}'),
    ],
    ['feedback feedback[0].card', spoilt(feedback(), 'feedback.0.card', undefined)],
    ['feedback feedback[0].outcomeTimestamp', spoilt(feedback(), 'feedback.0.outcomeTimestamp', 'now')],
    ['request hookInstance', spoilt(request(), 'hookInstance', undefined)],
    ['request context', spoilt(request(), 'context', undefined)],
  ])('%s', (place, document) => {
    const problems = invariantProblems(document);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`${place}: `), problems[0]).toBe(true);
  });

  it('a link of an unknown type', () => {
    const link = { label: 'App', url: 'https://example.org/app', type: 'web' };
    expect(invariantProblems(spoilt(sound(), `${card}.links`, [link]))).toEqual([
      'link cards[0].links[0].type: must be absolute or smart',
    ]);
  });

  it('what is no JSON object', () => {
    for (const body of [null, [], 'x', 1, undefined]) expect(invariantProblems(body)).toHaveLength(1);
    expect(invariantProblems({})).toHaveLength(2);
  });

  it('another kind of document as the answer of a hook', () => {
    expect(invariantProblems({ services: [] }, 'patient-view')).toHaveLength(1);
    expect(invariantProblems({ ...request() }, 'order-sign')).toEqual(['request hook: must be order-sign']);
  });
});
