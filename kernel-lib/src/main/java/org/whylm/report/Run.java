package org.whylm.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.whylm.data.DatasetCatalog;
import org.whylm.data.TaskSize;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.ModelCatalog;
import org.whylm.probe.TaskProbe;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;

/**
 * A notebook that runs: its settings, model and data, and where its results go. What is loaded through it stands in the provenance of
 * every table, figure and verdict that is written through it afterwards.
 *
 * <pre>{@code
 * var run = Run.start("01-sentence-completion");
 * var results = run.probe("movies").evaluate(FeatureKind.ofTable1(task, run.model().tokenizer()), Scaling.STANDARDIZED);
 * run.write(AccuracyTables.paperLayout("table-1", List.of(results)))
 * }</pre>
 */
public final class Run implements AutoCloseable {

    private static final Map<String, String> MEANING = Map.of(
            "quick", "it shows that everything runs, and leaves claims open that more test sentences would decide",
            "standard", "all sentences of the default data",
            "paper", "the paper's data and its model");

    private final String notebook;
    private final Workspace workspace;
    private final Profile profile;
    private final DatasetCatalog catalog;
    private Provenance provenance;
    private LanguageModel model;
    private FeatureExtractor extractor;

    private Run(String notebook, Workspace workspace, Profile profile) {
        this.notebook = notebook;
        this.workspace = workspace;
        this.profile = profile;
        this.catalog = DatasetCatalog.load();
        this.provenance = Provenance.start(profile);
    }

    /**
     * A run of a notebook with the {@linkplain Profile#current() current profile}.
     *
     * @param notebook its name without {@code .ipynb}
     */
    public static Run start(String notebook) {
        return new Run(notebook, Workspace.current(), Profile.current());
    }

    public Profile profile() {
        return profile;
    }

    /** The seed of every random draw. */
    public long seed() {
        return profile.seed();
    }

    /** The profile's settings for a piece of code: see {@link Profile#settings(Class)}. */
    public <T extends Record> T settings(Class<T> type) {
        return profile.settings(type);
    }

    /** The profile's language model, loaded when it is asked for first. */
    public LanguageModel model() {
        if (model == null) {
            model = LanguageModels.load(profile.model());
            uses(title(), model.sha256());
        }
        return model;
    }

    private String title() {
        return ModelCatalog.load().title(profile.model());
    }

    /** Reads features of the profile's model, and keeps them. */
    public FeatureExtractor extractor() {
        if (extractor == null) {
            extractor = new FeatureExtractor(model());
        }
        return extractor;
    }

    public DatasetCatalog catalog() {
        return catalog;
    }

    /** Whether the files of a task are there. */
    public boolean available(String task) {
        return catalog.available(task);
    }

    /** The sentences of a task, as many as the profile takes. */
    public TextDataset dataset(String task) {
        return dataset(new TaskSize(task, profile.trainLimit(), profile.testLimit()));
    }

    /** The sentences of a task, no more than the size says. */
    public TextDataset dataset(TaskSize size) {
        var data = catalog.dataset(size.task()).limit(size.train(), size.test());
        var name = String.format(
                Locale.ROOT,
                "%s, %,d training and %,d test sentences",
                data.name(),
                data.train().size(),
                data.test().size());
        provenance = provenance.with(Map.of(), Map.of(name, data.sha256()), catalog.deviations(size.task()));
        return data;
    }

    /** Records a model that was not loaded through the run, such as one that it trained. */
    public void uses(String model, String sha256) {
        provenance = provenance.withModel(model, sha256);
    }

    /**
     * A task as linear classification from the features of the profile's model, with and without the task's prompt; training sets are
     * redrawn for the intervals.
     */
    public TaskProbe probe(String task) {
        return probe(dataset(task), catalog.task(task).prompt());
    }

    /** The same for other data, or another prompt; empty for none. */
    public TaskProbe probe(TextDataset data, String prompt) {
        return TaskProbe.of(data, prompt, extractor()).redrawing(profile.trainingDraws(), profile.seed());
    }

    /** The notebook's claims, none decided yet. */
    public Claims claims() {
        return Claims.of(notebook, workspace, this::absence);
    }

    /** Why a subject that no result was given for has none. */
    private String absence(String subject) {
        var task = subject.split("[* ,]")[0];
        if (catalog.tasks().contains(task) && !catalog.available(task)) {
            return "its files are not here (WHYLM_DATA)";
        }
        return "not in a run of the profile " + profile.name();
    }

    /**
     * Writes {@code build/tables/PROFILE/NAME.csv}, with its provenance beside it; returns the table for the cell to show, with a warning
     * where data are not the catalogued ones.
     */
    public ResultTable write(ResultTable table) {
        var warnings = provenance.warnings().orElse(List.of()).stream();
        var shown = table.noting(warnings.map(warning -> "Warning: " + warning).toList());
        shown.write(provenance, workspace);
        return shown;
    }

    /** Writes {@code build/figures/PROFILE/NAME.svg} and {@code .png}, with their provenance beside them. */
    public Figure write(Figure figure) {
        figure.write(provenance, workspace);
        return figure;
    }

    /** Writes {@code build/findings/PROFILE/NOTEBOOK.json} and the table {@code verdicts-NOTEBOOK}. */
    public Claims write(Claims claims) {
        claims.write(provenance, workspace);
        return claims;
    }

    /** Frees the model. */
    @Override
    public void close() {
        if (model != null) {
            model.close();
            model = null; // asked for again, it is loaded again
            extractor = null;
        }
    }

    /** Model, data and profile, named for what they are. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "model    %s; d = %d, V = %,d%n"
                        + "profile  %s: at most %s training and %s test sentences a task; %s%n"
                        + "seed     %d; training sets redrawn %d times for the intervals",
                title(),
                model().dimension(),
                model().vocabularySize(),
                profile.name(),
                Profile.shown(profile.trainLimit()),
                Profile.shown(profile.testLimit()),
                MEANING.getOrDefault(profile.name(), "a profile of your own"),
                profile.seed(),
                profile.trainingDraws());
    }
}
