package org.whylm.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;

/**
 * Our side of {@code bench/bench.py}. A line of standard input that names a file of {@link Arguments} prepares the measurement in it; an
 * empty line does one round of it. Each is answered by a line of numbers, which show that both sides compute the same; who asks takes the
 * time.
 */
public final class Rounds implements AutoCloseable {

    /** One round of a measurement. */
    interface Round extends Supplier<double[]>, AutoCloseable {
        @Override
        default void close() {}
    }

    private final Map<String, LanguageModel> models = new HashMap<>();
    private Round prepared = () -> new double[0];

    public static void main(String[] none) throws IOException {
        var answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var rounds = new Rounds()) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                answers.println(Arrays.toString(rounds.answer(line)));
            }
        }
    }

    double[] answer(String line) {
        if (line.isEmpty()) {
            return prepared.get();
        }
        prepared.close();
        prepared = round(new Arguments(Path.of(line)));
        return new double[0];
    }

    private Round round(Arguments arguments) {
        return switch (arguments.text("measure")) {
            case "tokens" -> ReadingRounds.tokens(model(arguments), arguments);
            case "forward" -> ReadingRounds.forward(model(arguments), arguments);
            case "extraction" -> ReadingRounds.extraction(model(arguments), arguments);
            case "products" -> new ProductRound(arguments);
            case "read-out" -> new ReadOutRound(arguments);
            case "regression" -> RegressionRound.of(arguments);
            case "training" -> new TrainingRound(arguments);
            default -> throw new IllegalArgumentException("No measurement '" + arguments.text("measure") + "'");
        };
    }

    private LanguageModel model(Arguments arguments) {
        return models.computeIfAbsent(arguments.text("model"), LanguageModels::load);
    }

    @Override
    public void close() {
        prepared.close();
        models.values().forEach(LanguageModel::close);
    }
}
