package org.whylm.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureStore;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;

/** Rounds in which a model reads: {@code ids} of one {@code length}, or {@code texts} without and with a {@code prompt}. */
final class ReadingRounds {

    private ReadingRounds() {}

    static Rounds.Round forward(LanguageModel model, Arguments arguments) {
        var readings = Arrays.stream(arguments.ints("ids", arguments.number("length")))
                .map(Reading::atLast)
                .toList();
        return () -> Arguments.head(model.hiddenStates(readings).get(0)[0]);
    }

    /** With a store that is empty, on disk as always. */
    static Rounds.Round extraction(LanguageModel model, Arguments arguments) {
        var texts = arguments.lines("texts");
        var prompt = arguments.text("prompt");
        return () -> {
            var folder = temporary();
            var extractor = new FeatureExtractor(model, new FeatureStore(folder), FeatureExtractor.TRUNCATION);
            var prompted = extractor.features(texts, prompt);
            var alone = extractor.features(texts);
            remove(folder);
            return DoubleStream.concat(
                            Arrays.stream(Arguments.head(alone.f()[0])),
                            Arrays.stream(Arguments.head(prompted.conditionalMean()[0])))
                    .toArray();
        };
    }

    /** For who reads without a tokenizer: of each text the number of its ids with the prompt's, of its own, and the ids. */
    static Rounds.Round tokens(LanguageModel model, Arguments arguments) {
        var texts = arguments.lines("texts");
        var prompt = arguments.text("prompt");
        return () -> texts.stream()
                .map(text -> model.reading(text, prompt, FeatureExtractor.TRUNCATION))
                .flatMapToInt(reading -> IntStream.concat(
                        IntStream.of(reading.ids().length, reading.positions()[0] + 1), IntStream.of(reading.ids())))
                .asDoubleStream()
                .toArray();
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("whylm-bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
