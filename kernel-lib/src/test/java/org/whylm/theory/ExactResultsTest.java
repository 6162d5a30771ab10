package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.run.Interruption;
import org.whylm.run.Profile;
import org.whylm.theory.ExactLanguageSettings.Size;
import org.whylm.theory.ExactModel.Recipe;

/** A whole study of small models: what the statements say must hold, and what is planted must be found. */
class ExactResultsTest {

    private static final ExactLanguageSettings SETTINGS = new ExactLanguageSettings(
            4,
            0.8,
            0.2,
            6,
            120,
            30,
            32,
            20,
            2,
            List.of(
                    new Size(16, 8, 1, 1, 150, 0.03, List.of(Recipe.values())),
                    new Size(16, 4, 1, 1, 150, 0.03, List.of(Recipe.CROSS_ENTROPY, Recipe.QUAD_LEADING))));

    private static Iterable<ExactTask> tasks(ContextSample sample) {
        return sample.tasks(3, 1).entrySet().stream()
                .map(task -> ExactTask.of(
                        task.getKey(), task.getValue(), List.of("p_f", "Φp_f", "f"), sample.language(), 30))
                .toList();
    }

    private static ExactResults study(Path folder) {
        return ExactResults.of(SETTINGS, new ExactTraining(SETTINGS, 5, folder), ExactResultsTest::tasks);
    }

    @Test
    void statementsHoldAndTheNaturalTaskIsLearned(@TempDir Path folder) {
        var results = study(folder);
        for (var statement : List.of("T1", "T2", "T2 with γ_Φ", "T3", "T4")) {
            var bounds = results.bounds(statement);
            assertTrue(bounds.size() > 50, statement + ": " + bounds.size());
            bounds.forEach(bound -> assertTrue(bound.holds(StatementCheck.ROUNDING), statement + ": " + bound));
        }
        for (var it : results.all()) {
            // The best of each side is no worse than the v that T1 names, for the model as for p*.
            if (it.model().recipe() == Recipe.CROSS_ENTROPY) {
                var loss = it.downstream();
                assertTrue(loss.get("p_f").loss() <= it.bounds().get("T1").loss() + 1e-9);
                assertTrue(loss.get("p_f").loss() <= loss.get("Φp_f").loss() + 1e-9, "a part of all v");
                assertTrue(loss.get("f").loss() <= it.bounds().get("T3").loss() + 1e-9);
            } else {
                assertTrue(
                        it.downstream().get("f").loss() <= it.bounds().get("T4").loss() + 1e-9);
            }
        }
        var natural = mean(results.belowChance("likely state"));
        assertTrue(natural > 0.2, "natural is below chance by " + natural);
        assertTrue(
                mean(results.belowChance("shuffled")) < natural / 4,
                "planted: " + mean(results.belowChance("shuffled")));
        assertTrue(mean(results.orderAlong("likely state", "Φp_f")) > 0.5);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    /** Runs go on beside one another: none must reach into another, nor what was interrupted into what follows. */
    @Test
    void aStudyIsRepeatedToTheLastBit(@TempDir Path folder) {
        var first = study(folder.resolve("once")).all();
        var again = folder.resolve("again");
        Interruption.of(() -> study(again), line -> line.contains("measuring"));
        var trained = files(again);
        assertTrue(
                trained.size() > 0
                        && trained.size() < files(folder.resolve("once")).size(),
                "it was interrupted on its way");
        var second = study(again).all();
        trained.forEach((file, time) -> assertEquals(time, files(again).get(file), file + " was trained again"));
        assertEquals(first.size(), second.size());
        for (var i = 0; i < first.size(); i++) {
            assertEquals(first.get(i).epsilon(), second.get(i).epsilon());
            assertEquals(first.get(i).bounds(), second.get(i).bounds());
            assertEquals(first.get(i).downstream(), second.get(i).downstream());
        }
    }

    /** The last models of the runs that came to their end, with the times when they were written. */
    private static Map<Path, FileTime> files(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("observed-000150.safetensors"))
                    .collect(Collectors.toMap(file -> file, ExactResultsTest::written));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime written(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyProfileSaysWhatIsTrained() {
        for (var name : List.of("quick", "standard", "paper")) {
            var settings = Profile.load(name).settings(ExactLanguageSettings.class);
            assertTrue(settings.seeds() >= 5, name);
            settings.sizes()
                    .forEach(size ->
                            assertEquals(Recipe.CROSS_ENTROPY, size.recipes().get(0), "what Quad is compared with"));
        }
    }

    @Test
    void looksAreLogarithmic() {
        assertEquals(List.of(16, 19, 23, 27, 32, 38, 45, 50), ExactTraining.logarithmic(16, 50));
        assertEquals(List.of(8), ExactTraining.logarithmic(8, 8));
    }

    @Test
    void softmaxCostsWhatAnUpdateOfTheNetworkDoesNot() {
        // One block, d = 16, L = 6: 12·256 + 2·6·16 + 256 = 3,520 multiplications a token; Φᵀf is 64·16 = 1,024.
        var training = new ExactTraining(SETTINGS, 5, Path.of("none"));
        assertEquals(129, training.equalArithmetic(new Size(64, 16, 1, 2, 100, 0.03, List.of())));
    }

    /** Losses that are planted as {@code τ + c·ε^a} have the exponent {@code a}. */
    @Test
    void exponentIsFound() {
        var natural = new Naturalness(0.1, 30, new double[] {1}, 0);
        var task = new ExactTask("planted", null, List.of(), 30, natural);
        var updates = new AtomicInteger();
        var size = SETTINGS.sizes().get(0);
        var all = List.of(0.4, 0.2, 0.1, 0.05, 0.02).stream()
                .map(epsilon -> new Measurement(
                        new ExactModel(Recipe.CROSS_ENTROPY, size, 1, updates.incrementAndGet(), null, null),
                        task,
                        epsilon,
                        1,
                        Map.of(),
                        Map.of(
                                "Φp_f",
                                new Measurement.Downstream(0.1 + (epsilon > 0.3 ? 9 : 2 * Math.pow(epsilon, 0.7)), 0)),
                        java.util.Optional.empty()))
                .toList();
        var results = new ExactResults(SETTINGS, Map.of(size.vocabulary(), 0.5), all);
        assertEquals(0.7, results.exponents("planted", "Φp_f")[0], 1e-12, "the first model knows no context");
        assertEquals(
                List.of(false, true, true, true, true),
                all.stream().map(results::isInformed).toList());
        assertTrue(Double.isNaN(results.exponents("planted", "Φp_f")[1]), "the second run has no model");
    }
}
