package org.whylm.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.whylm.run.Provenance;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;

/**
 * The findings of one notebook: what {@code notebooks/findings.json} fixed before the run, and the verdicts so far.
 *
 * <pre>{@code
 * var findings = Findings.of("01-sentence-completion");
 * findings.decide("prompt-helps-subset", "movies", Statistic.difference(prompted.correct(), unprompted.correct()));
 * findings.write(provenance);
 * }</pre>
 */
public final class Findings {

    /** Why a finding has no verdict if the notebook came to its end without deciding it. */
    private static final String NOT_IN_RUN = "this run did not include it";

    /** An entry of {@code notebooks/findings.json}: a claim, and a rule for each subject. */
    private record Claim(
            String id, String notebook, String claim, String source, String statistic, Map<String, String> rules) {
        private List<Finding> findings() {
            return rules.entrySet().stream()
                    .map(rule -> new Finding(id, rule.getKey(), notebook, claim, source, statistic, rule.getValue()))
                    .toList();
        }
    }

    /** What {@link #write} leaves: numbers, not verdicts, so that a verdict is always computed. */
    private record Measured(Finding finding, Statistic statistic) {}

    private record Untested(Finding finding, String why) {}

    private record Results(List<Measured> measured, List<Untested> notTested) {}

    private final String notebook;
    private final Map<Finding, Verdict> verdicts;

    private Findings(String notebook, Map<Finding, Verdict> verdicts) {
        this.notebook = notebook;
        this.verdicts = verdicts;
    }

    /**
     * The findings that a notebook decides, none decided yet.
     *
     * @param notebook its name without {@code .ipynb}
     * @throws IllegalArgumentException if the file has no finding for it or is malformed
     */
    public static Findings of(String notebook) {
        return of(notebook, Workspace.current());
    }

    static Findings of(String notebook, Workspace workspace) {
        var verdicts = new LinkedHashMap<Finding, Verdict>();
        all(workspace).stream()
                .filter(finding -> finding.notebook().equals(notebook))
                .forEach(finding -> verdicts.put(finding, new Verdict.NotTested(NOT_IN_RUN)));
        if (verdicts.isEmpty()) {
            throw new IllegalArgumentException("No finding of the notebook " + notebook + " in " + file(workspace));
        }
        return new Findings(notebook, verdicts);
    }

    /**
     * Every finding of every notebook with the verdict of a run.
     *
     * @param profile the profile that ran
     * @throws IllegalArgumentException if a results file is malformed
     */
    static Map<Finding, Verdict> verdicts(Workspace workspace, String profile) {
        var measured = new LinkedHashMap<Finding, Verdict>();
        var verdicts = new LinkedHashMap<Finding, Verdict>();
        for (var finding : all(workspace)) {
            var results = results(workspace, profile, finding.notebook());
            if (Files.isRegularFile(results)
                    && measured.keySet().stream().noneMatch(f -> f.notebook().equals(finding.notebook()))) {
                var read = RecordJson.read(results, Results.class);
                read.measured()
                        .forEach(m -> measured.put(m.finding(), m.finding().decide(m.statistic())));
                read.notTested().forEach(u -> measured.put(u.finding(), new Verdict.NotTested(u.why())));
            }
            var why = Files.isRegularFile(results)
                    ? "its claim or rule changed after the run"
                    : "the notebook was not run with the profile " + profile;
            verdicts.put(finding, measured.getOrDefault(finding, new Verdict.NotTested(why)));
        }
        return verdicts;
    }

    /**
     * Compares a measured statistic with the threshold of a finding.
     *
     * @param id the claim
     * @param subject what it was measured on
     * @throws IllegalArgumentException if the notebook has no such finding
     */
    public Verdict decide(String id, String subject, Statistic statistic) {
        var finding = finding(id, Optional.of(subject));
        var verdict = finding.decide(statistic);
        verdicts.put(finding, verdict);
        return verdict;
    }

    /**
     * Compares a measured statistic with the threshold of a finding that has one subject only.
     *
     * @throws IllegalArgumentException if the notebook has no such finding, or has it on several subjects
     */
    public Verdict decide(String id, Statistic statistic) {
        return decide(id, finding(id, Optional.empty()).subject(), statistic);
    }

    /**
     * Records why nothing was measured for a finding. A finding that is neither decided nor mentioned counts as not part
     * of the run.
     *
     * @throws IllegalArgumentException if the notebook has no such finding
     */
    public Verdict notTested(String id, String subject, String why) {
        var verdict = new Verdict.NotTested(why);
        verdicts.put(finding(id, Optional.of(subject)), verdict);
        return verdict;
    }

    /**
     * Records why nothing was measured for those findings on a subject that have no verdict yet.
     *
     * @param subject what they would be measured on
     */
    public void otherwise(String subject, String why) {
        verdicts.replaceAll((finding, verdict) -> verdict.equals(new Verdict.NotTested(NOT_IN_RUN))
                        && finding.subject().equals(subject)
                ? new Verdict.NotTested(why)
                : verdict);
    }

    /** The findings in the order of the file, each with its verdict so far. */
    public Map<Finding, Verdict> verdicts() {
        return Collections.unmodifiableMap(verdicts);
    }

    /**
     * Writes what was measured to {@code build/findings/PROFILE/NOTEBOOK.json}, with its provenance beside it.
     *
     * @return the file
     */
    public Path write(Provenance provenance) {
        return write(provenance, Workspace.current());
    }

    Path write(Provenance provenance, Workspace workspace) {
        var measured = new ArrayList<Measured>();
        var untested = new ArrayList<Untested>();
        verdicts.forEach((finding, verdict) -> {
            if (verdict instanceof Verdict.Held held) {
                measured.add(new Measured(finding, held.statistic()));
            } else if (verdict instanceof Verdict.DidNotHold failed) {
                measured.add(new Measured(finding, failed.statistic()));
            } else if (verdict instanceof Verdict.NotTested none) {
                untested.add(new Untested(finding, none.why()));
            }
        });
        var file = results(workspace, provenance.profile(), notebook);
        RecordJson.write(file, new Results(measured, untested));
        provenance.write(file);
        return file;
    }

    /** A {@code table} element: claim, what it was tested on, what was measured, the rule and the verdict. */
    public String toHtml() {
        return FindingsTable.of(verdicts).toHtml();
    }

    /** A claim a paragraph, a verdict a line. */
    @Override
    public String toString() {
        return FindingsTable.of(verdicts).toString();
    }

    private Finding finding(String id, Optional<String> subject) {
        var found = verdicts.keySet().stream()
                .filter(f -> f.id().equals(id) && f.subject().equals(subject.orElse(f.subject())))
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        var known = verdicts.keySet().stream()
                .map(f -> f.id() + " on " + f.subject())
                .toList();
        throw new IllegalArgumentException((found.isEmpty() ? "No finding " : "More than one finding ") + id
                + subject.map(s -> " on " + s).orElse("") + " among: " + String.join(", ", known));
    }

    private static List<Finding> all(Workspace workspace) {
        return RecordJson.readList(file(workspace), Claim.class).stream()
                .flatMap(claim -> claim.findings().stream())
                .toList();
    }

    private static Path file(Workspace workspace) {
        return workspace.root().resolve("notebooks").resolve("findings.json");
    }

    private static Path results(Workspace workspace, String profile, String notebook) {
        return workspace.build().resolve("findings").resolve(profile).resolve(notebook + ".json");
    }
}
