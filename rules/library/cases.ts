import DG001 from './cardiac/DG-001/cases.json' with { type: 'json' };
import DQ001 from './data-quality/DQ-001/cases.json' with { type: 'json' };
import DQ002 from './data-quality/DQ-002/cases.json' with { type: 'json' };
import DQ003 from './data-quality/DQ-003/cases.json' with { type: 'json' };
import DQ004 from './data-quality/DQ-004/cases.json' with { type: 'json' };
import IV001 from './iv-magnesium/IV-001/cases.json' with { type: 'json' };
import IV002 from './iv-magnesium/IV-002/cases.json' with { type: 'json' };
import IV004 from './iv-magnesium/IV-004/cases.json' with { type: 'json' };
import IV006 from './iv-magnesium/IV-006/cases.json' with { type: 'json' };
import MG001 from './magnesium/MG-001/cases.json' with { type: 'json' };
import MG002 from './magnesium/MG-002/cases.json' with { type: 'json' };
import MG003 from './magnesium/MG-003/cases.json' with { type: 'json' };
import MG009 from './magnesium/MG-009/cases.json' with { type: 'json' };
import MG013 from './magnesium/MG-013/cases.json' with { type: 'json' };
import CH001 from './oral-magnesium/CH-001/cases.json' with { type: 'json' };
import RD001 from './renal-dosing/RD-001/cases.json' with { type: 'json' };
import RD023 from './renal-dosing/RD-023/cases.json' with { type: 'json' };
import RF001 from './renal-function/RF-001/cases.json' with { type: 'json' };

/** The cases of every rule, in the order of their folders. `npm run rule:new` keeps it. */
export const cases: readonly { where: string; json: unknown }[] = [
  { where: 'cardiac/DG-001', json: DG001 },
  { where: 'data-quality/DQ-001', json: DQ001 },
  { where: 'data-quality/DQ-002', json: DQ002 },
  { where: 'data-quality/DQ-003', json: DQ003 },
  { where: 'data-quality/DQ-004', json: DQ004 },
  { where: 'iv-magnesium/IV-001', json: IV001 },
  { where: 'iv-magnesium/IV-002', json: IV002 },
  { where: 'iv-magnesium/IV-004', json: IV004 },
  { where: 'iv-magnesium/IV-006', json: IV006 },
  { where: 'magnesium/MG-001', json: MG001 },
  { where: 'magnesium/MG-002', json: MG002 },
  { where: 'magnesium/MG-003', json: MG003 },
  { where: 'magnesium/MG-009', json: MG009 },
  { where: 'magnesium/MG-013', json: MG013 },
  { where: 'oral-magnesium/CH-001', json: CH001 },
  { where: 'renal-dosing/RD-001', json: RD001 },
  { where: 'renal-dosing/RD-023', json: RD023 },
  { where: 'renal-function/RF-001', json: RF001 },
];
