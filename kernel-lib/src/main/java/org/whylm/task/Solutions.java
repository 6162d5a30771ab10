package org.whylm.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.whylm.report.ResultTable;
import org.whylm.run.Matrices;
import org.whylm.statistics.Holm;
import org.whylm.statistics.Statistic;

/**
 * What solves a task: the language model's features behind a prompt, and what does without a language model. Every classifier is
 * trained on all training texts, and again on redrawn ones; conclusions are drawn from the test texts that are in training neither equal
 * nor nearly so.
 *
 * @param prompt what follows each text; empty for none
 * @param given results on all test texts as they were given
 * @param results on the test texts that were not seen in training
 * @param words the words that were chosen, for each class their token ids, the heaviest first
 * @param features of all training texts, then all test texts, behind the prompt
 */
public record Solutions(
        TaskData task, String prompt, TaskResults given, TaskResults results, List<WordList> words, Features features) {

    /** Features of the language model, the words first. */
    private static final List<String> MODEL = List.of(PromptChoice.WORDS, "Φp_f", "f", "p_f");

    /** What needs no language model. */
    private static final List<String> COUNTING = List.of(BagOfWords.TF_IDF, BagOfWords.LABEL);

    /** TF-IDF with the strength of regularisation that scikit-learn has where none is chosen. */
    private static final String TFIDF_DEFAULT = "TF-IDF (C = 1)";

    /** What a classifier does that does not weight the classes alike. */
    private static final String AS_THEY_COME = "f, classes as they come";

    private static final String ZERO_SHOT = "zero-shot";
    private static final String ZERO_SHOT_CALIBRATED = "zero-shot, calibrated";

    /** Training texts up to which the whole of {@code p_f} is classified, which takes of the order of their third power. */
    private static final int WHOLE_DISTRIBUTION = 2_000;

    private static final int RANDOM_DRAWS = 50;

    /** Trains and tests, and again on {@code draws} redrawn training sets; every draw is by the seed. */
    public static Solutions of(TaskData task, String prompt, FeatureExtractor extractor, int draws, long seed) {
        var data = task.data();
        var model = extractor.model();
        var features = extractor.features(task.texts(), prompt);
        int n = data.train().size();
        var pool = WordPool.of(features, model.tokenizer(), n);
        var chosen = pool.choose(IntStream.range(0, n).toArray(), task.trainLabels(), task.classes());
        var words = Arrays.stream(chosen)
                .map(ofClass -> WordList.ofIds(model.tokenizer(), Matrices.select(pool.ids(), ofClass)))
                .toList();
        var probe = TaskProbe.of(data, prompt, extractor).redrawing(draws, seed).choosing(task::choice);
        boolean prompted = !prompt.isEmpty();
        var lacking = new LinkedHashMap<String, String>();
        var kinds = new ArrayList<FeatureKind>(List.of(
                FeatureKind.Words.probabilities(PromptChoice.WORDS, together(words)),
                new FeatureKind.ConditionalMean(),
                new FeatureKind.HiddenState()));
        if (n <= WHOLE_DISTRIBUTION) {
            kinds.add(new FeatureKind.Distribution());
        } else {
            lacking.put("p_f", "not computed for more than " + WHOLE_DISTRIBUTION + " training texts");
        }
        var results = new ArrayList<Result>();
        kinds.forEach(kind -> results.add(probe.evaluate(kind, prompted, Scaling.STANDARDIZED)));
        var ofWords = results.get(0);
        results.add(
                RandomFeatures.words(probe, ofWords, model, RANDOM_DRAWS, seed).random());
        results.add(
                RandomFeatures.directions(probe, ofWords, RANDOM_DRAWS, seed).random());
        if (prompted) {
            kinds.subList(1, 3).forEach(kind -> results.add(probe.evaluate(kind, false, Scaling.STANDARDIZED)));
        }
        if (task.unbalanced()) {
            results.add(TaskProbe.of(data, prompt, extractor)
                    .choosing(CrossValidation::quick)
                    .evaluate(new FeatureKind.HiddenState(), prompted, Scaling.STANDARDIZED)
                    .named(AS_THEY_COME));
        }
        var validation = CrossValidation.ofScript(n).within(task.trainLabels()).redrawing(draws, seed);
        withoutModel(task, task.choice(validation), results, lacking);
        zeroShot(probe, model.tokenizer(), prompted, results, lacking);
        var given = probe.together(results).lacking(lacking);
        var onUnseen = given.each(result -> result.on(task.unseen()));
        return new Solutions(task, prompt, given, onUnseen, words, features);
    }

    private static void withoutModel(
            TaskData task, CrossValidation validation, List<Result> results, Map<String, String> lacking) {
        try {
            results.add(BagOfWords.tfIdf(task.data(), validation));
            var fixed = new CrossValidation(new double[] {1}, validation.folds(), Criterion.ACCURACY);
            results.add(BagOfWords.tfIdf(task.data(), fixed).named(TFIDF_DEFAULT));
            results.add(BagOfWords.presence(task.data(), validation));
        } catch (IllegalArgumentException e) {
            lacking.put(BagOfWords.TF_IDF, e.getMessage());
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
        return Stream.concat(Stream.of(name), Arrays.stream(name.split("[^\\p{L}]+")))
                .filter(word -> !word.isEmpty())
                .flatMap(word -> Stream.of(word, word.toLowerCase(Locale.ROOT)))
                .distinct()
                .toList();
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
        return together(words);
    }

    private static WordList together(List<WordList> ofClasses) {
        return new ClassWords(ofClasses, List.of()).together();
    }

    private List<Result> of(List<String> kinds) {
        return results.results().stream()
                .filter(result -> kinds.contains(result.features()))
                .toList();
    }

    /** The trained results of the model's features, behind the prompt and without it. */
    List<Result> ofModel() {
        return of(MODEL);
    }

    /** The best of these that reads more than a few words. */
    Result bestBesideWords() {
        return best(of(MODEL.subList(1, MODEL.size())));
    }

    /** The trained results that need no language model. */
    List<Result> counting() {
        return of(COUNTING);
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

    /** What the model answers by the names of the classes, untrained. */
    List<Result> zeroShot() {
        return of(List.of(ZERO_SHOT, ZERO_SHOT_CALIBRATED));
    }

    static boolean isCalibrated(Result zeroShot) {
        return zeroShot.features().equals(ZERO_SHOT_CALIBRATED);
    }

    /** All trained results that a user would choose from. */
    List<Result> trained() {
        return of(Stream.of(MODEL, COUNTING).flatMap(List::stream).toList());
    }

    /** The result with the largest balanced accuracy; the first of equals. */
    static Result best(List<Result> results) {
        return results.stream()
                .max(Comparator.comparingDouble(
                        result -> result.balancedAccuracy().value()))
                .orElseThrow();
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
