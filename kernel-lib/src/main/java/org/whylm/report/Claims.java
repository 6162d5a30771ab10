package org.whylm.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
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
    private final Map<Finding, Optional<Verdict>> verdicts;

    /** Why a subject has no result, where nothing else says so. */
    private final Function<String, String> absence;

    private Claims(String notebook, List<Finding> findings, Function<String, String> absence) {
        this.notebook = notebook;
        this.verdicts = new LinkedHashMap<>();
        findings.forEach(finding -> verdicts.put(finding, Optional.empty()));
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
        var decided = new LinkedHashMap<Finding, Verdict>();
        var verdicts = new LinkedHashMap<Finding, Verdict>();
        var read = new ArrayList<Path>();
        for (var finding : all(workspace)) {
            var results = results(workspace, profile, finding.claim().notebook());
            if (Files.isRegularFile(results) && !read.contains(results)) {
                read.add(results);
                var run = RecordJson.read(results, Decided.class);
                run.tested()
                        .forEach(each -> decided.put(
                                each.finding(), each.finding().rule().decide(each.measured())));
                run.notTested().forEach(each -> decided.put(each.finding(), new Verdict.NotTested(each.why())));
            }
            var why = read.contains(results)
                    ? "the claim or its rule changed after the run"
                    : "the notebook was not run with the profile " + profile;
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
            verdicts.put(
                    finding,
                    Files.isRegularFile(file)
                            ? VerdictTable.read(file, finding)
                            : new Verdict.NotTested("there is no " + file.getFileName()));
        }
        return verdicts;
    }

    /** The notebooks with claims that have not been run to their end with a profile. */
    static List<String> notRun(Workspace workspace, String profile) {
        return all(workspace).stream()
                .map(finding -> finding.claim().notebook())
                .distinct()
                .filter(notebook -> !Files.isRegularFile(results(workspace, profile, notebook)))
                .toList();
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
        for (var finding : List.copyOf(verdicts.keySet())) {
            if (finding.subject().equals(subject) && finding.claim().isComputed()) {
                verdicts.put(finding, Optional.of(evaluate(finding, results, prompted)));
            }
        }
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
        var found = new ArrayList<Result>();
        for (var column : needed) {
            var result = results.column(column);
            if (result.isEmpty()) {
                return new Verdict.NotTested(results.why(column));
            }
            found.add(result.get());
        }
        var controls = new LinkedHashMap<String, Statistic>();
        found.subList(differing, found.size())
                .forEach(
                        control -> controls.put(control.features(), found.get(0).difference(control)));
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
        verdicts.put(finding, Optional.of(decide(finding, statistic, controls)));
    }

    private static Verdict decide(Finding finding, Statistic statistic, Map<String, Statistic> controls) {
        for (var control : controls.entrySet()) {
            if (!(control.getValue().low() > 0)) {
                return new Verdict.NotTested(
                        (finding.claim().isComputed() ? "not shown that training taught what this task needs: " : "")
                                + "not above the control " + control.getKey() + ", difference "
                                + (finding.claim().isComputed() ? Unit.POINTS : new Unit(""))
                                        .of(Measured.of(control.getValue(), 0)));
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
        verdicts.put(finding(id, Optional.of(subject)), Optional.of(new Verdict.NotTested(why)));
    }

    /** Records why nothing was measured for those claims on a subject that have no verdict yet. */
    public void otherwise(String subject, String why) {
        verdicts.replaceAll(
                (finding, verdict) -> verdict.isEmpty() && finding.subject().equals(subject)
                        ? Optional.of(new Verdict.NotTested(why))
                        : verdict);
    }

    /** The claims in the order of the file, on each subject, each with its verdict so far. */
    public Map<Finding, Verdict> verdicts() {
        var all = new LinkedHashMap<Finding, Verdict>();
        verdicts.forEach((finding, verdict) ->
                all.put(finding, verdict.orElseGet(() -> new Verdict.NotTested(absence.apply(finding.subject())))));
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
        var found = verdicts.keySet().stream()
                .filter(f -> f.claim().id().equals(id) && f.subject().equals(subject.orElse(f.subject())))
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        var known = verdicts.keySet().stream()
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
