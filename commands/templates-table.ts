/** The table of docs/gathering.md: how long each prefetch template is when it is encoded. */
import { queryShapeOf } from '../functions/service/query-shape.ts';
import { shapeTemplates } from '../rules/evaluation/query-shape.ts';
import { hooks } from '../rules/fhir/hooks.ts';
import { shippedRuleset } from '../rules/library/shipped.ts';

const profiles = ['generic', 'epic', 'cerner'] as const;

/** Characters of an encoded template, with ids of the greatest length: https://hl7.org/fhir/R4/datatypes.html#id */
export const encodedLength = (template: string): number =>
  encodeURIComponent(template.replaceAll(/\{\{[^}]*\}\}/g, 'x'.repeat(64))).length;

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
      lengths: shaped.map((templates) => encodedLength(templates[key] ?? '')),
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
