package org.whylm.theory;

import java.util.Arrays;
import java.util.Random;

/**
 * A language with a known {@code p*}: a hidden chain of states, each of which emits a word. Given a context, the next word is
 * {@code p*(w|s) = Σ_k P(next state = k | s) e_k(w)}, by the forward algorithm (Rabiner, 1989) in double precision. The arrays
 * are copied in and must not be written to afterwards.
 *
 * @param initial {@code K}: the distribution of the first state
 * @param transition {@code K×K}: row {@code k} is the distribution of the state after {@code k}
 * @param emission {@code K×V}: row {@code k} is {@code e_k}, the distribution of the word that {@code k} emits
 */
public record HiddenMarkov(double[] initial, double[][] transition, double[][] emission) {

    /** @throws IllegalArgumentException if a row is no distribution, or the shapes disagree */
    public HiddenMarkov {
        initial = initial.clone();
        transition = Vectors.copy(transition);
        emission = Vectors.copy(emission);
        Distributions.require("initial", initial);
        Vectors.requireShape("transition", transition, initial.length, initial.length);
        Vectors.requireShape("emission", emission, initial.length, emission.length == 0 ? 0 : emission[0].length);
        for (var k = 0; k < initial.length; k++) {
            Distributions.require("transition[" + k + "]", transition[k]);
            Distributions.require("emission[" + k + "]", emission[k]);
        }
    }

    /**
     * A chain that keeps its state, or else goes to any state alike, and so has all states alike often at every step.
     *
     * @param states {@code K}
     * @param vocabulary {@code V}
     * @param stay probability that the state is kept
     * @param concentration of the symmetric Dirichlet distribution that each {@code e_k} is drawn from: small for few words a
     *     state
     */
    public static HiddenMarkov sticky(int states, int vocabulary, double stay, double concentration, long seed) {
        var transition = new double[states][states];
        var emission = new double[states][];
        var sampler = new Sampler(seed);
        for (var k = 0; k < states; k++) {
            Arrays.fill(transition[k], (1 - stay) / states);
            transition[k][k] += stay;
            emission[k] = sampler.dirichlet(vocabulary, concentration);
        }
        return new HiddenMarkov(Distributions.uniform(states), transition, emission);
    }

    /** {@code K}. */
    public int states() {
        return initial.length;
    }

    /** {@code V}. */
    public int vocabulary() {
        return emission[0].length;
    }

    /**
     * {@code P(next state = k | s)}, {@code K}.
     *
     * @param context the words of {@code s}, oldest first; may be empty
     * @throws IllegalArgumentException if the language has no such context
     */
    public double[] nextState(int... context) {
        var next = initial;
        for (var word : context) {
            var joint = new double[states()];
            for (var k = 0; k < joint.length; k++) {
                joint[k] = next[k] * emission[k][word];
            }
            if (!(Vectors.sum(joint) > 0)) {
                throw new IllegalArgumentException(Arrays.toString(context) + " has probability 0");
            }
            next = Vectors.combination(Distributions.normalized(joint), transition);
        }
        return next.clone();
    }

    /** {@code p*(.|s)}, {@code V}. */
    public double[] nextWord(int... context) {
        return Vectors.combination(nextState(context), emission);
    }

    /**
     * Words and the states that emitted them.
     *
     * @param words {@code n}
     * @param states {@code n}
     */
    public record Text(int[] words, int[] states) {}

    /** A text of {@code n} words. */
    public Text sample(int n, Random random) {
        var text = new Text(new int[n], new int[n]);
        var next = initial;
        for (var t = 0; t < n; t++) {
            text.states[t] = draw(next, random);
            text.words[t] = draw(emission[text.states[t]], random);
            next = transition[text.states[t]];
        }
        return text;
    }

    private static int draw(double[] p, Random random) {
        var u = random.nextDouble();
        var outcome = 0;
        while (outcome < p.length - 1 && u >= p[outcome]) {
            u -= p[outcome++];
        }
        return outcome;
    }
}
