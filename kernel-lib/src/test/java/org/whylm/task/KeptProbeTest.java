package org.whylm.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModels;

/** A kept probe and the model that it names fit together, or it is refused. */
class KeptProbeTest {

    private static final String MODEL = "src/test/resources/fixtures/tiny-gpt2";

    private static KeptProbe probe(String modelSha256, String features, List<Integer> words) {
        return new KeptProbe(
                "films",
                "0".repeat(64),
                MODEL,
                modelSha256,
                "",
                features,
                words,
                List.of("neg", "pos"),
                new double[][] {{0.5, -1.0}},
                new double[] {0});
    }

    @Test
    void aWordThatTheModelHasNotIsNamed(@TempDir Path folder) {
        try (var model = LanguageModels.load(MODEL)) {
            var extractor = new FeatureExtractor(model, new FeatureStore(folder), 64);
            var words = List.of(5, 30_300);
            var probe = probe(model.sha256(), "p_f words", words);
            for (var tried : List.<Runnable>of(
                    () -> probe.predict(List.of("a film"), extractor),
                    () -> probe.contributions("a film", extractor))) {
                var error = assertThrows(IllegalArgumentException.class, tried::run);
                assertTrue(error.getMessage().contains("30300"), error.getMessage());
            }
            var sound = probe(model.sha256(), "p_f words", List.of(5, 60));
            assertEquals(1, sound.predict(List.of("a film"), extractor).size());
        }
    }

    @Test
    void onlyAProbeOfWordsHasWords() {
        assertThrows(IllegalArgumentException.class, () -> probe("", "f", List.of(5, 60)));
        assertThrows(IllegalArgumentException.class, () -> probe("", "p_f words", List.of()));
    }
}
