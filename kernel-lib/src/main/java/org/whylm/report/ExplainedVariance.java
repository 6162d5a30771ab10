package org.whylm.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.whylm.objective.AffineMap;
import org.whylm.statistics.Statistic;
import org.whylm.theory.LogPartitionContexts;
import org.whylm.theory.LogPartitionFit;
import org.whylm.theory.LogPartitionFit.Form;

/**
 * How much of what is to be explained at some contexts a fitted function explains: of {@code log Z - μ·f}, or of {@code Φp_f}.
 *
 * @param contexts what they are of
 * @param parameters how many numbers were fitted
 * @param r2 its R², with an interval over texts
 * @param compared for {@code log Z}, the paired gain in R² over the linear function; for {@code Φp_f}, R² with the mean of these
 *     contexts' errors taken off, the best that a better {@code b} could do
 */
public record ExplainedVariance(String contexts, String fit, int parameters, Statistic r2, Statistic compared) {

    /** Of {@code log Z - μ·f}, by every form. */
    public static List<ExplainedVariance> ofLogPartition(
            Map<Form, LogPartitionFit> fits, Map<String, LogPartitionContexts> sets, long seed) {
        var rows = new ArrayList<ExplainedVariance>();
        sets.forEach((name, contexts) -> {
            var linear = fits.get(Form.LINEAR).errors(contexts);
            for (var fit : fits.values()) {
                var errors = fit.errors(contexts);
                rows.add(new ExplainedVariance(
                        name, fit.form().label(), fit.parameters(), errors.r2(seed), errors.gainOver(linear, seed)));
            }
        });
        return rows;
    }

    /** Of {@code Φp_f}, by affine images of {@code f}; the parameters are those of any affine map. */
    public static List<ExplainedVariance> ofConditionalMean(
            Map<String, AffineMap> maps, Map<String, LogPartitionContexts> sets, long seed) {
        var rows = new ArrayList<ExplainedVariance>();
        sets.forEach((name, contexts) -> maps.forEach((fit, map) -> rows.add(new ExplainedVariance(
                name,
                fit,
                map.b().length * (map.b().length + 1),
                contexts.errors(map).r2(seed),
                contexts.errors(contexts.centred(map)).r2(seed)))));
        return rows;
    }

    /** A row a set of contexts and form: parameters, R² and the gain over linear. */
    public static ResultTable logPartitionTable(String name, Collection<ExplainedVariance> rows) {
        return Columns.of(rows)
                .text("contexts", ExplainedVariance::contexts)
                .text("function", ExplainedVariance::fit)
                .whole("parameters", ExplainedVariance::parameters)
                .statistic("R²", 4, ExplainedVariance::r2)
                .named("over linear", 4, ExplainedVariance::compared)
                .table(name, "How much of log Z - μ·f each function of f explains");
    }

    /** A row a set of contexts and affine map: R², as it is and with the best {@code b}. */
    public static ResultTable conditionalMeanTable(String name, Collection<ExplainedVariance> rows) {
        return Columns.of(rows)
                .text("contexts", ExplainedVariance::contexts)
                .text("A and b of", ExplainedVariance::fit)
                .statistic("R²", 3, ExplainedVariance::r2)
                .number("R² with the best b", 3, row -> row.compared().value())
                .table(name, "How much of Φp_f each affine image A f + b explains");
    }
}
