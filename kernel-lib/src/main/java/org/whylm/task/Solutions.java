package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.whylm.features.ClassWords;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.Features;
import org.whylm.features.WordList;
import org.whylm.lm.Tokenizer;
import org.whylm.probe.BagOfWords;
import org.whylm.probe.Criterion;
import org.whylm.probe.CrossValidation;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.RandomFeatures;
import org.whylm.probe.Result;
import org.whylm.probe.Scaling;
import org.whylm.probe.TaskProbe;
import org.whylm.probe.TaskResults;
import org.whylm.probe.TfIdf;
import org.whylm.report.ResultTable;
import org.whylm.statistics.Holm;
import org.whylm.statistics.Statistic;

/**
 * What solves a task: the language model's features behind a prompt, and what does without a language model. Every classifier is
 * trained on all training texts, and again on redrawn ones; conclusions are drawn from the test texts that are in training neither equal
 * nor nearly so.
 *
 * @param task the task
 * @param prompt what follows each text; empty for none
 * @param given results on all test texts as they were given
 * @param results on the test texts that were not seen in training
 * @param words the words that were chosen, for each class their token ids, the heaviest first
 * @param features of all training texts, then all test texts, behind the prompt
 */
public record Solutions(
        TaskData task, String prompt, TaskResults given, TaskResults results, List<WordList> words, Features features) {

    private static final List<String> MODEL = List.of(PromptChoice.WORDS, "Φp_f", "f", "p_f");

    /** What needs no language model. */
    static final List<String> COUNTING = List.of(TfIdf.LABEL, BagOfWords.LABEL);

    /** TF-IDF with the strength of regularisation that scikit-learn has where none is chosen. */
    private static final String TFIDF_DEFAULT = "TF-IDF (C = 1)";

    /** What a classifier does that does not weight the classes alike. */
    private static final String AS_THEY_COME = "f, classes as they come";

    private static final String ZERO_SHOT = "zero-shot";
    private static final String ZERO_SHOT_CALIBRATED = "zero-shot, calibrated";

    /** Training texts up to which the whole of {@code p_f} is classified, which takes of the order of their third power. */
    private static final int WHOLE_DISTRIBUTION = 2_000;

    private static final int RANDOM_DRAWS = 50;

    /**
     * Trains and tests.
     *
     * @param draws redrawn training sets
     * @param seed of every draw
     */
    public static Solutions of(TaskData task, String prompt, FeatureExtractor extractor, int draws, long seed) {
        var data = task.data();
        var model = extractor.model();
        var features = extractor.features(task.texts(), prompt);
        var pool = WordPool.of(
                features,
                model.tokenizer(),
                IntStream.range(0, data.train().size()).toArray());
        var chosen = pool.choose(IntStream.range(0, data.train().size()).toArray(), task.trainLabels(), task.classes());
        var words = Arrays.stream(chosen)
                .map(ofClass -> WordList.ofIds(model.tokenizer(), pool.ids(ofClass)))
                .toList();
        var together = WordList.ofIds(model.tokenizer(), pool.ids(WordPool.together(chosen)));

        var probe = TaskProbe.of(data, prompt, extractor).redrawing(draws, seed).choosing(task::choice);
        boolean prompted = !prompt.isEmpty();
        var results = new ArrayList<Result>();
        var lacking = new LinkedHashMap<String, String>();
        var ofWords = probe.evaluate(
                FeatureKind.Words.probabilities(PromptChoice.WORDS, together), prompted, Scaling.STANDARDIZED);
        results.add(ofWords);
        results.add(probe.evaluate(new FeatureKind.ConditionalMean(), prompted, Scaling.STANDARDIZED));
        results.add(probe.evaluate(new FeatureKind.HiddenState(), prompted, Scaling.STANDARDIZED));
        if (data.train().size() <= WHOLE_DISTRIBUTION) {
            results.add(probe.evaluate(new FeatureKind.Distribution(), prompted, Scaling.STANDARDIZED));
        } else {
            lacking.put("p_f", "not computed for more than " + WHOLE_DISTRIBUTION + " training texts");
        }
        results.add(
                RandomFeatures.words(probe, ofWords, model, RANDOM_DRAWS, seed).random());
        results.add(
                RandomFeatures.directions(probe, ofWords, RANDOM_DRAWS, seed).random());
        if (prompted) {
            results.add(probe.evaluate(new FeatureKind.ConditionalMean(), false, Scaling.STANDARDIZED));
            results.add(probe.evaluate(new FeatureKind.HiddenState(), false, Scaling.STANDARDIZED));
        }
        var validation = CrossValidation.ofScript(data.train().size())
                .within(task.trainLabels())
                .redrawing(draws, seed);
        if (task.unbalanced()) {
            results.add(TaskProbe.of(data, prompt, extractor)
                    .choosing(CrossValidation::quick)
                    .evaluate(new FeatureKind.HiddenState(), prompted, Scaling.STANDARDIZED)
                    .named(AS_THEY_COME));
        }
        withoutModel(task, task.choice(validation), results, lacking);
        zeroShot(probe, model.tokenizer(), prompted, results, lacking);
        var given = probe.together(results).lacking(lacking);
        var unseen = task.unseen();
        var onUnseen = new TaskResults(
                given.task(),
                given.results().stream().map(result -> result.on(unseen)).toList(),
                given.lacking());
        return new Solutions(task, prompt, given, onUnseen, words, features);
    }

    private static void withoutModel(
            TaskData task, CrossValidation validation, List<Result> results, Map<String, String> lacking) {
        try {
            results.add(TfIdf.result(task.data(), validation));
            var fixed = new CrossValidation(new double[] {1}, validation.folds(), Criterion.ACCURACY);
            results.add(TfIdf.result(task.data(), fixed).named(TFIDF_DEFAULT));
            results.add(TfIdf.presence(task.data(), validation));
        } catch (IllegalArgumentException e) {
            lacking.put(TfIdf.LABEL, e.getMessage());
        }
    }

    /** Classes by the words of their names, where these are words. */
    private static void zeroShot(
            TaskProbe probe, Tokenizer tokenizer, boolean prompted, List<Result> results, Map<String, String> lacking) {
        var names = probe.data().classes();
        if (names.stream().anyMatch(name -> name.chars().noneMatch(Character::isLetter))) {
            lacking.put(ZERO_SHOT, "the names of the classes are no words");
            return;
        }
        var lists = names.stream().map(Solutions::wordsOf).toList();
        var own = lists.stream().map(list -> own(list, lists)).toList();
        if (own.stream().anyMatch(List::isEmpty)) {
            lacking.put(ZERO_SHOT, "the name of a class has no word that is in no other's");
            return;
        }
        var words = ClassWords.of(tokenizer, own);
        if (words.isEmpty()) {
            lacking.put(ZERO_SHOT, "the names of the classes are not all single words of the model's vocabulary");
            return;
        }
        var zeroShot = probe.zeroShot(words, prompted);
        var name = probe.data().name();
        results.add(Result.of(name, ZERO_SHOT, prompted, zeroShot.labels(), zeroShot.predictions()));
        results.add(Result.of(
                name,
                ZERO_SHOT_CALIBRATED,
                prompted,
                zeroShot.labels(),
                zeroShot.calibrated().predictions()));
    }

    /** Words of one class only: of “spam” and “not spam”, “spam” says neither. */
    private static List<String> own(List<String> words, List<List<String>> ofAll) {
        return words.stream()
                .filter(word ->
                        ofAll.stream().filter(list -> list.contains(word)).count() == 1)
                .toList();
    }

    private static List<String> wordsOf(String name) {
        var words = new LinkedHashSet<>(List.of(name, name.toLowerCase(Locale.ROOT)));
        for (var part : name.split("[^\\p{L}]+")) {
            if (!part.isEmpty()) {
                words.add(part);
                words.add(part.toLowerCase(Locale.ROOT));
            }
        }
        return List.copyOf(words);
    }

    /** Whether features are read behind a prompt. */
    boolean prompted() {
        return !prompt.isEmpty();
    }

    /** The result of a kind of features behind the prompt. */
    Result result(String kind) {
        return results.result(kind, prompted());
    }

    /** How many words are read. */
    int wordCount() {
        return words.stream().mapToInt(list -> list.ids().length).sum();
    }

    /** The words of all classes as one list. */
    WordList allWords() {
        return new WordList(
                words.stream().flatMap(list -> list.words().stream()).toList(),
                words.stream().flatMapToInt(list -> IntStream.of(list.ids())).toArray());
    }

    /** The trained results of the model's features, behind the prompt and without it. */
    List<Result> ofModel() {
        return results.results().stream()
                .filter(result -> MODEL.contains(result.features()))
                .toList();
    }

    /** The best of these that reads more than a few words. */
    Result bestBesideWords() {
        return best(ofModel().stream()
                .filter(result -> !result.features().equals(PromptChoice.WORDS))
                .toList());
    }

    /** The trained results that need no language model. */
    List<Result> counting() {
        return results.results().stream()
                .filter(result -> COUNTING.contains(result.features()))
                .toList();
    }

    /** Balanced accuracy of whoever knows nothing: one by the number of classes that have a test text. */
    static double chance(Result result) {
        return 1.0 / Arrays.stream(result.splits().get(0).labels()).distinct().count();
    }

    /** The same on the test texts that count. */
    double chance() {
        return chance(results.results().get(0));
    }

    /**
     * By how much a trained result is ahead of chance: its balanced accuracy. Of an unbalanced task how often it ranks a text of the most
     * frequent class before one of another, less one half: with few texts of the others, where it draws the line says less.
     */
    Statistic advantage(Result result) {
        return task.unbalanced()
                ? result.areaUnderRoc(task.mostFrequent()).minus(0.5)
                : result.balancedAccuracy().minus(chance());
    }

    /**
     * The trained results that are above chance at 1%: after Holm's correction for their number; of an unbalanced task, whose few texts
     * would not survive it, in the order of their cross-validated accuracies on the training texts, each at 1%, until one is not.
     */
    List<Result> aboveChance() {
        var candidates = trained();
        if (task.unbalanced()) {
            return candidates.stream()
                    .sorted(Comparator.comparingDouble(result -> -crossValidated(result)))
                    .takeWhile(result -> isAbove(result, advantage(result).p(0)))
                    .toList();
        }
        var p = Holm.adjusted(candidates.stream()
                .mapToDouble(result -> advantage(result).p(0))
                .toArray());
        return IntStream.range(0, p.length)
                .filter(i -> isAbove(candidates.get(i), p[i]))
                .mapToObj(candidates::get)
                .toList();
    }

    private boolean isAbove(Result result, double p) {
        return p < Questions.LEVEL && advantage(result).value() > 0;
    }

    /** The largest cross-validated accuracy of the values of {@code C}, balanced where that is the criterion. */
    private static double crossValidated(Result result) {
        return result.splits().get(0).classification().stream()
                .flatMap(it -> it.candidates().stream())
                .mapToDouble(LinearClassification.Candidate::accuracy)
                .max()
                .orElse(0);
    }

    /** Whether a trained result is. */
    boolean aboveChance(Result result) {
        return aboveChance().contains(result);
    }

    /** What the model answers by the names of the classes, untrained. */
    List<Result> zeroShot() {
        return results.results().stream()
                .filter(result -> List.of(ZERO_SHOT, ZERO_SHOT_CALIBRATED).contains(result.features()))
                .toList();
    }

    static boolean isCalibrated(Result zeroShot) {
        return zeroShot.features().equals(ZERO_SHOT_CALIBRATED);
    }

    /** All trained results that a user would choose from. */
    List<Result> trained() {
        return results.results().stream()
                .filter(result -> MODEL.contains(result.features()) || COUNTING.contains(result.features()))
                .toList();
    }

    /** The result with the largest balanced accuracy; the first of equals. */
    static Result best(List<Result> results) {
        var best = results.get(0);
        for (var result : results) {
            best = result.balancedAccuracy().value() > best.balancedAccuracy().value() ? result : best;
        }
        return best;
    }

    /** Which of the chosen words decide on a text of yours. */
    public Contributions contributions(String text, FeatureExtractor extractor) {
        var features = extractor.features(List.of(text), prompt);
        return Contributions.of(
                text,
                task.data().classes(),
                result(PromptChoice.WORDS).classification().model(),
                allWords(),
                features.wordProbabilities(allWords())[0]);
    }

    /**
     * A row a result: accuracy, balanced accuracy and macro-F1 in percent with their 95% intervals; how far its balanced accuracy is from the
     * best, paired; and its accuracy on all test texts as they were given.
     *
     * @param seed of the bootstrap of macro-F1
     */
    public ResultTable table(long seed) {
        return Scores.of(this, seed).table();
    }
}
