package org.whylm.theory;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Contexts drawn from a {@link HiddenMarkov}, all alike likely, as a {@link FiniteLanguage}: its entropy, {@code ε}, {@code τ}
 * and {@code γ} are exact. Their lengths are uniform from 1 to the longest, as the positions of a training example are.
 *
 * @param markov the language that they are drawn from
 * @param contexts {@code S}: the words of each context
 * @param states {@code S}: the state that emitted its last word, which the words do not show
 * @param language {@code p_L = 1/S} and {@code p*(.|s)}
 */
public record ContextSample(HiddenMarkov markov, List<int[]> contexts, int[] states, FiniteLanguage language) {

    private static final double RARE = 0.01;

    /**
     * @param count {@code S}
     * @param longest in words
     */
    public static ContextSample of(HiddenMarkov markov, int count, int longest, long seed) {
        var random = new Random(seed);
        var texts = IntStream.range(0, count)
                .mapToObj(s -> markov.sample(1 + random.nextInt(longest), random))
                .toList();
        var contexts = texts.stream().map(HiddenMarkov.Text::words).toList();
        var last = texts.stream().mapToInt(text -> text.states()[text.states().length - 1]);
        var pStar = Vectors.rows(count, s -> markov.nextWord(contexts.get(s)));
        return new ContextSample(
                markov, contexts, last.toArray(), new FiniteLanguage(Distributions.uniform(count), pStar));
    }

    /** {@code ε} of the best model that does not look at its context, in nats. */
    public double excessWithoutContext() {
        var mean = Vectors.combination(language.pL(), language.pStar());
        return language.divergence(language.pStar(), Vectors.rows(language.contexts(), s -> mean));
    }

    /** Natural by construction: is the next state more likely one of the first half of the states, by {@code p*}? */
    public Task likelyState() {
        return task(s -> Vectors.sum(Arrays.copyOf(markov.nextState(contexts.get(s)), markov.states() / 2)) > 0.5);
    }

    /** Natural as far as the words tell: was the last word emitted by one of the first half of the states? */
    public Task latentState() {
        return task(s -> states[s] < markov.states() / 2);
    }

    /**
     * Natural, but not with respect to a small {@code Φ}: on which side of its median is {@code p*(.|s)} in the direction that
     * varies most among those orthogonal to the row span of {@link Embeddings#principal}?
     *
     * @param d the dimension of that {@code Φ}, smaller than the rank of {@code p*}
     */
    public Task beyondSpan(int d) {
        var wider = Embeddings.principal(language, d + 1);
        var side = IntStream.range(0, contexts.size())
                .mapToDouble(s -> wider.conditionalMean(language.pStar()[s])[d])
                .toArray();
        var ordered = side.clone();
        Arrays.sort(ordered);
        return task(s -> side[s] >= ordered[side.length / 2]);
    }

    /** Not natural: has the context an odd number of the words with an odd number? */
    public Task parity() {
        return task(s ->
                Arrays.stream(contexts.get(s)).filter(word -> word % 2 == 1).count() % 2 == 1);
    }

    /** Not natural: another task's labels in a random order, so with its balance. */
    public static Task shuffled(Task task, long seed) {
        var labels = Arrays.asList(Arrays.stream(task.labels()).boxed().toArray(Integer[]::new));
        Collections.shuffle(labels, new Random(seed));
        return new Task(task.pT(), labels.stream().mapToInt(Integer::intValue).toArray(), task.loss());
    }

    /** A task with half of {@code p_T} on a hundredth of the contexts, so that {@code γ(p_T)} is about 0.02. */
    public static Task shifted(Task task) {
        var rare = Math.max(1, (int) Math.round(RARE * task.contexts()));
        var weights = Vectors.scaled(Distributions.uniform(task.contexts()), 0.5);
        for (var s = 0; s < rare; s++) {
            weights[s] += 0.5 / rare;
        }
        return new Task(weights, task.labels(), task.loss());
    }

    /** All of these, by name. */
    public Map<String, Task> tasks(int smallDimension, long seed) {
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put("likely state", likelyState());
        tasks.put("latent state", latentState());
        tasks.put("beyond the span", beyondSpan(smallDimension));
        tasks.put("shifted", shifted(likelyState()));
        tasks.put("parity", parity());
        tasks.put("shuffled", shuffled(likelyState(), seed));
        return tasks;
    }

    private Task task(IntPredicate positive) {
        var labels = IntStream.range(0, contexts.size())
                .map(s -> positive.test(s) ? 1 : -1)
                .toArray();
        return new Task(language.pL(), labels, Loss.LOGISTIC);
    }
}
