package org.whylm.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureKind;
import org.whylm.features.Features;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;

/**
 * Models on the same texts: how well each predicts them, and how well its features separate a task's classes. One pass over a
 * model gives the states for both (see {@link #readings}).
 */
public final class QualityProbe {

    private final TextDataset data;
    private final List<Reading> readings;
    private final List<Integer> wholeTraining;
    private final List<Integer> wholeTest;

    private QualityProbe(TextDataset data, LanguageModel model, Set<String> whole) {
        this.data = data;
        var all = data.examples();
        readings = all.stream()
                .map(example -> reading(model, example.text(), whole.contains(example.text())))
                .toList();
        var read = IntStream.range(0, all.size())
                .filter(index -> whole.contains(all.get(index).text()))
                .filter(index -> readings.get(index).ids().length > 1)
                .boxed()
                .toList();
        int split = data.train().size();
        wholeTraining = read.stream().filter(index -> index < split).toList();
        wholeTest = read.stream().filter(index -> index >= split).toList();
    }

    private static Reading reading(LanguageModel model, String text, boolean whole) {
        var all = model.tokenizer().encode(text);
        var ids = Arrays.copyOf(all, Math.min(all.length, model.maximumLength()));
        return whole ? Reading.everywhere(ids) : Reading.atLast(ids);
    }

    /**
     * The texts of a task, of which some are read at every token.
     *
     * @param data every example is read at its last token
     * @param whole examples of {@code data} that are read at every token: training texts for a lens, test texts for
     *     cross-entropy. Of a text of one token nothing is predicted; it is left out
     * @param model whose tokenizer the texts are for; longer ones than it takes are cut at its {@code maximumLength()}
     * @throws IllegalArgumentException if a text has no tokens
     */
    public static QualityProbe of(TextDataset data, TextDataset whole, LanguageModel model) {
        return new QualityProbe(data, model, new HashSet<>(whole.texts()));
    }

    /** What is to be read of a model: training texts, then test texts. */
    public List<Reading> readings() {
        return readings;
    }

    /** Token ids of the training texts that are read at every token. */
    public List<int[]> trainingDocuments() {
        return wholeTraining.stream().map(index -> readings.get(index).ids()).toList();
    }

    /** Of the states of the {@link #readings} those at every token of these texts, {@code L×d} each. */
    public List<float[][]> trainingStates(List<float[][]> states) {
        return wholeTraining.stream().map(states::get).toList();
    }

    /**
     * Cross-entropy on the test texts that are read at every token, of each token but a text's first given those before it.
     *
     * @param states of the {@link #readings}, behind the model's last block
     * @return nats a token
     */
    public double crossEntropy(LanguageModel model, List<float[][]> states) {
        var before = new ArrayList<float[]>();
        var next = IntStream.builder();
        for (int index : wholeTest) {
            var ids = readings.get(index).ids();
            before.addAll(Arrays.asList(states.get(index)).subList(0, ids.length - 1));
            Arrays.stream(ids, 1, ids.length).forEach(next);
        }
        var f = model.f(before.toArray(float[][]::new));
        double sum = 0;
        for (float logProbability :
                model.outputEmbeddings().logProbabilities(f, next.build().toArray())) {
            sum -= logProbability;
        }
        return sum / f.length;
    }

    /** The same for a model whose loss in pre-training is measured by {@link #crossEntropy} on these texts. */
    public ModelQuality quality(
            String name, LanguageModel model, List<float[][]> states, List<? extends FeatureKind.Vectors> kinds) {
        return quality(name, crossEntropy(model, states), model, states, kinds);
    }

    /**
     * The quality of a model whose loss in pre-training is known, by classifiers on standardised features at the last token, with
     * the {@code C} of the least cross-validated loss.
     *
     * @param states of the {@link #readings}, behind the model's last block
     */
    public ModelQuality quality(
            String name,
            double pretrainingLoss,
            LanguageModel model,
            List<float[][]> states,
            List<? extends FeatureKind.Vectors> kinds) {
        var f = model.f(states.stream().map(rows -> rows[rows.length - 1]).toArray(float[][]::new));
        var features = Features.of(model.outputEmbeddings(), f);
        var downstream = new LinkedHashMap<String, ModelQuality.Downstream>();
        for (var kind : kinds) {
            downstream.put(kind.label(), classified(kind.of(features)));
        }
        return new ModelQuality(name, pretrainingLoss, downstream);
    }

    private ModelQuality.Downstream classified(float[][] features) {
        int split = data.train().size();
        var validation = CrossValidation.ofScript(split).by(Criterion.LOG_LOSS);
        var classification = LinearClassification.evaluate(data, features, Scaling.STANDARDIZED, validation);
        var losses = IntStream.range(0, data.test().size())
                .mapToDouble(i -> classification
                        .model()
                        .loss(features[split + i], data.test().get(i).label()))
                .toArray();
        return new ModelQuality.Downstream(classification.test(), losses);
    }
}
