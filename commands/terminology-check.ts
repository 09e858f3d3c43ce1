/**
 * `npm run terminology:check`: compares the condition groups with lists of a folder.
 * Exit 0: nothing is missing. 1: a list has codes that its group lacks. 2: it was called in a wrong way.
 */
import { conditionSystemOf, snomedCode } from '../rules/terminology/condition-systems.ts';
import { conditionRows, listed } from '../rules/terminology/condition-table.ts';
import { conditionGroups, conditionGroupsOf } from '../rules/terminology/conditions.ts';
import { type CodeList, type ListedCode, readCodeLists } from './code-lists.ts';
import { type CommandLine, runCommand } from './command-line.ts';

const command = {
  about: `Compares the condition groups of rules/terminology/conditions.json with the lists of a folder: FHIR value sets
and code systems (.json), plain lists of codes (.txt, .csv; the first cell that looks like a code). A list is compared
with the group that its file is named after (dialysis.json), else with the group that has most of its codes.`,
  calls: ['npm run terminology:check -- <folder>'],
  options: {},
  positionals: [1, 1],
  failed: 1,
} as const satisfies CommandLine;

function groupsOf(code: ListedCode): readonly string[] {
  const { groups, past, open } = conditionGroupsOf([code], undefined);
  return [...groups, ...past, ...open];
}

/** The group a list is about; null where no group has half of its codes. */
function groupOf({ name, codes }: CodeList): string | null {
  if (conditionGroups.has(name)) return name;
  const counts = new Map<string, number>();
  for (const code of codes) {
    for (const group of groupsOf(code)) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  const [best] = [...counts].sort((one, other) => other[1] - one[1]);
  return best && best[1] * 2 >= codes.length ? best[0] : null;
}

/** Concepts of SNOMED CT that the group has and the list does not. */
function beyond(group: string, { codes }: CodeList): readonly string[] {
  const inList = new Set(
    codes.flatMap(({ system, code }) =>
      conditionSystemOf(system) === 'snomed' ? (snomedCode(code) ?? []) : [],
    ),
  );
  if (inList.size === 0) return [];
  const row = conditionRows.find((one) => one.group === group);
  return listed(row?.snomed).filter((code) => !inList.has(code));
}

await runCommand(command, ({ positionals: [folder = ''] }) => {
  const lists = readCodeLists(folder);
  if (lists.length === 0) throw new Error(`\`${folder}\` has no list in it: .json, .txt or .csv`);
  let lacks = false;
  for (const list of lists) {
    const group = list.codes.length === 0 ? null : groupOf(list);
    if (group === null) {
      const why = list.codes.length === 0 ? 'no codes that we can read' : 'no group has half of its codes';
      console.log(`${list.name}: not compared, ${why}`);
      continue;
    }
    const missing = list.codes.filter((code) => !groupsOf(code).includes(group)).map(({ code }) => code);
    const more = beyond(group, list);
    if (missing.length > 0) lacks = true;
    console.log(`${list.name}: ${list.codes.length} codes, group ${group}
  missing in the group  ${missing.length === 0 ? 'none' : missing.join(' ')}
  not in the list       ${more.length === 0 ? 'none' : more.join(' ')}`);
  }
  return lacks ? 1 : 0;
});
