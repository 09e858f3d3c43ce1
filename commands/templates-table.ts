/** The table of docs/gathering.md: how long each prefetch template is as it is sent. */
import { createFhirClient } from '../functions/outbound/fhir-client.ts';
import { queryShapeOf } from '../functions/service/query-shape.ts';
import { shapeTemplates } from '../rules/evaluation/query-shape.ts';
import { hooks } from '../rules/fhir/hooks.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';

const profiles = ['generic', 'epic', 'cerner'] as const;

/** Asked of nobody: it says how a query is sent. */
const { urlOf } = createFhirClient(
  { base: new URL('https://fhir.example.org'), headers: {} },
  { loopback: false, maxBytes: 0, deadlineMs: 0, signal: new AbortController().signal },
);

/**
 * Characters of the path below the base address and the query as they are sent, with ids of the greatest length:
 * https://hl7.org/fhir/R4/datatypes.html#id
 */
export function sentLength(template: string): number {
  const { pathname, search } = urlOf(template.replaceAll(/\{\{[^}]*\}\}/g, 'x'.repeat(64)));
  return pathname.length - 1 + search.length;
}

interface Row {
  key: string;
  hook: string;
  lengths: readonly number[];
}

/** Every template of every hook, by profile. A date is as long on any day. */
export function templateLengths(): Row[] {
  const { prefetch } = shippedRuleset();
  return hooks.flatMap((hook) => {
    const shaped = profiles.map((profile) =>
      shapeTemplates(prefetch[hook], queryShapeOf({ profile, registered: null }), 0),
    );
    return Object.keys(prefetch[hook]).map((key) => ({
      key,
      hook,
      lengths: shaped.map((templates) => sentLength(templates[key] ?? '')),
    }));
  });
}

/** Hooks that ask alike stand in one row. */
export function templatesTable(): string {
  const rows = [...Map.groupBy(templateLengths(), ({ key, lengths }) => [key, ...lengths].join(' | '))];
  return [
    `| key | ${profiles.join(' | ')} | hooks |`,
    '| --- | ---: | ---: | ---: | --- |',
    ...rows
      .map(([start, alike]) => {
        const [key = '', ...rest] = start.split(' | ');
        const names = alike.map(({ hook }) => hook);
        return `| \`${key}\` | ${rest.join(' | ')} | ${names.length === hooks.length ? 'all' : names.join(', ')} |`;
      })
      .sort(),
  ].join('\n');
}
