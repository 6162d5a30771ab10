package org.whylm.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.whylm.data.TaskSize;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.ModelCatalog;
import org.whylm.probe.ModelQuality;
import org.whylm.probe.QualityProbe;
import org.whylm.run.AtomicFile;
import org.whylm.run.IoFailure;
import org.whylm.run.Progress;
import org.whylm.run.RecordJson;
import org.whylm.run.Sha256;
import org.whylm.run.Workspace;
import org.whylm.train.PretrainingLoss;

/**
 * Checkpoints of one training run, published as revisions of a model, as a family of {@linkplain ModelFamily models}: the paper's own.
 *
 * <p>One revision after another is fetched, measured and, unless it was there before, removed again: the disk holds the weights of one. What was
 * measured is kept beside the features, so that an interrupted run goes on at the next revision, and a whole one loads no weights.
 */
public final class Revisions {

    /**
     * The key {@code revisions} of a profile.
     *
     * @param model {@code hub:org/name}, or a folder with one for each revision
     * @param revisions such as {@code step0}, {@code step512}, {@code step143000}
     * @param task what the features are to separate
     * @param heldOut how many of its test texts the cross-entropy is measured on
     */
    public record RevisionsSettings(String model, List<String> revisions, TaskSize task, int heldOut) {}

    private record Measured(String sha256, double crossEntropy, Map<String, ModelQuality.Downstream> downstream) {

        ModelQuality quality(String name) {
            return new ModelQuality(name, crossEntropy, downstream);
        }
    }

    /** To be changed with what is measured. */
    private static final int CODE_VERSION = 2;

    private static final List<FeatureKind.Vectors> FEATURES =
            List.of(new FeatureKind.ConditionalMean(), new FeatureKind.HiddenState());

    private final RevisionsSettings settings;
    private final TextDataset data;
    private final Path store;

    /**
     * @param data the task's sentences
     * @param store folder of what was measured
     */
    Revisions(RevisionsSettings settings, TextDataset data, Path store) {
        this.settings = settings;
        this.data = data;
        this.store = store;
    }

    /**
     * The family that the run's profile names.
     *
     * @return empty if it names none
     * @throws org.whylm.lm.ModelFetchException if a revision cannot be had
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public static Optional<ModelFamily> of(Run run) {
        if (!run.profile().settings().has("revisions")) {
            return Optional.empty();
        }
        var settings = run.settings(RevisionsSettings.class);
        var store = Workspace.current().featureStore().resolve("revisions");
        return Optional.of(new Revisions(settings, run.dataset(settings.task()), store).family(run::uses));
    }

    /** @param use is told of each model and its SHA-256 */
    ModelFamily family(BiConsumer<String, String> use) {
        var models = new ArrayList<ModelQuality>();
        try (var progress = Progress.start(
                "revisions of " + settings.model(), settings.revisions().size(), "revisions")) {
            for (var revision : settings.revisions()) {
                var measured = measured(revision);
                use.accept(settings.model() + " at " + revision, measured.sha256());
                models.add(measured.quality(revision));
                progress.advance(1);
            }
        }
        return new ModelFamily("cross-entropy checkpoints", PretrainingLoss.CROSS_ENTROPY, models);
    }

    private Measured measured(String revision) {
        var of = List.of(settings.model(), revision, data.sha256(), settings.heldOut() + "", CODE_VERSION + "");
        var key = Sha256.of(String.join("\n", of));
        var kept = store.resolve(key + ".json");
        var fetched = store.resolve(key + ".fetched");
        boolean isHub = settings.model().startsWith("hub:");
        var name = isHub ? settings.model() + "@" + revision : settings.model() + "/" + revision;
        if (!Files.exists(kept)) {
            if (isHub && !ModelCatalog.load().available(name)) {
                AtomicFile.write(fetched, name);
            }
            try (var model = LanguageModels.load(name)) {
                var quality = quality(revision, model);
                RecordJson.keep(kept, new Measured(model.sha256(), quality.pretrainingLoss(), quality.downstream()));
            }
        }
        if (Files.exists(fetched)) {
            ModelCatalog.load().remove(name);
            IoFailure.unless("Cannot delete " + fetched, () -> Files.deleteIfExists(fetched));
        }
        return RecordJson.kept(kept, Measured.class);
    }

    private ModelQuality quality(String name, LanguageModel model) {
        var probe = QualityProbe.of(data, data.limit(0, settings.heldOut()), model);
        var states = new FeatureExtractor(model).statesAfter(List.of(model.blocks()), probe.readings());
        return probe.quality(name, model, states.get(0), FEATURES);
    }
}
