package org.whylm.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.whylm.probe.Result;
import org.whylm.report.AccuracyCurve;
import org.whylm.report.AccuracyFigure;
import org.whylm.report.ChartStyle;
import org.whylm.report.Columns;
import org.whylm.report.Figure;
import org.whylm.report.Html;
import org.whylm.report.ResultTable;
import org.whylm.report.TableView;
import org.whylm.run.Matrices;
import org.whylm.run.Provenance;
import org.whylm.statistics.Statistic;

/** The page: what to do next first, then why, section by section. One file that loads nothing and runs no script. */
final class TaskPage {

    private final TaskReport report;
    private final TaskData task;
    private final Optional<Scores> scores;
    private final Provenance provenance;
    private final StringBuilder html = new StringBuilder();

    private TaskPage(TaskReport report, Optional<Scores> scores, Provenance provenance) {
        this.report = report;
        task = report.task();
        this.scores = scores;
        this.provenance = provenance;
    }

    /** @param scores of its solutions, if anything was measured */
    static String html(TaskReport report, Optional<Scores> scores, Provenance provenance) {
        var page = new TaskPage(report, scores, provenance);
        page.next();
        page.heading("glance", "1 · The task at a glance");
        page.table(report.glanceTable());
        report.measured().ifPresent(page::sections);
        page.provenance();
        return Html.page("What to do with " + report.task().data().name(), page.html.toString());
    }

    private void next() {
        var recommendation = report.recommendation();
        html.append("<h1>What to do with “" + Html.text(task.data().name()) + "”</h1>\n<p class=\"next\"><strong>"
                + Html.text(recommendation.headline()) + "</strong></p>\n");
        paragraph(recommendation.because());
        list("ol", " class=\"steps\"", recommendation.steps());
        list("ul", " class=\"warnings\"", recommendation.warnings());
        answers(recommendation.answers());
        html.append("<nav aria-label=\"Sections\"><a href=\"#glance\">The data</a>");
        if (report.measured().isPresent()) {
            html.append(" <a href=\"#solves\">What solves it</a> <a href=\"#natural\">How natural</a>"
                    + " <a href=\"#words\">Which words</a> <a href=\"#prompt\">Which prompt</a>"
                    + " <a href=\"#labels\">How many labels</a>");
        }
        html.append(" <a href=\"#provenance\">Provenance</a></nav>\n");
    }

    private void answers(List<Recommendation.Answer> answers) {
        if (answers.isEmpty()) {
            return;
        }
        html.append("<dl class=\"answers\">\n");
        for (var answer : answers) {
            html.append("<dt>" + Html.text(answer.question()) + " <strong>" + answer.says() + "</strong></dt>\n<dd>"
                    + Html.text(answer.sentence()) + "</dd>\n");
        }
        html.append("</dl>\n");
        note(
                "Points are of balanced accuracy: the share of right answers, averaged over the classes. In brackets the 95% interval over test"
                        + " texts and redrawn training sets. Yes or no: the whole interval is on one side; open: it is not.");
    }

    private void sections(TaskReport.Measured measured) {
        solves(measured.solutions());
        natural(measured.frontier());
        words(measured.solutions());
        prompt(measured.prompts());
        labels(measured.curves());
        use();
    }

    private void solves(Solutions solutions) {
        heading("solves", "2 · What solves it");
        paragraph(
                "f is the hidden state of the language model at the last token, Φp_f the mean embedding of the next word, p_f the"
                        + " probabilities of all next words or of the " + solutions.wordCount() + " chosen ones"
                        + (solutions.prompted() ? ", read after the prompt “…" + solutions.prompt() + "”" : "")
                        + "; on each a logistic regression is trained. Beside them what needs no language model, and answers without"
                        + " training.");
        html.append(Html.figure(
                "Accuracy on the " + task.unseen().length + " test texts not seen in training, with 95% intervals",
                Figure.svg(AccuracyFigure.of("What solves it", List.of(solutions.results())))));
        table(scores.orElseThrow().shown());
        note(
                "* behind the prompt. Balanced accuracy: the mean over the classes of the share of each that is right; chance is "
                        + Wording.percent(solutions.chance())
                        + ". From the best: paired difference of balanced accuracy from the best trained classifier, which was found on the"
                        + " same test texts. Random: as many words or directions, drawn 50 times. The result named chance always answers"
                        + " the most frequent class."
                        + (task.unbalanced()
                                ? " Ranking: in how many pairs of a text of the most frequent class and one of another the former is"
                                        + " ranked rightly, which does not depend on where the line is drawn; chance is 50%."
                                : ""));
        for (var lacking : solutions.results().lacking().entrySet()) {
            note("Not there: " + lacking.getKey() + ", " + lacking.getValue() + ".");
        }
        classes(solutions);
    }

    private record OfClass(String name, Result result, Statistic ranked) {}

    private void classes(Solutions solutions) {
        var best = Solutions.best(solutions.trained());
        var labels = best.splits().get(0).labels();
        var rows = new ArrayList<OfClass>();
        for (int label = 0; label < task.classes(); label++) {
            int of = label;
            var tests = Matrices.where(labels, each -> each == of);
            if (tests.length > 0) {
                rows.add(new OfClass(task.data().classes().get(label), best.on(tests), best.areaUnderRoc(label)));
            }
        }
        table(Columns.of(rows)
                .text("class", OfClass::name)
                .whole("test texts", row -> row.result().splits().get(0).labels().length)
                .text("right, %", row -> Wording.bracketed(row.result().accuracy()))
                .text("ranked above others, %", row -> Wording.bracketed(row.ranked()))
                .table("classes", "Class by class: the best, " + best.column()));
        note(
                "Ranked above others: in how many pairs of a text of the class and another one the classifier finds the class more probable"
                        + " for the first (the area under the ROC curve; chance is 50%), with its 95% interval over test texts.");
    }

    private void natural(Frontier frontier) {
        heading("natural", "3 · How natural");
        paragraph(
                "A task is (τ, B)-natural if weights v on next words, none larger than B, solve it with a loss of at most τ. Below: the"
                        + " loss on held-out texts of such weights, with this model's probabilities in place of the true ones; the same on"
                        + " shuffled labels; and with v in the span of Φ, that is, read from Φp_f. The lower and the further left, the more natural.");
        html.append(
                Html.figure("Held-out logistic loss in nats against the bound B of the word weights", chart(frontier)));
        var words = frontier.chosen(Frontier.WORDS);
        var shuffled = frontier.chosen(Frontier.SHUFFLED);
        paragraph(Wording.format(
                "With B = %,.0f, chosen on the training texts, the words cost %.3f [%.3f, %.3f] nats; knowing only how frequent the"
                        + " classes are costs %.3f, words learned on shuffled labels %.3f.",
                words.B(),
                words.heldOut().value(),
                words.heldOut().low(),
                words.heldOut().high(),
                frontier.chance(),
                shuffled.heldOut().value()));
        bound(frontier, words, "T1");
        bound(frontier, frontier.chosen(Frontier.PHI), "T2");
        details("Every point", frontier.table());
    }

    private void bound(Frontier frontier, Frontier.Point point, String statement) {
        var useful = frontier.usefulBelow(point);
        paragraph(
                useful.isEmpty()
                        ? statement + " bounds nothing here: the loss of " + point.what() + " is no better than chance."
                        : Wording.format(
                                "%s adds sqrt(2B²ε/γ) to τ: for %s it stays below chance only if ε/γ < %.1e nats, ε being how far the"
                                        + " model's cross-entropy is from the optimum. Neither ε nor γ is known for this model, so that the bound"
                                        + " guarantees nothing here: what is said on this page is measured, not derived.",
                                statement, point.what(), useful.getAsDouble()));
    }

    private static String chart(Frontier frontier) {
        XYChart chart = ChartStyle.xy("How natural", "B (logarithmic)", "held-out loss, nats");
        ChartStyle.logarithmicX(chart.getStyler(), "0.###");
        double ceiling = 2 * frontier.chance();
        for (var what : List.of(Frontier.WORDS, Frontier.PHI, Frontier.SHUFFLED)) {
            var points = frontier.curve(what).stream()
                    .filter(point -> point.B() > 0 && point.heldOut().value() <= ceiling)
                    .toList();
            if (!points.isEmpty()) {
                chart.addSeries(
                        what,
                        points.stream().mapToDouble(Frontier.Point::B).toArray(),
                        points.stream()
                                .mapToDouble(point -> point.heldOut().value())
                                .toArray());
            }
        }
        var all = frontier.points().stream()
                .mapToDouble(Frontier.Point::B)
                .filter(B -> B > 0)
                .sorted()
                .toArray();
        ChartStyle.line(chart, "chance", new double[] {all[0], all[all.length - 1]}, new double[] {
            frontier.chance(), frontier.chance()
        });
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        return Figure.svg(chart);
    }

    private void words(Solutions solutions) {
        heading("words", "4 · Which words speak");
        paragraph(
                "The words, chosen on the training texts, that speak for each class, with their weight (standardised) and their mean"
                        + " probability in per mille after training texts of the class and of the others.");
        if (!solutions.aboveChance().contains(solutions.result(PromptChoice.WORDS))) {
            note("With these words nothing is above chance: they may be no more than what chance picks.");
        }
        table(report.wordTable());
        paragraph(
                "What decided on a test text: the contributions v_w p_f(w) to the score of the class decided for, less that of the"
                        + " runner-up. To ask about a text of your own: ./whylm task predict --probe …/words --text \"…\".");
        html.append(WordBars.html(solutions));
        if (task.unseen().length > WordBars.TEXTS) {
            note("The first " + WordBars.TEXTS + " of " + task.unseen().length + " test texts.");
        }
    }

    private void prompt(PromptChoice prompts) {
        heading("prompt", "5 · Which prompt");
        if (prompts.texts() == 0) {
            paragraph("There are too few training texts to compare prompts.");
            return;
        }
        paragraph("Each prompt was tried on " + prompts.texts()
                + " training texts, each predicted by classifiers that were trained without it; test texts had no part in it. Chosen is the"
                + " largest mean of the three columns, which flatters it: its gains here are those of the best of several. Nonsense of"
                + " the same length shows what any further words do.");
        table(prompts.table());
    }

    private void labels(LearningCurves curves) {
        heading("labels", "6 · How many labels");
        if (curves.sizes().size() < 2) {
            paragraph("There are too few training texts for a curve.");
            return;
        }
        var byKind = new LinkedHashMap<String, List<AccuracyCurve.Point>>();
        curves.points().forEach(point -> byKind.computeIfAbsent(point.kind(), kind -> new ArrayList<>())
                .add(new AccuracyCurve.Point(point.texts(), point.result().balancedAccuracy())));
        var lines = byKind.entrySet().stream()
                .map(entry -> new AccuracyCurve(entry.getKey(), "balanced", entry.getValue()))
                .toList();
        AccuracyCurve.charts("How many labels", "training texts (logarithmic)", AccuracyCurve.Axis.LOGARITHMIC, lines)
                .forEach(chart -> html.append(
                        Html.figure("Balanced accuracy against training texts, five draws each", Figure.svg(chart))));
        list("ul", "", curves.leaders());
        details("Every point", curves.table());
    }

    private void use() {
        heading("use", "7 · To use it");
        paragraph("The logistic regression on " + report.recommendation().kept().orElse("f")
                + " is kept in the folder probe/, the one on the words in words/:");
        html.append("<pre>./whylm task predict --probe PATH/probe texts.csv\n"
                + "./whylm task predict --probe PATH/probe --abstain-below 0.8 texts.csv\n"
                + "./whylm task predict --probe PATH/words --text \"a text of yours\"</pre>\n");
    }

    private void provenance() {
        heading("provenance", "Provenance");
        var rows = new StringBuilder("<table>\n<tbody>\n");
        provenance
                .facts()
                .forEach((fact, value) -> rows.append(
                        "<tr><th scope=\"row\">" + Html.text(fact) + "</th><td>" + Html.text(value) + "</td></tr>\n"));
        rows.append("</tbody>\n</table>\n");
        html.append("<div class=\"facts\">" + Html.scrolling("Provenance", rows.toString()) + "</div>\n");
    }

    private void heading(String id, String text) {
        html.append("<h2 id=\"" + id + "\">" + Html.text(text) + "</h2>\n");
    }

    private void paragraph(String text) {
        html.append("<p>" + Html.text(text) + "</p>\n");
    }

    private void note(String text) {
        html.append("<p class=\"note\">" + Html.text(text) + "</p>\n");
    }

    private void list(String element, String attributes, List<String> items) {
        if (!items.isEmpty()) {
            html.append("<" + element + attributes + ">\n");
            items.forEach(item -> html.append("<li>" + Html.text(item) + "</li>\n"));
            html.append("</" + element + ">\n");
        }
    }

    /** With all rows: of twenty classes there are sixty words. */
    private void table(ResultTable table) {
        var view = table.view();
        var all = new TableView(view.table(), view.table().rowCount(), view.compared(), view.best(), view.notes());
        html.append(Html.scrolling(view.table().name(), all.toHtml()));
    }

    private void details(String summary, ResultTable table) {
        html.append("<details><summary>" + Html.text(summary) + "</summary>\n");
        table(table);
        html.append("</details>\n");
    }
}
