package org.whylm.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;
import org.whylm.run.Provenance;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;
import org.whylm.statistics.Measured;
import org.whylm.statistics.Statistic;
import org.whylm.statistics.Unit;
import org.whylm.statistics.Verdict;

/**
 * The claims that one notebook decides: what {@code notebooks/findings.json} fixed before the run, and the verdicts so far.
 *
 * <pre>{@code
 * var claims = run.claims();
 * results.forEach(claims::evaluate);
 * claims.decide("quad-closed-form", Statistic.exact(gap));
 * run.write(claims)
 * }</pre>
 */
public final class Claims {

    /** What {@link #write} leaves: numbers, not verdicts, so that a verdict is always computed. */
    private record Tested(Finding finding, Measured measured) {}

    private record Untested(Finding finding, String why) {}

    private record Decided(List<Tested> tested, List<Untested> notTested) {}

    private final String notebook;
    private final List<Finding> findings;

    /** Of those that were decided. */
    private final Map<Finding, Verdict> verdicts = new LinkedHashMap<>();

    /** Why a subject has no result, where nothing else says so. */
    private final Function<String, String> absence;

    private Claims(String notebook, List<Finding> findings, Function<String, String> absence) {
        this.notebook = notebook;
        this.findings = findings;
        this.absence = absence;
    }

    /**
     * The claims of a notebook, none decided yet.
     *
     * @param absence from a subject to the reason why nothing is measured on it
     * @throws IllegalArgumentException if the file has no claim of the notebook or is malformed
     */
    static Claims of(String notebook, Workspace workspace, Function<String, String> absence) {
        var findings = all(workspace).stream()
                .filter(finding -> finding.claim().notebook().equals(notebook))
                .toList();
        if (findings.isEmpty()) {
            throw new IllegalArgumentException("No claim of the notebook " + notebook + " in " + file(workspace));
        }
        return new Claims(notebook, findings, absence);
    }

    /**
     * Every claim of every notebook on each subject, with the verdict of a run.
     *
     * @throws IllegalArgumentException if a results file is malformed
     */
    static Map<Finding, Verdict> verdicts(Workspace workspace, String profile) {
        var decided = new HashMap<Finding, Verdict>();
        var notRun = notRun(workspace, profile);
        notebooks(workspace).filter(notebook -> !notRun.contains(notebook)).forEach(notebook -> {
            var run = RecordJson.read(results(workspace, profile, notebook), Decided.class);
            run.tested()
                    .forEach(each ->
                            decided.put(each.finding(), each.finding().rule().decide(each.measured())));
            run.notTested().forEach(each -> decided.put(each.finding(), new Verdict.NotTested(each.why())));
        });
        var verdicts = new LinkedHashMap<Finding, Verdict>();
        for (var finding : all(workspace)) {
            var why = notRun.contains(finding.claim().notebook())
                    ? "the notebook was not run with the profile " + profile
                    : "the claim or its rule changed after the run";
            verdicts.put(finding, decided.getOrDefault(finding, new Verdict.NotTested(why)));
        }
        return verdicts;
    }

    /**
     * The same as the reference run left them, in its tables of verdicts.
     *
     * @param expected the folder of the profile's expected tables
     * @throws IllegalArgumentException if a table has a claim that there is not
     */
    static Map<Finding, Verdict> expected(Workspace workspace, Path expected) {
        var verdicts = new LinkedHashMap<Finding, Verdict>();
        for (var finding : all(workspace)) {
            var file = expected.resolve(VerdictTable.name(finding.claim().notebook()) + ".csv");
            var none = new Verdict.NotTested("there is no " + file.getFileName());
            verdicts.put(finding, Files.isRegularFile(file) ? VerdictTable.read(file, finding) : none);
        }
        return verdicts;
    }

    /** The notebooks with claims that have not been run to their end with a profile. */
    static List<String> notRun(Workspace workspace, String profile) {
        return notebooks(workspace)
                .filter(notebook -> !Files.isRegularFile(results(workspace, profile, notebook)))
                .toList();
    }

    private static Stream<String> notebooks(Workspace workspace) {
        return all(workspace).stream()
                .map(finding -> finding.claim().notebook())
                .distinct();
    }

    /**
     * Decides every claim on a task whose statistic is a difference or a gain of accuracies. Where a column is missing the claim is
     * not tested, for the reason that the results give.
     */
    public void evaluate(TaskResults results) {
        evaluate(results.task(), results);
        evaluate(results.task() + "*", results);
    }

    /**
     * The same for the claims on a subject of another name; if it ends with {@code *}, or with {@code *} and a blank and more,
     * columns are those with the prompt.
     */
    public void evaluate(String subject, TaskResults results) {
        boolean prompted = subject.matches(".*\\*( .*)?");
        findings.stream()
                .filter(finding ->
                        finding.subject().equals(subject) && finding.claim().isComputed())
                .forEach(finding -> verdicts.put(finding, evaluate(finding, results, prompted)));
    }

    private static Verdict evaluate(Finding finding, TaskResults results, boolean prompted) {
        var claim = finding.claim();
        var columns = claim.difference().or(claim::gain).orElseThrow();
        boolean isGain = claim.gain().isPresent();
        var needed = new ArrayList<String>();
        for (var column : columns) {
            needed.add(prompted && !column.endsWith("*") ? column + "*" : column);
            if (isGain) {
                needed.add(column + "*");
            }
        }
        int differing = needed.size();
        claim.controls().orElse(List.of()).forEach(column -> needed.add(prompted ? column + "*" : column));
        for (var column : needed) {
            if (results.column(column).isEmpty()) {
                return new Verdict.NotTested(results.why(column));
            }
        }
        var found = needed.stream()
                .map(column -> results.column(column).orElseThrow())
                .toList();
        var controls = new LinkedHashMap<String, Statistic>();
        found.stream()
                .skip(differing)
                .forEach(it -> controls.put(it.features(), found.get(0).difference(it)));
        var statistic = isGain
                ? Result.gainDifference(found.get(0), found.get(1), found.get(2), found.get(3))
                : found.get(0).difference(found.get(1));
        return decide(finding, statistic, controls);
    }

    /**
     * Decides a claim by a statistic of the notebook's own.
     *
     * @param subject what it was measured on
     * @throws IllegalArgumentException if the notebook has no such claim
     */
    public void decide(String id, String subject, Statistic statistic) {
        decide(id, subject, statistic, Map.of());
    }

    /**
     * The same for a claim that has one subject only.
     *
     * @throws IllegalArgumentException if the notebook has no such claim, or has it on several subjects
     */
    public void decide(String id, Statistic statistic) {
        decide(id, finding(id, Optional.empty()).subject(), statistic);
    }

    /**
     * The same where controls must be beaten: if what the claim is about is not above each of them, by its whole interval, the
     * claim is not tested.
     *
     * @param controls from a control to the advantage over it
     */
    public void decide(String id, String subject, Statistic statistic, Map<String, Statistic> controls) {
        var finding = finding(id, Optional.of(subject));
        verdicts.put(finding, decide(finding, statistic, controls));
    }

    private static Verdict decide(Finding finding, Statistic statistic, Map<String, Statistic> controls) {
        for (var control : controls.entrySet()) {
            if (!(control.getValue().low() > 0)) {
                boolean computed = finding.claim().isComputed();
                var unit = computed ? Unit.POINTS : new Unit("");
                return new Verdict.NotTested((computed ? "not shown that training taught what this task needs: " : "")
                        + "not above the control " + control.getKey() + ", difference "
                        + unit.of(Measured.of(control.getValue(), 0)));
            }
        }
        return finding.rule().decide(statistic);
    }

    /**
     * Records why nothing was measured for a claim.
     *
     * @throws IllegalArgumentException if the notebook has no such claim
     */
    public void notTested(String id, String subject, String why) {
        verdicts.put(finding(id, Optional.of(subject)), new Verdict.NotTested(why));
    }

    /** Records why nothing was measured for those claims on a subject that have no verdict yet. */
    public void otherwise(String subject, String why) {
        findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .forEach(finding -> verdicts.putIfAbsent(finding, new Verdict.NotTested(why)));
    }

    /** The claims in the order of the file, on each subject, each with its verdict so far. */
    public Map<Finding, Verdict> verdicts() {
        var all = new LinkedHashMap<Finding, Verdict>();
        for (var finding : findings) {
            var none = new Verdict.NotTested(absence.apply(finding.subject()));
            all.put(finding, verdicts.getOrDefault(finding, none));
        }
        return Collections.unmodifiableMap(all);
    }

    /**
     * Writes what was measured to {@code build/findings/PROFILE/NOTEBOOK.json}, and the verdicts as the table
     * {@code verdicts-NOTEBOOK}, each with its provenance beside it.
     *
     * @return the JSON file
     */
    Path write(Provenance provenance, Workspace workspace) {
        var tested = new ArrayList<Tested>();
        var untested = new ArrayList<Untested>();
        verdicts().forEach((finding, verdict) -> {
            if (verdict instanceof Verdict.NotTested none) {
                untested.add(new Untested(finding, none.why()));
            } else {
                tested.add(new Tested(finding, verdict.measured().orElseThrow()));
            }
        });
        var file = results(workspace, provenance.profile(), notebook);
        RecordJson.write(file, new Decided(tested, untested));
        provenance.write(file);
        VerdictTable.of(VerdictTable.name(notebook), verdicts()).write(provenance, workspace);
        return file;
    }

    /** A {@code table} element: claim, what it was tested on, what was measured, the rule and the verdict. */
    public String toHtml() {
        return FindingsTable.of(verdicts()).toHtml();
    }

    /** A claim a paragraph, a verdict a line. */
    @Override
    public String toString() {
        return FindingsTable.of(verdicts()).toString();
    }

    private Finding finding(String id, Optional<String> subject) {
        var found = findings.stream()
                .filter(f -> f.claim().id().equals(id) && f.subject().equals(subject.orElse(f.subject())))
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        var known = findings.stream()
                .map(f -> f.claim().id() + " on " + f.subject())
                .toList();
        throw new IllegalArgumentException((found.isEmpty() ? "No claim " : "More than one claim ") + id
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
        return workspace.results("findings", profile).resolve(notebook + ".json");
    }
}
