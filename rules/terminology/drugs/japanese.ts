/**
 * Japanese drug names, which have no spaces: 「酸化マグネシウム錠500mg「ヨシダ」」. The words of the table are put
 * in English with spaces around them; whatever else stands there keeps the name unresolved.
 * Names: Japanese Pharmacopoeia (17th edition, English and Japanese titles); brands as Japanese packs print them.
 */
const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    酸化マグネシウム: 'magnesium oxide',
    硫酸マグネシウム: 'magnesium sulfate',
    硫酸Mg: 'magnesium sulfate',
    水酸化マグネシウム: 'magnesium hydroxide',
    クエン酸マグネシウム: 'magnesium citrate',
    炭酸マグネシウム: 'magnesium carbonate',
    塩化マグネシウム: 'magnesium chloride',
    マグミット: 'magnesium oxide',
    マグラックス: 'magnesium oxide',
    塩化カリウム: 'potassium chloride',
    スローケー: 'potassium chloride',
    KCL: 'potassium chloride',
    グルコンサンK: 'potassium gluconate',
    グルコン酸カリウム: 'potassium gluconate',
    グルコン酸カルシウム: 'calcium gluconate',
    塩化カルシウム: 'calcium chloride',
    炭酸カルシウム: 'calcium carbonate',
    カルチコール: 'calcium gluconate',
    スピロノラクトン: 'spironolactone',
    アルダクトンA: 'spironolactone',
    アルダクトン: 'spironolactone',
    フロセミド: 'furosemide',
    ラシックス: 'furosemide',
    ジゴキシン: 'digoxin',
    ハーフジゴキシン: 'digoxin',
    ジゴシン: 'digoxin',
    バクタ: 'bactrim',
    バンコマイシン: 'vancomycin',
    ゲンタマイシン: 'gentamicin',
    アミカシン: 'amikacin',
    炭酸リチウム: 'lithium carbonate',
    リーマス: 'lithium carbonate',
    メトホルミン: 'metformin',
    メトグルコ: 'metformin',
    アムロジピン: 'amlodipine',
    エナラプリル: 'enalapril',
    バルサルタン: 'valsartan',
    ワルファリン: 'warfarin',
    ワーファリン: 'warfarin',
    ロキソプロフェン: 'loxoprofen',
    塩酸塩: 'hydrochloride',
    ナトリウム: 'sodium',
    水和物: 'hydrate',
  }),
);
/** Dose forms; those that say nothing are left out. */
const forms: ReadonlyMap<string, string> = new Map(
  Object.entries({
    腸溶錠: 'tablet',
    徐放錠: 'tablet',
    口腔内崩壊錠: 'tablet',
    OD錠: 'tablet',
    錠: 'tablet',
    カプセル: 'capsule',
    細粒: 'granules',
    顆粒: 'granules',
    散: 'oral powder',
    シロップ: 'syrup',
    内用液: 'oral solution',
    注射液: 'injection',
    静注: 'intravenous',
    点滴静注: 'intravenous',
    注射用: 'injection',
    注: 'injection',
    補正液: 'injection',
    点眼液: 'ophthalmic',
    点耳液: 'otic',
    点鼻液: 'nasal',
    軟膏: 'ointment',
    クリーム: 'cream',
    坐剤: 'suppository',
    製剤: '',
    配合: '',
    KY: '',
  }),
);
const english: ReadonlyMap<string, string> = new Map(
  [...words, ...forms].map(([word, name]) => [word.toLowerCase(), name]),
);
const known = new RegExp(
  [...english.keys()].toSorted((one, other) => other.length - one.length).join('|'),
  'gu',
);
const japanese = /[\u3040-\u30ff\u3400-\u9fff]/u;

/** @param name as `foldCase` returns it; one without Japanese letters stays as it is */
export function spellJapanese(name: string): string {
  if (!japanese.test(name)) return name;
  // 「」 holds the maker.
  return name
    .normalize('NFKC')
    .replace(/「[^」]*」/gu, ' ')
    .replace(known, (word) => ` ${english.get(word) ?? word} `)
    .trim();
}
