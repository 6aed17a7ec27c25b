/**
 * FHIR R4 (4.0.1) resource types, and which of them are in a patient's compartment.
 *
 * Source: HL7 FHIR R4 CompartmentDefinition/patient and the StructureDefinitions of kind `resource`
 * (https://hl7.org/fhir/R4/compartmentdefinition-patient.html, CC0). A test compares both lists with
 * the published definitions.
 */

/** Types with at least one parameter that puts them into the compartment, and Patient itself. */
export const PATIENT_COMPARTMENT: readonly string[] = `
  Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic
  BodyStructure CarePlan CareTeam ChargeItem Claim ClaimResponse ClinicalImpression
  Communication CommunicationRequest Composition Condition Consent Coverage
  CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceRequest
  DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter
  EnrollmentRequest EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Flag Goal Group
  ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation Invoice List
  MeasureReport Media MedicationAdministration MedicationDispense MedicationRequest
  MedicationStatement MolecularSequence NutritionOrder Observation Patient Person Procedure
  Provenance QuestionnaireResponse RelatedPerson RequestGroup ResearchSubject RiskAssessment
  Schedule ServiceRequest Specimen SupplyDelivery SupplyRequest Task VisionPrescription
`
  .trim()
  .split(/\s+/);

/** Every other type: definitions, terminology, directories. */
export const OUTSIDE_COMPARTMENT: readonly string[] = `
  ActivityDefinition Binary BiologicallyDerivedProduct Bundle CapabilityStatement CatalogEntry
  ChargeItemDefinition CodeSystem CompartmentDefinition ConceptMap Contract Device
  DeviceDefinition DeviceMetric EffectEvidenceSynthesis Endpoint EnrollmentResponse
  EventDefinition Evidence EvidenceVariable ExampleScenario GraphDefinition GuidanceResponse
  HealthcareService ImplementationGuide InsurancePlan Library Linkage Location Measure
  Medication MedicationKnowledge MedicinalProduct MedicinalProductAuthorization
  MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
  MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
  MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition
  MessageHeader NamingSystem ObservationDefinition OperationDefinition OperationOutcome
  Organization OrganizationAffiliation Parameters PaymentNotice PaymentReconciliation
  PlanDefinition Practitioner PractitionerRole Questionnaire ResearchDefinition
  ResearchElementDefinition ResearchStudy RiskEvidenceSynthesis SearchParameter Slot
  SpecimenDefinition StructureDefinition StructureMap Subscription Substance
  SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
  SubstanceSourceMaterial SubstanceSpecification TerminologyCapabilities TestReport TestScript
  ValueSet VerificationResult
`
  .trim()
  .split(/\s+/);

/** Outside the compartment by the definition, and yet able to carry or name a patient. */
export const OUTSIDE_BUT_CARRIES_PATIENTS: readonly string[] = [
  "BiologicallyDerivedProduct",
  "Binary",
  "Bundle",
  "Contract",
  "Device",
  "DeviceMetric",
  "EnrollmentResponse",
  "GuidanceResponse",
  "Linkage",
  "MessageHeader",
  "Parameters",
  "PaymentNotice",
  "PaymentReconciliation",
  "Subscription",
];

/** Types whose name is an everyday word: alone they say nothing about health. */
export const EVERYDAY_WORDS: readonly string[] = [
  "Account",
  "Basic",
  "Communication",
  "Composition",
  "Contract",
  "Device",
  "Endpoint",
  "Evidence",
  "Flag",
  "Goal",
  "Group",
  "Invoice",
  "Library",
  "Linkage",
  "List",
  "Location",
  "Measure",
  "Media",
  "Organization",
  "Parameters",
  "Person",
  "Schedule",
  "Slot",
  "Subscription",
  "Substance",
  "Task",
];
