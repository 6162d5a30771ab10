package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Oracles: the sum over all paths of states, and frequencies in texts. */
class HiddenMarkovTest {

    private static HiddenMarkov generic(int states, int vocabulary) {
        var sampler = new Sampler(5);
        double[][] transition = new double[states][], emission = new double[states][];
        for (var k = 0; k < states; k++) {
            transition[k] = sampler.dirichlet(states, 1);
            emission[k] = sampler.dirichlet(vocabulary, 1);
        }
        return new HiddenMarkov(sampler.dirichlet(states, 1), transition, emission);
    }

    @Test
    void forwardAlgorithmIsTheSumOverAllPaths() {
        var markov = generic(3, 4);
        for (var length = 0; length <= 4; length++) {
            for (var code = 0; code < Math.pow(4, length); code++) {
                var context = digits(code, 4, length);
                var joint = new double[4];
                for (var word = 0; word < 4; word++) {
                    joint[word] = probability(markov, append(context, word));
                }
                assertArrayEquals(Distributions.normalized(joint), markov.nextWord(context), 1e-12);
            }
        }
    }

    /** Of a text, over every path of states. */
    private static double probability(HiddenMarkov markov, int[] text) {
        var sum = 0.0;
        for (var code = 0; code < Math.pow(markov.states(), text.length); code++) {
            var path = digits(code, markov.states(), text.length);
            var product = markov.initial()[path[0]] * markov.emission()[path[0]][text[0]];
            for (var t = 1; t < text.length; t++) {
                product *= markov.transition()[path[t - 1]][path[t]] * markov.emission()[path[t]][text[t]];
            }
            sum += product;
        }
        return sum;
    }

    private static int[] digits(int code, int base, int length) {
        return IntStream.range(0, length)
                .map(t -> code / (int) Math.pow(base, t) % base)
                .toArray();
    }

    private static int[] append(int[] context, int word) {
        var longer = Arrays.copyOf(context, context.length + 1);
        longer[context.length] = word;
        return longer;
    }

    /** The mean of {@code log p*(w|s)/p(w|s)} over texts is {@code ε} at their contexts, within four standard errors. */
    @Test
    void excessIsThatOfTexts() {
        var markov = HiddenMarkov.sticky(4, 20, 0.8, 0.3, 1);
        var random = new Random(2);
        var contexts = new ArrayList<int[]>();
        var next = new ArrayList<Integer>();
        for (var i = 0; i < 20_000; i++) {
            var words = markov.sample(2 + random.nextInt(8), random).words();
            contexts.add(Arrays.copyOf(words, words.length - 1));
            next.add(words[words.length - 1]);
        }
        var n = contexts.size();
        var pStar = contexts.stream().map(markov::nextWord).toArray(double[][]::new);
        var weights = new double[n];
        Arrays.fill(weights, 1.0 / n);
        var language = new FiniteLanguage(weights, pStar);
        // A model that looks at the last word only.
        var model = contexts.stream()
                .map(context -> markov.nextWord(context[context.length - 1]))
                .toArray(double[][]::new);
        var exact = language.divergence(pStar, model);
        assertTrue(exact > 0.01, "the model differs from the truth: " + exact);

        var ratios = IntStream.range(0, n)
                .mapToDouble(s -> Math.log(pStar[s][next.get(s)] / model[s][next.get(s)]))
                .toArray();
        assertWithinError(exact, ratios);
        var surprises = IntStream.range(0, n)
                .mapToDouble(s -> -Math.log(pStar[s][next.get(s)]))
                .toArray();
        assertWithinError(language.entropy(), surprises);
    }

    private static void assertWithinError(double expected, double[] sample) {
        var mean = Vectors.sum(sample) / sample.length;
        var variance = Arrays.stream(sample).map(x -> (x - mean) * (x - mean)).sum() / (sample.length - 1);
        assertEquals(expected, mean, 4 * Math.sqrt(variance / sample.length));
    }

    @Test
    void everyStateIsAlikeOftenAtEveryStep() {
        var markov = HiddenMarkov.sticky(6, 10, 0.7, 1, 3);
        assertArrayEquals(markov.initial(), markov.nextState(), 0);
        var after = new double[6];
        for (var w = 0; w < 10; w++) {
            var state = markov.nextState(w);
            for (var k = 0; k < 6; k++) {
                after[k] += markov.nextWord()[w] * state[k];
            }
        }
        assertArrayEquals(markov.initial(), after, 1e-12);
    }

    @Test
    void aContextThatCannotBeSaysSo() {
        var markov = new HiddenMarkov(
                new double[] {1, 0}, new double[][] {{1, 0}, {0, 1}}, new double[][] {{1, 0, 0}, {0, 0, 1}});
        var thrown = assertThrows(IllegalArgumentException.class, () -> markov.nextWord(0, 2));
        assertTrue(thrown.getMessage().contains("[0, 2] has probability 0"), thrown.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> new HiddenMarkov(new double[] {0.5, 0.4}, markov.transition(), markov.emission()));
    }

    /** Labels in a random order leave nothing to learn but what so many contexts hold by chance. */
    @Test
    void shuffledLabelsStayAtChance() {
        var sample = ContextSample.of(HiddenMarkov.sticky(6, 32, 0.8, 0.3, 1), 1000, 8, 2);
        var natural = Naturalness.of(sample.likelyState(), sample.language().pStar(), 30);
        var shuffled = ContextSample.shuffled(sample.likelyState(), 3);
        assertTrue(natural.tau() < 0.1, "natural: " + natural.tau());
        // p* has rank 6: chance takes 6/(2·1000) nats off on average (Wilks, 1938), and 20/1000 is its 99.99% quantile.
        var tau = Naturalness.of(shuffled, sample.language().pStar(), 30).tau();
        assertEquals(Math.log(2), tau, 0.02);
        assertEquals(
                Arrays.stream(sample.likelyState().labels()).sum(),
                Arrays.stream(shuffled.labels()).sum());
    }

    @Test
    void tasksAreAsNaturalAsTheySay() {
        var sample = ContextSample.of(HiddenMarkov.sticky(6, 32, 0.8, 0.3, 1), 600, 8, 2);
        var small = Embeddings.principal(sample.language(), 3);
        var beyond = sample.beyondSpan(3);
        assertTrue(Naturalness.of(beyond, sample.language().pStar(), 100).tau() < 0.2);
        assertTrue(Naturalness.of(beyond, small, sample.language().pStar(), 100).tau() > 0.5);

        var shifted = ContextSample.shifted(sample.likelyState());
        assertEquals(
                1 / (0.5 + 0.5 * 100), Transferability.gamma(sample.language().pL(), shifted.pT()), 1e-12);
    }

    /** Every context twice, with opposite labels: nothing that is a function of the context has a slope. */
    @Test
    void aPlantedUnnaturalTaskHasNoSlope() {
        var sampler = new Sampler(4);
        var planted = sampler.unnaturalTask(sampler.dirichletLanguage(30, 12, 1), Loss.LOGISTIC);
        var far = sampler.dirichletLanguage(30, 12, 1).pStar();
        var q = IntStream.range(0, 60).mapToObj(s -> far[s / 2]).toArray(double[][]::new);
        for (double t : List.of(0.01, 0.1, 1.0)) {
            var p = FiniteLanguage.mixture(planted.language().pStar(), q, t);
            assertEquals(Math.log(2), Naturalness.of(planted.task(), p, 30).tau(), 1e-9);
        }
    }
}
