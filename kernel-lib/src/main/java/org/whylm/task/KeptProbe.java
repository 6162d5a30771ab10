package org.whylm.task;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.whylm.features.FeatureExtractor;
import org.whylm.features.FeatureKind;
import org.whylm.features.WordList;
import org.whylm.lm.Tokenizer;
import org.whylm.probe.LogisticRegression;
import org.whylm.run.AtomicFile;
import org.whylm.run.Input;
import org.whylm.run.RecordJson;
import org.whylm.run.Sha256;

/**
 * A classifier of a task as a file: {@code probe.json}, and its SHA-256 in {@code probe.json.sha256}, as {@code sha256sum} writes it. The
 * language model is not in it but known by its hash.
 *
 * @param dataSha256 of the data it was trained and tested on
 * @param model name or path of the language model
 * @param modelSha256 of its files
 * @param prompt what follows each text; empty for none
 * @param features {@code p_f words}, {@code Φp_f} or {@code f}
 * @param words token ids; none for other features
 * @param weights a row a score: one for two classes, else one a class
 * @param intercepts one a score
 */
public record KeptProbe(
        String task,
        String dataSha256,
        String model,
        String modelSha256,
        String prompt,
        String features,
        List<Integer> words,
        List<String> classes,
        double[][] weights,
        double[] intercepts) {

    private static final String FILE = "probe.json";

    /** The most probable class of a text, and its probability, in [0,1]. */
    public record Prediction(String label, double probability) {}

    /** @throws IllegalArgumentException if features, words and the numbers of classes, scores and weights do not fit together */
    public KeptProbe {
        int scores = classes.size() == 2 ? 1 : classes.size();
        boolean fits = classes.size() >= 2
                && weights.length == scores
                && intercepts.length == scores
                && Arrays.stream(weights).allMatch(row -> row.length == weights[0].length)
                && words.isEmpty() != features.equals(PromptChoice.WORDS)
                && (words.isEmpty() || words.size() == weights[0].length);
        if (!fits) {
            throw new IllegalArgumentException("a probe on " + features + " of " + classes.size() + " classes with "
                    + words.size() + " words, " + weights.length + " rows of weights and " + intercepts.length
                    + " intercepts does not fit together");
        }
    }

    /** The probe of a trained classifier on the model's features. */
    static KeptProbe of(Solutions solutions, String kind, String model, String modelSha256) {
        var regression = solutions.result(kind).classification().model();
        var words = kind.equals(PromptChoice.WORDS) ? solutions.allWords().ids() : new int[0];
        return new KeptProbe(
                solutions.task().data().name(),
                solutions.task().data().sha256(),
                model,
                modelSha256,
                solutions.prompt(),
                kind,
                Arrays.stream(words).boxed().toList(),
                solutions.task().data().classes(),
                regression.weights(),
                regression.intercepts());
    }

    /** Writes the two files, the checksum last. */
    void write(Path folder) {
        var file = folder.resolve(FILE);
        RecordJson.write(file, this);
        AtomicFile.write(checksum(file), Sha256.of(file) + "  " + FILE + "\n");
    }

    /**
     * Reads a probe that a report left.
     *
     * @param folder which holds {@code probe.json}
     * @throws IllegalArgumentException if it is not there, not complete, or not as it was written
     */
    public static KeptProbe read(Path folder) {
        var file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    folder + " holds no " + FILE + ": name the folder probe/ that ./whylm task report wrote");
        }
        if (!Files.isRegularFile(checksum(file))) {
            throw new IllegalArgumentException(checksum(file)
                    + " is missing: without its checksum the probe is not trusted; write the report again");
        }
        var expected = Input.text(checksum(file)).strip().split("\\s+")[0];
        if (!expected.equals(Sha256.of(file))) {
            throw new IllegalArgumentException(file + " has SHA-256 " + Sha256.of(file) + ", its checksum says "
                    + expected + ": it was changed or damaged since it was written; write the report again");
        }
        return RecordJson.read(file, KeptProbe.class);
    }

    /** The files of a probe in a folder. */
    static List<Path> files(Path folder) {
        return List.of(folder.resolve(FILE), checksum(folder.resolve(FILE)));
    }

    private static Path checksum(Path file) {
        return file.resolveSibling(file.getFileName() + ".sha256");
    }

    /**
     * Refuses another model than the probe was trained on.
     *
     * @throws IllegalArgumentException if the model's files have another hash
     */
    public void requireModel(String sha256) {
        if (!modelSha256.equals(sha256)) {
            throw new IllegalArgumentException("the probe was trained on the features of a model with SHA-256 "
                    + modelSha256 + " (" + model + "), this one has " + sha256
                    + ": give that model, or write the report again with this one");
        }
    }

    /**
     * What it says of texts.
     *
     * @param extractor of the model that it was trained on
     * @throws IllegalArgumentException if that is another model
     */
    public List<Prediction> predict(List<String> texts, FeatureExtractor extractor) {
        requireModel(extractor.model().sha256());
        var inputs = kind(extractor.model().tokenizer()).of(extractor.features(texts, prompt));
        return Arrays.stream(inputs).map(this::prediction).toList();
    }

    private Prediction prediction(float[] input) {
        int most = regression().predict(input);
        return new Prediction(classes.get(most), regression().probabilities(input)[most]);
    }

    /**
     * Which words decided on a text.
     *
     * @throws IllegalArgumentException if it is not a probe of words, or another model
     */
    public Contributions contributions(String text, FeatureExtractor extractor) {
        requireModel(extractor.model().sha256());
        if (words.isEmpty()) {
            throw new IllegalArgumentException("a probe on " + features + " has no words that decide");
        }
        var tokenizer = extractor.model().tokenizer();
        var p = kind(tokenizer).of(extractor.features(List.of(text), prompt))[0];
        return Contributions.of(text, classes, regression(), words(tokenizer), p);
    }

    private FeatureKind.Vectors kind(Tokenizer tokenizer) {
        return switch (features) {
            case "f" -> new FeatureKind.HiddenState();
            case "Φp_f" -> new FeatureKind.ConditionalMean();
            case PromptChoice.WORDS -> FeatureKind.Words.probabilities(features, words(tokenizer));
            default ->
                throw new IllegalArgumentException("a probe on " + features + " is none of p_f words, Φp_f and f");
        };
    }

    private WordList words(Tokenizer tokenizer) {
        words.stream().filter(id -> !tokenizer.has(id)).findFirst().ifPresent(id -> {
            throw new IllegalArgumentException(
                    "the probe reads the word with the id " + id + ", which the model " + model + " has not");
        });
        return WordList.ofIds(
                tokenizer, words.stream().mapToInt(Integer::intValue).toArray());
    }

    private LogisticRegression regression() {
        return new LogisticRegression(weights, intercepts);
    }
}
