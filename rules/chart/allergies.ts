/** AllergyIntolerance, and a Condition that says the same -> allergies. */

import { asArray, asObject, asString, codingsOf, type Json } from '../fhir/json.ts';
import { spanOf } from '../fhir/time.ts';
import type { IntakeItem } from '../intake/types.ts';
import { type AllergenReading, readAllergen } from '../terminology/allergen-reading.ts';
import { allergenSystemOf, isAllergyCode } from '../terminology/allergens.ts';
import { readCode } from '../terminology/drugs/codings.ts';
import { readAbsence } from './absences.ts';
import type { ChartBuilder } from './chart-builder.ts';
import {
  codingsOfConcept,
  conceptsOf,
  endedStatuses,
  statusCode,
  textOfConcept,
} from './condition-status.ts';
import type { Allergy } from './types.ts';

const readConcept = (builder: ChartBuilder, concept: Json | null): AllergenReading =>
  readAllergen(concept?.coding, concept?.text, builder.products);

const isUnderstood = ({ drugs, groups }: AllergenReading): boolean => drugs.length > 0 || groups.length > 0;

/**
 * AllergyIntolerance.code (`substance` in DSTU2) as one concept. Servers send a list of them, a Coding or a plain text,
 * too: the texts of several are one text, so that each of them counts.
 */
function conceptOf({ code, substance }: Json): Json | null {
  const concepts = conceptsOf(code ?? substance).filter((one) => one !== undefined && one !== null);
  const [first, ...others] = concepts;
  if (others.length === 0 && asObject(first)?.code === undefined && typeof first !== 'string') {
    return asObject(first);
  }
  const texts = concepts.flatMap((one) => asString(textOfConcept(one)) ?? []);
  return {
    coding: concepts.flatMap(codingsOfConcept),
    ...(texts.length > 0 ? { text: texts.join('; ') } : {}),
  };
}

/** Nobody had more reactions: so many are read of one allergy. Beyond, it may be to other drugs, too. */
const mostReactions = 1000;

/** What it is to: what its code says, with the substances of its reactions that are understood. */
function readSubstances(builder: ChartBuilder, resource: Json): AllergenReading {
  const concept = conceptOf(resource);
  const named = readConcept(builder, concept);
  const reactions = asArray(resource.reaction);
  const reacted = reactions
    .slice(0, mostReactions)
    .map(({ substance }) => readConcept(builder, asObject(substance)))
    .filter(isUnderstood);
  const all = [named, ...reacted];
  return {
    drugs: [...new Map(all.flatMap(({ drugs }) => drugs).map((drug) => [drug.name, drug])).values()],
    groups: [...new Set(all.flatMap(({ groups }) => groups))],
    // A substance of a reaction is no more than an example of what is not understood, unless nothing else is there.
    open:
      reactions.length > mostReactions || (concept === null ? reacted.every(({ open }) => open) : named.open),
  };
}

/** What a reader must know of it: the words of a card, none of them received. */
function whyOf(resource: Json, verification: string | null): string | null {
  const words = [
    ...(asString(resource.type) === 'intolerance' ? ['recorded as an intolerance'] : []),
    // DSTU2 says CRITH.
    ...(['high', 'CRITH'].includes(asString(resource.criticality) ?? '') ? ['high criticality'] : []),
    ...(verification !== null && verification !== 'confirmed' ? ['not confirmed'] : []),
  ];
  return words.length > 0 ? words.join('; ') : null;
}

function addAllergy(
  { chart }: ChartBuilder,
  { reference, from }: IntakeItem,
  { drugs, groups, open }: AllergenReading,
  more: Pick<Allergy, 'status'> & { why: string | null },
): void {
  chart.allergies.push({
    reference,
    ingredients: [...drugs],
    ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(open && (drugs.length > 0 || groups.length > 0) ? { open: true } : {}),
    status: more.status,
    ...(more.why === null ? {} : { why: more.why }),
    ...(from === 'entry' ? { entered: true } : {}),
  });
}

const unresolved = 'could not be matched to an ingredient: it may be to any drug';
const partlyResolved = 'was matched in part: it may be to other drugs, too';

/** Statuses of DSTU2 that R4 has as verification. */
const verificationsOfStatus = new Set(['unconfirmed', 'confirmed', 'refuted', 'entered-in-error']);

function verificationOf(resource: Json): string | null {
  const status = statusCode(resource.status);
  const ofStatus = status !== null && verificationsOfStatus.has(status) ? status : null;
  return statusCode(resource.verificationStatus) ?? ofStatus;
}

/** Adds an allergy, to a drug or to something that may be one (https://hl7.org/fhir/R4/allergyintolerance.html). */
export function readAllergy(builder: ChartBuilder, item: IntakeItem): void {
  const { resource, reference } = item;
  const verification = verificationOf(resource);
  const isWithdrawn = verification === 'entered-in-error' || verification === 'refuted';
  const clinical = statusCode(resource.clinicalStatus) ?? statusCode(resource.status);
  const isOver = clinical !== null && endedStatuses.has(clinical);
  const substances = readSubstances(builder, resource);
  const kinds = [resource.category ?? []].flat();
  const notDrug = kinds.length > 0 && kinds.every((kind) => kind === 'food' || kind === 'environment');
  const concept = conceptOf(resource);
  const isVoid = notDrug || isOver || isWithdrawn;
  // A statement that a list is empty is one of today: not one that was withdrawn, or is over.
  if (!isUnderstood(substances) && readAbsence(builder, item, 'allergies', concept, isVoid)) return;
  if (isWithdrawn) return;
  if (!isUnderstood(substances)) {
    if (!substances.open || notDrug) return;
    builder.addNotice('allergy-unresolved', reference, unresolved);
  } else if (substances.open) {
    builder.addNotice('allergy-unresolved', reference, partlyResolved);
  }
  addAllergy(builder, item, substances, {
    status: isOver ? 'inactive' : 'active',
    why: whyOf(resource, verification),
  });
}

/** A problem is called an allergy by one of these words. */
const allergyWords = /allerg|hypersensitiv|intoleran|überempfindlich|unverträglich/i;

/**
 * Adds what a problem list says of an allergy: a code of one (SNOMED CT "allergy to", ICD-10-CM Z88), or words that
 * name an allergy to a drug and nothing else.
 *
 * @returns whether that is all it says, so that it need not be read as a condition
 */
export function readAllergyCondition(builder: ChartBuilder, item: IntakeItem): boolean {
  const { resource, reference } = item;
  const verification = statusCode(resource.verificationStatus);
  if (verification === 'entered-in-error' || verification === 'refuted') return false;
  const code = conceptOf(resource);
  const codings = codingsOf(code);
  const coded = codings.filter((coding) => {
    const system = allergenSystemOf(coding.system);
    return system !== null && isAllergyCode(system, readCode(coding.code));
  });
  const names = [code?.text, ...codings.map(({ display }) => display)];
  const isWorded = coded.length === 0 && names.some((name) => allergyWords.test(asString(name) ?? ''));
  if (coded.length === 0 && !isWorded) return false;
  const substances = readAllergen(coded.length > 0 ? coded : code?.coding, code?.text, builder.products);
  const understood = isUnderstood(substances);
  // An allergy to what is no drug was read, and is none to a drug.
  if (!understood && !substances.open && coded.length > 0) return coded.length === codings.length;
  if (!understood && !(substances.open && coded.length > 0)) return false;
  if (isWorded && substances.open) return false;
  if (substances.open) {
    builder.addNotice('allergy-unresolved', reference, understood ? partlyResolved : unresolved);
  }
  const clinical = statusCode(resource.clinicalStatus);
  const abated = spanOf(resource.abatementDateTime) ?? spanOf(asObject(resource.abatementPeriod)?.end);
  const isOver =
    (clinical !== null && endedStatuses.has(clinical)) || (abated !== null && abated.to < builder.at);
  addAllergy(builder, item, substances, {
    status: isOver ? 'inactive' : 'active',
    why: ['from the problem list', whyOf(resource, verification)].filter(Boolean).join('; '),
  });
  return isWorded || coded.length === codings.length;
}
