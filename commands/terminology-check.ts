/**
 * `npm run terminology:check`: compares condition groups, laboratory tests and drug classes with lists of a folder.
 * Exit 0: nothing is missing. 1: a list has codes that its group lacks. 2: it was called in a wrong way.
 */
import { conditionSystemOf, snomedCode } from '../rules/terminology/condition-systems.ts';
import { conditionRows, listed } from '../rules/terminology/condition-table.ts';
import { conditionGroups, conditionGroupsOf } from '../rules/terminology/conditions.ts';
import { drugClasses } from '../rules/terminology/drugs/ingredients.ts';
import { resolveDrug } from '../rules/terminology/drugs/resolve.ts';
import { codeNotUsedIn, labCodeOf, labCodes, labTests } from '../rules/terminology/labs.ts';
import { readsAsLoinc } from '../rules/terminology/systems.ts';
import { type CodeList, type ListedCode, readCodeLists } from './code-lists.ts';
import { type CommandLine, runCommand } from './command-line.ts';

const command = {
  about: `Compares the condition groups, laboratory tests and drug classes of rules/terminology with the lists of a folder:
FHIR value sets and code systems (.json), plain lists of codes (.txt, .csv; the first cell that looks like a code). A list
is compared with the group that its file is named after (dialysis.json, potassium.json, nsaid.json), else with the group
that has most of its codes. LOINC codes that must not be read as the test (urine, red cells) are not missing.`,
  calls: ['npm run terminology:check -- <folder>'],
  options: {},
  positionals: [1, 1],
  failed: 1,
} as const satisfies CommandLine;

/** What a code is read as: condition groups, a laboratory test, classes of drugs. */
function groupsOf(code: ListedCode): readonly string[] {
  if (readsAsLoinc(code.system) !== null) {
    const test = labCodeOf([code])?.test;
    return test ? [test] : [];
  }
  const { groups, past, open } = conditionGroupsOf([code], undefined);
  const classes = resolveDrug([code], undefined).ingredients.flatMap((ingredient) => ingredient.classes);
  return [...groups, ...past, ...open, ...classes];
}

const isGroup = (name: string): boolean =>
  conditionGroups.has(name) || drugClasses.has(name) || Object.hasOwn(labTests, name);

/** The group a list is about; null where no group has half of its codes. */
function groupOf({ name, codes }: CodeList): string | null {
  if (isGroup(name)) return name;
  const counts = new Map<string, number>();
  for (const code of codes) {
    for (const group of new Set(groupsOf(code))) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  const [best] = [...counts].sort((one, other) => other[1] - one[1]);
  return best && best[1] * 2 >= codes.length ? best[0] : null;
}

/** LOINC codes that are read as the test and are not in the list. */
function labsBeyond(test: string, { codes }: CodeList): readonly string[] {
  const inList = new Set(codes.map(({ code }) => code));
  return labCodes.filter((one) => one.test === test && !inList.has(one.code)).map(({ code }) => code);
}

/** Codes that the group has and the list does not: of SNOMED CT, of LOINC. */
function beyond(group: string, list: CodeList): readonly string[] {
  if (Object.hasOwn(labTests, group)) return labsBeyond(group, list);
  const { codes } = list;
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
    const missing = list.codes
      .filter((code) => !groupsOf(code).includes(group) && codeNotUsedIn([code]) === null)
      .map(({ code }) => code);
    const more = beyond(group, list);
    if (missing.length > 0) lacks = true;
    console.log(`${list.name}: ${list.codes.length} codes, group ${group}
  missing in the group  ${missing.length === 0 ? 'none' : missing.join(' ')}
  not in the list       ${more.length === 0 ? 'none' : more.join(' ')}`);
  }
  return lacks ? 1 : 0;
});
