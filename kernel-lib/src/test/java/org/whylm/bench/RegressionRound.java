package org.whylm.bench;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.whylm.probe.CrossValidation;
import org.whylm.probe.LinearClassification;
import org.whylm.probe.Scaling;

/**
 * Logistic regression as notebooks do it: {@code C} by cross-validation over the script's grid, then the fit to all rows of {@code x}.
 * The answer: the chosen {@code C}, then weights and intercepts of the scores.
 */
final class RegressionRound {

    private RegressionRound() {}

    static Rounds.Round of(Arguments arguments) {
        int classes = arguments.number("classes");
        var x = arguments.floats("x", arguments.number("d"));
        var labels = arguments.ints("labels", x.length)[0];
        var validation = CrossValidation.ofScript(labels.length);
        return () -> {
            var chosen = LinearClassification.evaluate(
                    x, labels, Arrays.copyOf(x, 1), Arrays.copyOf(labels, 1), classes, Scaling.RAW, validation);
            var weights = Arrays.stream(chosen.model().weights()).flatMapToDouble(Arrays::stream);
            var intercepts = Arrays.stream(chosen.model().intercepts());
            return DoubleStream.concat(DoubleStream.of(chosen.C()), DoubleStream.concat(weights, intercepts))
                    .toArray();
        };
    }
}
