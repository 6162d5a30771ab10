package org.whylm.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.features.FeatureExtractor;
import org.whylm.lm.LanguageModel;
import org.whylm.probe.Criterion;
import org.whylm.probe.CrossValidation;
import org.whylm.probe.OutOfFold;
import org.whylm.probe.Result;
import org.whylm.probe.Scaling;
import org.whylm.report.Columns;
import org.whylm.report.ResultTable;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;
import org.whylm.statistics.Statistic;

/**
 * Which prompt to read the features behind, by training texts alone, each once: each is predicted by classifiers that were trained without
 * it. The prompt is chosen whose balanced accuracy, averaged over {@value #WORDS}, {@code Φp_f} and {@code f}, is largest; of equals
 * the first, and the empty one is before all others. Nonsense of the same length shows what any further tokens do; it is never chosen.
 *
 * @param tried the empty prompt first
 * @param texts how many training texts it was tried on
 */
public record PromptChoice(List<Tried> tried, int texts) {

    /** What is tried where the user names no prompt. */
    static final List<String> SUGGESTED = List.of(" This is about", " This text is", " The answer is");

    /** Training texts that prompts are compared on at most: each costs a pass over the model for every prompt. */
    private static final int TEXTS = 150;

    private static final int LEAST_TEXTS = 20;

    /** Less far than for the results, as each prompt takes fifteen such choices. */
    private static final double[] GRID = {1e-4, 1e-3, 1e-2, 1e-1};

    private static final int FOLDS = 5;

    /** Name of the probabilities of a few words. */
    static final String WORDS = "p_f words";

    private static final List<String> KINDS = List.of(WORDS, "Φp_f", "f");

    /** Where a prompt is from. */
    public enum Role {
        EMPTY("no prompt"),
        GIVEN("yours"),
        SUGGESTED("suggested"),
        NONSENSE("nonsense, for comparison");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** One prompt, how many tokens it is, and results by kind of features; none where there are too few texts to try. */
    public record Tried(String prompt, Role role, int tokens, Map<String, Result> results) {

        private Tried(String prompt, Role role, int tokens) {
            this(prompt, role, tokens, Map.of());
        }

        /** The same, tried on a sample. */
        private Tried on(TextDataset sample, CrossValidation validation, FeatureExtractor extractor) {
            var texts = sample.train().stream().map(Example::text).toList();
            var labels = sample.trainLabels();
            int classes = sample.classes().size();
            var features = extractor.features(texts, prompt);
            var pool = WordPool.of(features, extractor.model().tokenizer(), texts.size());
            var vectors = Map.<String, Function<int[], float[][]>>of(
                    WORDS,
                    rows -> pool.columns(WordPool.together(pool.choose(rows, Matrices.select(labels, rows), classes))),
                    "Φp_f",
                    rows -> features.conditionalMean(),
                    "f",
                    rows -> features.f());
            var results = new LinkedHashMap<String, Result>();
            for (var kind : KINDS) {
                var predictions =
                        OutOfFold.predictions(vectors.get(kind), labels, classes, Scaling.STANDARDIZED, validation);
                results.put(kind, Result.of(sample.name(), kind, !prompt.isEmpty(), labels, predictions));
            }
            return new Tried(prompt, role, tokens, results);
        }

        double score() {
            return results.values().stream()
                    .mapToDouble(result -> result.balancedAccuracy().value())
                    .average()
                    .orElse(0);
        }
    }

    /**
     * Tries prompts on the first training texts in the order of their hashes, of an unbalanced task on those of each class in turn, those of classes with too few of them left out.
     *
     * @param prompts the user's; none for suggested ones
     * @param seed of the nonsense
     */
    public static PromptChoice of(TaskData task, List<String> prompts, FeatureExtractor extractor, long seed) {
        var once = task.once();
        var sample = TaskData.enough(task.unbalanced() ? inTurn(once) : once.limit(TEXTS, 0));
        boolean possible = sample.classes().size() > 1 && sample.train().size() >= LEAST_TEXTS;
        var validation = task.choice(new CrossValidation(GRID, FOLDS, Criterion.ACCURACY));
        var candidates = candidates(prompts, extractor.model(), seed);
        var tried = new ArrayList<Tried>();
        try (var progress = Progress.start("prompts", candidates.size(), "prompts")) {
            for (var candidate : candidates) {
                tried.add(possible ? candidate.on(sample, validation, extractor) : candidate);
                progress.advance(1);
            }
        }
        return new PromptChoice(tried, possible ? sample.train().size() : 0);
    }

    /** Training texts of each class in turn: the first of an unbalanced task would be of one class. */
    private static TextDataset inTurn(TextDataset once) {
        var turns = new HashMap<Integer, Integer>();
        var turn = new HashMap<Example, Integer>();
        once.train().forEach(example -> turn.put(example, turns.merge(example.label(), 1, Integer::sum)));
        var train = once.train().stream()
                .sorted(Comparator.comparing(turn::get))
                .limit(TEXTS)
                .toList();
        return new TextDataset(once.name(), once.classes(), train, List.of());
    }

    private static List<Tried> candidates(List<String> prompts, LanguageModel model, long seed) {
        var candidates = new ArrayList<>(List.of(new Tried("", Role.EMPTY, 0)));
        var named = prompts.isEmpty() ? SUGGESTED : prompts;
        for (var prompt :
                named.stream().distinct().filter(each -> !each.isEmpty()).toList()) {
            candidates.add(new Tried(
                    prompt,
                    prompts.isEmpty() ? Role.SUGGESTED : Role.GIVEN,
                    model.tokenizer().encodeContinuation(prompt).length));
        }
        var lengths = candidates.stream().mapToInt(Tried::tokens).filter(length -> length > 0);
        for (int length : lengths.distinct().toArray()) {
            nonsense(model, length, seed).ifPresent(text -> candidates.add(new Tried(text, Role.NONSENSE, length)));
        }
        return candidates;
    }

    /** Words of the vocabulary drawn at random, as many tokens as asked for; none if its words do not join to so many. */
    private static Optional<String> nonsense(LanguageModel model, int length, long seed) {
        var tokenizer = model.tokenizer();
        var words = IntStream.range(0, tokenizer.size())
                .filter(tokenizer::has)
                .mapToObj(tokenizer::token)
                .filter(token -> token.matches(" [a-z]{2,}"))
                .toList();
        var random = new Random(seed);
        for (int attempt = 0; attempt < 1_000 && !words.isEmpty(); attempt++) {
            var text = IntStream.range(0, length)
                    .mapToObj(i -> words.get(random.nextInt(words.size())))
                    .collect(Collectors.joining());
            if (tokenizer.encodeContinuation(text).length == length) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    /** The prompt that features are read behind; empty for none. Where nothing could be tried, the first that was named. */
    public String chosen() {
        if (texts == 0) {
            return tried.stream()
                    .filter(each -> each.role() == Role.GIVEN)
                    .map(Tried::prompt)
                    .findFirst()
                    .orElse("");
        }
        return tried.stream()
                .filter(each -> each.role() != Role.NONSENSE)
                .max(Comparator.comparingDouble(Tried::score))
                .orElseThrow()
                .prompt();
    }

    /** By how much a kind of features gains from a prompt, in balanced accuracy, over the same texts. */
    Statistic gain(Tried prompt, String kind) {
        return prompt.results()
                .get(kind)
                .balancedDifference(tried.get(0).results().get(kind));
    }

    /** A row a prompt: balanced accuracies and gains over no prompt in percent, of training texts held out. */
    public ResultTable table() {
        var rows = texts == 0 ? List.<Tried>of() : tried;
        var columns = Columns.of(rows)
                .text("prompt", each -> each.prompt().isEmpty() ? "none" : "…" + each.prompt())
                .text("is", each -> each.role().toString())
                .whole("tokens", Tried::tokens)
                .text("chosen", each -> each.prompt().equals(chosen()) ? "yes" : "");
        for (var kind : KINDS) {
            columns.percent(
                            kind,
                            each -> each.results().get(kind).balancedAccuracy().value())
                    .interval(
                            kind + " gain",
                            kind + " gain low",
                            kind + " gain high",
                            each -> Optional.of(gain(each, kind)));
        }
        return columns.table("prompts", "Balanced accuracy on " + texts + " training texts held out in turn, %");
    }
}
