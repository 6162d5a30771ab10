package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.probe.QualityProbe;

/** The models without a lens are what it is compared with. */
class AffineLensTest {

    private static final Path TINY_GPT2 = Path.of("src", "test", "resources", "fixtures", "tiny-gpt2");
    private static final String[] BEGINNINGS = {"A witty film", "The cast is sad", "It was long", "One may forget"};
    private static final int UPDATES = 4;

    private static List<Example> examples(int n, int offset) {
        return IntStream.range(0, n)
                .mapToObj(i -> new Example(
                        BEGINNINGS[i % 4] + " " + (i * 7 + offset) + (i % 2 == 0 ? " good." : " bad."), i % 2))
                .toList();
    }

    private static List<float[][]> states(LanguageModel model, QualityProbe probe) {
        return new FeatureExtractor(model)
                .statesAfter(List.of(model.blocks()), probe.readings())
                .get(0);
    }

    /** The map of a model's states to its own f is nearly the identity; training makes a disturbed one predict better. */
    @Test
    void theWholeModelKeepsItsLossAndADisturbedOneGainsByIt() {
        var data = new TextDataset("test", List.of("bad", "good"), examples(60, 0), examples(20, 1000));
        try (var model = LanguageModels.load(TINY_GPT2.toString())) {
            var probe = QualityProbe.of(data, data, model);
            var whole = states(model, probe);
            var lens = AffineLens.of(probe, model, whole, UPDATES, 1);

            var same = lens.quality("whole", model, whole);
            assertEquals("whole", same.model());
            assertEquals(probe.crossEntropy(model, whole), same.pretrainingLoss(), 0.05);
            assertEquals(List.of("Φp_f", "f"), List.copyOf(same.downstream().keySet()));

            try (var noisy = model.withNoise(1, 3)) {
                var disturbed = states(noisy, probe);
                double without = probe.crossEntropy(noisy, disturbed);
                double with = AffineLens.of(probe, model, whole, 20 * UPDATES, 1)
                        .quality("noisy", noisy, disturbed)
                        .pretrainingLoss();
                assertTrue(with < without, with + " with a lens, " + without + " without");
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameModel() {
        var data = new TextDataset("test", List.of("bad", "good"), examples(30, 0), examples(12, 1000));
        try (var model = LanguageModels.load(TINY_GPT2.toString())) {
            var probe = QualityProbe.of(data, data, model);
            var states = states(model, probe);
            var once = AffineLens.of(probe, model, states, UPDATES, 1).quality("m", model, states);
            var twice = AffineLens.of(probe, model, states, UPDATES, 1).quality("m", model, states);
            assertEquals(once.pretrainingLoss(), twice.pretrainingLoss());
            assertEquals(
                    once.downstream().get("f").loss(),
                    twice.downstream().get("f").loss());
        }
    }
}
