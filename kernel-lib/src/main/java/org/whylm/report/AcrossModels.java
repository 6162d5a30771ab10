package org.whylm.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.whylm.run.Input;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;
import org.whylm.statistics.Verdict;

/**
 * The primary claims on every model that a profile was run on: does a finding carry over from one model to another?
 *
 * <p>A run with the model {@code m} is the profile {@code name@m}, its results beside those of the others. A finding carries over if it is
 * held on all models or refuted on all, and does not if it is held on one and refuted on another; anything else leaves it open.
 */
public final class AcrossModels {

    private static final String NAME = "across-models";

    private final Workspace workspace;
    private final String profile;

    /** Verdicts by model, each corrected for the number of primary claims of its run. */
    private final Map<String, CorrectedVerdicts> models;

    private AcrossModels(Workspace workspace, String profile, Map<String, CorrectedVerdicts> models) {
        this.workspace = workspace;
        this.profile = profile;
        this.models = models;
    }

    /**
     * The verdicts of all runs of a profile.
     *
     * @param profile without a model, such as {@code cross-model}
     * @throws IllegalStateException if it was run on fewer than two models
     */
    public static AcrossModels of(Workspace workspace, String profile) {
        var models = new LinkedHashMap<String, CorrectedVerdicts>();
        runs(workspace, profile)
                .forEach((model, run) -> models.put(model, CorrectedVerdicts.of(Claims.verdicts(workspace, run))));
        if (models.size() < 2) {
            throw new IllegalStateException("The profile " + profile + " was run on "
                    + (models.isEmpty() ? "no model" : String.join(", ", models.keySet()))
                    + ": a table across models needs two; run notebooks with PROFILE=" + profile
                    + "@model (make cross-model)");
        }
        return new AcrossModels(workspace, profile, models);
    }

    /** Names of the profiles that were run, by model. */
    private static Map<String, String> runs(Workspace workspace, String profile) {
        var runs = new TreeMap<String, String>();
        Input.names(workspace.build().resolve("findings"), "").stream()
                .filter(name -> name.startsWith(profile + "@"))
                .forEach(name -> runs.put(name.substring(profile.length() + 1), name));
        return runs;
    }

    /** The primary claims that were tested on at least one of the models. */
    private List<Finding> findings() {
        return models.values().iterator().next().primary().stream()
                .filter(finding -> models.values().stream().anyMatch(verdicts -> verdicts.isTested(finding)))
                .toList();
    }

    private Verdict verdict(String model, Finding finding) {
        return models.get(model).verdicts().get(finding);
    }

    /** The verdict; {@code °} where the correction leaves it open. */
    private String said(String model, Finding finding) {
        return verdict(model, finding) + (models.get(model).isLost(finding) ? "°" : "");
    }

    private String carriesOver(Finding finding) {
        var said = models.keySet().stream().map(model -> said(model, finding)).collect(Collectors.toSet());
        if (said.equals(Set.of("held"))) {
            return "yes, held on all";
        }
        if (said.equals(Set.of("refuted"))) {
            return "yes, refuted on all";
        }
        return said.contains("held") && said.contains("refuted") ? "no" : "open";
    }

    /** A row a primary claim and subject; for each model effect, 95% interval and verdict; whether it carries over. */
    public ResultTable table() {
        var columns = Columns.of(findings())
                .text("claim", finding -> finding.claim().claim())
                .text("on", Finding::subject)
                .text("held if", finding -> finding.rule().words(finding.claim().writtenIn()));
        for (var model : models.keySet()) {
            columns.named(model, 3, finding -> VerdictTable.interval(verdict(model, finding)))
                    .text(model + ", verdict", finding -> said(model, finding));
        }
        return columns.text("carries over", this::carriesOver)
                .table(NAME, "The paper's claims across models")
                .noting(List.of("° decided alone, undecided among all primary claims of the model (Holm)."));
    }

    /** Effects less their thresholds, with 95% intervals, a series a model. */
    public Figure figure() {
        var rows = new ArrayList<ForestPlot.Row>();
        for (var finding : findings()) {
            var marks = new ArrayList<ForestPlot.Mark>();
            models.keySet().forEach(model -> verdict(model, finding)
                    .measured()
                    .ifPresent(measured -> marks.add(SummaryFigure.mark(model, finding, measured, Optional.empty()))));
            rows.add(new ForestPlot.Row(finding.claim().claim(), SummaryFigure.label(finding), marks, 0));
        }
        var plot = new ForestPlot(
                "The paper's claims across models: effect less threshold, 95% intervals",
                "hundredths (points of accuracy, R², ρ, nats) on the claim's side of the threshold",
                rows,
                -SummaryFigure.REACH,
                SummaryFigure.REACH);
        return new Figure(NAME, plot.chart());
    }

    /**
     * Writes both under {@code build/tables/PROFILE} and {@code build/figures/PROFILE}.
     *
     * @return the files
     */
    public List<Path> write() {
        var provenance = provenance();
        return List.of(table().write(provenance, workspace), figure().write(provenance, workspace));
    }

    /** What all runs used. */
    private Provenance provenance() {
        var provenance = Provenance.start(Profile.load(profile));
        for (var run : runs(workspace, profile).values()) {
            var folder = workspace.results("findings", run);
            for (var name : Input.names(folder, Provenance.SIDECAR)) {
                var used = Provenance.of(folder.resolve(name));
                provenance = provenance.with(
                        used.models(), used.datasets(), used.warnings().orElse(List.of()));
            }
        }
        return provenance;
    }
}
