/**
 * Words of health care, and words that show that something is none of a patient's data.
 *
 * Each entry is a phrase of singular words; a text matches where they stand next to each other.
 */
const phrases = (text: string): readonly string[] =>
  text
    .trim()
    .split(/\s*[\n,]\s*/)
    .filter((phrase) => phrase !== "");

/** Data about a patient. Beyond FHIR: X12, NCPDP, DICOM, HL7 v2, openEHR, and a clinic's own words. */
export const CLINICAL: readonly string[] = phrases(`
  patient, inpatient, outpatient, phi, ephi, protected health information, pii, demographic
  chart, medical record, health record, clinical record, patient record, ehr, emr, clinical data, health data, my health
  admission, discharge, icu, icustay, hospital stay, hospitalization, visit, encounter, appointment, referral
  diagnosis, problem list, clinical note, progress note, discharge summary, clinical document, history and physical
  vital, vital sign, blood pressure, heart rate, lab, lab result, laboratory, laboratory result, test result, microbiology, pathology, biopsy
  allergy, intolerance, immunization, immunisation, vaccination, prescription, medication list, medication order, medication history, rx, dosage, refill
  care gap, care plan, care team, treatment plan, symptom diary, questionnaire response, clinical trajectory, caregiver, next of kin
  radiology, radiograph, imaging study, dicom, pacs, worklist, study instance, series instance, sop instance, accession, mammogram, ct scan, mri
  hl7 message, adt, oru, orm, siu, mdm, vxu, oml, segment pid, mllp
  ccda, cda, ccd, openehr, composition, ehr extract, archetype data
  837, 835, 834, 270, 271, 276, 277, 278, eligibility, prior authorization, prior authorisation, preauthorization, remittance, explanation of benefit, eob, subscriber, beneficiary, enrollee
  ncpdp, scriptfill, newrx, rxfill, rxchange, rxhistory
  mrn, medical record number, ssn, social security number, date of birth, dob
  wearable, glucose reading, sleep data, step count, heart rate variability, cycle tracking
  mental health, psychotherapy, substance use, hiv, genetic test, family history
`);

/** Data that is a patient's when the sample is one's: whose it is does not show in the tool. */
export const GENOMIC: readonly string[] = phrases(`
  read set, sequence read, genomic file, genomics file, genomic data, genome, genotype, phenotype, exome, variant call, vcf, bam, cram, fastq, sample sheet, biosample, biobank
`);

/** Terminologies, standards' own definitions and publishers: whatever is asked of them is no patient's. */
export const AUTHORITY: readonly string[] = phrases(`
  loinc, snomed, snomedct, snomed ct, rxnorm, rxcui, icd, icd 9, icd 10, icd 11, icd10, icd9, cpt, hcpcs, ndc, ucum, umls, hpo, omim, hgnc
  terminology, code system, codesystem, value set, valueset, concept map, conceptmap, vocabulary, ontology, subsumption
  capability statement, capabilitystatement, structure definition, structuredefinition, search parameter, operation definition, implementation guide, archetype
  fda, faers, openfda, ema, dailymed, drug label, formulary, orange book
  guideline, literature, pubmed, article, publication, clinical trial, preprint, medlineplus
`);

/** Published knowledge and definitions: the same for every patient. */
export const REFERENCE: readonly string[] = phrases(`
  capability, conformance, schema, profile definition, template definition, term, code lookup
  drug interaction, interaction, drug, recall, symptom, disease information, medical knowledge, health topic
  evidence, abstract, trial, citation, journal
  documentation, doc, help, version, server info, health check, api status
`);

/** Who and what a health system consists of. */
export const DIRECTORY: readonly string[] = phrases(`
  practitioner, practitioner role, provider, clinician, doctor, dr, physician, nurse, specialty, speciality, npi, provider directory
  organization, organisation, location, facility, hospital, clinic, department, ward list, healthcare service, pharmacy, insurance plan, payer, endpoint
  slot, appointment slot, available appointment, open appointment, free appointment, available slot, appointment availability, opening hour
  medication, substance, medication knowledge, device definition, catalog, price list
`);

/** Machinery. */
export const MACHINERY: readonly string[] = phrases(`
  workflow, workflow version, run, run group, run cache, batch, job, queue, task run, run task, pipeline, container, image registry, registry, registry map, repository, cluster, node, instance type, function, region, zone, profile name
  datastore, data store, store, bucket, cache, index, cache rule, rule, configuration, config, setting, preference, permission, policy, role, credential, api key, token, connection, webhook, subscription
  log, metric, status, health, uptime, alert rule, dashboard, trace, version, file type, supported type, feature flag, database schema, environment, prompt, oauth, authentication, login
  date, time, timezone, uuid, calendar date, unit, currency, weather, dns, url
  server, node server, peer, session info, connectivity
`);

/** Last words that tell of the thing before them. */
export const TRAILING: ReadonlySet<string> = new Set([
  "all",
  "batch",
  "by",
  "detail",
  "info",
  "information",
  "id",
  "item",
  "list",
  "metadata",
  "name",
  "record",
  "result",
  "summary",
  "tool",
  "resource",
]);

/** Nouns of data that a tool is handed to work on. */
export const HANDED_DATA: ReadonlySet<string> = new Set([
  "body",
  "bundle",
  "content",
  "condition",
  "document",
  "file",
  "fhir",
  "html",
  "input",
  "json",
  "message",
  "note",
  "observation",
  "payload",
  "record",
  "report",
  "resource",
  "text",
  "transcript",
  "xml",
]);

/** A tool named by these sees everything of one patient. */
export const WHOLE_CHART: readonly string[] = phrases(`
  everything, chart, whole record, full record, complete record, medical record, health record, timeline, patient summary, clinical summary, health summary, all record, all resource, all data, brief, trajectory, ips, ccda, ccd, 360, overview, snapshot, dossier
`);
