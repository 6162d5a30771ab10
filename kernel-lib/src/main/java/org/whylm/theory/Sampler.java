package org.whylm.theory;

import org.hipparchus.random.RandomDataGenerator;

/** Random languages, embeddings, features and tasks: the same seed draws the same sequence. */
public final class Sampler {

    private final RandomDataGenerator random;

    /** A sampler with its own random numbers. */
    public Sampler(long seed) {
        random = new RandomDataGenerator(seed);
    }

    /** A uniform number in {@code [low, high)}. */
    public double uniform(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** A number in {@code [low, high)} whose logarithm is uniform. */
    public double logUniform(double low, double high) {
        return Math.exp(uniform(Math.log(low), Math.log(high)));
    }

    /** A whole number in {@code [low, high]}. */
    public int integer(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /** A distribution over {@code size} outcomes from the symmetric Dirichlet distribution. */
    public double[] dirichlet(int size, double concentration) {
        var weights = new double[size];
        for (var i = 0; i < size; i++) {
            weights[i] = Math.max(random.nextGamma(concentration, 1), Double.MIN_NORMAL);
        }
        return Distributions.normalized(weights);
    }

    /** {@code rows×columns} independent normal numbers. */
    public double[][] gaussian(int rows, int columns, double deviation) {
        var matrix = new double[rows][columns];
        for (var row : matrix) {
            for (var j = 0; j < columns; j++) {
                row[j] = deviation * random.nextGaussian();
            }
        }
        return matrix;
    }

    /** Embeddings of independent normal numbers. */
    public Embeddings embeddings(int dimension, int vocabulary, double deviation) {
        return new Embeddings(gaussian(dimension, vocabulary, deviation));
    }

    /** A language whose distributions are Dirichlet draws: no structure at all. */
    public FiniteLanguage dirichletLanguage(int contexts, int vocabulary, double concentration) {
        var pStar = Vectors.rows(contexts, s -> dirichlet(vocabulary, concentration));
        return new FiniteLanguage(dirichlet(contexts, 1), pStar);
    }

    /** A log-linear language of low rank, {@code p*(.|s) = softmax(Φᵀθ_s)} with normal {@code θ_s}: {@code Φ} realises it. */
    public FiniteLanguage lowRankLanguage(int contexts, Embeddings phi, double deviation) {
        return new FiniteLanguage(dirichlet(contexts, 1), phi.softmax(gaussian(contexts, phi.dimension(), deviation)));
    }

    /** A language of topic mixtures, {@code p*(.|s) = Σ_k m_s(k) t_k}: {@code p*} itself has a rank of at most {@code topics}. */
    public FiniteLanguage topicLanguage(int contexts, int vocabulary, int topics) {
        var topic = Vectors.rows(topics, k -> dirichlet(vocabulary, 0.3));
        var pStar = Vectors.rows(contexts, s -> Vectors.combination(dirichlet(topics, 0.5), topic));
        return new FiniteLanguage(dirichlet(contexts, 1), pStar);
    }

    /** The language with each {@code p*(w|s)} set to 0 with the given probability, one word of each context excepted. */
    public FiniteLanguage withZeros(FiniteLanguage language, double probability) {
        var pStar = Vectors.rows(language.contexts(), s -> restricted(language.pStar()[s], probability));
        return new FiniteLanguage(language.pL(), pStar);
    }

    /** Features at a normal distance from {@code f}, {@code S×d}. */
    public double[][] perturbed(double[][] f, double deviation) {
        var noise = gaussian(f.length, f[0].length, deviation);
        for (var s = 0; s < f.length; s++) {
            for (var i = 0; i < noise[s].length; i++) {
                noise[s][i] += f[s][i];
            }
        }
        return noise;
    }

    /**
     * A task that {@code v} solves: {@code y} is the sign of {@code v·p*(.|s)}, flipped with probability {@code noise}; the
     * contexts' weights are a Dirichlet draw.
     */
    public Task noisyTask(FiniteLanguage language, double[] v, Loss loss, double noise) {
        var labels = new int[language.contexts()];
        for (var s = 0; s < labels.length; s++) {
            var label = Vectors.dot(v, language.pStar()[s]) < 0 ? -1 : 1;
            labels[s] = random.nextDouble() < noise ? -label : label;
        }
        return new Task(dirichlet(labels.length, 1), labels, loss);
    }

    /**
     * A language and a task on it that no word weights solve.
     *
     * @param language every {@code p*(.|s)} occurs in two contexts
     * @param task gives the two contexts the same weight and opposite labels, so that {@code τ} is at least the loss of
     *     chance whatever {@code B}
     */
    public record UnnaturalTask(FiniteLanguage language, Task task) {}

    /** A task that is not natural: the label is independent of the next word. */
    public UnnaturalTask unnaturalTask(FiniteLanguage language, Loss loss) {
        var contexts = language.contexts();
        var pL = new double[2 * contexts];
        var pT = new double[2 * contexts];
        var pStar = new double[2 * contexts][];
        var labels = new int[2 * contexts];
        var weights = dirichlet(contexts, 1);
        for (var s = 0; s < 2 * contexts; s++) {
            pL[s] = language.pL()[s / 2] / 2;
            pT[s] = weights[s / 2] / 2;
            pStar[s] = language.pStar()[s / 2];
            labels[s] = s % 2 == 0 ? 1 : -1;
        }
        return new UnnaturalTask(new FiniteLanguage(pL, pStar), new Task(pT, labels, loss));
    }

    /** The loss that a fair coin picks. */
    public Loss loss() {
        return random.nextBoolean() ? Loss.LOGISTIC : Loss.HINGE;
    }

    /** Weights on the same outcomes in which about the given share of them is 0, but not all. */
    public double[] restricted(double[] weights, double share) {
        var kept = integer(0, weights.length - 1);
        var restricted = weights.clone();
        for (var s = 0; s < restricted.length; s++) {
            if (s != kept && random.nextDouble() < share) {
                restricted[s] = 0;
            }
        }
        return Distributions.normalized(restricted);
    }
}
