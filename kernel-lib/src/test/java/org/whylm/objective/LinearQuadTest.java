package org.whylm.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** T4: the closed form of Quad for {@code f = Wh}, and the least-squares form for a fixed {@code Φ}. */
class LinearQuadTest {

    private static final int N = 400, V = 30, D = 5, M = 7;

    private final Random random = new Random(11);
    private final float[][] phi = gaussian(V, D);
    private final float[][] h = gaussian(N, M);
    private final int[] words = IntStream.range(0, N)
            .map(i -> Math.abs(Math.round(4 * h[i][0] + 3 * h[i][1]) + random.nextInt(6)) % V)
            .toArray();

    private float[][] gaussian(int rows, int columns) {
        var matrix = new float[rows][columns];
        for (var row : matrix) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return matrix;
    }

    /** {@code ℓ(W)} from second moments is Quad of the states {@code Wh}. */
    @Test
    void valueIsQuadOfTheStates() {
        var w = doubles(gaussian(D, M));
        var evaluation = new Quad().evaluate(states(w), doubles(phi), words);
        assertEquals(evaluation.value(), LinearQuad.of(phi, h, words).value(w), 1e-10);
    }

    /** At the minimiser the gradient in {@code W}, {@code Σ ∂ℓ/∂f(s) hᵀ}, vanishes; {@code Φ} and {@code h} have full rank. */
    @Test
    void gradientVanishesAtTheMinimiser() {
        assertVanishes(phi, h);
    }

    /** Pseudo-inverses: a {@code Φ} of rank {@code d-1} and states of rank {@code m-1}. */
    @Test
    void gradientVanishesWithoutFullRank() {
        var flatPhi = Arrays.stream(phi).map(float[]::clone).toArray(float[][]::new);
        var flatH = Arrays.stream(h).map(float[]::clone).toArray(float[][]::new);
        for (var row : flatPhi) row[D - 1] = 2 * row[0];
        for (var row : flatH) row[M - 1] = -4 * row[1];
        assertVanishes(flatPhi, flatH);
    }

    private void assertVanishes(float[][] phi, float[][] h) {
        var linear = LinearQuad.of(phi, h, words);
        var w = linear.minimiser();
        var gradientF = new Quad().evaluate(states(w, h), doubles(phi), words).gradientF();
        for (int i = 0; i < D; i++) {
            for (int j = 0; j < M; j++) {
                double sum = 0;
                for (int s = 0; s < N; s++) {
                    sum += gradientF[s][i] * h[s][j];
                }
                assertEquals(0, sum, 1e-9);
            }
        }
        assertTrue(linear.value(w) < -1e-3, "the instance has something to learn");
    }

    /**
     * The unrestricted optimum, one state a context: with {@code g = E[t_w]} the least-squares form is at its optimum, and what
     * {@code toF} makes of it solves T4's {@code ΦΦᵀf = Φp*}. The values of both forms are related as stated.
     */
    @Test
    void optimumOfTheWhitenedFormIsThatOfQuad() {
        var frequencies = new long[V];
        for (int word : words) frequencies[word]++;
        var whitened = WhitenedQuad.of(phi, frequencies);
        var g = new double[D];
        for (int word : words) {
            for (int i = 0; i < D; i++) g[i] += (double) whitened.targets()[word][i] / N;
        }
        var f = whitened.toF().apply(g);
        var everywhere = new double[N][];
        Arrays.fill(everywhere, f);
        var quad = new Quad().evaluate(everywhere, doubles(phi), words);
        var gradient = new double[D];
        for (var row : quad.gradientF()) {
            for (int i = 0; i < D; i++) gradient[i] += row[i];
        }
        assertArrayEquals(new double[D], gradient, 1e-6);

        var elsewhere = new double[] {0.3, -1, 0.5, 2, -0.7};
        var states = new double[N][];
        Arrays.fill(states, whitened.toF().apply(elsewhere));
        double leastSquares = 0;
        for (int word : words) {
            for (int i = 0; i < D; i++) {
                double difference = elsewhere[i] - whitened.targets()[word][i];
                leastSquares += difference * difference / 2 / N;
            }
        }
        assertEquals(
                new Quad().evaluate(states, doubles(phi), words).value(), whitened.quad(leastSquares, words), 1e-6);
    }

    /** What "standardised" says: mean 0, mean square 1 a component, under the words' distribution. */
    @Test
    void targetsAreStandardised() {
        var frequencies = new long[V];
        for (int word : words) frequencies[word]++;
        var targets = WhitenedQuad.of(phi, frequencies).targets();
        double meanSquare = 0;
        var mean = new double[D];
        for (int word : words) {
            for (int i = 0; i < D; i++) {
                mean[i] += (double) targets[word][i] / N;
                meanSquare += (double) targets[word][i] * targets[word][i] / N / D;
            }
        }
        assertArrayEquals(new double[D], mean, 1e-6);
        assertEquals(1, meanSquare, 1e-6);
    }

    /** Gradient descent on whitened {@code Φ} and {@code h} find the same {@code W}: relative gap at most 1e-4. */
    @Test
    void gradientTrainingReachesTheClosedForm() {
        var linear = LinearQuad.of(phi, h, words);
        double minimum = linear.value(linear.minimiser());
        double trained = linear.value(LinearQuadDescent.train(phi, h, words, 12, 0.5));
        assertTrue(trained >= minimum - 1e-12);
        assertTrue(trained - minimum <= 1e-4 * Math.abs(minimum), () -> "gap " + (trained - minimum) / minimum);
    }

    @Test
    void wrongShapesAreRefused() {
        var linear = LinearQuad.of(phi, h, words);
        assertThrows(IllegalArgumentException.class, () -> linear.value(new double[D][M + 1]));
        assertThrows(IllegalArgumentException.class, () -> LinearQuad.of(phi, h, new int[] {1}));
        var outside = words.clone();
        outside[0] = V;
        var failure = assertThrows(IllegalArgumentException.class, () -> LinearQuad.of(phi, h, outside));
        assertEquals("The next word of context 0 is " + V + ", outside the vocabulary of " + V, failure.getMessage());
        assertThrows(IllegalArgumentException.class, () -> WhitenedQuad.of(phi, new long[V - 1]));
    }

    private double[][] states(double[][] w) {
        return states(w, h);
    }

    private static double[][] states(double[][] w, float[][] h) {
        return Arrays.stream(h)
                .map(state -> Arrays.stream(w)
                        .mapToDouble(row -> IntStream.range(0, row.length)
                                .mapToDouble(j -> row[j] * state[j])
                                .sum())
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double[][] doubles(float[][] matrix) {
        return Arrays.stream(matrix)
                .map(row ->
                        IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray())
                .toArray(double[][]::new);
    }
}
