import DG001 from './cardiac/DG-001/cases.json' with { type: 'json' };
import DG002 from './cardiac/DG-002/cases.json' with { type: 'json' };
import DG003 from './cardiac/DG-003/cases.json' with { type: 'json' };
import DG004 from './cardiac/DG-004/cases.json' with { type: 'json' };
import DG005 from './cardiac/DG-005/cases.json' with { type: 'json' };
import DG006 from './cardiac/DG-006/cases.json' with { type: 'json' };
import QT001 from './cardiac/QT-001/cases.json' with { type: 'json' };
import QT002 from './cardiac/QT-002/cases.json' with { type: 'json' };
import QT003 from './cardiac/QT-003/cases.json' with { type: 'json' };
import QT004 from './cardiac/QT-004/cases.json' with { type: 'json' };
import QT005 from './cardiac/QT-005/cases.json' with { type: 'json' };
import QT006 from './cardiac/QT-006/cases.json' with { type: 'json' };
import QT007 from './cardiac/QT-007/cases.json' with { type: 'json' };
import QT008 from './cardiac/QT-008/cases.json' with { type: 'json' };
import QT009 from './cardiac/QT-009/cases.json' with { type: 'json' };
import QT010 from './cardiac/QT-010/cases.json' with { type: 'json' };
import QX003 from './cardiac/QX-003/cases.json' with { type: 'json' };
import CV004 from './critical-values/CV-004/cases.json' with { type: 'json' };
import CV005 from './critical-values/CV-005/cases.json' with { type: 'json' };
import CV006 from './critical-values/CV-006/cases.json' with { type: 'json' };
import CV007 from './critical-values/CV-007/cases.json' with { type: 'json' };
import CV008 from './critical-values/CV-008/cases.json' with { type: 'json' };
import CV009 from './critical-values/CV-009/cases.json' with { type: 'json' };
import CV011 from './critical-values/CV-011/cases.json' with { type: 'json' };
import CV012 from './critical-values/CV-012/cases.json' with { type: 'json' };
import CV013 from './critical-values/CV-013/cases.json' with { type: 'json' };
import CV014 from './critical-values/CV-014/cases.json' with { type: 'json' };
import DQ001 from './data-quality/DQ-001/cases.json' with { type: 'json' };
import DQ002 from './data-quality/DQ-002/cases.json' with { type: 'json' };
import DQ003 from './data-quality/DQ-003/cases.json' with { type: 'json' };
import DQ004 from './data-quality/DQ-004/cases.json' with { type: 'json' };
import DQ005 from './data-quality/DQ-005/cases.json' with { type: 'json' };
import DQ006 from './data-quality/DQ-006/cases.json' with { type: 'json' };
import DQ007 from './data-quality/DQ-007/cases.json' with { type: 'json' };
import DQ008 from './data-quality/DQ-008/cases.json' with { type: 'json' };
import IV001 from './iv-magnesium/IV-001/cases.json' with { type: 'json' };
import IV002 from './iv-magnesium/IV-002/cases.json' with { type: 'json' };
import IV003 from './iv-magnesium/IV-003/cases.json' with { type: 'json' };
import IV004 from './iv-magnesium/IV-004/cases.json' with { type: 'json' };
import IV005 from './iv-magnesium/IV-005/cases.json' with { type: 'json' };
import IV006 from './iv-magnesium/IV-006/cases.json' with { type: 'json' };
import IV007 from './iv-magnesium/IV-007/cases.json' with { type: 'json' };
import IV008 from './iv-magnesium/IV-008/cases.json' with { type: 'json' };
import IV009 from './iv-magnesium/IV-009/cases.json' with { type: 'json' };
import IV010 from './iv-magnesium/IV-010/cases.json' with { type: 'json' };
import IV011 from './iv-magnesium/IV-011/cases.json' with { type: 'json' };
import IV012 from './iv-magnesium/IV-012/cases.json' with { type: 'json' };
import IV013 from './iv-magnesium/IV-013/cases.json' with { type: 'json' };
import IV014 from './iv-magnesium/IV-014/cases.json' with { type: 'json' };
import IV015 from './iv-magnesium/IV-015/cases.json' with { type: 'json' };
import IV016 from './iv-magnesium/IV-016/cases.json' with { type: 'json' };
import IV017 from './iv-magnesium/IV-017/cases.json' with { type: 'json' };
import IV018 from './iv-magnesium/IV-018/cases.json' with { type: 'json' };
import IV019 from './iv-magnesium/IV-019/cases.json' with { type: 'json' };
import IV020 from './iv-magnesium/IV-020/cases.json' with { type: 'json' };
import IV021 from './iv-magnesium/IV-021/cases.json' with { type: 'json' };
import MG001 from './magnesium/MG-001/cases.json' with { type: 'json' };
import MG002 from './magnesium/MG-002/cases.json' with { type: 'json' };
import MG003 from './magnesium/MG-003/cases.json' with { type: 'json' };
import MG004 from './magnesium/MG-004/cases.json' with { type: 'json' };
import MG005 from './magnesium/MG-005/cases.json' with { type: 'json' };
import MG006 from './magnesium/MG-006/cases.json' with { type: 'json' };
import MG007 from './magnesium/MG-007/cases.json' with { type: 'json' };
import MG008 from './magnesium/MG-008/cases.json' with { type: 'json' };
import MG009 from './magnesium/MG-009/cases.json' with { type: 'json' };
import MG010 from './magnesium/MG-010/cases.json' with { type: 'json' };
import MG011 from './magnesium/MG-011/cases.json' with { type: 'json' };
import MG012 from './magnesium/MG-012/cases.json' with { type: 'json' };
import MG013 from './magnesium/MG-013/cases.json' with { type: 'json' };
import MG014 from './magnesium/MG-014/cases.json' with { type: 'json' };
import MG015 from './magnesium/MG-015/cases.json' with { type: 'json' };
import MG016 from './magnesium/MG-016/cases.json' with { type: 'json' };
import MG017 from './magnesium/MG-017/cases.json' with { type: 'json' };
import MG018 from './magnesium/MG-018/cases.json' with { type: 'json' };
import MG019 from './magnesium/MG-019/cases.json' with { type: 'json' };
import MG020 from './magnesium/MG-020/cases.json' with { type: 'json' };
import MG021 from './magnesium/MG-021/cases.json' with { type: 'json' };
import MG022 from './magnesium/MG-022/cases.json' with { type: 'json' };
import MG023 from './magnesium/MG-023/cases.json' with { type: 'json' };
import CH001 from './oral-magnesium/CH-001/cases.json' with { type: 'json' };
import CH002 from './oral-magnesium/CH-002/cases.json' with { type: 'json' };
import CH003 from './oral-magnesium/CH-003/cases.json' with { type: 'json' };
import CH004 from './oral-magnesium/CH-004/cases.json' with { type: 'json' };
import CH005 from './oral-magnesium/CH-005/cases.json' with { type: 'json' };
import CH006 from './oral-magnesium/CH-006/cases.json' with { type: 'json' };
import CH007 from './oral-magnesium/CH-007/cases.json' with { type: 'json' };
import CH008 from './oral-magnesium/CH-008/cases.json' with { type: 'json' };
import CH009 from './oral-magnesium/CH-009/cases.json' with { type: 'json' };
import CH010 from './oral-magnesium/CH-010/cases.json' with { type: 'json' };
import CH011 from './oral-magnesium/CH-011/cases.json' with { type: 'json' };
import CH012 from './oral-magnesium/CH-012/cases.json' with { type: 'json' };
import CH013 from './oral-magnesium/CH-013/cases.json' with { type: 'json' };
import MD008 from './oral-magnesium/MD-008/cases.json' with { type: 'json' };
import OM001 from './oral-magnesium/OM-001/cases.json' with { type: 'json' };
import OM002 from './oral-magnesium/OM-002/cases.json' with { type: 'json' };
import OM003 from './oral-magnesium/OM-003/cases.json' with { type: 'json' };
import OM004 from './oral-magnesium/OM-004/cases.json' with { type: 'json' };
import OM005 from './oral-magnesium/OM-005/cases.json' with { type: 'json' };
import RB020 from './renal-dosing/RB-020/cases.json' with { type: 'json' };
import RB024 from './renal-dosing/RB-024/cases.json' with { type: 'json' };
import RB026 from './renal-dosing/RB-026/cases.json' with { type: 'json' };
import RB027 from './renal-dosing/RB-027/cases.json' with { type: 'json' };
import RD001 from './renal-dosing/RD-001/cases.json' with { type: 'json' };
import RD002 from './renal-dosing/RD-002/cases.json' with { type: 'json' };
import RD003 from './renal-dosing/RD-003/cases.json' with { type: 'json' };
import RD004 from './renal-dosing/RD-004/cases.json' with { type: 'json' };
import RD005 from './renal-dosing/RD-005/cases.json' with { type: 'json' };
import RD006 from './renal-dosing/RD-006/cases.json' with { type: 'json' };
import RD007 from './renal-dosing/RD-007/cases.json' with { type: 'json' };
import RD008 from './renal-dosing/RD-008/cases.json' with { type: 'json' };
import RD009 from './renal-dosing/RD-009/cases.json' with { type: 'json' };
import RD010 from './renal-dosing/RD-010/cases.json' with { type: 'json' };
import RD011 from './renal-dosing/RD-011/cases.json' with { type: 'json' };
import RD012 from './renal-dosing/RD-012/cases.json' with { type: 'json' };
import RD013 from './renal-dosing/RD-013/cases.json' with { type: 'json' };
import RD014 from './renal-dosing/RD-014/cases.json' with { type: 'json' };
import RD015 from './renal-dosing/RD-015/cases.json' with { type: 'json' };
import RD016 from './renal-dosing/RD-016/cases.json' with { type: 'json' };
import RD017 from './renal-dosing/RD-017/cases.json' with { type: 'json' };
import RD018 from './renal-dosing/RD-018/cases.json' with { type: 'json' };
import RD019 from './renal-dosing/RD-019/cases.json' with { type: 'json' };
import RD020 from './renal-dosing/RD-020/cases.json' with { type: 'json' };
import RD021 from './renal-dosing/RD-021/cases.json' with { type: 'json' };
import RD022 from './renal-dosing/RD-022/cases.json' with { type: 'json' };
import RD023 from './renal-dosing/RD-023/cases.json' with { type: 'json' };
import RD024 from './renal-dosing/RD-024/cases.json' with { type: 'json' };
import RD025 from './renal-dosing/RD-025/cases.json' with { type: 'json' };
import RD026 from './renal-dosing/RD-026/cases.json' with { type: 'json' };
import RD027 from './renal-dosing/RD-027/cases.json' with { type: 'json' };
import RD028 from './renal-dosing/RD-028/cases.json' with { type: 'json' };
import RD029 from './renal-dosing/RD-029/cases.json' with { type: 'json' };
import RD030 from './renal-dosing/RD-030/cases.json' with { type: 'json' };
import RD031 from './renal-dosing/RD-031/cases.json' with { type: 'json' };
import RD032 from './renal-dosing/RD-032/cases.json' with { type: 'json' };
import RD033 from './renal-dosing/RD-033/cases.json' with { type: 'json' };
import RD034 from './renal-dosing/RD-034/cases.json' with { type: 'json' };
import RD035 from './renal-dosing/RD-035/cases.json' with { type: 'json' };
import RD036 from './renal-dosing/RD-036/cases.json' with { type: 'json' };
import RD037 from './renal-dosing/RD-037/cases.json' with { type: 'json' };
import RD038 from './renal-dosing/RD-038/cases.json' with { type: 'json' };
import RD039 from './renal-dosing/RD-039/cases.json' with { type: 'json' };
import RD040 from './renal-dosing/RD-040/cases.json' with { type: 'json' };
import RD041 from './renal-dosing/RD-041/cases.json' with { type: 'json' };
import RD042 from './renal-dosing/RD-042/cases.json' with { type: 'json' };
import RD043 from './renal-dosing/RD-043/cases.json' with { type: 'json' };
import RD044 from './renal-dosing/RD-044/cases.json' with { type: 'json' };
import RD045 from './renal-dosing/RD-045/cases.json' with { type: 'json' };
import RD046 from './renal-dosing/RD-046/cases.json' with { type: 'json' };
import RD047 from './renal-dosing/RD-047/cases.json' with { type: 'json' };
import RD048 from './renal-dosing/RD-048/cases.json' with { type: 'json' };
import AX001 from './renal-function/AX-001/cases.json' with { type: 'json' };
import AX008 from './renal-function/AX-008/cases.json' with { type: 'json' };
import HK001 from './renal-function/HK-001/cases.json' with { type: 'json' };
import HK002 from './renal-function/HK-002/cases.json' with { type: 'json' };
import HK004 from './renal-function/HK-004/cases.json' with { type: 'json' };
import KX001 from './renal-function/KX-001/cases.json' with { type: 'json' };
import KX002 from './renal-function/KX-002/cases.json' with { type: 'json' };
import KX006 from './renal-function/KX-006/cases.json' with { type: 'json' };
import KX017 from './renal-function/KX-017/cases.json' with { type: 'json' };
import RF001 from './renal-function/RF-001/cases.json' with { type: 'json' };
import RF002 from './renal-function/RF-002/cases.json' with { type: 'json' };
import RF003 from './renal-function/RF-003/cases.json' with { type: 'json' };
import RF004 from './renal-function/RF-004/cases.json' with { type: 'json' };
import RF005 from './renal-function/RF-005/cases.json' with { type: 'json' };
import RF006 from './renal-function/RF-006/cases.json' with { type: 'json' };
import RF007 from './renal-function/RF-007/cases.json' with { type: 'json' };
import RF008 from './renal-function/RF-008/cases.json' with { type: 'json' };
import RF009 from './renal-function/RF-009/cases.json' with { type: 'json' };

/** The cases of every rule, in the order of their folders. `npm run rule:new` keeps it. */
export const cases: readonly { where: string; json: unknown }[] = [
  { where: 'cardiac/DG-001', json: DG001 },
  { where: 'cardiac/DG-002', json: DG002 },
  { where: 'cardiac/DG-003', json: DG003 },
  { where: 'cardiac/DG-004', json: DG004 },
  { where: 'cardiac/DG-005', json: DG005 },
  { where: 'cardiac/DG-006', json: DG006 },
  { where: 'cardiac/QT-001', json: QT001 },
  { where: 'cardiac/QT-002', json: QT002 },
  { where: 'cardiac/QT-003', json: QT003 },
  { where: 'cardiac/QT-004', json: QT004 },
  { where: 'cardiac/QT-005', json: QT005 },
  { where: 'cardiac/QT-006', json: QT006 },
  { where: 'cardiac/QT-007', json: QT007 },
  { where: 'cardiac/QT-008', json: QT008 },
  { where: 'cardiac/QT-009', json: QT009 },
  { where: 'cardiac/QT-010', json: QT010 },
  { where: 'cardiac/QX-003', json: QX003 },
  { where: 'critical-values/CV-004', json: CV004 },
  { where: 'critical-values/CV-005', json: CV005 },
  { where: 'critical-values/CV-006', json: CV006 },
  { where: 'critical-values/CV-007', json: CV007 },
  { where: 'critical-values/CV-008', json: CV008 },
  { where: 'critical-values/CV-009', json: CV009 },
  { where: 'critical-values/CV-011', json: CV011 },
  { where: 'critical-values/CV-012', json: CV012 },
  { where: 'critical-values/CV-013', json: CV013 },
  { where: 'critical-values/CV-014', json: CV014 },
  { where: 'data-quality/DQ-001', json: DQ001 },
  { where: 'data-quality/DQ-002', json: DQ002 },
  { where: 'data-quality/DQ-003', json: DQ003 },
  { where: 'data-quality/DQ-004', json: DQ004 },
  { where: 'data-quality/DQ-005', json: DQ005 },
  { where: 'data-quality/DQ-006', json: DQ006 },
  { where: 'data-quality/DQ-007', json: DQ007 },
  { where: 'data-quality/DQ-008', json: DQ008 },
  { where: 'iv-magnesium/IV-001', json: IV001 },
  { where: 'iv-magnesium/IV-002', json: IV002 },
  { where: 'iv-magnesium/IV-003', json: IV003 },
  { where: 'iv-magnesium/IV-004', json: IV004 },
  { where: 'iv-magnesium/IV-005', json: IV005 },
  { where: 'iv-magnesium/IV-006', json: IV006 },
  { where: 'iv-magnesium/IV-007', json: IV007 },
  { where: 'iv-magnesium/IV-008', json: IV008 },
  { where: 'iv-magnesium/IV-009', json: IV009 },
  { where: 'iv-magnesium/IV-010', json: IV010 },
  { where: 'iv-magnesium/IV-011', json: IV011 },
  { where: 'iv-magnesium/IV-012', json: IV012 },
  { where: 'iv-magnesium/IV-013', json: IV013 },
  { where: 'iv-magnesium/IV-014', json: IV014 },
  { where: 'iv-magnesium/IV-015', json: IV015 },
  { where: 'iv-magnesium/IV-016', json: IV016 },
  { where: 'iv-magnesium/IV-017', json: IV017 },
  { where: 'iv-magnesium/IV-018', json: IV018 },
  { where: 'iv-magnesium/IV-019', json: IV019 },
  { where: 'iv-magnesium/IV-020', json: IV020 },
  { where: 'iv-magnesium/IV-021', json: IV021 },
  { where: 'magnesium/MG-001', json: MG001 },
  { where: 'magnesium/MG-002', json: MG002 },
  { where: 'magnesium/MG-003', json: MG003 },
  { where: 'magnesium/MG-004', json: MG004 },
  { where: 'magnesium/MG-005', json: MG005 },
  { where: 'magnesium/MG-006', json: MG006 },
  { where: 'magnesium/MG-007', json: MG007 },
  { where: 'magnesium/MG-008', json: MG008 },
  { where: 'magnesium/MG-009', json: MG009 },
  { where: 'magnesium/MG-010', json: MG010 },
  { where: 'magnesium/MG-011', json: MG011 },
  { where: 'magnesium/MG-012', json: MG012 },
  { where: 'magnesium/MG-013', json: MG013 },
  { where: 'magnesium/MG-014', json: MG014 },
  { where: 'magnesium/MG-015', json: MG015 },
  { where: 'magnesium/MG-016', json: MG016 },
  { where: 'magnesium/MG-017', json: MG017 },
  { where: 'magnesium/MG-018', json: MG018 },
  { where: 'magnesium/MG-019', json: MG019 },
  { where: 'magnesium/MG-020', json: MG020 },
  { where: 'magnesium/MG-021', json: MG021 },
  { where: 'magnesium/MG-022', json: MG022 },
  { where: 'magnesium/MG-023', json: MG023 },
  { where: 'oral-magnesium/CH-001', json: CH001 },
  { where: 'oral-magnesium/CH-002', json: CH002 },
  { where: 'oral-magnesium/CH-003', json: CH003 },
  { where: 'oral-magnesium/CH-004', json: CH004 },
  { where: 'oral-magnesium/CH-005', json: CH005 },
  { where: 'oral-magnesium/CH-006', json: CH006 },
  { where: 'oral-magnesium/CH-007', json: CH007 },
  { where: 'oral-magnesium/CH-008', json: CH008 },
  { where: 'oral-magnesium/CH-009', json: CH009 },
  { where: 'oral-magnesium/CH-010', json: CH010 },
  { where: 'oral-magnesium/CH-011', json: CH011 },
  { where: 'oral-magnesium/CH-012', json: CH012 },
  { where: 'oral-magnesium/CH-013', json: CH013 },
  { where: 'oral-magnesium/MD-008', json: MD008 },
  { where: 'oral-magnesium/OM-001', json: OM001 },
  { where: 'oral-magnesium/OM-002', json: OM002 },
  { where: 'oral-magnesium/OM-003', json: OM003 },
  { where: 'oral-magnesium/OM-004', json: OM004 },
  { where: 'oral-magnesium/OM-005', json: OM005 },
  { where: 'renal-dosing/RB-020', json: RB020 },
  { where: 'renal-dosing/RB-024', json: RB024 },
  { where: 'renal-dosing/RB-026', json: RB026 },
  { where: 'renal-dosing/RB-027', json: RB027 },
  { where: 'renal-dosing/RD-001', json: RD001 },
  { where: 'renal-dosing/RD-002', json: RD002 },
  { where: 'renal-dosing/RD-003', json: RD003 },
  { where: 'renal-dosing/RD-004', json: RD004 },
  { where: 'renal-dosing/RD-005', json: RD005 },
  { where: 'renal-dosing/RD-006', json: RD006 },
  { where: 'renal-dosing/RD-007', json: RD007 },
  { where: 'renal-dosing/RD-008', json: RD008 },
  { where: 'renal-dosing/RD-009', json: RD009 },
  { where: 'renal-dosing/RD-010', json: RD010 },
  { where: 'renal-dosing/RD-011', json: RD011 },
  { where: 'renal-dosing/RD-012', json: RD012 },
  { where: 'renal-dosing/RD-013', json: RD013 },
  { where: 'renal-dosing/RD-014', json: RD014 },
  { where: 'renal-dosing/RD-015', json: RD015 },
  { where: 'renal-dosing/RD-016', json: RD016 },
  { where: 'renal-dosing/RD-017', json: RD017 },
  { where: 'renal-dosing/RD-018', json: RD018 },
  { where: 'renal-dosing/RD-019', json: RD019 },
  { where: 'renal-dosing/RD-020', json: RD020 },
  { where: 'renal-dosing/RD-021', json: RD021 },
  { where: 'renal-dosing/RD-022', json: RD022 },
  { where: 'renal-dosing/RD-023', json: RD023 },
  { where: 'renal-dosing/RD-024', json: RD024 },
  { where: 'renal-dosing/RD-025', json: RD025 },
  { where: 'renal-dosing/RD-026', json: RD026 },
  { where: 'renal-dosing/RD-027', json: RD027 },
  { where: 'renal-dosing/RD-028', json: RD028 },
  { where: 'renal-dosing/RD-029', json: RD029 },
  { where: 'renal-dosing/RD-030', json: RD030 },
  { where: 'renal-dosing/RD-031', json: RD031 },
  { where: 'renal-dosing/RD-032', json: RD032 },
  { where: 'renal-dosing/RD-033', json: RD033 },
  { where: 'renal-dosing/RD-034', json: RD034 },
  { where: 'renal-dosing/RD-035', json: RD035 },
  { where: 'renal-dosing/RD-036', json: RD036 },
  { where: 'renal-dosing/RD-037', json: RD037 },
  { where: 'renal-dosing/RD-038', json: RD038 },
  { where: 'renal-dosing/RD-039', json: RD039 },
  { where: 'renal-dosing/RD-040', json: RD040 },
  { where: 'renal-dosing/RD-041', json: RD041 },
  { where: 'renal-dosing/RD-042', json: RD042 },
  { where: 'renal-dosing/RD-043', json: RD043 },
  { where: 'renal-dosing/RD-044', json: RD044 },
  { where: 'renal-dosing/RD-045', json: RD045 },
  { where: 'renal-dosing/RD-046', json: RD046 },
  { where: 'renal-dosing/RD-047', json: RD047 },
  { where: 'renal-dosing/RD-048', json: RD048 },
  { where: 'renal-function/AX-001', json: AX001 },
  { where: 'renal-function/AX-008', json: AX008 },
  { where: 'renal-function/HK-001', json: HK001 },
  { where: 'renal-function/HK-002', json: HK002 },
  { where: 'renal-function/HK-004', json: HK004 },
  { where: 'renal-function/KX-001', json: KX001 },
  { where: 'renal-function/KX-002', json: KX002 },
  { where: 'renal-function/KX-006', json: KX006 },
  { where: 'renal-function/KX-017', json: KX017 },
  { where: 'renal-function/RF-001', json: RF001 },
  { where: 'renal-function/RF-002', json: RF002 },
  { where: 'renal-function/RF-003', json: RF003 },
  { where: 'renal-function/RF-004', json: RF004 },
  { where: 'renal-function/RF-005', json: RF005 },
  { where: 'renal-function/RF-006', json: RF006 },
  { where: 'renal-function/RF-007', json: RF007 },
  { where: 'renal-function/RF-008', json: RF008 },
  { where: 'renal-function/RF-009', json: RF009 },
];
