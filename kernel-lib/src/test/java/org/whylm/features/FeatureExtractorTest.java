package org.whylm.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.data.Task;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;

/** Features against direct passes over the model, whose states are themselves held to transformers' (LanguageModelOracleTest). */
class FeatureExtractorTest {

    private static final String PROMPT = " This movie is";
    private static LanguageModel model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        model = LanguageModels.load("src/test/resources/fixtures/tiny-llama-tied");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private FeatureExtractor extractor(int truncation) {
        return new FeatureExtractor(model, new FeatureStore(folder), truncation);
    }

    /** Texts of very different lengths, so that they meet in padded batches. */
    private static List<String> texts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "A gorgeous film, number " + i + "." + " Witty, too.".repeat(i % 7))
                .toList();
    }

    private List<Path> segments() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void onePassGivesTheFeaturesOfTextAndPrompt() {
        var texts = texts(40);
        var prompted = extractor(100).features(texts, PROMPT);
        var plain = extractor(100).features(texts);
        for (int row = 0; row < texts.size(); row++) {
            assertArrayEquals(model.f(texts.get(row)), plain.f()[row], 1e-5f);
        }
        for (int row = 0; row < texts.size(); row += 7) {
            var prediction = model.outputEmbeddings().predict(new float[][] {prompted.f()[row]});
            assertArrayEquals(prediction.conditionalMean()[0], prompted.conditionalMean()[row], 1e-6f);
            assertEquals(prediction.logPartition()[0], prompted.logPartition()[row], 1e-5f);
            var next = NextWords.after(model, texts.get(row), PROMPT, 1);
            var again = NextWords.of(model, prompted.f()[row], "", 1);
            assertEquals(next.words().get(0).id(), again.words().get(0).id());
        }
    }

    /** A text as long as the model reads is cut for the prompt, and the features of the text alone are of all it reads. */
    @Test
    void aTextCutForThePromptIsNotTheTextAlone() {
        var longText = List.of("A gorgeous film." + " Witty, too.".repeat(model.maximumLength()));
        var extractor = extractor(2 * model.maximumLength());
        extractor.features(longText, PROMPT);
        var whole = Arrays.copyOf(model.tokenizer().encode(longText.get(0)), model.maximumLength());
        var expected = model.hiddenStates(List.of(Reading.atLast(whole))).get(0)[0];
        assertArrayEquals(expected, extractor.features(longText).f()[0], 1e-5f);
        var tooLong = PROMPT.repeat(model.maximumLength());
        var error = assertThrows(IllegalArgumentException.class, () -> extractor.features(longText, tooLong));
        assertTrue(error.getMessage().contains("leaves no room"), error.getMessage());
    }

    @Test
    void whatThePromptedPassReadIsNotReadAgain() throws IOException {
        extractor(100).features(texts(30), PROMPT);
        var stored = segments();
        assertEquals(2, stored.size(), "one segment with and one without the prompt");
        extractor(100).features(texts(30));
        extractor(100).features(texts(10), PROMPT);
        assertEquals(stored, segments());
    }

    @Test
    void textsInAnotherOrderAndTwiceGiveTheSameRows() {
        var forward = extractor(100).features(List.of("one film", "another film"));
        var backward = extractor(100).features(List.of("another film", "one film", "one film"));
        assertArrayEquals(forward.f()[0], backward.f()[1]);
        assertArrayEquals(forward.f()[0], backward.f()[2]);
        assertArrayEquals(forward.conditionalMean()[1], backward.conditionalMean()[0]);
    }

    @Test
    void promptAndTruncationAreKeptApart() {
        var text = List.of("A gorgeous, witty, seductive movie that nobody should miss.");
        var whole = extractor(100).features(text).f()[0];
        var cut = extractor(5).features(text).f()[0];
        var otherPrompt = extractor(100).features(text, " This film is").f()[0];
        var prompted = extractor(100).features(text, PROMPT).f()[0];
        assertFalse(Arrays.equals(whole, cut));
        assertFalse(Arrays.equals(prompted, otherPrompt));
        var ids = Arrays.copyOf(model.tokenizer().encode(text.get(0)), 5);
        assertArrayEquals(model.hiddenStates(List.of(Reading.atLast(ids))).get(0)[0], cut, 1e-5f);
    }

    @Test
    void prefixesAreWhatATruncatedTextGives() throws IOException {
        var texts = texts(20);
        int[] lengths = {1, 3, 9, 100};
        var prefixes = extractor(100).prefixes(texts, lengths);
        var fresh = new FeatureStore(folder.resolve("fresh"));
        for (int i = 0; i < lengths.length; i++) {
            var truncated = new FeatureExtractor(model, fresh, lengths[i]).features(texts);
            for (int row = 0; row < texts.size(); row++) {
                assertArrayEquals(truncated.f()[row], prefixes.get(i).f()[row], 1e-5f);
                assertArrayEquals(
                        truncated.conditionalMean()[row], prefixes.get(i).conditionalMean()[row], 1e-5f);
            }
        }
        try (var files = Files.walk(folder.resolve("fresh"))) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        var stored = segments();
        extractor(100).prefixes(texts, 9, 3);
        extractor(3).features(texts);
        extractor(100).features(texts);
        assertEquals(stored, segments(), "every length is stored as the features of that truncation");
        assertThrows(IllegalArgumentException.class, () -> extractor(100).prefixes(texts, 4, 0));
    }

    @Test
    void aDamagedSegmentIsRemovedAndComputedAgain() throws IOException {
        var before = extractor(100).features(texts(30));
        var segment = segments().get(0);
        var bytes = Files.readAllBytes(segment);
        bytes[bytes.length / 2] ^= 1;
        Files.write(segment, bytes);
        var after = extractor(100).features(texts(30));
        for (int row = 0; row < before.size(); row++) {
            assertArrayEquals(before.f()[row], after.f()[row], 1e-6f);
        }
        assertEquals(List.of(segment), segments(), "the same content under the same name");
        assertFalse(Arrays.equals(bytes, Files.readAllBytes(segment)));
    }

    @Test
    void anInterruptedRunKeepsWhatItComputed() throws IOException {
        var texts = texts(400);
        Thread.currentThread().interrupt();
        assertThrows(Progress.Interrupted.class, () -> extractor(100).features(texts, PROMPT));
        var kept = new FeatureStore(folder)
                .read(new FeatureStore.Key(model.sha256(), PROMPT, 100, FeatureExtractor.CODE_VERSION), hashes(texts));
        assertTrue(!kept.isEmpty() && kept.size() < texts.size(), kept.size() + " entries");

        var resumed = extractor(100).features(texts, PROMPT);
        var fresh = new FeatureExtractor(model, new FeatureStore(folder.resolve("fresh")), 100).features(texts, PROMPT);
        for (int row = 0; row < texts.size(); row++) {
            assertArrayEquals(fresh.f()[row], resumed.f()[row], 1e-5f);
        }
    }

    private static Set<String> hashes(List<String> texts) {
        return texts.stream().map(Sha256::of).collect(Collectors.toSet());
    }

    /** Every beginning of a text is a context: its state is that of the beginning alone, for the model is causal. */
    @Test
    void contextsAtEveryTokenAreThoseOfTheBeginnings() {
        var texts = List.of("A gorgeous film.", "too tepid", "Witty, too.");
        var contexts = extractor(100).everyToken(texts);
        int row = 0;
        for (int text = 0; text < texts.size(); text++) {
            var ids = model.tokenizer().encode(texts.get(text));
            for (int length = 1; length <= ids.length; length++, row++) {
                assertEquals(text, contexts.text()[row]);
                var reading = Reading.atLast(Arrays.copyOf(ids, length));
                var f = model.hiddenStates(List.of(reading)).get(0);
                assertArrayEquals(f[0], contexts.features().f()[row], 1e-5f);
                var prediction = model.outputEmbeddings().predict(f);
                assertEquals(prediction.logPartition()[0], contexts.features().logPartition()[row], 1e-5f);
                assertArrayEquals(
                        prediction.conditionalMean()[0], contexts.features().conditionalMean()[row], 1e-6f);
            }
        }
        assertEquals(row, contexts.text().length);
    }

    @Test
    void aTextWithoutTokensIsAnError() {
        var failure = assertThrows(
                IllegalArgumentException.class, () -> extractor(100).features(List.of("fine", "")));
        assertTrue(failure.getMessage().contains("no tokens"), failure.getMessage());
    }

    /** Identities of section 1: {@code p = softmax(Φᵀf)}, {@code log p = φ·f - log Z}. */
    @Test
    void wordMeasuresAreThoseOfTheWholeDistribution() {
        var features = extractor(100).features(texts(3), PROMPT);
        var words = new WordList(List.of("any"), new int[] {5, 17, 599});
        var probabilities = features.wordProbabilities(words);
        var logits = features.wordLogits(words);
        for (int row = 0; row < 3; row++) {
            var all = model.outputEmbeddings().probabilities(features.f()[row]);
            assertEquals(1, sum(all), 1e-5);
            for (int column = 0; column < 3; column++) {
                int word = words.ids()[column];
                assertEquals(all[word], probabilities[row][column], 1e-6);
                assertEquals(
                        dot(model.outputEmbeddings().embeddings(word)[0], features.f()[row]),
                        logits[row][column],
                        1e-4);
            }
        }
    }

    /** {@code Φp_f = Σ_w p_f(w) φ_w}, summed word by word. */
    @Test
    void conditionalMeanIsTheMeanOfTheEmbeddings() {
        var features = extractor(100).features(texts(1));
        var p = model.outputEmbeddings().probabilities(features.f()[0]);
        var all = model.outputEmbeddings()
                .embeddings(IntStream.range(0, model.vocabularySize()).toArray());
        var mean = new double[model.dimension()];
        for (int word = 0; word < p.length; word++) {
            for (int j = 0; j < mean.length; j++) {
                mean[j] += p[word] * all[word][j];
            }
        }
        for (int j = 0; j < mean.length; j++) {
            assertEquals(mean[j], features.conditionalMean()[0][j], 1e-6);
        }
    }

    /** The rule of section 3: {@code " word"}, {@code "word"}, {@code "word "}, distinct single tokens only. */
    @Test
    void wordsCountAsSingleTokens() {
        var tokenizer = model.tokenizer();
        var single = new ArrayList<String>();
        for (int id = 0; id < tokenizer.size() && single.size() < 20; id++) {
            var word = tokenizer.token(id).strip();
            if (!word.isEmpty() && tokenizer.encode(word).length == 1) {
                single.add(word);
            }
        }
        var list = WordList.of(tokenizer, single);
        assertEquals(list.ids().length, IntStream.of(list.ids()).distinct().count());
        for (int id : list.ids()) {
            assertTrue(single.contains(tokenizer.token(id).strip()), tokenizer.token(id));
        }
        var none = WordList.of(tokenizer, List.of("incomprehensibilities"));
        assertTrue(none.isEmpty());
        assertThrows(IllegalArgumentException.class, () -> FeatureKind.Words.logits("words", none));
    }

    @Test
    void aListWithoutASingleTokenIsNoRowOfTable1() {
        var known = List.of(model.tokenizer().token(400).strip());
        var words = Map.of("subset", List.of("incomprehensibilities"), "classWords", known, "posNeg", known);
        var task = new Task("t", "", List.of("a", "b"), "", Map.of(), "", "", "", "", words);
        assertEquals(
                List.of("f", "Φp_f", "p_f class words", "p_f pos/neg"),
                FeatureKind.ofTable1(task, model.tokenizer()).stream()
                        .map(FeatureKind::label)
                        .toList());
        assertEquals(List.of("p_f subset"), FeatureKind.missingFromTable1(task, model.tokenizer()));
    }

    @Test
    void randomWordsAreDistinctAndTheSeeds() {
        var list = WordList.random(model.tokenizer(), 400, 7);
        assertEquals(400, IntStream.of(list.ids()).distinct().count());
        assertTrue(IntStream.of(list.ids())
                .allMatch(id -> id >= 0 && id < model.tokenizer().size()));
        assertEquals(list, WordList.random(model.tokenizer(), 400, 7));
        assertFalse(list.equals(WordList.random(model.tokenizer(), 400, 8)));
        int tooMany = model.tokenizer().size() + 1;
        assertThrows(IllegalArgumentException.class, () -> WordList.random(model.tokenizer(), tooMany, 7));
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }
}
