/** What the verifier found, in a few lines: for people. For machines: the report itself. */
import type { LogFault, Report } from '../faults.ts';

/** Lines of faults that are printed at most: the first say what happened, `--json` has all. */
const mostLines = 40;

/** One line for each thing and kind of fault: what else was found of the same is counted. */
function linesOfFaults(faults: readonly LogFault[]): string[] {
  const groups = [...Map.groupBy(faults, ({ fault, what }) => `${fault}  ${what}`).values()];
  const lines = groups.flatMap(([first, ...more]) => {
    if (!first) return [];
    const others = more.length > 0 ? ` (and ${more.length} more)` : '';
    return [`${first.fault}  ${first.what}: ${first.message}${others}`];
  });
  const rest = lines.length - mostLines;
  return rest > 0 ? [...lines.slice(0, mostLines), `and ${rest} more: see --json`] : lines;
}

const counted = (count: number, text: string): string[] => (count > 0 ? [`${count} ${text}`] : []);

export function linesOf(report: Report): string[] {
  const { seals, records, verified, items, notCovered, faults } = report;
  const also = [
    ...counted(report.unsealed, 'not sealed yet'),
    ...counted(report.waiting, 'not in lists yet'),
    ...counted(report.purged, 'purged by a recorded purge'),
    ...counted(report.erased, 'of erased patients'),
    ...counted(report.spilled, 'waited in a spill'),
  ];
  return [
    ...linesOfFaults(faults),
    `${seals} seals, ${records} records: ${[`${verified} verified`, ...also].join(', ')}`,
    ...counted(items, 'items beside them are what the records say'),
    ...notCovered.map((what) => `not covered: ${what}`),
    faults.length === 0
      ? 'the log is whole'
      : `the log is NOT whole: ${new Set(faults.map(({ fault, what }) => `${fault} ${what}`)).size} fault(s)`,
  ];
}
