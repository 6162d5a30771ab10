/**
 * What a run leaves for a reader: result tables as CSV and figures as SVG and PNG, each with its provenance beside it;
 * findings, whose verdicts follow from thresholds that {@code notebooks/findings.json} fixed before the run; the comparison
 * with the reference run; and the reviewer's page.
 */
package org.whylm.report;
