package org.whylm.cli;

import com.google.gson.GsonBuilder;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.features.NextWords;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whylm inspect}: what a model makes of a text. */
@Command(
        name = "inspect",
        description = "Shows what a model makes of each text: token ids, f, log Z, Φp_f, the most probable next words.")
final class Inspect extends Subcommand {

    @Option(names = "--model", required = true, paramLabel = "M", description = Whylm.MODEL)
    private String model;

    @Option(names = "--prompt", defaultValue = "", paramLabel = "P", description = "Follows each text.")
    private String prompt;

    @Option(
            names = "--top",
            defaultValue = "10",
            paramLabel = "K",
            description = "Next words shown (${DEFAULT-VALUE}).")
    private int top;

    @Option(names = "--json", description = "JSON Lines, one object a text, every component of f and Φp_f.")
    private boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "TEXT",
            description = "Texts; - reads them from standard input, one a line.")
    private List<String> texts;

    /**
     * What is printed of one text.
     *
     * @param f hidden state at the last token, {@code d}
     * @param log_partition {@code log Z_f}, in nats
     * @param phi_p {@code Φp_f}, {@code d}
     * @param mean_cross_entropy of the tokens after the first, in nats; null if there is only one token
     */
    private record Inspection(
            String text,
            String prompt,
            int[] ids,
            float[] f,
            float log_partition,
            float[] phi_p,
            List<NextWords.Word> top,
            Double mean_cross_entropy) {}

    @Override
    public Integer call() {
        if (top < 0) {
            throw usage("--top " + top + ": give a number of 0 or more");
        }
        var gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
        try (var loaded = LanguageModels.load(model)) {
            for (var text : texts(texts, System.in)) {
                var inspection = inspect(loaded, text);
                out().println(json ? gson.toJson(inspection) : describe(loaded, inspection));
            }
        }
        return 0;
    }

    /** Texts as typed, except that {@code -} stands for the lines of standard input that are not blank, in UTF-8. */
    static List<String> texts(List<String> arguments, InputStream standardInput) {
        var in = new BufferedReader(new InputStreamReader(standardInput, StandardCharsets.UTF_8));
        return arguments.stream()
                .flatMap(text -> text.equals("-") ? in.lines().filter(line -> !line.isBlank()) : Stream.of(text))
                .toList();
    }

    private Inspection inspect(LanguageModel loaded, String text) {
        var ids = loaded.tokenizer().encode(text, prompt);
        var states = loaded.hiddenStates(List.of(Reading.everywhere(ids))).get(0);
        var f = states[ids.length - 1];
        var prediction = loaded.outputEmbeddings().predict(new float[][] {f});
        return new Inspection(
                text,
                prompt,
                ids,
                f,
                prediction.logPartition()[0],
                prediction.conditionalMean()[0],
                NextWords.of(loaded, f, text + prompt, top).words(),
                meanCrossEntropy(loaded, states, ids));
    }

    private static Double meanCrossEntropy(LanguageModel loaded, float[][] states, int[] ids) {
        if (ids.length < 2) {
            return null;
        }
        var before = Arrays.copyOf(states, ids.length - 1);
        var after = Arrays.copyOfRange(ids, 1, ids.length);
        double sum = 0;
        for (float logProbability : loaded.outputEmbeddings().logProbabilities(before, after)) {
            sum -= logProbability;
        }
        return sum / after.length;
    }

    private static String describe(LanguageModel loaded, Inspection shown) {
        var text = shown.text() + shown.prompt();
        var tokens = Arrays.stream(shown.ids()).mapToObj(loaded.tokenizer()::token);
        var lines = new ArrayList<>(List.of(
                "text            " + text,
                "tokens          " + tokens.collect(Collectors.joining("|")),
                "ids             " + Arrays.toString(shown.ids()),
                "f               " + head(shown.f()),
                "Φp_f            " + head(shown.phi_p()),
                String.format(Locale.ROOT, "log Z           %.4f nats", shown.log_partition()),
                shown.mean_cross_entropy() == null
                        ? "cross-entropy   (a single token)"
                        : String.format(Locale.ROOT, "cross-entropy   %.4f nats a token", shown.mean_cross_entropy())));
        var next = new NextWords(text, shown.top());
        for (var word : shown.top()) {
            lines.add(String.format(Locale.ROOT, "%15s %s", next.shownProbability(word), word.shownText()));
        }
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }

    private static String head(float[] vector) {
        return IntStream.range(0, Math.min(6, vector.length))
                .mapToObj(i -> String.format(Locale.ROOT, "%.4f", vector[i]))
                .collect(Collectors.joining(", ", "(", ", …), d = " + vector.length));
    }
}
