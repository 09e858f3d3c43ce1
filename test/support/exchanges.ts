import { cdsServices } from '../../functions/cds-services.ts';
import { decisions } from '../../functions/decisions.ts';
import { evaluate } from '../../functions/evaluate.ts';
import { fhir } from '../../functions/fhir.ts';
import { documented } from './openapi.ts';
import {
  at,
  bundleOf,
  draft,
  example,
  hookRequest,
  lab,
  loinc,
  richBundle,
  rxnorm,
  subject,
  unread,
} from './openapi-requests.ts';
import {
  asEhr,
  asHost,
  asPerson,
  auditor,
  bug,
  decided,
  down,
  failing,
  feedbackGiven,
  get,
  huge,
  otherEhr,
  post,
  refused,
  running,
  unsigned,
  withFeedback,
  withToken,
} from './openapi-servers.ts';

export type Send = () => Promise<Response>;
/** Real exchanges by path, method and status; the sentence says what is sent. */
export const exchanges: Record<string, Record<string, Send>> = {
  'GET /health 200': { 'a running server': () => get('/health') },
  'GET /openapi.json 200': { 'a running server': () => get('/openapi.json') },
  'GET /cds-services 200': {
    'a running server': () => get('/cds-services'),
    'a registered EHR': () => asEhr('GET', '/cds-services'),
  },
  'GET /cds-services 401': {
    'no token': () => withToken(null, 'GET', '/cds-services'),
  },
  'GET /cds-services 403': {
    'a token of another organisation': () => asEhr('GET', '/cds-services', undefined, { tenant: 'south' }),
  },
  'POST /cds-services/{id} 200': {
    'a registered EHR': () => asEhr('POST', '/cds-services/order-sign', hookRequest()),
    'an order with findings': () => post('/cds-services/order-sign', hookRequest()),
    'the same request again': () => post('/cds-services/order-sign', hookRequest()),
    'nothing to say': () =>
      post('/cds-services/patient-view', {
        hook: 'patient-view',
        hookInstance: '1',
        context: { patientId: '1' },
        prefetch: { patient: { resourceType: 'Patient', id: '1' }, conditions: null },
      }),
    'an order that cannot be checked': () =>
      post('/cds-services/order-select', {
        ...hookRequest({ hook: 'order-select' }),
        context: { patientId: '1', draftOrders: bundleOf(draft), selections: ['MedicationRequest/draft-1'] },
        prefetch: { patient: { resourceType: 'Patient', id: '1' } },
      }),
  },
  'POST /cds-services/{id} 400': {
    'no JSON': () => post('/cds-services/order-sign', '{"hook":'),
    'an array': () => post('/cds-services/order-sign', []),
    'another hook': () => post('/cds-services/order-sign', hookRequest({ hook: 'patient-view' })),
    'no hookInstance': () => post('/cds-services/order-sign', hookRequest({ hookInstance: undefined })),
    'no patientId': () => post('/cds-services/order-sign', hookRequest({ context: {} })),
    'JSON nested 1,000 deep': () =>
      post('/cds-services/order-sign', `${'['.repeat(1000)}${']'.repeat(1000)}`),
  },
  'POST /cds-services/{id} 401': {
    'no token': () => withToken(null, 'POST', '/cds-services/order-sign', hookRequest()),
    'an unsigned request': () => unsigned(cdsServices, 'POST', '/cds-services/order-sign', hookRequest()),
  },
  'POST /cds-services/{id} 403': {
    'a token of another organisation': () =>
      asEhr('POST', '/cds-services/order-sign', hookRequest(), { tenant: 'south' }),
  },
  'POST /cds-services/{id} 404': {
    'another service': () => post('/cds-services/appointment-book', hookRequest()),
  },
  'POST /cds-services/{id} 412': {
    'no prefetch': () => post('/cds-services/order-sign', hookRequest({ prefetch: undefined })),
  },
  'POST /cds-services/{id} 413': { '200 kB of 100 kB': () => post('/cds-services/order-sign', huge) },
  'POST /cds-services/{id} 415': { text: () => post('/cds-services/order-sign', 'x', 'text/plain') },
  'POST /cds-services/{id} 500': {
    'a bug': () =>
      failing('append', bug, () => post('/cds-services/order-sign', hookRequest({ hookInstance: '5' }))),
  },
  'POST /cds-services/{id} 503': {
    'no log': () =>
      failing('append', down, () => post('/cds-services/order-sign', hookRequest({ hookInstance: '6' }))),
  },
  'POST /cds-services/{id}/feedback 200': {
    'real cards': feedbackGiven,
    'a card nobody knows': () => post('/cds-services/order-sign/feedback', { feedback: [unread] }),
  },
  'POST /cds-services/{id}/feedback 400': {
    'no list': () => post('/cds-services/order-sign/feedback', {}),
    'one bad item': () => post('/cds-services/order-sign/feedback', { feedback: [unread, { card: 1 }] }),
  },
  'POST /cds-services/{id}/feedback 401': {
    'no token': () => withToken(null, 'POST', '/cds-services/order-sign/feedback', { feedback: [unread] }),
    'an unsigned request': () =>
      unsigned(cdsServices, 'POST', '/cds-services/order-sign/feedback', { feedback: [unread] }),
  },
  'POST /cds-services/{id}/feedback 403': {
    'a token of another organisation': () =>
      asEhr('POST', '/cds-services/order-sign/feedback', { feedback: [unread] }, { tenant: 'south' }),
  },
  'POST /cds-services/{id}/feedback 404': {
    'a card of another organisation': async () => {
      const answer = await asEhr('POST', '/cds-services/order-sign', hookRequest());
      const { cards } = (await answer.json()) as { cards: { uuid: string }[] };
      const feedback = [{ ...unread, card: cards[0]?.uuid }];
      return asEhr('POST', '/cds-services/order-sign/feedback', { feedback }, {}, otherEhr);
    },
    'another service': () => post('/cds-services/x/feedback', { feedback: [unread] }),
  },
  'POST /cds-services/{id}/feedback 413': {
    '200 kB of 100 kB': () => post('/cds-services/order-sign/feedback', huge),
  },
  'POST /cds-services/{id}/feedback 415': {
    text: () => post('/cds-services/order-sign/feedback', 'x', 'text/plain'),
  },
  'POST /cds-services/{id}/feedback 500': {
    'a bug': () =>
      failing('addFeedback', bug, () => post('/cds-services/order-sign/feedback', { feedback: [unread] })),
  },
  'POST /cds-services/{id}/feedback 503': {
    'no log': () =>
      failing('addFeedback', down, () => post('/cds-services/order-sign/feedback', { feedback: [unread] })),
  },
  'POST /evaluate 200': {
    'a problem just entered': () => post(`/evaluate?at=${at}&hook=problem-list-item-create`, richBundle),
    'an allergy just entered': () => post(`/evaluate?at=${at}&hook=allergyintolerance-create`, richBundle),
    'a refill of what is taken': () =>
      post(
        `/evaluate?at=${at}&hook=medication-refill`,
        bundleOf(
          { resourceType: 'Patient', id: '1' },
          { ...draft, medicationCodeableConcept: rxnorm('6809'), dosageInstruction: [] },
          {
            resourceType: 'MedicationStatement',
            id: 'taken',
            status: 'active',
            medicationCodeableConcept: rxnorm('6809'),
            subject,
          },
        ),
      ),
    'an engineer': () => asPerson('POST', '/evaluate', richBundle, { scope: 'epsom/evaluate' }),
    'low-magnesium.json': () => post(`/evaluate?at=${at}`, example('low-magnesium'), 'application/fhir+json'),
    'no-unit.json': () => post(`/evaluate?at=${at}`, example('no-unit')),
    'iv-magnesium-myasthenia.json': () =>
      post(`/evaluate?at=${at}&hook=order-sign`, example('iv-magnesium-myasthenia')),
    'something of everything': () => post(`/evaluate?at=${at}&hook=order-sign`, richBundle),
    'something of everything, opened': () => post(`/evaluate?at=${at}`, richBundle),
    'a bare resource': () => post(`/evaluate?at=2026-01-31`, lab('mg', '19123-9', 0.9, 'mg/dL')),
    'a resource of nobody': () =>
      post(`/evaluate?at=${at}`, { resourceType: 'Observation', code: loinc('19123-9') }),
    'a recorded CDS Hooks request': () => post(`/evaluate?at=${at}`, hookRequest()),
    'one of two patients': () =>
      post(
        '/evaluate?patient=1',
        bundleOf({ resourceType: 'Patient', id: '1' }, { resourceType: 'Patient', id: '2' }),
      ),
  },
  'POST /evaluate 400': {
    'no JSON': () => post('/evaluate', '{'),
    'an empty bundle': () => post('/evaluate', { resourceType: 'Bundle', type: 'collection' }),
    'no FHIR': () => post('/evaluate', { a: 1 }),
    'an unknown hook': () => post('/evaluate?hook=x', richBundle),
    'a time that is none': () => post('/evaluate?at=yesterday', richBundle),
    'an unknown parameter': () => post('/evaluate?when=now', richBundle),
    'two patients': () =>
      post('/evaluate', bundleOf({ resourceType: 'Patient', id: '1' }, { resourceType: 'Patient', id: '2' })),
    'a patient who is not in it': () => post('/evaluate?patient=7', richBundle),
  },
  'POST /evaluate 401': {
    'an unsigned request': () => unsigned(evaluate, 'POST', '/evaluate', richBundle),
    'no token': () => withToken(null, 'POST', '/evaluate', richBundle),
  },
  'POST /evaluate 403': {
    'no scope': () => asPerson('POST', '/evaluate', richBundle),
    'a token of an EHR': () => asEhr('POST', '/evaluate', richBundle),
  },
  'POST /evaluate 412': {
    'a recorded request without data': () => post('/evaluate', hookRequest({ prefetch: null })),
  },
  'POST /evaluate 413': { '200 kB of 100 kB': () => post('/evaluate', huge) },
  'POST /evaluate 415': { text: () => post('/evaluate', 'x', 'text/plain') },
  'POST /evaluate 500': { 'a bug': () => failing('append', bug, () => post('/evaluate', richBundle)) },
  'POST /evaluate 503': { 'no log': () => failing('append', down, () => post('/evaluate', richBundle)) },
  'GET /decisions 200': {
    'an auditor': () => asPerson('GET', '/decisions?patient=1', undefined, auditor),
    'a patient with decisions': async () => {
      await withFeedback();
      await decided();
      return get('/decisions?patient=1&limit=2');
    },
    'the second page': async () => {
      const page = (await (await get('/decisions?patient=1&limit=1')).json()) as { next: string };
      return get(`/decisions?patient=1&limit=1&cursor=${encodeURIComponent(page.next)}`);
    },
    'a patient without': () => get('/decisions?patient=nobody&from=2026-01-01&to=2026-12-31'),
    'no filter': () => get('/decisions'),
    'all filters': () =>
      get(
        '/decisions?patient=1&rule=IV-001&service=order-sign&client=local&outcome=overridden&indicator=critical&limit=5',
      ),
    'a limit of 1,000,000,000': () => get('/decisions?patient=nobody&limit=1000000000'),
    'a limit of 1e9': () => get('/decisions?patient=nobody&limit=1e9'),
  },
  'GET /decisions 400': {
    'limit 0': () => get('/decisions?patient=1&limit=0'),
    'limit -1': () => get('/decisions?limit=-1'),
    'limit many': () => get('/decisions?limit=many'),
    'an outcome that is none': () => get('/decisions?outcome=ignored'),
    'a cursor of another filter': async () => {
      await decided();
      await decided();
      const page = (await (await get('/decisions?patient=1&limit=1')).json()) as { next: string };
      return get(`/decisions?patient=2&limit=1&cursor=${encodeURIComponent(page.next)}`);
    },
    'a cursor of our own': () => get('/decisions?patient=1&cursor=abc'),
    'an unknown filter': () => get('/decisions?patient=1&colour=red'),
    'from after to': () => get('/decisions?patient=1&from=2026-02-01&to=2026-01-01'),
  },
  'GET /decisions 401': {
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions?patient=1'),
    'no token': () => withToken(null, 'GET', '/decisions?patient=1'),
  },
  'GET /decisions 403': {
    'no scope': () => asPerson('GET', '/decisions?patient=1'),
    'no tenant': () => asPerson('GET', '/decisions?patient=1', undefined, { tenant: undefined }),
  },
  'GET /decisions 500': { 'a bug': () => failing('list', bug, () => get('/decisions?patient=1')) },
  'GET /decisions 503': { 'no log': () => failing('list', down, () => get('/decisions?patient=1')) },
  'GET /decisions/{id} 200': {
    'an evaluation': async () => get(`/decisions/${await decided()}`),
    'a service call with feedback': async () => get(`/decisions/${await withFeedback()}`),
    'a refused request': async () => get(`/decisions/${await refused()}`),
  },
  'GET /decisions/{id} 401': {
    'no token': () => withToken(null, 'GET', '/decisions/0123456789abcdef'),
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions/0123456789abcdef'),
  },
  'GET /decisions/{id} 403': {
    'a decision of another organisation': async () => {
      const made = await asEhr('POST', '/cds-services/order-sign', hookRequest());
      const id = made.headers.get('epsom-decision');
      return asPerson('GET', `/decisions/${id}`, undefined, { ...auditor, tenant: 'south' });
    },
  },
  'GET /decisions/{id} 404': { 'no such decision': () => get('/decisions/0123456789abcdef0123456789abcdef') },
  'GET /decisions/{id} 500': {
    'a bug': () => failing('find', bug, () => get('/decisions/0123456789abcdef')),
  },
  'GET /decisions/{id} 503': {
    'no log': () => failing('find', down, () => get('/decisions/0123456789abcdef')),
  },
  'GET /decisions/export 200': {
    'a patient as NDJSON': async () => {
      await withFeedback();
      await refused();
      return get('/decisions/export?patient=1');
    },
    'all as NDJSON': () => get('/decisions/export'),
    'all as CSV': () => get('/decisions/export?format=csv'),
    'what follows a decision': async () => get(`/decisions/export?after=${await decided()}`),
  },
  'GET /decisions/export 400': {
    'another format': () => get('/decisions/export?format=xml'),
    'a page of it': () => get('/decisions/export?limit=5'),
    'after no decision': () => get('/decisions/export?after=0123456789abcdef0123456789abcdef'),
  },
  'GET /statistics 200': {
    'a month': async () => {
      await withFeedback();
      await refused();
      return get('/statistics?from=2026-01-01&to=2026-01-31');
    },
    'each day of one rule': async () => {
      await withFeedback();
      return get('/statistics?from=2026-01-30&to=2026-01-31&rule=IV-001&by=day');
    },
  },
  'GET /statistics 400': {
    'no days': () => get('/statistics'),
    'too many days': () => get('/statistics?from=2025-01-01&to=2026-01-31'),
  },
  'GET /statistics 401': { 'an unsigned request': () => unsigned(decisions, 'GET', '/statistics') },
  'GET /statistics 403': { 'no scope': () => asPerson('GET', '/statistics') },
  'GET /statistics 500': {
    'a bug': () => failing('countsOf', bug, () => get('/statistics?from=2026-01-01&to=2026-01-31')),
  },
  'GET /statistics 503': {
    'no log': () => failing('countsOf', down, () => get('/statistics?from=2026-01-01&to=2026-01-31')),
  },
  'GET /decisions/export 403': { 'no scope': () => asPerson('GET', '/decisions/export') },
  'GET /decisions/{id}/proof 403': { 'no scope': () => asPerson('GET', '/decisions/0123456789abcdef/proof') },
  'GET /fhir/AuditEvent 403': { 'no scope': () => asPerson('GET', '/fhir/AuditEvent') },
  'GET /fhir/AuditEvent/$bundle 403': { 'no scope': () => asPerson('GET', '/fhir/AuditEvent/$bundle') },
  'GET /fhir/AuditEvent/{id} 403': { 'no scope': () => asPerson('GET', '/fhir/AuditEvent/0123456789abcdef') },
  'GET /fhir/GuidanceResponse 403': { 'no scope': () => asPerson('GET', '/fhir/GuidanceResponse') },
  'GET /fhir/GuidanceResponse/{id} 403': {
    'no scope': () => asPerson('GET', '/fhir/GuidanceResponse/0123456789abcdef'),
  },
  'GET /decisions/export 401': {
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions/export'),
  },
  'GET /decisions/export 500': { 'a bug': () => failing('addAccess', bug, () => get('/decisions/export')) },
  'GET /decisions/export 503': { 'no log': () => failing('addAccess', down, () => get('/decisions/export')) },
  'GET /decisions/{id}/proof 200': {
    'a sealed decision': async () => {
      const id = await decided();
      await running.service.sealer.seal();
      return get(`/decisions/${id}/proof`);
    },
    'since the first seal': async () => {
      const id = await decided();
      await running.service.sealer.seal();
      return get(`/decisions/${id}/proof?since=1`);
    },
  },
  'GET /decisions/{id}/proof 400': {
    'since a seal that is none': async () => {
      const id = await decided();
      await running.service.sealer.seal();
      return get(`/decisions/${id}/proof?since=1000`);
    },
  },
  'GET /decisions/{id}/proof 401': {
    'an unsigned request': () => unsigned(decisions, 'GET', '/decisions/0123456789abcdef/proof'),
  },
  'GET /decisions/{id}/proof 404': { 'no such decision': () => get('/decisions/0123456789abcdef/proof') },
  'GET /decisions/{id}/proof 409': {
    'a decision not sealed yet': async () => get(`/decisions/${await decided()}/proof`),
  },
  'GET /decisions/{id}/proof 500': {
    'a bug': () => failing('find', bug, () => get('/decisions/0123456789abcdef/proof')),
  },
  'GET /decisions/{id}/proof 503': {
    'no log': () => failing('find', down, () => get('/decisions/0123456789abcdef/proof')),
  },
  'POST /decisions/{id}/replay 200': {
    'an evaluation': async () => post(`/decisions/${await decided()}/replay`, ''),
    'an evaluation of low-magnesium.json': async () =>
      post(`/decisions/${await decided(example('low-magnesium'))}/replay`, ''),
    'under the rules of today': async () => post(`/decisions/${await decided()}/replay?ruleset=current`, ''),
  },
  'POST /decisions/{id}/replay 400': {
    'an unknown ruleset': async () => post(`/decisions/${await decided()}/replay?ruleset=other`, ''),
  },
  'POST /decisions/{id}/replay 401': {
    'no token': () => withToken(null, 'POST', '/decisions/0123456789abcdef/replay'),
    'an unsigned request': () => unsigned(decisions, 'POST', '/decisions/0123456789abcdef/replay'),
  },
  'POST /decisions/{id}/replay 403': {
    'a decision of another organisation': async () => {
      const made = await asEhr('POST', '/cds-services/order-sign', hookRequest());
      const id = made.headers.get('epsom-decision');
      return asPerson('POST', `/decisions/${id}/replay`, undefined, { ...auditor, tenant: 'south' });
    },
  },
  'POST /decisions/{id}/replay 404': {
    'no such decision': () => post('/decisions/0123456789abcdef/replay', ''),
  },
  'POST /decisions/{id}/replay 409': {
    'a refused request': async () => post(`/decisions/${await refused()}/replay`, ''),
  },
  'POST /decisions/{id}/replay 500': {
    'a bug': () => failing('find', bug, () => post('/decisions/0123456789abcdef/replay', '')),
  },
  'POST /decisions/{id}/replay 503': {
    'no log': () => failing('find', down, () => post('/decisions/0123456789abcdef/replay', '')),
  },
  'GET /fhir/metadata 200': { 'a running server': () => get('/fhir/metadata') },
  'GET /fhir/AuditEvent 200': {
    'decisions and looks': async () => {
      await withFeedback();
      await refused();
      return get('/fhir/AuditEvent?_count=100');
    },
    nobody: () => get('/fhir/AuditEvent?patient=nobody&date=ge2026&date=lt2027&_format=json'),
    'one decision': async () => get(`/fhir/AuditEvent?entity=GuidanceResponse/${await decided()}`),
    'the second page': async () => {
      await decided();
      const { link } = (await (await get('/fhir/AuditEvent?_count=1')).json()) as { link: { url: string }[] };
      return fetch(link[1]?.url ?? '');
    },
  },
  'GET /fhir/AuditEvent 400': {
    'an unknown parameter': () => get('/fhir/AuditEvent?outcome=4'),
    'a cursor of our own': () => get('/fhir/AuditEvent?cursor=abc'),
  },
  'GET /fhir/AuditEvent 406': { XML: () => get('/fhir/AuditEvent?_format=xml') },
  'GET /fhir/AuditEvent/$bundle 200': {
    'one decision': async () => get(`/fhir/AuditEvent/$bundle?entity=${await decided()}`),
  },
  'GET /fhir/AuditEvent/$bundle 400': { 'no date': () => get('/fhir/AuditEvent/$bundle?date=soon') },
  'GET /fhir/AuditEvent/$bundle 406': { XML: () => get('/fhir/AuditEvent/$bundle?_format=xml') },
  'GET /fhir/AuditEvent/{id} 200': {
    'a decision': async () => get(`/fhir/AuditEvent/${await decided()}`),
    'a refused request': async () => get(`/fhir/AuditEvent/${await refused()}`),
  },
  'GET /fhir/AuditEvent/{id} 404': { 'no such event': () => get('/fhir/AuditEvent/x') },
  'GET /fhir/GuidanceResponse 200': {
    'a patient': async () => {
      await withFeedback();
      return get('/fhir/GuidanceResponse?subject=Patient/1');
    },
    nobody: () => get('/fhir/GuidanceResponse?patient=nobody'),
  },
  'GET /fhir/GuidanceResponse 400': {
    'an unknown parameter': () => get('/fhir/GuidanceResponse?status=success'),
  },
  'GET /fhir/GuidanceResponse 406': { XML: () => get('/fhir/GuidanceResponse?_format=xml') },
  'GET /fhir/GuidanceResponse/{id} 200': {
    'a decision': async () => get(`/fhir/GuidanceResponse/${await decided()}`),
    'a refused request': async () => get(`/fhir/GuidanceResponse/${await refused()}`),
  },
  'GET /fhir/GuidanceResponse/{id} 404': { 'no such decision': () => get('/fhir/GuidanceResponse/x') },
  'GET /rules 200': {
    'an auditor': () => asPerson('GET', '/rules', undefined, auditor),
    'all rules': () => get('/rules'),
    'the rules of a hook': () => get('/rules?hook=order-sign'),
  },
  'GET /rules 400': { 'an unknown hook': () => get('/rules?hook=x') },
  'GET /rules 401': {
    'no token': () => withToken(null, 'GET', '/rules'),
  },
  'GET /rules 403': {
    'a token of an EHR': () => asEhr('GET', '/rules'),
  },
  'GET /rules/{id} 200': {
    'MG-001': () => get('/rules/MG-001'),
    'IV-001': () => get('/rules/IV-001'),
  },
  'GET /rules/{id} 401': {
    'no token': () => withToken(null, 'GET', '/rules/MG-001'),
  },
  'GET /rules/{id} 403': {
    'no scope': () => asPerson('GET', '/rules/MG-001'),
  },
  'GET /rules/{id} 404': { 'no such rule': () => get('/rules/XX-999') },
};

/** 405 and 421 are the same at every path: sent to each. So are an unsigned request and a broken log of the FHIR routes. */
for (const name of documented) {
  const [method = '', path = '', status] = name.split(' ');
  if (path.startsWith('/fhir/')) {
    const place = path.replace('{id}', '0123456789abcdef0123456789abcdef');
    const broken = path.endsWith('{id}') ? 'find' : 'list';
    if (status === '401') exchanges[name] = { 'an unsigned request': () => unsigned(fhir, method, place) };
    if (status === '500') exchanges[name] = { 'a bug': () => failing(broken, bug, () => get(place)) };
    if (status === '503') exchanges[name] = { 'no log': () => failing(broken, down, () => get(place)) };
  }
  const place = path.replace('/cds-services/{id}', '/cds-services/order-sign').replace('{id}', 'MG-001');
  if (status === '405')
    exchanges[name] = { DELETE: () => fetch(`${running.url}${place}`, { method: 'DELETE' }) };
  if (status === '421') exchanges[name] = { 'another Host': () => asHost(method, place) };
}
