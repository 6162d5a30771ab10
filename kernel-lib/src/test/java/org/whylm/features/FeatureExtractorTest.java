package org.whylm.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import org.whylm.data.CatalogTask;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.LanguageModels;
import org.whylm.lm.Reading;
import org.whylm.run.Progress;
import org.whylm.run.Sha256;
import org.whylm.run.TextProgress;

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
                .read(
                        new FeatureStore.Key(model.sha256(), PROMPT, 100, FeatureExtractor.CODE_VERSION),
                        model.dimension(),
                        hashes(texts));
        assertTrue(!kept.isEmpty() && kept.size() < texts.size(), kept.size() + " entries");

        var said = new ArrayList<String>();
        Progress.showOn(() -> new Progress.Display() {
            @Override
            public Duration interval() {
                return Duration.ZERO;
            }

            @Override
            public void show(String line, double fraction) {}

            @Override
            public void finish(String summary, Duration took) {
                said.add(summary);
            }
        });
        var resumed = extractor(100).features(texts, PROMPT);
        Progress.showOn(TextProgress::onStandardError);
        assertTrue(said.get(0).contains("(" + kept.size() + " of 400 texts are in the store): "), said.toString());
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
    void table1HasTheProbabilitiesOfEveryListWithATokenAndThenTheLogits() {
        var known = List.of(model.tokenizer().token(400).strip());
        var words = Map.of("subset", List.of("incomprehensibilities"), "classWords", known, "posNeg", known);
        var task = new CatalogTask("t", "", List.of("a", "b"), "", Map.of(), "", "", "", "", words);
        var kinds = FeatureKind.ofTable1(task, model.tokenizer());
        assertEquals(
                List.of("f", "Φp_f", "p_f class words", "p_f pos/neg", "φ·f class words", "φ·f pos/neg"),
                kinds.stream().map(FeatureKind::label).toList());
        var missing = FeatureKind.missingFromTable1(task, model.tokenizer());
        assertEquals(List.of("p_f subset", "φ·f subset"), List.copyOf(missing.keySet()));
        assertTrue(missing.get("p_f subset").contains("incomprehensibilities"), missing.toString());
        var features = extractor(100).features(texts(2));
        var list = WordList.of(model.tokenizer(), known);
        assertArrayEquals(features.wordProbabilities(list), ((FeatureKind.Vectors) kinds.get(2)).of(features));
        assertArrayEquals(features.wordLogits(list), ((FeatureKind.Vectors) kinds.get(4)).of(features));
    }

    /** As {@code " :)"} and {@code ":("} in SmolLM2's vocabulary: each class has a token, but none of the same form. */
    @Test
    void classWordsCountInTheFormsThatEveryClassHas() {
        var tokenizer = model.tokenizer();
        var both = words(true, true);
        var spacedOnly = words(true, false).get(0);
        var bareOnly = words(false, true).get(0);

        var sameForms = ClassWords.ofOneEach(tokenizer, both.subList(0, 2));
        assertEquals(2, sameForms.ofClass().get(0).ids().length);
        assertEquals(2, sameForms.ofClass().get(1).ids().length);
        assertEquals(List.of(), sameForms.dropped());
        assertEquals(WordList.of(tokenizer, both.subList(0, 2)), sameForms.together());

        var oneForm = ClassWords.ofOneEach(tokenizer, List.of(both.get(0), spacedOnly));
        assertEquals(
                List.of(" " + both.get(0), " " + spacedOnly),
                IntStream.of(oneForm.together().ids())
                        .mapToObj(tokenizer::token)
                        .toList());
        assertEquals(List.of(both.get(0)), oneForm.dropped());
        assertTrue(oneForm.toString().contains("\"" + both.get(0) + "\""), oneForm.toString());

        var noForm = ClassWords.ofOneEach(tokenizer, List.of(spacedOnly, bareOnly));
        assertTrue(noForm.isEmpty());
        assertEquals(List.of(" " + spacedOnly, bareOnly), noForm.dropped());
        var lists = Map.of("subset", both, "classWords", List.of(spacedOnly, bareOnly), "posNeg", both);
        var task = new CatalogTask("t", "", List.of("a", "b"), "", Map.of(), "", "", "", "", lists);
        assertEquals(
                List.of("p_f class words", "φ·f class words"),
                List.copyOf(FeatureKind.missingFromTable1(task, tokenizer).keySet()));

        var grouped = ClassWords.of(tokenizer, List.of(List.of(spacedOnly, bareOnly), both.subList(0, 1)));
        assertEquals(2, grouped.ofClass().get(0).ids().length, "a class may have each form by another word");
    }

    /** Words of letters that the vocabulary has as one token with a space before them, or without. */
    private static List<String> words(boolean spaced, boolean bare) {
        var tokenizer = model.tokenizer();
        return IntStream.range(0, tokenizer.size())
                .mapToObj(tokenizer::token)
                .map(String::strip)
                .filter(word -> word.matches("[a-z]{3,}"))
                .distinct()
                .filter(word -> (tokenizer.encode(" " + word).length == 1) == spaced
                        && (tokenizer.encode(word).length == 1) == bare
                        && tokenizer.encode(word + " ").length > 1)
                .toList();
    }

    @Test
    void randomWordsAreDistinctAndTheSeeds() {
        var draws = WordList.random(model, 400, 3, 7);
        assertEquals(3, draws.size());
        for (var draw : draws) {
            assertEquals(400, IntStream.of(draw.ids()).distinct().count());
            assertTrue(IntStream.of(draw.ids())
                    .allMatch(id -> id >= 0 && id < model.tokenizer().size()));
        }
        assertNotEquals(draws.get(0), draws.get(1));
        assertEquals(draws, WordList.random(model, 400, 3, 7));
        assertNotEquals(draws, WordList.random(model, 400, 3, 8));
        int tooMany = model.tokenizer().size() + 1;
        assertThrows(IllegalArgumentException.class, () -> WordList.random(model, tooMany, 1, 7));
    }

    /** Against {@code Gf} summed in another order; the same seed has the same {@code G}. */
    @Test
    void randomDirectionsAreLinearInF() {
        var features = extractor(100).features(texts(3));
        var directions = new FeatureKind.Directions(5, 11).of(features);
        assertArrayEquals(directions, new FeatureKind.Directions(5, 11).of(features));
        var f = features.f();
        var doubled = new float[1][f[0].length];
        for (int j = 0; j < f[0].length; j++) {
            doubled[0][j] = f[0][j] + 2 * f[1][j];
        }
        var combined = new FeatureKind.Directions(5, 11)
                .of(new Features(features.outputEmbeddings(), doubled, doubled, new float[1]));
        for (int direction = 0; direction < 5; direction++) {
            assertEquals(directions[0][direction] + 2 * directions[1][direction], combined[0][direction], 1e-3);
        }
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
