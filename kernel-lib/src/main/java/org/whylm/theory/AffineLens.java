package org.whylm.theory;

import java.util.Arrays;
import java.util.List;
import org.whylm.features.FeatureKind;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.TrainableModel;
import org.whylm.probe.ModelQuality;
import org.whylm.probe.QualityProbe;
import org.whylm.train.CachedStates;
import org.whylm.train.OutputLayer;
import org.whylm.train.PretrainingLoss;
import org.whylm.train.Trainer;
import org.whylm.train.TrainingConfig;

/**
 * An affine map {@code x ↦ Wx + b} behind the final norm of a model that was cut or disturbed, so that {@code Φ} can read it. The
 * same for every model: the least-squares map of its states to {@code f} of the model that it comes from, with a ridge chosen by
 * validation, then trained by cross-entropy with {@code Φ} fixed.
 */
public final class AffineLens {

    private static final double[] RIDGES = {0.01, 0.1, 1};
    private static final List<FeatureKind.Vectors> FEATURES =
            List.of(new FeatureKind.ConditionalMean(), new FeatureKind.HiddenState());
    private static final int BATCH = 8;
    private static final double LEARNING_RATE = 3e-4;

    private final QualityProbe probe;
    private final float[][] target;
    private final OutputLayer phi;
    private final TrainingConfig config;

    private AffineLens(QualityProbe probe, float[][] target, OutputLayer phi, TrainingConfig config) {
        this.probe = probe;
        this.target = target;
        this.phi = phi;
        this.config = config;
    }

    /**
     * Lenses that are fitted on a probe's training texts that are read at every token.
     *
     * @param whole the model that the others come from
     * @param states of the probe's readings, behind its last block
     * @param updates by cross-entropy, of {@value #BATCH} texts each
     */
    public static AffineLens of(
            QualityProbe probe, LanguageModel whole, List<float[][]> states, int updates, long seed) {
        return new AffineLens(
                probe,
                f(whole, probe.trainingStates(states)),
                new OutputLayer.Fixed(whole.outputEmbeddings().all()),
                new TrainingConfig(PretrainingLoss.CROSS_ENTROPY, updates, BATCH, LEARNING_RATE, 2, 0, 1, 0, seed));
    }

    /**
     * The quality of a model with its lens.
     *
     * @param name what tables call it
     * @param model of the same dimension and vocabulary
     * @param states of the probe's readings, behind its last block
     * @throws org.whylm.run.Progress.Interrupted if the thread is interrupted
     */
    public ModelQuality quality(String name, LanguageModel model, List<float[][]> states) {
        var training = probe.trainingStates(states);
        var map = AffineRegression.validated(f(model, training), target, RIDGES);
        try (var start = model.followedBy(map.A(), map.b());
                var trained = trained(start, training)) {
            return probe.quality(name, trained, states, FEATURES);
        }
    }

    private LanguageModel trained(LanguageModel start, List<float[][]> states) {
        var lens = TrainableModel.lastBlocks(start, 0);
        try (var trainer = Trainer.start(lens, phi, config, new CachedStates(states, probe.trainingDocuments()))) {
            trainer.run();
            return lens.on(start, start.name(), trainer.parameters());
        }
    }

    private static float[][] f(LanguageModel model, List<float[][]> texts) {
        return model.f(texts.stream().flatMap(Arrays::stream).toArray(float[][]::new));
    }
}
