/**
 * What CDS Hooks requires of JSON on the wire, as checks for tests: the 12 invariants of the published
 * logical models (HL7/cds-hooks, input/fsh/invariants), `ord-1` of the hook library, and the rules of the
 * text that have no invariant (https://cds-hooks.hl7.org/2.0/). From the specification, not from our code.
 */
type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Problems found so far; each begins with the name of the rule and the place: `cds-resp-6 cards[0]: ...`. */
class Findings {
  readonly problems: string[] = [];

  say(rule: string, at: string, message: string): void {
    this.problems.push(`${rule} ${at}: ${message}`);
  }
  check(holds: boolean, rule: string, at: string, message: string): void {
    if (!holds) this.say(rule, at, message);
  }
  /** Required string. */
  text(value: unknown, rule: string, at: string): void {
    this.check(isText(value), rule, at, 'must be a string with something in it');
  }
  optionalText(value: unknown, rule: string, at: string): void {
    if (value !== undefined) this.text(value, rule, at);
  }
  /** The objects of a list, each with its place; what is no list or no object is a problem. */
  *objects(value: unknown, at: string): Generator<[Json, string]> {
    if (value === undefined) return;
    if (!Array.isArray(value)) {
      this.say('list', at, 'must be a list');
      return;
    }
    for (const [index, entry] of value.entries()) {
      if (isObject(entry)) yield [entry, `${at}[${index}]`];
      else this.say('list', `${at}[${index}]`, 'must be an object');
    }
  }
}

/** The only lists that may be empty. */
const mayBeEmpty = new Set(['cards', 'services']);
/** The only objects whose values may be null: a prefetch answer without data. */
const mayHoldNull = 'prefetch';

function noNullNoEmpty(findings: Findings, value: unknown, at: string): void {
  if (value === null) findings.say('no-null', at, 'must be left out instead of null');
  else if (value === '') findings.say('no-empty', at, 'must be left out instead of an empty string');
  else if (Array.isArray(value)) {
    findings.check(value.length > 0 || mayBeEmpty.has(at), 'no-empty', at, 'must be left out instead of []');
    for (const [index, entry] of value.entries()) noNullNoEmpty(findings, entry, `${at}[${index}]`);
  } else if (isObject(value)) {
    const entries = Object.entries(value);
    findings.check(entries.length > 0, 'no-empty', at || '(body)', 'must be left out instead of {}');
    for (const [key, entry] of entries) {
      if (at === mayHoldNull && entry === null) continue;
      noNullNoEmpty(findings, entry, at ? `${at}.${key}` : key);
    }
  } else if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
    findings.say('json', at, 'is no JSON value');
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const isAbsolute = (url: unknown): boolean =>
  typeof url === 'string' && /^https?:\/\/[^\s/]/.test(url) && URL.canParse(url);
const isReference = (value: unknown): boolean =>
  typeof value === 'string' && /^[A-Za-z]+\/[\w.-]+$/.test(value);

function coding(findings: Findings, value: unknown, at: string): void {
  if (!isObject(value)) {
    findings.say('coding', at, 'must be a Coding');
    return;
  }
  findings.text(value.code, 'coding', `${at}.code`);
  findings.text(value.system, 'coding', `${at}.system`);
  findings.optionalText(value.display, 'coding', `${at}.display`);
}

function action(findings: Findings, value: Json, at: string): void {
  const { type, resource, resourceId } = value;
  const known = type === 'create' || type === 'update' || type === 'delete';
  findings.check(known, 'action-type', `${at}.type`, 'must be create, update or delete');
  if (type === 'delete') {
    const named = resourceId !== undefined && resource === undefined;
    findings.check(named, 'cds-resp-2', at, 'a delete names a resourceId and carries no resource');
    findings.check(
      resourceId === undefined || isReference(resourceId),
      'action-delete',
      `${at}.resourceId`,
      'must be `Type/id`',
    );
    return;
  }
  if (!known) return;
  const isResource = isObject(resource) && isText(resource.resourceType);
  findings.check(isResource, `action-${type}`, `${at}.resource`, `a ${type} carries a FHIR resource`);
  findings.check(resourceId === undefined, `action-${type}`, `${at}.resourceId`, 'is for a delete only');
  if (type === 'update' && isResource) {
    findings.text(resource.id, 'action-update', `${at}.resource.id`);
  }
}

function suggestion(findings: Findings, value: Json, at: string): void {
  findings.text(value.label, 'suggestion-label', `${at}.label`);
  if (value.uuid !== undefined) {
    findings.check(
      typeof value.uuid === 'string' && uuid.test(value.uuid),
      'uuid',
      `${at}.uuid`,
      'must be a UUID',
    );
  }
  const { isRecommended, actionSelectionBehavior: behavior } = value;
  const isFlag = isRecommended === undefined || typeof isRecommended === 'boolean';
  findings.check(isFlag, 'is-recommended', `${at}.isRecommended`, 'must be true or false');
  const isKnown = behavior === undefined || ['all', 'any', 'at-most-one'].includes(String(behavior));
  findings.check(isKnown, 'cds-resp-7', `${at}.actionSelectionBehavior`, 'must be all, any or at-most-one');
  for (const [entry, place] of findings.objects(value.actions, `${at}.actions`)) {
    findings.check(
      isText(entry.description),
      'cds-resp-5',
      `${place}.description`,
      'an action of a suggestion needs it',
    );
    action(findings, entry, place);
  }
}

function link(findings: Findings, value: Json, at: string): void {
  findings.text(value.label, 'link', `${at}.label`);
  findings.check(isAbsolute(value.url), 'link', `${at}.url`, 'must be an absolute URL');
  const known = value.type === 'absolute' || value.type === 'smart';
  findings.check(known, 'link', `${at}.type`, 'must be absolute or smart');
  const misplaced = value.type !== 'smart' && value.appContext !== undefined;
  findings.check(!misplaced, 'cds-resp-3', `${at}.appContext`, 'is for smart links only');
}

function card(findings: Findings, value: Json, at: string): void {
  const { summary, indicator, source, suggestions, selectionBehavior } = value;
  findings.text(summary, 'summary', `${at}.summary`);
  if (typeof summary === 'string') {
    findings.check(summary.length < 140, 'summary', `${at}.summary`, 'must be shorter than 140 characters');
  }
  const rated = ['info', 'warning', 'critical'].includes(String(indicator));
  findings.check(rated, 'indicator', `${at}.indicator`, 'must be info, warning or critical');
  if (isObject(source)) {
    findings.text(source.label, 'source', `${at}.source.label`);
    for (const key of ['url', 'icon'] as const) {
      const fits = source[key] === undefined || isAbsolute(source[key]);
      findings.check(fits, 'source', `${at}.source.${key}`, 'must be an absolute URL');
    }
    if (source.topic !== undefined) coding(findings, source.topic, `${at}.source.topic`);
  } else findings.say('source', `${at}.source`, 'is required');
  findings.optionalText(value.detail, 'detail', `${at}.detail`);
  if (value.uuid !== undefined) {
    findings.check(
      typeof value.uuid === 'string' && uuid.test(value.uuid),
      'uuid',
      `${at}.uuid`,
      'must be a UUID',
    );
  }
  const offered = [...findings.objects(suggestions, `${at}.suggestions`)];
  for (const [entry, place] of offered) suggestion(findings, entry, place);
  if (suggestions !== undefined) {
    const stated = selectionBehavior !== undefined;
    findings.check(stated, 'cds-resp-6', `${at}.selectionBehavior`, 'is required beside suggestions');
  }
  const known = selectionBehavior === undefined || ['any', 'at-most-one'].includes(String(selectionBehavior));
  findings.check(known, 'selection-behavior', `${at}.selectionBehavior`, 'must be any or at-most-one');
  if (selectionBehavior === 'at-most-one') {
    const recommended = offered.filter(([entry]) => entry.isRecommended === true).length;
    findings.check(
      recommended <= 1,
      'cds-resp-1',
      `${at}.suggestions`,
      'recommends more than one of at-most-one',
    );
  }
  for (const [reason, place] of findings.objects(value.overrideReasons, `${at}.overrideReasons`)) {
    coding(findings, reason, place);
    findings.check(
      isText(reason.display),
      'cds-resp-4',
      `${place}.display`,
      'an override reason needs a display',
    );
  }
  for (const [entry, place] of findings.objects(value.links, `${at}.links`)) link(findings, entry, place);
}

function response(findings: Findings, value: Json): void {
  findings.check(
    Array.isArray(value.cards),
    'cards',
    'cards',
    'must be a list, empty when there is nothing to say',
  );
  const seen = new Set<unknown>();
  if (Array.isArray(value.cards)) {
    for (const [entry, at] of findings.objects(value.cards, 'cards')) {
      card(findings, entry, at);
      const repeated = entry.uuid !== undefined && seen.has(entry.uuid);
      findings.check(!repeated, 'uuid', `${at}.uuid`, 'is that of another card');
      seen.add(entry.uuid);
    }
  }
  for (const [entry, at] of findings.objects(value.systemActions, 'systemActions'))
    action(findings, entry, at);
}

/** Tokens of 2.0.1: `context.<field>` and the four ids of the user. */
const token =
  /^(context\.[A-Za-z]\w*|userPractitionerId|userPractitionerRoleId|userPatientId|userRelatedPersonId)$/;

function discovery(findings: Findings, value: Json): void {
  const seen = new Set<string>();
  for (const [service, at] of findings.objects(value.services, 'services')) {
    for (const key of ['hook', 'id', 'description'] as const)
      findings.text(service[key], 'service', `${at}.${key}`);
    const name = `${service.id} ${service.hook}`;
    findings.check(!seen.has(name), 'service', at, 'repeats the id and hook of another');
    seen.add(name);
    if (service.prefetch === undefined) continue;
    for (const [key, template] of Object.entries(isObject(service.prefetch) ? service.prefetch : {})) {
      const place = `${at}.prefetch.${key}`;
      findings.text(template, 'prefetch', place);
      for (const [, inner = ''] of String(template).matchAll(/\{\{(.*?)\}\}/g)) {
        findings.check(token.test(inner), 'prefetch', place, `\`${inner}\` is no token of CDS Hooks 2.0.1`);
      }
    }
  }
}

function feedback(findings: Findings, value: Json): void {
  for (const [item, at] of findings.objects(value.feedback, 'feedback')) {
    findings.text(item.card, 'feedback', `${at}.card`);
    const { outcome, overrideReason, acceptedSuggestions: accepted } = item;
    const known = outcome === 'accepted' || outcome === 'overridden';
    findings.check(known, 'cds-fb-1', `${at}.outcome`, 'must be accepted or overridden');
    const named = outcome !== 'accepted' || (Array.isArray(accepted) && accepted.length > 0);
    findings.check(named, 'cds-fb-2', `${at}.acceptedSuggestions`, 'is required when accepted');
    if (overrideReason !== undefined) {
      const says =
        isObject(overrideReason) && (overrideReason.reason ?? overrideReason.userComment) !== undefined;
      findings.check(says, 'cds-fb-3', `${at}.overrideReason`, 'needs a reason, a userComment, or both');
    }
    const time = item.outcomeTimestamp;
    const isTime = typeof time === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(time);
    findings.check(isTime, 'feedback', `${at}.outcomeTimestamp`, 'must be an RFC 3339 time');
  }
}

function request(findings: Findings, value: Json, hook: string | undefined): void {
  findings.text(value.hook, 'request', 'hook');
  findings.check(hook === undefined || value.hook === hook, 'request', 'hook', `must be ${hook}`);
  findings.text(value.hookInstance, 'request', 'hookInstance');
  findings.check(isObject(value.context), 'request', 'context', 'must be an object');
  const authorization = value.fhirAuthorization;
  const addressed = authorization === undefined || value.fhirServer !== undefined;
  findings.check(addressed, 'cds-r-1', 'fhirServer', 'is required beside fhirAuthorization');
  if (isObject(authorization) && String(authorization.scope).includes('patient/')) {
    findings.check(
      authorization.patient !== undefined,
      'cds-r-2',
      'fhirAuthorization.patient',
      'names the patient',
    );
  }
  const { userId, selections, performer } = isObject(value.context) ? value.context : {};
  const references = [userId, performer, ...(Array.isArray(selections) ? selections : [])];
  for (const reference of references) {
    const fits = reference === undefined || isReference(reference);
    findings.check(fits, 'ord-1', 'context', `\`${reference}\` must be \`Type/id\``);
  }
}

/**
 * What is wrong with a CDS Hooks document, judged by its shape: response, discovery, feedback or request.
 * @param hook the hook that was called: then the document must be its response (or a request for it)
 * @returns one sentence per problem, beginning with the invariant's name; empty when it conforms
 */
export function invariantProblems(document: unknown, hook?: string): string[] {
  const findings = new Findings();
  if (!isObject(document)) return ['json (body): must be a JSON object'];
  noNullNoEmpty(findings, document, '');
  if ('context' in document || 'hookInstance' in document) request(findings, document, hook);
  else if ('services' in document && hook === undefined) discovery(findings, document);
  else if ('feedback' in document && hook === undefined) feedback(findings, document);
  else response(findings, document);
  return findings.problems;
}
