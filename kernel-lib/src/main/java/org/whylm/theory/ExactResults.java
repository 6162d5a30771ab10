package org.whylm.theory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongToDoubleFunction;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.hipparchus.stat.correlation.SpearmansCorrelation;
import org.hipparchus.stat.regression.SimpleRegression;
import org.whylm.lm.weights.SafetensorsWriter;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;
import org.whylm.run.Progress;
import org.whylm.theory.ExactLanguageSettings.Size;
import org.whylm.theory.ExactModel.Recipe;

/**
 * Every model of every run, measured on every task. Numbers of a run are given one a seed, in the order of the seeds.
 *
 * @param settings what was trained
 * @param excessWithoutContext by the number of words of a language: {@code ε} of its best model that does not look at its context
 * @param all in the order of sizes, seeds, recipes, updates and tasks
 */
public record ExactResults(
        ExactLanguageSettings settings, Map<Integer, Double> excessWithoutContext, List<Measurement> all) {

    /**
     * Trains all models and measures them, several runs at a time, each on one thread. The first size is looked at along training, the
     * others at the end.
     *
     * @throws Progress.Interrupted if the thread is interrupted; the runs that are complete are kept
     */
    public static ExactResults of(
            ExactLanguageSettings settings, long seed, Function<ContextSample, Iterable<ExactTask>> tasks) {
        return of(settings, new ExactTraining(settings, seed), tasks);
    }

    static ExactResults of(
            ExactLanguageSettings settings,
            ExactTraining training,
            Function<ContextSample, Iterable<ExactTask>> tasks) {
        var sizes = settings.sizes();
        try (var progress = Progress.start(
                "models of exact languages", (long) sizes.size() * settings.seeds(), "sizes and seeds")) {
            var given = new LinkedHashMap<Integer, Iterable<ExactTask>>();
            var pieces = new ArrayList<Supplier<List<Measurement>>>();
            // The longest first, so that no thread waits for long at the end.
            for (var size : sizes.stream()
                    .sorted(Comparator.comparing(training::cost).reversed())
                    .toList()) {
                var sample = training.language(size.vocabulary());
                var those = given.computeIfAbsent(size.vocabulary(), V -> tasks.apply(sample));
                for (long seed = 1; seed <= settings.seeds(); seed++) {
                    long run = seed;
                    pieces.add(() -> measured(settings, training, size, run, those));
                }
            }
            var all = Engine.onOneThread(() -> progress.parallel(pieces)).stream()
                    .flatMap(List::stream)
                    .sorted(Comparator.comparing(
                                    (Measurement it) -> sizes.indexOf(it.model().size()))
                            .thenComparing(it -> it.model().seed()))
                    .toList();
            var without = given.keySet().stream()
                    .collect(Collectors.toMap(V -> V, V -> training.language(V).excessWithoutContext()));
            return new ExactResults(settings, without, all);
        }
    }

    /** The models of a size and a seed, in the order of the recipes: one needs what another has learned. */
    private static List<Measurement> measured(
            ExactLanguageSettings settings, ExactTraining training, Size size, long run, Iterable<ExactTask> tasks) {
        var measured = new ArrayList<Measurement>();
        for (var recipe : size.recipes()) {
            try {
                var models = training.train(recipe, size, run, looks(settings, training, recipe, size));
                try (var progress = Progress.start("measuring " + recipe.label(), models.size(), "models")) {
                    for (var model : models) {
                        measured.addAll(Measurement.of(
                                        model,
                                        training.language(size.vocabulary()).language(),
                                        tasks)
                                .values());
                        progress.advance(1);
                    }
                }
            } catch (ArithmeticException | IllegalStateException e) {
                throw new IllegalStateException(
                        size + ", " + recipe.label() + ", seed " + run + ": " + e.getMessage(), e);
            }
        }
        return measured;
    }

    private static List<Integer> looks(
            ExactLanguageSettings settings, ExactTraining training, Recipe recipe, Size size) {
        var updates = recipe == Recipe.QUAD_LEADING_LONGER ? training.equalArithmetic(size) : size.updates();
        return size.equals(settings.sizes().get(0))
                ? ExactTraining.logarithmic(settings.firstLook(), updates)
                : List.of(updates);
    }

    /** The first size, which is looked at along training. */
    public Size firstSize() {
        return settings.sizes().get(0);
    }

    /** A run of the first size, in the order of its updates. */
    public List<Measurement> along(Recipe recipe, long run, String task) {
        return of(recipe, firstSize(), task)
                .filter(it -> it.model().seed() == run)
                .toList();
    }

    /** The models at the end of their runs, one a seed. */
    public List<Measurement> last(Recipe recipe, Size size, String task) {
        var last = new LinkedHashMap<Long, Measurement>();
        of(recipe, size, task).forEach(it -> last.put(it.model().seed(), it));
        return List.copyOf(last.values());
    }

    private Stream<Measurement> of(Recipe recipe, Size size, String task) {
        return all.stream()
                .filter(it -> it.model().recipe() == recipe
                        && it.model().size().equals(size)
                        && it.task().name().equals(task));
    }

    /** Both sides of a statement, wherever it was measured. */
    public List<Bound> bounds(String statement) {
        return all.stream()
                .filter(it -> it.bounds().containsKey(statement))
                .map(it -> it.bounds().get(statement))
                .toList();
    }

    /** How often a statement fails by more than a tolerance, which is for rounding. */
    public long violations(String statement, double tolerance) {
        return bounds(statement).stream().filter(it -> !it.holds(tolerance)).count();
    }

    /** Whether a model of cross-entropy knows something of the context: {@code ε} at most half of what it is without. */
    public boolean isInformed(Measurement it) {
        return it.epsilon() <= excessWithoutContext.get(it.model().size().vocabulary()) / 2;
    }

    /** The informed models of a run of cross-entropy. */
    public List<Measurement> informed(long run, String task) {
        return along(Recipe.CROSS_ENTROPY, run, task).stream()
                .filter(this::isInformed)
                .toList();
    }

    /**
     * The exponent of {@code ε} in {@code ℓ_T - τ} along each run of cross-entropy: the slope of the logarithms, over the informed
     * models. NaN for a run with fewer than three of them, or whose loss is not above {@code τ}.
     */
    public double[] exponents(String task, String features) {
        return eachRun(run -> {
            var regression = new SimpleRegression();
            informed(run, task).forEach(it -> {
                regression.addData(Math.log(it.epsilon()), Math.log(it.aboveTau(features)));
            });
            return regression.getN() < 3 ? Double.NaN : regression.getSlope();
        });
    }

    /** Spearman's rank correlation of {@code ε} and the loss of features along each run of cross-entropy. */
    public double[] orderAlong(String task, String features) {
        return eachRun(run -> rankCorrelation(along(Recipe.CROSS_ENTROPY, run, task), features));
    }

    /** The same over the informed models. */
    public double[] orderInformed(String task, String features) {
        return eachRun(run -> rankCorrelation(informed(run, task), features));
    }

    /** Models of cross-entropy at the end of their runs, of all sizes whose language is that of the first size. */
    public List<Measurement> ends(String task) {
        return settings.sizes().stream()
                .filter(size -> size.vocabulary() == firstSize().vocabulary())
                .flatMap(size -> last(Recipe.CROSS_ENTROPY, size, task).stream())
                .toList();
    }

    /** Spearman's rank correlation of {@code ε} and the loss of features over models; NaN for fewer than three. */
    public static double rankCorrelation(List<Measurement> models, String features) {
        return rankCorrelation(models, Measurement::epsilon, it -> it.loss(features));
    }

    private static double rankCorrelation(
            List<Measurement> models, ToDoubleFunction<Measurement> x, ToDoubleFunction<Measurement> y) {
        return models.size() < 3
                ? Double.NaN
                : new SpearmansCorrelation().correlation(numbers(models, x), numbers(models, y));
    }

    /** Spearman's rank correlation of {@code 1 - R²} of the affine map and T3's last term, along each run of cross-entropy. */
    public double[] affinityPredictsResidual(String task) {
        ToDoubleFunction<Measurement> residual = it -> it.bounds().get("T3").residual();
        return eachRun(
                run -> rankCorrelation(along(Recipe.CROSS_ENTROPY, run, task), it -> 1 - it.affinity(), residual));
    }

    /** By how many decades a step of T1's proof is loose, mean over the informed models of each run. */
    public double[] decades(String task, String step) {
        return eachRun(run -> informed(run, task).stream()
                .mapToDouble(it -> Math.log10(it.steps().orElseThrow().factors().get(step)))
                .average()
                .orElse(Double.NaN));
    }

    /** By how much the loss of {@code Φp_f} is below that of chance at the end of each run of cross-entropy, in nats. */
    public double[] belowChance(String task) {
        return atTheEnd(firstSize(), task, it -> it.task().task().loss().chance() - it.loss("Φp_f"));
    }

    /** The error of Quad's {@code f} less that of features of cross-entropy, at the end of each run. */
    public double[] quadLess(Recipe quad, Size size, String task, String features) {
        var ours = last(quad, size, task);
        var theirs = last(Recipe.CROSS_ENTROPY, size, task);
        return IntStream.range(0, ours.size())
                .mapToDouble(i -> ours.get(i).downstream().get("f").error()
                        - theirs.get(i).downstream().get(features).error())
                .toArray();
    }

    private static double[] numbers(List<Measurement> models, ToDoubleFunction<Measurement> number) {
        return models.stream().mapToDouble(number).toArray();
    }

    private double[] atTheEnd(Size size, String task, ToDoubleFunction<Measurement> number) {
        return numbers(last(Recipe.CROSS_ENTROPY, size, task), number);
    }

    private double[] eachRun(LongToDoubleFunction number) {
        return LongStream.rangeClosed(1, settings.seeds()).mapToDouble(number).toArray();
    }

    /** The models of cross-entropy of the first size, best first. */
    public List<Measurement> byExcess(String task) {
        return of(Recipe.CROSS_ENTROPY, firstSize(), task)
                .sorted(Comparator.comparingDouble(Measurement::epsilon))
                .toList();
    }

    /** By how many decades a step of T1's proof is looser than the loosest of the others, mean over the informed models of each run. */
    public double[] looserThanOthers(String task, String step) {
        var others = ProofSteps.NAMES.stream()
                .filter(name -> !name.equals(step))
                .map(name -> decades(task, name))
                .toList();
        var own = decades(task, step);
        return IntStream.range(0, own.length)
                .mapToDouble(i -> own[i]
                        - others.stream().mapToDouble(other -> other[i]).max().orElseThrow())
                .toArray();
    }

    /** By how much {@code τ} with respect to cross-entropy's {@code Φ} is above that of {@code p*}, at the end of each run. */
    public double[] beyondPhi(Size size, String task) {
        return atTheEnd(
                size,
                task,
                it -> it.bounds().get("T2").tau() - it.task().natural().tau());
    }

    /** By how many decades {@code γ_Φ} is above {@code γ(p_T)}, at the end of each run of cross-entropy. */
    public double[] gammaPhiGains(String task) {
        return atTheEnd(
                firstSize(),
                task,
                it -> Math.log10(it.bounds().get("T2 with γ_Φ").gamma()
                        / it.bounds().get("T2").gamma()));
    }

    /**
     * The least bound of T1 over some {@code B} less that of chance, at the end of each run of cross-entropy, in nats.
     *
     * @param tau {@code τ} of the task for each {@code B}
     */
    public double[] aboveChance(String task, Map<Double, Double> tau) {
        return atTheEnd(firstSize(), task, it -> {
            double root = Math.sqrt(2 * it.epsilon() / it.bounds().get("T1").gamma());
            var bounds = tau.entrySet().stream().mapToDouble(at -> at.getValue() + at.getKey() * root);
            return bounds.min().orElseThrow() - Math.log(2);
        });
    }

    /**
     * Writes what {@code ε}, {@code γ}, {@code τ} and the exponent can be computed from elsewhere: {@code p_star}, {@code S×V}; of each
     * task {@code NAME.p_T} and {@code NAME.labels}, {@code S}; of each model of cross-entropy of the first size
     * {@code SEED.UPDATES.phi}, {@code V×d}, and {@code SEED.UPDATES.f}, {@code S×d}. In single precision, as models are trained.
     *
     * @param file a safetensors file
     */
    public void write(Path file, FiniteLanguage language) {
        var arrays = new LinkedHashMap<String, double[][]>();
        arrays.put("p_star", language.pStar());
        for (var it : all) {
            var task = it.task();
            if (it.model().recipe() == Recipe.CROSS_ENTROPY && it.model().size().equals(firstSize())) {
                arrays.put(task.name() + ".p_T", new double[][] {task.task().pT()});
                arrays.put(task.name() + ".labels", new double[][] {
                    Arrays.stream(task.task().labels()).asDoubleStream().toArray()
                });
                var name = it.model().seed() + "." + it.model().updates();
                arrays.put(name + ".phi", it.model().phi().words());
                arrays.put(name + ".f", it.model().f());
            }
        }
        var shapes = new LinkedHashMap<String, long[]>();
        arrays.forEach((name, rows) -> shapes.put(name, new long[] {rows.length, rows[0].length}));
        SafetensorsWriter.write(file, shapes, name -> Matrices.floats(arrays.get(name)));
    }
}
